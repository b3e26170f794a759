"""A YAML file whose values still know the line they stand on."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from scenarios.duration import Duration, Pace
from scenarios.mismatch import Keys, Mismatch, explain
from scenarios.strict_yaml import YamlError, plain, tree

_Kind = TypeVar("_Kind")


class ScenarioError(ValueError):
    """A scenario cannot be used; the text is one line with file, line, field, found and legal.

    ``mismatch`` is what the text says of a field of the file, None if it is about something else.
    """

    mismatch: Mismatch | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one YAML file and the plain value it holds.

    Plain is what JSON knows, and every key is text. The YAML is the part of it that says one thing in one way:
    no key twice, no tags, no words for true but ``true``, no dates and no numbers that are not decimal.
    """

    path: Path
    text: str
    value: Any
    _tree: yaml.Node = field(repr=False, compare=False)

    @classmethod
    def read(cls, path: Path) -> "Document":
        """Read *path*; raise `ScenarioError` if it cannot be read or is not such YAML."""
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise ScenarioError(f"{path}: found no readable file ({error.strerror}); legal: a YAML file") from error
        except UnicodeDecodeError as error:
            raise ScenarioError(f"{path}: found bytes that are not text; legal: YAML in UTF-8") from error
        try:
            top = tree(text)
            return cls(path, text, plain(top), top)
        except YamlError as error:
            found, legal = error.found, error.legal
            raise ScenarioError(f"{path}:{error.line}: document: found {found}; legal: {legal}") from error

    def convert(self, value: object, kind: type[_Kind], under: Keys = ()) -> _Kind:
        """Return *value*, which stands at *under* in this document, as a *kind*; durations are read.

        Raise `ScenarioError` for what does not fit.
        """
        try:
            return msgspec.convert(value, kind, dec_hook=_read)
        except msgspec.ValidationError as error:
            found = explain(error, value, kind)
            raise self.complaint(Mismatch((*under, *found.keys), found.found, found.legal)) from error

    def complaint(self, mismatch: Mismatch) -> ScenarioError:
        """Return the error that says *mismatch* with file and line."""
        error = ScenarioError(f"{self.path}:{self.line(mismatch.keys)}: {mismatch}")
        error.mismatch = mismatch
        return error

    def line(self, keys: Keys) -> int:
        """Return the line, from 1, on which the field *keys* begins, or the nearest field around it."""
        node, line = self._tree, 1
        for key in keys:
            child = next((pair for pair in _children(node) if pair[0] == key), None)
            if child is None:
                break
            _, line, node = child
        return line


def _children(node: yaml.Node) -> list[tuple[str | int, int, yaml.Node]]:
    """Return key, line and value of everything directly inside *node*."""
    if isinstance(node, yaml.MappingNode):
        return [(key.value, key.start_mark.line + 1, value) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(index, value.start_mark.line + 1, value) for index, value in enumerate(node.value)]
    return []


def _read(kind: Any, value: object) -> object:
    """Return *value* as one of the types of ours, which msgspec does not know."""
    if kind not in (Duration, Pace):
        raise NotImplementedError(kind)
    parsed: object = kind.parse(value)
    return parsed
