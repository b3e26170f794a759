"""Tapes: one reading that several follow."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

PartT = TypeVar("PartT")

KEPT: Final = 4
"""How many parts are kept for those who are behind."""


class Tape(Generic[PartT]):
    """What *reading* gives from record 0 on, read once for all *followers* who keep pace.

    A part is kept until they have had it. Who falls more than `KEPT` parts behind reads for himself, from the record
    at which he is; *count* tells how many records a part has.

    >>> tape = Tape(lambda start: iter("abc"[start:]), len, 2)
    >>> first, second = tape.follow(0), tape.follow(1)
    >>> next(first), next(second), list(first), list(second)
    ('a', 'a', ['b', 'c'], ['b', 'c'])
    """

    def __init__(
        self, reading: Callable[[int], Iterator[PartT]], count: Callable[[PartT], int], followers: int
    ) -> None:
        self._reading = reading
        self._count = count
        self._parts = reading(0)
        self._kept: deque[PartT] = deque()
        self._forgotten = 0
        self._parts_had = [0] * followers
        self._records_had = [0] * followers

    def follow(self, follower: int) -> Iterator[PartT]:
        """All parts, for the follower of this number."""
        while (place := self._parts_had[follower] - self._forgotten) >= 0:
            if place == len(self._kept):
                try:
                    self._kept.append(next(self._parts))
                except StopIteration:
                    return
            part = self._kept[place]
            self._parts_had[follower] += 1
            self._records_had[follower] += self._count(part)
            self._forget()
            yield part
        yield from self._reading(self._records_had[follower])

    def _forget(self) -> None:
        """Forget parts that all have had, and the first of too many."""
        following = [had for had in self._parts_had if had >= self._forgotten]
        surplus = self._forgotten + len(self._kept) - KEPT
        while self._forgotten < max(min(following), surplus):
            self._kept.popleft()
            self._forgotten += 1
