"""Tokens: the words, quoted texts and signs that a query in KQL is made of."""

import re
from typing import NamedTuple

from detector.elastic.values import KqlError

_TOKEN = re.compile(
    r'\s*(?:(?P<quoted>"(?:\\.|[^"\\])*")|(?P<sign>[<>]=?|[:(){}])|(?P<word>(?:\\.|[^\s\\():<>"{}])+)|(?P<end>\Z))',
    re.DOTALL,
)


class Token(NamedTuple):
    """Its *kind* is `quoted`, `sign`, `word` or `end`; its *text* is as the query has it."""

    kind: str
    text: str


def tokens(kql: str) -> list[Token]:
    """The tokens of *kql*, the last of which is its end. Raises `KqlError`.

    >>> [token.text for token in tokens("a: (x or y)")]
    ['a', ':', '(', 'x', 'or', 'y', ')', '']
    """
    read, position = list[Token](), 0
    while not read or read[-1].kind != "end":
        found = _TOKEN.match(kql, position)
        if found is None:
            raise KqlError(f"{kql[position : position + 60].strip()!r} cannot be read")
        kind = str(found.lastgroup)
        read.append(Token(kind, str(found[kind])))
        position = found.end()
    return read
