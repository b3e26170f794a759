"""The difference between two settings on the same streams: people and incidents are drawn for both at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.scoring.evidence import Evidence
from harness.scoring.intervals import UNKNOWN, Interval, Resampling, percentiles, ratio_of


class Difference(NamedTuple):
    """What another setting changes."""

    saved: float | None
    """The share of signals a day that it spares; less than 0 where it raises more."""
    interval: Interval

    @property
    def is_plain(self) -> bool:
        """Whether the interval leaves no doubt that there is one."""
        return self.interval.excludes(0.0)


def difference(own: Sequence[Evidence], other: Sequence[Evidence]) -> Difference:
    """How many signals *other* spares; both are of the same streams in the same order."""
    rates = [_rate(own), _rate(other)]
    if not rates[0] or rates[1] is None:
        return Difference(None, UNKNOWN)
    signals = [sum(len(each.raised) for each in side) for side in (own, other)]
    draws = Resampling(own, other)
    sums = draws.person_sums((0, np.ones(signals[0])), (1, np.ones(signals[1])))
    drawn = ratio_of(sums[:, :2], sums[:, 2:])
    return Difference(1 - rates[1] / rates[0], percentiles(1 - ratio_of(drawn[:, 1], drawn[:, 0])))


def _rate(evidences: Sequence[Evidence]) -> float | None:
    """Signals a person-day."""
    days = sum(each.days * each.people for each in evidences)
    return sum(len(each.raised) for each in evidences) / days if days else None
