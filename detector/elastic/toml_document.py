"""A rule's document in TOML, read field by field like any other; errors name file, line, field, found and legal."""

import re
import tomllib
from typing import Any

from detector.document import Document, RuleError

_HEADER = re.compile(r"\s*\[(?P<list>\[)?\s*(?P<name>[^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*(?P<name>[\w.-]+)\s*=")


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


def _unreadable(source: str, error: Exception) -> RuleError:
    said = str(error) or type(error).__name__
    line = re.search(r"at line (\d+)", said)
    return RuleError(f"{source}{f':{line[1]}' if line else ''}: not readable as TOML ({said})")
