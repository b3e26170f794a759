"""Encoded records with what orders them: (time, person, order)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.draws import Ints


@dataclass(frozen=True, slots=True)
class Lines:
    """JSON lines of one feed; *time* in nanoseconds, *order* counts a person's events without a tie.

    >>> merge([]).text
    []
    """

    time: Ints
    person: Ints
    order: Ints
    text: list[bytes]

    def split(self, at: int) -> tuple["Lines", "Lines"]:
        """Return the lines before the time *at* and the rest; the lines must be in order."""
        cut = int(np.searchsorted(self.time, at))
        return self._slice(slice(None, cut)), self._slice(slice(cut, None))

    def _slice(self, part: slice) -> "Lines":
        return Lines(self.time[part], self.person[part], self.order[part], self.text[part])


def merge(parts: Sequence[Lines]) -> Lines:
    """Return all lines of *parts* in order of time, person and order, however they were split."""
    empty = np.zeros(0, dtype=np.int64)
    time, person, order = (
        np.concatenate([empty, *columns])
        for columns in ([p.time for p in parts], [p.person for p in parts], [p.order for p in parts])
    )
    text = [line for part in parts for line in part.text]
    rank = np.lexsort((order, person, time))
    return Lines(time[rank], person[rank], order[rank], [text[at] for at in rank.tolist()])
