"""A page: one scenario file as a reviewer sees it, and what they find on it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from scenarios.mismatch import Keys
from scenarios.scenario import Scenario
from scenarios.template import Template


class Finding(NamedTuple):
    """Something to better: in which file, on which line from 1, of what sort, and what it is.

    >>> str(Finding(Path("attacks/x.yaml"), 3, "short-story", "30 characters; a story has at least 120"))
    'attacks/x.yaml:3: short-story: 30 characters; a story has at least 120'
    """

    path: Path
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class Page:
    """The scenario of that id, played with its defaults, and the file it is read from."""

    id: str
    template: Template
    scenario: Scenario

    @property
    def text(self) -> str:
        """The text of the file."""
        return self.template.document.text

    def finding(self, keys: Keys, code: str, message: str) -> Finding:
        """Return a finding about the field at *keys*."""
        return self.on(self.template.document.line(keys), code, message)

    def on(self, line: int, code: str, message: str) -> Finding:
        """Return a finding about a line."""
        return Finding(self.template.document.path, line, code, message)

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
        """Yield what *pattern* matches in the text, each with its line; what stands in a URL is blanked out."""
        blanked = _URL.sub(lambda url: " " * len(url[0]), self.text)
        for match in pattern.finditer(blanked):
            yield blanked.count("\n", 0, match.start()) + 1, match


_URL = re.compile(r"https?://[^\s,\]})]+")
