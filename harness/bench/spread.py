"""The spread of a figure over repeats."""

from collections.abc import Iterable
from statistics import median

import msgspec


class Spread(msgspec.Struct, frozen=True):
    """The least, the middle and the greatest of some figures."""

    min: float
    median: float
    max: float


def spread(figures: Iterable[float]) -> Spread:
    """The spread of at least one figure, to six significant digits.

    >>> spread([3.0, 1.0, 2.0])
    Spread(min=1.0, median=2.0, max=3.0)
    """
    told = list(figures)
    return Spread(*(float(f"{each:.6g}") for each in (min(told), median(told), max(told))))


def middle(figures: Iterable[float | None]) -> float | None:
    """The middle of those that are known, None of none."""
    known = [each for each in figures if each is not None]
    return float(f"{median(known):.6g}") if known else None
