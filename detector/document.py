"""A rule's document: JSON or YAML text whose fields are read with their legal values beside them.

One reader for both; errors name file, line, field, what was found and what is legal.
"""

import json
from collections.abc import Sequence
from typing import Any, TypeVar

import yaml

T = TypeVar("T")
_REQUIRED: Any = object()


class RuleError(ValueError):
    """The rule is not legal; the text is one line: file, line, field, found, legal."""


class Document:
    """Reads the fields of one mapping by dotted path (`options.newValueOptions.forgetAfter`, `cases.0.status`).

    >>> Document("rule.yaml", "name: x").text("name")
    'x'
    """

    def __init__(self, source: str, text: str) -> None:
        self.source = source
        self._text = text
        try:
            root = _parsed(text)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError) as error:
            raise RuleError(
                self._unreadable(error)
            ) from None  # the middle two are PyYAML's on a value that its tag denies
        if not isinstance(root, dict):
            raise RuleError(f"{source}: found {_shown(root)}; legal: a mapping with name, queries, options, cases")
        self.root: dict[str, Any] = root

    def text(self, path: str, default: str = _REQUIRED) -> str:
        """A non-empty string."""
        return str(self._checked(path, default, _is_text, "a non-empty string"))

    def flag(self, path: str, *, default: bool) -> bool:
        """A boolean."""
        return bool(self._checked(path, default, lambda v: isinstance(v, bool), "true or false"))

    def integer(self, path: str, least: int, greatest: int, default: int = _REQUIRED) -> int:
        """An integer within the bounds, both inclusive."""
        legal = f"an integer from {least} to {greatest}"
        return int(self._checked(path, default, lambda v: _is_int(v) and least <= v <= greatest, legal))

    def choice(self, path: str, legal: Sequence[T], default: T = _REQUIRED) -> T:
        """One of the legal values, type included."""
        words = f"one of {', '.join(map(str, legal))}" if len(legal) > 1 else str(legal[0])
        found: T = self._checked(
            path, default, lambda v: any(type(v) is type(one) and v == one for one in legal), words
        )
        return found

    def texts(self, path: str, least: int, greatest: int, default: Sequence[str] = _REQUIRED) -> tuple[str, ...]:
        """A list of so many non-empty strings."""
        legal = f"a list of {least} to {greatest} field names"
        check = _Lists(least, greatest)
        return tuple(self._checked(path, default, check, legal))

    def mappings(self, path: str, least: int, greatest: int) -> int:
        """How many mappings the list at *path* holds; none where it is absent and *least* is 0."""
        legal = f"exactly {least}" if least == greatest else f"a list of {least} to {greatest}"
        found = self._checked(
            path,
            [] if least == 0 else _REQUIRED,
            lambda v: isinstance(v, list) and least <= len(v) <= greatest and all(isinstance(i, dict) for i in v),
            f"{legal} mappings" if greatest > 1 else "a list with exactly 1 mapping",
        )
        return len(found)

    def find(self, path: str) -> Any:
        """What is at *path*, or None where it is absent, null, or its parent holds nothing by that name."""
        found: Any = self.root
        for step in path.split("."):
            if isinstance(found, list) and step.isdecimal() and int(step) < len(found):
                found = found[int(step)]
            else:
                found = found.get(step) if isinstance(found, dict) else None
        return found

    def error(self, path: str, legal: str, found: Any = _REQUIRED) -> RuleError:
        """The one line for an illegal value at *path*."""
        value = self.find(path) if found is _REQUIRED else found
        line = self._line(path)
        shown = "nothing" if value is None else _shown(value)
        return RuleError(f"{self.source}{f':{line}' if line else ''}: {path}: found {shown}; legal: {legal}")

    def _checked(self, path: str, default: Any, is_legal: Any, legal: str) -> Any:
        found = self.find(path)
        if found is None and default is not _REQUIRED:
            return default
        if not is_legal(found):
            raise self.error(path, legal)
        return found

    def _line(self, path: str) -> int | None:
        """The line of the deepest part of *path* that exists."""
        try:
            node: Any = yaml.compose(self._text.replace("\t", " "), Loader=_Loader)
        except (yaml.YAMLError, RecursionError):
            return None
        for step in path.split("."):
            if isinstance(node, yaml.MappingNode):
                child = next((value for key, value in node.value if key.value == step), None)
            else:
                inside = isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value)
                child = node.value[int(step)] if inside else None
            if child is None:
                break
            node = child
        return int(node.start_mark.line) + 1

    def _unreadable(self, error: Exception) -> str:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        if isinstance(error, json.JSONDecodeError):
            line = f":{error.lineno}"
        problem = getattr(error, "problem", None) or (str(error) or type(error).__name__).splitlines()[0]
        return f"{self.source}{line}: not readable as JSON or YAML ({problem})"


def _parsed(text: str) -> Any:
    """JSON by JSON's own parser (YAML would refuse its tabs and halve its surrogate pairs), else YAML."""
    if not text.lstrip().startswith("{"):
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - derived from SafeLoader
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        try:
            return yaml.load(text, Loader=_Loader)  # noqa: S506
        except yaml.YAMLError:
            raise error from None


class _Loader(yaml.SafeLoader):
    """YAML in which dates stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Lists:
    def __init__(self, least: int, greatest: int) -> None:
        self._sizes = range(least, greatest + 1)

    def __call__(self, value: Any) -> bool:
        return isinstance(value, list) and len(value) in self._sizes and all(isinstance(v, str) and v for v in value)


def _is_text(value: Any) -> bool:
    """Half a surrogate pair, which JSON can spell, is no text: it could not be written again."""
    return isinstance(value, str) and bool(value) and not any("\ud800" <= character <= "\udfff" for character in value)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
