"""Clauses: the parts of a query that all have to hold, so that one can say which of them does not."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from detector.query import QueryError, compile_query
from detector.token import Token

Attribute = Callable[[str], Token | None]
"""Reads a field of an event; None where it is absent."""

_PIECES: Final = re.compile(r'"(?:\\.|[^"\\])*"|\\.|[(\[{]|[)\]}]|\s+|[^\s"\\(\[{)\]}]+|["\\]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a query: its *text*, and the *fields* that it asks about."""

    text: str
    fields: tuple[str, ...]

    def holds(self, attribute: Attribute) -> bool:
        """Whether it holds for an event."""
        query = compile_query(self.text)
        return query.matches([attribute(field) for field in query.fields])


def clauses(text: str) -> list[Clause]:
    """The parts of a legal query that all have to hold; the whole query where it is not so divided.

    >>> [clause.text for clause in clauses('source:1password (@a:"x y" AND NOT @b:(1 OR 2))')]
    ['source:1password', '@a:"x y"', 'NOT @b:(1 OR 2)']
    >>> [clause.text for clause in clauses("@a:1 @b:2 OR @c:3")]
    ['@a:1 @b:2 OR @c:3']
    """
    try:
        return [Clause(part, compile_query(part).fields) for part in _conjuncts(text.strip())]
    except QueryError:  # a blank where none was expected, such as after a colon
        return [Clause(text, compile_query(text).fields)]


def failing(text: str, attribute: Attribute) -> list[Clause]:
    """The clauses of a query that keep it from matching an event; none where it matches.

    >>> [clause.text for clause in failing("@a:1 -@b:*", {"@a": "2", "@b": "3"}.get)]
    ['@a:1', '-@b:*']
    """
    whole = Clause(text, compile_query(text).fields)
    if whole.holds(attribute):
        return []
    return [clause for clause in clauses(text) if not clause.holds(attribute)] or [whole]


def _conjuncts(text: str) -> list[str]:
    words = list(_words(text))
    if not words or "OR" in words:
        return [text]
    parts: list[str] = []
    negated = ""
    for word in words:
        if word == "NOT":
            negated += "NOT "
        elif word != "AND":
            is_group = word.startswith("(") and word.endswith(")") and not negated
            parts += _conjuncts(word[1:-1].strip()) if is_group else [negated + word]
            negated = ""
    return parts


def _words(text: str) -> Iterator[str]:
    """What blanks outside quotes and brackets divide."""
    word, depth = "", 0
    for piece in _PIECES.findall(text):
        depth += (piece in "([{") - (piece in ")]}")
        if depth == 0 and piece.isspace():
            if word:
                yield word
            word = ""
        else:
            word += piece
    if word:
        yield word
