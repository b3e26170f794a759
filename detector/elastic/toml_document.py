"""A rule's document in TOML, read field by field like any other; errors name file, line, field, found and legal."""

import math
import re
import reprlib
import tomllib
from datetime import date, time
from typing import Any

from detector.document import Document, RuleError

_HEADER = re.compile(r"\s*\[(?P<list>\[)?\s*(?P<name>[^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*(?P<name>[\w.-]+)\s*=")
_RULE_TABLE = re.compile(r"^\s*\[\s*rule\s*\]", re.MULTILINE)


def is_toml(text: str, source: str) -> bool:
    r"""Whether a rule is written in TOML: by the name of its file, or because it begins as TOML and has a table `rule`.

    No rule in JSON or YAML begins with a name in brackets: it is a mapping.

    >>> is_toml("# mine\n[rule]", "rule.txt"), is_toml("", "RULE.TOML"), is_toml("name: '[rule]'", "rule.yaml")
    (True, True, False)
    """
    written = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    first = next(written, "")
    begins = _HEADER.match(first) or _KEY.match(first)
    return source.lower().endswith(".toml") or bool(begins and _RULE_TABLE.search(text))


class TomlDocument(Document):
    r"""As `Document`, of TOML text.

    >>> TomlDocument("rule.toml", "[rule]\nname = 'x'").text("rule.name")
    'x'
    """

    def __init__(self, source: str, text: str) -> None:
        self.source = source
        self._text = text
        try:
            self.root: dict[str, Any] = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise _unreadable(source, error) from None

    def error(self, path: str, legal: str, found: Any = None) -> RuleError:
        """The one line for an illegal value at *path*, shown as TOML has it."""
        return super().error(path, legal, _shown(self.find(path) if found is None else found))

    def line(self, path: str) -> int:
        """The line on which the field at *path* is written, or the table that it would stand in."""
        return self._line(path) or 1

    def _line(self, path: str) -> int | None:
        """The line of *path*, or of the deepest parent that is written with a line of its own."""
        lines = _lines(self._text)
        while path:
            if path in lines:
                return lines[path]
            path = path.rpartition(".")[0]
        return None


def _lines(text: str) -> dict[str, int]:
    """The line on which each table and key begins; tomllib does not tell."""
    found: dict[str, int] = {}
    table, counts, within = "", dict[str, int](), False
    for number, line in enumerate(text.splitlines(), 1):
        quotes = len(re.findall(r'"""|\'\'\'', line))
        if not within:
            table, path = _named(line, table, counts)
            if path:
                found.setdefault(path, number)
        within ^= bool(quotes % 2)
    return found


def _named(line: str, table: str, counts: dict[str, int]) -> tuple[str, str]:
    """The table that is open after *line*, and the path of what begins on it, if anything does."""
    if header := _HEADER.match(line):
        name = header["name"]
        if header["list"]:
            counts[name] = counts.get(name, -1) + 1
            name = f"{name}.{counts[name]}"
        return name, name
    key = _KEY.match(line)
    return table, ".".join(filter(None, (table, key["name"]))) if key else ""


class _Words:
    """Stands for a value where it is told of."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _shown(value: Any) -> Any:
    """The value itself, or words for one that Python writes otherwise than TOML does."""
    if isinstance(value, bool):
        return _Words(str(value).lower())
    if isinstance(value, float) and not math.isfinite(value):
        return _Words("what is not a number" if math.isnan(value) else "an infinite number")
    if isinstance(value, date | time):  # datetime is a date
        return _Words(f"the time {value}")
    if isinstance(value, list | dict):
        return _Words(reprlib.repr(value))
    return value


def _unreadable(source: str, error: Exception) -> RuleError:
    said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    line = re.search(r"at line (\d+)", said)
    return RuleError(f"{source}{f':{line[1]}' if line else ''}: not readable as TOML ({said})")
