"""Pieces of a Datadog log search that are being put together."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

OR, AND, NOT, ONE = range(4)
"""How close what is joined so binds."""
_WORDS: Final = {OR: " OR ", AND: " AND "}
_FIELD_IS = re.compile(r"(?P<field>@?\w[\w.]*):(?P<value>\w[\w.@-]*)", re.ASCII)


class Piece(NamedTuple):
    """What is joined by OR or AND, or stands alone; *binds* says which."""

    parts: tuple[str, ...]
    binds: int

    @property
    def text(self) -> str:
        """The piece as Datadog's search has it."""
        return _WORDS.get(self.binds, "").join(self.parts)

    def within(self, binds: int) -> str:
        """The piece as a part of one that binds so close, in parentheses if it needs them."""
        return self.text if self.binds >= binds else f"({self.text})"


def one(text: str) -> Piece:
    """A term."""
    return Piece((text,), ONE)


def joined(binds: int, pieces: Sequence[Piece]) -> Piece:
    """*pieces* joined by OR or AND: nothing twice, and several values of a field behind its name.

    >>> joined(AND, [one("@a:x"), joined(AND, [one("@b:y"), one("@a:x")])]).text
    '@a:x AND @b:y'
    >>> joined(OR, [one("@a:x"), one("@a:y")]).text
    '@a:(x OR y)'
    """
    if len(pieces) == 1:
        return pieces[0]
    parts: dict[str, None] = {}
    for piece in pieces:
        parts |= dict.fromkeys(piece.parts if piece.binds == binds else [piece.within(binds)])
    if len(parts) == 1:
        return _alone(next(iter(parts)), pieces)
    return (_values_of_one_field(parts) if binds == OR else None) or Piece(tuple(parts), binds)


def _alone(text: str, pieces: Sequence[Piece]) -> Piece:
    """What is left where all *pieces* say the same."""
    return next((piece for piece in pieces if piece.text == text), one(text))


def _values_of_one_field(parts: dict[str, None]) -> Piece | None:
    found = [_FIELD_IS.fullmatch(part) for part in parts]
    fields = {each["field"] if each else None for each in found}
    if None in fields or len(fields) > 1:
        return None
    values = " OR ".join(each["value"] for each in found if each)
    return one(f"{fields.pop()}:({values})")
