"""Merging: streams of rows made one by time, whole batches at once.

The order is that of `heapq.merge(*streams, key=timestamp)`, also where a stream is not sorted: by the greatest time
that a stream has had up to and including a row, then by stream, then in the stream's own order. For a row that is late
in its stream goes out right behind its predecessor: all heads of other streams were behind that one, by time and then
by stream, and what takes its place is no later. So only rows at a new greatest time of their stream ever wait for
others, and these are merged as those of sorted streams are.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detector.columnar.rows import Rows
from detector.event import Event

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST: Final = int(np.iinfo(np.int64).min)
"""Before all times."""


def merged(streams: Sequence[Iterator[Rows]], nothing: Rows) -> Iterator[Rows]:
    """The rows of all streams by time, at any moment with about one batch of each in memory.

    For each batch that is taken from a stream one comes out, which is *nothing*, without rows, where more has to be
    known first: merges over the same streams keep pace.
    """
    waiting = [_Waiting(stream, nothing) for stream in streams]
    while waiting:
        lacking = next(one for one in waiting if one.is_empty)
        if not lacking.take_batch():
            waiting.remove(lacking)
        yield nothing if any(one.is_empty for one in waiting) else _due(waiting, nothing)


def peaks(t: "NDArray[np.int64]", before: int) -> "NDArray[np.int64]":
    """The greatest of the times so far, *before* included, at each of them.

    >>> peaks(np.array([3, 7, 5, 8]), 4).tolist()
    [4, 7, 7, 8]
    """
    greatest: NDArray[np.int64] = np.maximum.accumulate(np.maximum(t, before))
    return greatest


def seen(rows: Rows) -> Rows:
    """The rows that the rule sees."""
    return rows if rows.group.all() else at(rows, np.flatnonzero(rows.group))


def at(rows: Rows, places: "NDArray[np.int64]") -> Rows:
    """The rows at these places, in their order."""
    return Rows(rows.t[places], rows.group[places], rows.values[places], lambda row: rows.event(int(places[row])))


class _Waiting:
    """The rows of one stream that wait, with its greatest time so far at each of them."""

    def __init__(self, stream: Iterator[Rows], nothing: Rows) -> None:
        self._stream = stream
        self._batch = nothing
        self.peaks = nothing.t
        self.greatest = FIRST

    @property
    def is_empty(self) -> bool:
        return not len(self.peaks)

    def take_batch(self) -> bool:
        """Go on to the next batch, once no row waits; False at the end."""
        batch = next(self._stream, None)
        if batch is None:
            return False
        self._batch, self.peaks = batch, peaks(batch.t, self.greatest)
        self.greatest = int(self.peaks[-1]) if len(self.peaks) else self.greatest
        return True

    def give(self, count: int) -> "_Part":
        """Let the first so many rows go."""
        start = len(self._batch.t) - len(self.peaks)
        part = _Part(_part(self._batch, start, start + count), self.peaks[:count])
        self.peaks = self.peaks[count:]
        return part


class _Part(NamedTuple):
    rows: Rows
    peaks: "NDArray[np.int64]"


def _due(waiting: Sequence[_Waiting], nothing: Rows) -> Rows:
    """The rows that nothing can come before any more; every stream has some that wait.

    These go up to the last of the stream that ends first: behind it there may be more of the same greatest time.
    """
    if not waiting:
        return nothing
    ending = min(range(len(waiting)), key=lambda place: waiting[place].greatest)
    end = waiting[ending].greatest
    parts = []
    for place, one in enumerate(waiting):
        count = int(np.searchsorted(one.peaks, end, side="right" if place <= ending else "left"))
        parts.append(one.give(count))
    return _interleaved([part for part in parts if len(part.peaks)])


def _interleaved(parts: Sequence[_Part]) -> Rows:
    """The rows of the parts by peak, then by part."""
    if len(parts) == 1:
        return parts[0].rows
    together = _joined([part.rows for part in parts])
    return at(together, np.argsort(np.concatenate([part.peaks for part in parts]), kind="stable"))


def _joined(parts: Sequence[Rows]) -> Rows:
    """The rows of one part after the other."""
    starts = list(accumulate((len(part.t) for part in parts), initial=0))

    def event(row: int) -> Event:
        part = bisect_right(starts, row) - 1
        return parts[part].event(row - starts[part])

    t, group, values = (np.concatenate(columns) for columns in zip(*(part[:3] for part in parts), strict=True))
    return Rows(t, group, values, event)


def _part(rows: Rows, start: int, end: int) -> Rows:
    cut = slice(start, end)
    return Rows(rows.t[cut], rows.group[cut], rows.values[cut], lambda row: rows.event(start + row))
