"""The front: settings of which no other is better in everything that counts."""

from collections.abc import Sequence
from typing import NamedTuple


class Worth(NamedTuple):
    """What a setting is worth: what it finds, and what that costs."""

    recall: float | None
    signals: float | None
    """A day per 1,000 people."""

    @property
    def is_known(self) -> bool:
        """Whether both can be told."""
        return self.recall is not None and self.signals is not None


def is_beaten(own: Worth, others: Sequence[Worth]) -> bool:
    """Whether another finds as much with as few signals, and is better in one of both.

    >>> is_beaten(Worth(0.5, 10), [Worth(0.5, 9)]), is_beaten(Worth(0.5, 10), [Worth(0.5, 10), Worth(0.6, 11)])
    (True, False)
    """
    return any(_beats(other, own) for other in others)


def front(worths: Sequence[Worth]) -> list[bool]:
    """For each whether it is on the front; never where something cannot be told."""
    known = [each for each in worths if each.is_known]
    return [each.is_known and not is_beaten(each, known) for each in worths]


def _beats(one: Worth, other: Worth) -> bool:
    if one.recall is None or one.signals is None or other.recall is None or other.signals is None:
        return False
    as_good = one.recall >= other.recall and one.signals <= other.signals
    return as_good and (one.recall > other.recall or one.signals < other.signals)
