"""A page: one rule's file as a reviewer sees it, and what they find on it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from detector.document import Document
from detector.elastic.rule import ORIGINS
from detector.elastic.toml_document import TomlDocument, is_toml
from detector.rules import NewValueRule, load_rule


class Finding(NamedTuple):
    """Something to better: in which file, on which line from 1, of what sort, and what it is."""

    path: Path
    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Page:
    """A rule and where its fields are written."""

    path: Path
    rule: NewValueRule
    line: Callable[[str], int]
    """The line of a field, given by its dotted path in Datadog's form."""

    @classmethod
    def read(cls, path: Path) -> "Page":
        """The rule of a file. Raises `RuleError` or OSError."""
        rule = load_rule(path)
        text = path.read_text(encoding="utf-8-sig")
        if is_toml(text, str(path)):
            return cls(path, rule, _Origins(TomlDocument(str(path), text)))
        return cls(path, rule, _Located(str(path), text).line)

    def on(self, field: str, code: str, message: str) -> Finding:
        """A finding about *field*."""
        return Finding(self.path, self.line(field), code, message)


class _Located(Document):
    """A document that tells where a field is, or its nearest parent."""

    def line(self, path: str) -> int:
        return self._line(path) or 1


class _Origins:
    """Where in a rule of Elastic's the part is from which a field of Datadog's form was made."""

    def __init__(self, document: TomlDocument) -> None:
        self._document = document

    def __call__(self, field: str) -> int:
        origin = next((origin for start, origin in ORIGINS.items() if field.startswith(start)), "rule")
        return self._document.line(origin)
