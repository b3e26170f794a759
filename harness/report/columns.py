"""Text in the columns that most terminals show."""

import textwrap
from typing import Final

from harness.plain import plain

WIDTH: Final = 100
"""Columns: what most terminals show without a break."""
_NARROWEST: Final = 30
"""Columns in which text can still be read."""


def paragraph(text: str) -> str:
    """Text broken into lines of at most `WIDTH`; a longer word stands alone."""
    return hanging("", text)


def hanging(start: str, text: str, deeper: int = 0) -> str:
    """*text* after *start*, broken into lines of at most `WIDTH` that begin below it, and *deeper* to the right.

    A *start* that leaves too little room makes the line longer.

    >>> print(hanging("when  ", " ".join(["again"] * 17)))
    when  again again again again again again again again again again again again again again again
          again again
    """
    return (
        textwrap.fill(
            _visible(text),
            max(WIDTH, len(start) + _NARROWEST),
            initial_indent=start,
            subsequent_indent=" " * (len(start) + deeper),
            break_long_words=False,
            break_on_hyphens=False,
        )
        or start.rstrip()
    )


def _visible(text: str) -> str:
    """No character of *text* commands the terminal; the white space in it is the lines' to break at."""
    return "".join(each if each.isspace() else plain(each) for each in text)
