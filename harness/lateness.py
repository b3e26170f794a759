"""Lateness: how many events of a run came after one that is newer, whichever engine decides them.

Where many people's events arrive as they are collected, most come some minutes after a newer one of somebody else;
hours are another matter.
"""

from collections.abc import Sequence
from itertools import accumulate
from operator import sub
from typing import TYPE_CHECKING, Final

from detector.event import Event
from detector.instant import SECOND

if TYPE_CHECKING:
    from detector.columnar.rows import Rows

_BEFORE_ALL = -(1 << 63)
_LONG: Final = 3600 * SECOND
"""Of a company's item usages as the simulator delivers them, one in a hundred or fewer is later than that."""


class Lateness:
    """Counts the events whose time is before the greatest of those read earlier in the run.

    >>> arrived = Lateness()
    >>> arrived.times([3, 1, 2, 3, 4])
    >>> arrived.late, arrived.long
    (2, 0)
    """

    def __init__(self) -> None:
        self.late = 0
        self.long = 0
        """How many of them are more than an hour before it."""
        self._latest = _BEFORE_ALL

    def events(self, batch: Sequence[Event]) -> None:
        """The next events that the rule's query selects."""
        self.times([event.timestamp for event in batch])

    def times(self, times: list[int]) -> None:
        """The next events by their times, in nanoseconds."""
        ordered = sorted(times)
        if not ordered:
            return
        if ordered[0] < self._latest or ordered != times:
            behind = list(map(sub, accumulate(times, max, initial=self._latest), times))
            self.late += sum(by > 0 for by in behind)
            self.long += sum(by > _LONG for by in behind)
        self._latest = max(self._latest, ordered[-1])

    def rows(self, batch: "Rows") -> None:
        """The next events as rows; some may be unseen."""
        import numpy as np

        times = batch.t[batch.group != 0]
        if times.size:
            latest = np.maximum(np.maximum.accumulate(times), self._latest)
            self.late += int(np.count_nonzero(times < latest))
            self.long += int(np.count_nonzero(times < latest - _LONG))
            self._latest = int(latest[-1])
