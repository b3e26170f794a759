"""Colour for a terminal: the word with which a line of results begins."""

import re
from typing import Final

import click

_COLOURS: Final = {"ok": "green", "FAILED": "red", "NOT RUN": "yellow", "VOID": "yellow"}
_WORD: Final = re.compile(rf"^({'|'.join(_COLOURS)})(?=  )", re.MULTILINE)


def coloured(text: str) -> str:
    """*text* with the outcome at the start of each line in its colour.

    >>> click.unstyle(coloured("FAILED  all is well")), coloured("okay")
    ('FAILED  all is well', 'okay')
    """
    return _WORD.sub(lambda word: click.style(word[0], fg=_COLOURS[word[0]]), text)
