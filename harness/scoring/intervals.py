"""Intervals: between which two numbers a figure lies in 95 of 100 companies like these, by what was seen of some.

Figures of few things get an interval from their counts alone: shares that of Wilson (1927), rates that of Byar
(Breslow and Day 1987, vol. II, eq. 2.13). The others get a percentile bootstrap (Efron 1979) over whole people, or
whole incidents, see `harness.scoring.drawing`.

A handful of people who happen to be alike are alike on every draw, so that a bootstrap of them is far too narrow: where
fewer than `FEW` carry a figure, it gets the wider of the two intervals.
"""

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from harness.scoring.drawing import Column, Counts, Draws, homes_of, medians, ranks, resampled, summed, with_the_silent
from harness.scoring.evidence import Evidence

CONFIDENCE: Final = 0.95
RESAMPLES: Final = 2000
FEW: Final = 30
"""A ratio of fewer things than this gets the interval of Wilson, which holds its promise down to none; and fewer people
or incidents than this are too few to be drawn from and nothing else (assumption)."""
_Z: Final = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)
_TAILS: Final = ((1 - CONFIDENCE) / 2, 1 - (1 - CONFIDENCE) / 2)


class Interval(msgspec.Struct, frozen=True):
    """The ends of a 95 % interval and how they were found; all None where nothing can be said."""

    low: float | None = None
    high: float | None = None
    method: Literal["wilson", "byar", "square-and-add", "bootstrap"] | None = None

    @property
    def is_point(self) -> bool:
        """Whether it has no width: draws that are all alike promise a certainty that nobody has."""
        return self.low is not None and self.low == self.high

    def excludes(self, value: float) -> bool:
        """Whether *value* lies outside; never where nothing can be said."""
        return self.low is not None and self.high is not None and not self.low <= value <= self.high


UNKNOWN: Final = Interval()


def wilson(part: int, of: int) -> Interval:
    """The interval of a share, from counts alone (Wilson 1927); `UNKNOWN` where there is nothing to share.

    >>> wilson(0, 10).low, round(wilson(0, 10).high, 4)
    (0.0, 0.2775)
    """
    if not of:
        return UNKNOWN
    share, shrunk = part / of, 1 + _Z**2 / of
    middle = (share + _Z**2 / (2 * of)) / shrunk
    reach = _Z / shrunk * math.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    low = middle - reach if part else 0.0  # what rounding leaves of nothing
    high = middle + reach if part < of else 1.0
    return Interval(low, high, "wilson")


def is_few(part: int, of: int) -> bool:
    """Whether a bootstrap would promise too much of so few things, or of things that are all alike."""
    return of < FEW or part in (0, of)


def ratio_interval(part: int, of: int, carriers: int, bootstrap: Callable[[], Interval]) -> Interval:
    """The interval of *part* / *of*: Wilson's where they are few or all alike, else that of *bootstrap*.

    Wilson's too where every draw came out the same, as with the signals of one person. *carriers* are the people (or
    incidents) that the part comes from, or what is left of it, whichever are fewer; below `FEW` of them it has the
    outer ends of the two.
    """
    counted = wilson(part, of)
    return counted if is_few(part, of) else _trusted(bootstrap(), counted, carriers)


def _trusted(drawn: Interval, counted: Interval, carriers: int) -> Interval:
    if drawn == UNKNOWN or drawn.is_point:
        return counted
    return _outer(drawn, counted) if carriers < FEW else drawn


def _outer(drawn: Interval, counted: Interval) -> Interval:
    """Neither end is nearer than one of the two has it."""
    low, high = _ends(drawn)
    least, most = _ends(counted)
    wider = counted if most - least > high - low else drawn
    return Interval(min(low, least), max(high, most), wider.method)


def _ends(interval: Interval) -> tuple[float, float]:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


def byar(count: int) -> tuple[float, float]:
    """The ends of the interval of an expected count of which *count* were seen; rare and independent, as a Poisson's.

    >>> [round(end, 2) for end in byar(0)], [round(end, 2) for end in byar(10)]
    ([0.0, 3.67], [4.79, 18.39])
    """
    above = count + 1
    high = above * (1 - 1 / (9 * above) + _Z / (3 * math.sqrt(above))) ** 3
    return (count * max(0.0, 1 - 1 / (9 * count) - _Z / (3 * math.sqrt(count))) ** 3 if count else 0.0), high


def rate_interval(count: int, exposure: float, carriers: int, bootstrap: Callable[[], Interval]) -> Interval:
    """The interval of *count* / *exposure*: Byar's where they are few, or drawn all alike, else that of *bootstrap*.

    *carriers* are the people that the count comes from; below `FEW` of them it has the outer ends of the two.
    """
    if not exposure:
        return UNKNOWN
    low, high = byar(count)
    counted = Interval(low / exposure, high / exposure, "byar")
    return counted if count < FEW else _trusted(bootstrap(), counted, carriers)


def percentiles(draws: Draws) -> Interval:
    """The middle 95 % of *draws*, those left out that are not a number; `UNKNOWN` where half of them or more are not.

    What is undefined on so many resamples stands on next to nothing.
    """
    defined = draws[np.isfinite(draws)]
    if len(defined) * 2 <= len(draws):
        return UNKNOWN
    low, high = np.quantile(defined, _TAILS)
    return Interval(float(low), float(high), "bootstrap")


def ratio_of(numerator: Draws, denominator: Draws) -> Draws:
    """*numerator* / *denominator*, not a number where there is nothing below."""
    blank: Draws = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    np.divide(numerator, denominator, out=blank, where=denominator != 0)
    return blank


class Resampling:
    """Draws of the people and of the incidents of some streams, on which figures are computed again.

    Each of *sides* is one rule's evidence, stream by stream. Several sides are of the same streams in the same order,
    and are paired: on each draw they have the same people, and the same incidents. A column has a value for each of the
    side's signals (or staged incidents), stream after stream. The same seed gives the same draws, whichever side comes
    first.
    """

    def __init__(self, *sides: Sequence[Evidence], seed: int = 0, resamples: int = RESAMPLES) -> None:
        self._seed = seed
        self._resamples = resamples
        self._heard = homes_of([[(each.stream, one.person) for each in side for one in each.raised] for side in sides])
        self._people, self._person_days = with_the_silent(self._heard.known, sides)
        self._incidents = homes_of([[(each.stream, one.run) for each in side for one in each.staged] for side in sides])
        self._ranks = ranks(sides)

    def by_person(self, numerator: ArrayLike, denominator: ArrayLike) -> Interval:
        """The interval of a ratio of two sums over signals, people drawn."""
        sums = self.person_sums((0, numerator), (0, denominator))
        return percentiles(ratio_of(sums[:, 0], sums[:, 1]))

    def by_person_day(self, numerator: ArrayLike) -> Interval:
        """The interval of a sum over signals for each day of one person, people drawn."""
        sums = self.person_sums((0, numerator))
        return percentiles(ratio_of(sums[:, 0], sums[:, 1]))

    def by_incident(self, numerator: ArrayLike, denominator: ArrayLike) -> Interval:
        """The interval of a ratio of two sums over staged incidents, incidents drawn."""
        sums = self.incident_sums((0, numerator), (0, denominator))
        return percentiles(ratio_of(sums[:, 0], sums[:, 1]))

    def person_sums(self, *columns: Column) -> Draws:
        """On each draw of people a row: the sum of each column, and then, for each side, the scored person-days."""
        cells = np.column_stack([summed(self._heard.rows, columns, len(self._people)), self._person_days])
        order = self._order([*(side for side, _ in columns), *range(len(self._ranks))])
        drawn = resampled(cells[:, order], self._people, self._seed, self._resamples)
        return drawn[:, np.argsort(order)]

    def incident_sums(self, *columns: Column) -> Draws:
        """On each draw of incidents a row: the sum of each column."""
        incidents = self._incidents
        cells, order = summed(incidents.rows, columns, len(incidents.known)), self._order([side for side, _ in columns])
        drawn = resampled(cells[:, order], np.ones(len(cells), np.int64), self._seed + 1, self._resamples)
        return drawn[:, np.argsort(order)]

    def people_with(self, values: ArrayLike) -> int:
        """Of how many people a column of side 0 adds up to something."""
        return int(np.count_nonzero(summed(self._heard.rows, [(0, values)], len(self._people))))

    def incidents_with(self, values: ArrayLike) -> int:
        """The same of incidents."""
        return int(np.count_nonzero(summed(self._incidents.rows, [(0, values)], len(self._incidents.known))))

    def people_apart(self, *pairs: tuple[ArrayLike, ArrayLike]) -> int:
        """Of how many people one of the columns, each given for side 0 and side 1, does not add up to the same."""
        return _apart(self._heard.rows, pairs, len(self._people))

    def incidents_apart(self, *pairs: tuple[ArrayLike, ArrayLike]) -> int:
        """The same of incidents."""
        return _apart(self._incidents.rows, pairs, len(self._incidents.known))

    def incident_medians(self, *columns: Column) -> Draws:
        """On each draw of incidents a row: the median of each column, what is infinite left out."""
        incidents = self._incidents
        cells = np.full((len(incidents.known), len(columns)), math.inf)
        for place, (side, values) in enumerate(columns):
            cells[incidents.rows[side], place] = np.asarray(values, np.float64)
        order = self._order([side for side, _ in columns])
        return medians(cells[:, order], self._seed + 1, self._resamples)[:, np.argsort(order)]

    def _order(self, sides: Sequence[int]) -> Counts:
        """The places of columns of these sides in the order in which they are drawn."""
        return np.argsort(np.array([self._ranks[side] for side in sides], np.int64), kind="stable")


def _apart(homes: Sequence[Counts], pairs: Sequence[tuple[ArrayLike, ArrayLike]], size: int) -> int:
    sides = [summed(homes, [(side, pair[side]) for pair in pairs], size) for side in (0, 1)]
    return int((sides[0] != sides[1]).any(axis=1).sum())
