"""Formulas: tests of fields joined by and, or and not; they can be put to a record, or to what is known of all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from detector.terms import Test
from detector.token import Token

Tokens: TypeAlias = Sequence[Token | None]
"""What a record holds: the token of each field, None where it is absent."""
Predicate: TypeAlias = Callable[[Tokens], bool]
Known: TypeAlias = Mapping[int, Token | None]
"""What is known of every record: the token of some fields, by their places among the tokens."""


class Formula(Protocol):
    """What a query asks."""

    def predicate(self) -> Predicate:
        """Return it as a function of a record's tokens."""

    def verdict(self, known: Known) -> bool | None:
        """Return what it comes to for every record of which this is *known*, or None where that does not decide.

        Kleene's three values: never wrong, though a formula that is always true for another reason stays open.
        """


@dataclass(frozen=True, slots=True)
class Asked:
    """The field at *place* passes *test*.

    >>> Asked(0, str.isupper).verdict({0: "A"}), Asked(0, str.isupper).verdict({})
    (True, None)
    """

    place: int
    test: Test

    def predicate(self) -> Predicate:
        """See `Formula`."""
        place, test = self.place, self.test
        return lambda tokens: test(tokens[place])

    def verdict(self, known: Known) -> bool | None:
        """See `Formula`."""
        return self.test(known[self.place]) if self.place in known else None


@dataclass(frozen=True, slots=True)
class Not:
    """*part* does not hold."""

    part: Formula

    def predicate(self) -> Predicate:
        """See `Formula`."""
        inner = self.part.predicate()
        return lambda tokens: not inner(tokens)

    def verdict(self, known: Known) -> bool | None:
        """See `Formula`."""
        inner = self.part.verdict(known)
        return None if inner is None else not inner


@dataclass(frozen=True, slots=True)
class Every:
    """All *parts* hold; so it is where there are none."""

    parts: Sequence[Formula]

    def predicate(self) -> Predicate:
        """See `Formula`."""
        parts = [part.predicate() for part in self.parts]
        return parts[0] if len(parts) == 1 else lambda tokens: all(part(tokens) for part in parts)

    def verdict(self, known: Known) -> bool | None:
        """See `Formula`."""
        verdicts = {part.verdict(known) for part in self.parts}
        return False if False in verdicts else None if None in verdicts else True


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of *parts* holds."""

    parts: Sequence[Formula]

    def predicate(self) -> Predicate:
        """See `Formula`."""
        parts = [part.predicate() for part in self.parts]
        return parts[0] if len(parts) == 1 else lambda tokens: any(part(tokens) for part in parts)

    def verdict(self, known: Known) -> bool | None:
        """See `Formula`."""
        verdicts = {part.verdict(known) for part in self.parts}
        return True if True in verdicts else None if None in verdicts else False
