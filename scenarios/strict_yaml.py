"""YAML without its traps: the nodes of a text, and the plain value they stand for."""

import re
from collections.abc import Callable
from itertools import count
from typing import Any, Final

import yaml

DEEPEST: Final = 16
"""How many levels a document may have; a scenario has five."""

MOST: Final = 10_000
"""How many values a document may have; a scenario has some hundred."""

_CORE: Final[tuple[tuple[re.Pattern[str], Callable[[str], object]], ...]] = (
    (re.compile(r"(~|null)?"), lambda _: None),
    (re.compile(r"true|false"), "true".__eq__),
    (re.compile(r"[-+]?(0|[1-9][0-9]{0,17})"), int),
    (re.compile(r"[-+]?[0-9]{1,17}\.[0-9]{1,17}([eE][-+]?[0-9]{1,2})?"), float),
)
"""The only unquoted words that are not text: the part of YAML 1.2's core schema that looks like JSON.

YAML 1.1, which PyYAML follows, reads ``NO`` as false, ``1:30`` as 90, ``010`` as 8 and ``2026-01-31`` as a date.
Source: https://yaml.org/spec/1.2.2/#103-core-schema.
"""

_INSTEAD = re.compile(r"(?:expected (?P<legal>.+?),? )?but (?:got|found) (?P<found>.+)")


class YamlError(ValueError):
    """A text that is not such YAML: on which *line*, from 1, was found what, and what is legal."""

    def __init__(self, line: int, found: str, legal: str = "YAML") -> None:
        super().__init__(f"{line}: found {found}; legal: {legal}")
        self.line, self.found, self.legal = line, found, legal


def tree(text: str) -> yaml.Node:
    """Return the nodes of the one document in *text*; every key is text and comes once.

    Raise `YamlError` for everything else.
    """
    try:
        top = _Loader(text).get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlError(line, f"the character U+{ord(text[error.position]):04X}", "text that can be read") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(mark.line + 1 if mark else 1, *_told(error.problem or str(error))) from error
    if top is None:
        raise YamlError(1, "nothing", "a YAML document")
    return top


def plain(top: yaml.Node) -> Any:
    """Return what the nodes from *top* on stand for in the types of JSON; an alias stands for a copy.

    Raise `YamlError` for more than `DEEPEST` levels or `MOST` values, which a few aliases of aliases make up.

    >>> plain(tree("{country_code: NO, at: 1:30, repeat: 40, last_day: true, said: '40'}"))
    {'country_code': 'NO', 'at': '1:30', 'repeat': 40, 'last_day': True, 'said': '40'}
    """
    values = count(1)

    def value(node: yaml.Node, depth: int) -> Any:
        if depth > DEEPEST:
            raise _too_deep(node.start_mark)
        if next(values) > MOST:
            raise YamlError(node.start_mark.line + 1, f"more than {MOST:,} values", "fewer")
        if isinstance(node, yaml.MappingNode):
            return {key.value: value(below, depth + 1) for key, below in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [value(below, depth + 1) for below in node.value]
        return _scalar(node)

    return value(top, 1)


def _scalar(node: yaml.Node) -> object:
    """Return the value of a word: quoted or in a block, it is text."""
    word = node.value
    if getattr(node, "style", None):
        return word
    return next((read(word) for pattern, read in _CORE if pattern.fullmatch(word)), word)


def _too_deep(mark: yaml.Mark) -> YamlError:
    return YamlError(mark.line + 1, f"more than {DEEPEST} levels", "fewer")


def _told(problem: str) -> tuple[str, str]:
    """Return what PyYAML found and what it would have liked, out of the sentence it makes of both."""
    said = " ".join(problem.split())
    both = _INSTEAD.fullmatch(said)
    return (both["found"], both["legal"] or "YAML") if both else (said.removeprefix("found "), "YAML")


class _Loader(yaml.BaseLoader):
    """Composes nodes, and refuses those that this part of YAML does not have. An alias is the node it names."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose the node that comes next."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "tag", None) is not None:
            raise YamlError(event.start_mark.line + 1, f"the tag {event.tag}", "a value without a tag")
        if self._depth == DEEPEST:
            raise _too_deep(event.start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Compose a mapping."""
        node = super().compose_mapping_node(anchor)
        keys: set[str] = set()
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or not isinstance(_scalar(key), str):
                raise YamlError(line, "a key that is not text", "the name of a field")
            if key.value in keys:
                raise YamlError(line, f"the key {key.value} a second time", "each key once")
            keys.add(key.value)
        return node
