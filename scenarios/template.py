"""A scenario file whose arguments are still open."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from scenarios.document import Document, ScenarioError
from scenarios.duration import Duration
from scenarios.mismatch import Keys, Mismatch, shown
from scenarios.step import Part, Prose

_WORD = Meta(pattern=r"^[^\[\],#~=\n]+$", description="text without a new line or any of [],#~=")
_TYPES: Final[dict[str, Any]] = {"integer": int, "duration": Duration, "string": Annotated[str, _WORD]}
"""The types of arguments; text has to fit into the id of a case."""

_PLACEHOLDER = re.compile(r"#\{([^}]*)\}")
FILLED: Final = frozenset({"name", "story", "count", "actor", "when", "steps"})
"""The fields in which an argument may stand."""


class Argument(Part, frozen=True, kw_only=True):
    """Something about a scenario that a user may vary; `#{name}` stands for it in the file."""

    type: Literal["integer", "duration", "string"]
    """A whole number, a time like `15m`, or text."""
    default: int | str
    """Its value unless a user or a case says otherwise."""
    description: Prose
    """What it is, for a user who wants to vary it."""


@dataclass(frozen=True, slots=True)
class Template:
    """The document, and the arguments that it declares."""

    document: Document
    arguments: dict[str, Argument]

    @classmethod
    def read(cls, path: Path) -> "Template":
        """Read *path*; raise `ScenarioError` for what is no YAML mapping or declares an argument wrongly."""
        document = Document.read(path)
        top = document.convert(document.value, dict[str, Any])
        declared = document.convert(top.get("arguments", {}), dict[str, Any], ("arguments",))
        arguments = {
            name: document.convert(written, Argument, ("arguments", name)) for name, written in declared.items()
        }
        template = cls(document, arguments)
        for name, argument in arguments.items():
            template.check(name, argument.default, ("arguments", name, "default"))
        return template

    def check(self, name: str, value: object, keys: Keys) -> None:
        """Raise `ScenarioError` if *value*, which stands at *keys*, is none for the argument *name*."""
        if name not in self.arguments:
            raise self.document.complaint(Mismatch(keys, shown(name), self._legal))
        self.document.convert(value, _TYPES[self.arguments[name].type], keys)

    @property
    def _legal(self) -> str:
        return ", ".join(self.arguments) or "no argument"

    def typed(self, given: Mapping[str, str], reference: str) -> dict[str, int | str]:
        """Return the texts *given* in a *reference* as values, in the order in which the arguments are declared."""
        for name in given:
            if name not in self.arguments:
                raise ScenarioError(f"{reference}: found {shown(name)}; legal: {self._legal}")
        return {name: _typed(argument, given[name]) for name, argument in self.arguments.items() if name in given}

    def filled(self, given: Mapping[str, int | str]) -> dict[str, Any]:
        """Return the document with every ``#{name}`` replaced by the value *given*, else by the default."""
        for name, value in given.items():
            self.check(name, value, ("arguments", name) if name in self.arguments else ("arguments",))
        values = {name: given.get(name, argument.default) for name, argument in self.arguments.items()}
        return {
            key: self._filled(part, values, (key,)) if key in FILLED else part
            for key, part in self.document.value.items()
        }

    def argument(self, keys: Keys) -> str | None:
        """Return the argument whose value is all that stands at *keys*, or None if the file has a text of its own."""
        part: Any = self.document.value
        for key in keys:
            try:
                part = part[key]
            except (KeyError, IndexError, TypeError):
                break  # what is wrong lies within the value
        hole = _PLACEHOLDER.fullmatch(part) if isinstance(part, str) else None
        return hole[1] if hole else None

    def _filled(self, part: Any, values: Mapping[str, Any], keys: Keys) -> Any:
        """Return *part*, which stands at *keys*, with values for placeholders.

        Text that is nothing but one placeholder becomes the value itself, so that an integer stays one.
        """
        if isinstance(part, dict):
            return {key: self._filled(below, values, (*keys, key)) for key, below in part.items()}
        if isinstance(part, list):
            return [self._filled(below, values, (*keys, i)) for i, below in enumerate(part)]
        names = _PLACEHOLDER.findall(part) if isinstance(part, str) else []
        for name in names:
            if name not in values:
                raise self.document.complaint(Mismatch(keys, f"#{{{name}}}", self._legal))
        if len(names) == 1 and _PLACEHOLDER.fullmatch(part):
            return values[names[0]]
        return _PLACEHOLDER.sub(lambda hole: str(values[hole[1]]), part) if names else part


def _typed(argument: Argument, text: str) -> int | str:
    return int(text) if argument.type == "integer" and re.fullmatch(r"-?\d{1,18}", text, re.ASCII) else text
