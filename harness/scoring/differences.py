"""Differences: how far two figures about the same things lie apart, by counts alone."""

import math
from collections.abc import Callable

from harness.scoring.intervals import CONFIDENCE, UNKNOWN, Interval, wilson


def square_and_add(a: float, around_a: Interval, b: float, around_b: Interval) -> Interval:
    """The interval of *b* - *a*, each with its own interval, by squaring and adding what those reach beyond the two.

    After Newcombe, "Interval estimation for the difference between independent proportions" (1998), method 10; Zou and
    Donner (2008) for other figures. Where the two rise and fall together it is wider than it need be, not wrong.
    """
    if around_a.low is None or around_a.high is None or around_b.low is None or around_b.high is None:
        return UNKNOWN
    low, high = math.hypot(b - around_b.low, around_a.high - a), math.hypot(around_b.high - b, a - around_a.low)
    return Interval(b - a - low, b - a + high, "square-and-add")


def sign_test(only_a: int, only_b: int) -> float:
    """How likely so uneven a split is where neither side is better: the exact test of McNemar (1947), two-sided.

    >>> sign_test(0, 5), sign_test(0, 6), sign_test(3, 3)
    (0.0625, 0.03125, 1.0)
    """
    of, fewer = only_a + only_b, min(only_a, only_b)
    return min(1.0, 2 * sum(math.comb(of, each) for each in range(fewer + 1)) / float(2**of))


def split_interval(only_a: int, only_b: int, of: int) -> Interval:
    """The interval of a difference of two shares of the same *of* things, from those alone that tell the sides apart.

    It reaches as far as `square_and_add` of the two parts, and as far as the exact interval of how those divide that
    tell apart (Clopper and Pearson 1934). So it leaves out 0 only where `sign_test` says that chance makes so uneven a
    split less often than once in twenty, and it is as wide as *of* things allow where nothing tells the sides apart.
    """
    if not of:
        return UNKNOWN
    added = square_and_add(only_a / of, wilson(only_a, of), only_b / of, wilson(only_b, of))
    told, tail = only_a + only_b, (1 - CONFIDENCE) / 2
    if not told or added.low is None or added.high is None:
        return added
    low = _root(lambda share: 1 - _at_most(only_b - 1, told, share) - tail) if only_b else 0.0
    high = _root(lambda share: tail - _at_most(only_b, told, share)) if only_a else 1.0
    scaled = (2 * low - 1) * told / of, (2 * high - 1) * told / of
    return Interval(min(added.low, scaled[0]), max(added.high, scaled[1]), "square-and-add")


def _at_most(most: int, of: int, share: float) -> float:
    """The binomial probability of *most* or fewer of *of*."""
    return math.fsum(math.comb(of, each) * share**each * (1 - share) ** (of - each) for each in range(most + 1))


def _root(rising: Callable[[float], float]) -> float:
    """Where between 0 and 1 a rising function crosses 0, to within a rounding error."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return high
