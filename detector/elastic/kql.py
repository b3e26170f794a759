"""KQL: Kibana's query language, as Elastic's rules have it, rewritten as Datadog log search.

Covered is what the two share: `and`, `or`, `not`, parentheses, `field: value`, `field: (a or b)`, quoted text, `*` in
values, numeric ranges, `field: *`. All else is refused by name. `and` binds closer than `or`; words after a field are
one value (https://www.elastic.co/docs/explore-analyze/query-filter/languages/kql). A `?` is an ordinary character.
"""

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from detector.elastic.piece import AND, NOT, ONE, OR, Piece, joined, one
from detector.elastic.tokens import Token, tokens
from detector.elastic.values import KqlError, Value, quoted_value, unquoted_value

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


class Field(NamedTuple):
    """How a field is asked for: `name:` before the values, or where it has no name, a search for each value."""

    name: str | None
    value: Callable[[Value], str]


Fields: TypeAlias = Callable[[str], Field]
"""Finds a field by Elastic's name. Raises `KqlError` where there is none."""


def to_log_search(kql: str, fields: Fields) -> str:
    """Rewrite *kql*; what it asks of no field is refused. Raises `KqlError`.

    >>> to_log_search("a: 1 and not b: (x or y*)", lambda name: Field(f"@{name}", Value.search))
    '@a:1 AND NOT @b:(x OR y*)'
    """
    return to_piece(kql, fields).text


def to_piece(kql: str, fields: Fields) -> Piece:
    """The same, to be joined with more. Raises `KqlError`."""
    parser = _Parser(kql, fields)
    try:
        return parser.whole()
    except RecursionError:
        raise KqlError("it is nested too deeply") from None


_Leaf: TypeAlias = Callable[[], Piece]


class _Parser:
    """Recursive descent; each step takes its tokens from the front."""

    def __init__(self, kql: str, fields: Fields) -> None:
        self._tokens = tokens(kql)
        self._at = 0
        self._fields = fields

    def whole(self) -> Piece:
        if not self._peek().text:
            return one("*")
        piece = self._either(self._term)
        if self._peek().text:
            raise self._unexpected()
        return piece

    def _either(self, leaf: _Leaf) -> Piece:
        return self._joined("or", OR, lambda: self._joined("and", AND, lambda: self._negated(leaf)))

    def _joined(self, word: str, binds: int, part: _Leaf) -> Piece:
        pieces = [part()]
        while self._takes("word", word):
            pieces.append(part())
        return joined(binds, pieces)

    def _negated(self, leaf: _Leaf) -> Piece:
        if self._takes("word", "not"):
            return Piece((f"NOT {self._negated(leaf).within(ONE)}",), NOT)
        if self._takes("sign", "("):
            inner = self._either(leaf)
            self._close(")")
            return inner
        return leaf()

    def _term(self) -> Piece:
        kind, name = self._peek()
        if kind != "word":
            raise self._unexpected()
        self._at += 1
        sign = self._peek()
        if name == "*" and sign != ("sign", ":"):
            return one("*")
        if sign.kind != "sign" or sign.text in "(){}":
            raise KqlError(f"a term without a field is not covered: {name[:60]!r}; write field: value")
        self._at += 1
        if name == "*" and self._peek() == ("word", "*"):
            self._at += 1
            return one("*")
        if "*" in name:
            raise KqlError(f"a wildcard in a field name is not covered: {name[:60]!r}")
        field = self._fields(unquoted_value(name).text)
        return self._values(field) if sign.text == ":" else self._range(name, field, sign.text)

    def _values(self, field: Field) -> Piece:
        if self._peek() == ("sign", "{"):
            raise KqlError("a nested query { } is not covered")
        several = self._peek() == ("sign", "(")
        self._at += several
        piece = self._either(lambda: self._value(field)) if several else self._value(field)
        if several:
            self._close(")")
        if field.name is None:
            return piece
        return one(f"{field.name}:{piece.within(ONE)}")

    def _value(self, field: Field) -> Piece:
        return one(field.value(self._literal()))

    def _range(self, name: str, field: Field, sign: str) -> Piece:
        bound = self._literal().text
        if field.name is None or not _NUMBER.fullmatch(bound):
            raise KqlError(f"a bound must be a number: found {name} {sign} {bound[:40]!r}")
        return one(f"{field.name}:{sign}{bound}")

    def _literal(self) -> Value:
        kind, text = self._peek()
        if kind == "quoted":
            self._at += 1
            return quoted_value(text)
        words = []
        while (token := self._peek()).kind == "word" and token.text and token.text.lower() not in ("and", "or", "not"):
            words.append(token.text)
            self._at += 1
        if not words:
            raise self._unexpected()
        return unquoted_value(" ".join(words))

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _takes(self, kind: str, text: str) -> bool:
        taken = self._peek().kind == kind and self._peek().text.lower() == text
        self._at += taken
        return taken

    def _close(self, sign: str) -> None:
        if not self._takes("sign", sign):
            raise self._unexpected()

    def _unexpected(self) -> KqlError:
        text = self._peek().text
        return KqlError(f"{text[:60]!r} is not expected here" if text else "it ends too soon")
