"""The difference between two settings on the same streams: people are drawn for both at once.

Where the two differ over fewer people than `harness.comparing.pairing.PROOF` it is not plain, as in a comparison.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.comparing.pairing import between
from harness.scoring.evidence import Evidence
from harness.scoring.intervals import UNKNOWN, Interval, Resampling, ratio_of


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
    before, after = (np.ones(sum(len(each.raised) for each in side)) for side in (own, other))
    draws = Resampling(own, other)
    sums = draws.person_sums((0, before), (1, after))
    drawn = ratio_of(sums[:, :2], sums[:, 2:])
    left = ratio_of(drawn[:, 1], drawn[:, 0])
    interval = between(np.column_stack([left, np.ones(len(left))]), draws.people_apart((before, after)))
    return Difference(1 - rates[1] / rates[0], interval)


def _rate(evidences: Sequence[Evidence]) -> float | None:
    """Signals a person-day."""
    days = sum(each.days * each.people for each in evidences)
    return sum(len(each.raised) for each in evidences) / days if days else None
