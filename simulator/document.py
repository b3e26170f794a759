"""A YAML text whose values still know the line they stand on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from simulator.shape import Keys

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times as fast, where there is one
_DEEPEST = 16  # values within values


@dataclass(frozen=True, slots=True)
class Document:
    """The plain *value* of a YAML text, and the *node* it was built from."""

    node: yaml.Node | None
    value: Any

    @classmethod
    def parse(cls, text: str) -> "Document":
        """Return the one document in *text*; raise YAMLError, or ValueError for an impossible date or number."""
        _refuse_depth(text)
        loader = _LOADER(text)
        try:
            node = loader.get_single_node()
            _refuse_repeats(node)
            return cls(node, None if node is None else loader.construct_document(node))
        finally:
            loader.dispose()

    def line(self, keys: Keys) -> int:
        r"""Return the line, from 1, on which *keys* begins, or else the nearest field around it.

        >>> Document.parse("a: 1\nb:\n  - {c: 2}\n").line(("b", 0, "c"))
        3
        """
        node, line = self.node, 1
        for key in keys:
            child = next((each for each in _children(node) if each[0] == key), None)
            if child is None:
                break
            _, line, node = child
        return line


def _children(node: yaml.Node | None) -> Iterator[tuple[str | int, int, yaml.Node]]:
    """Yield key, line and value of everything directly inside *node*."""
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, key.start_mark.line + 1, value) for key, value in node.value)
    if isinstance(node, yaml.SequenceNode):
        yield from ((index, value.start_mark.line + 1, value) for index, value in enumerate(node.value))


def _refuse_depth(text: str) -> None:
    """Raise YAMLError for values nested so deeply that libyaml's composer, which recurses, would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            mark: Any = event.start_mark  # libyaml's is of another class
            raise yaml.MarkedYAMLError(problem=f"values nested deeper than {_DEEPEST}", problem_mark=mark)


def _refuse_repeats(top: yaml.Node | None) -> None:
    """Raise YAMLError where a mapping has a key twice, of which YAML would keep the last without a word."""
    waiting, seen = [top], set[int]()  # an alias can make a node its own child
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            waiting.extend(child for *_, child in _children(node))
            _refuse_repeat(node)


def _refuse_repeat(node: yaml.Node | None) -> None:
    keys = (
        [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)] if isinstance(node, yaml.MappingNode) else []
    )
    seen = set[str]()
    for key in keys:
        if key.value in seen:
            raise yaml.MarkedYAMLError(problem=f"a second key {key.value!r}", problem_mark=key.start_mark)
        seen.add(key.value)
