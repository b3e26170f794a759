"""How late records arrive: told by the order they came in, in memory that does not grow with them."""

from typing import Final

import numpy as np

from simulator.draws import Floats, Ints
from simulator.timeline import SECOND

_MINUTE, _HOUR = 60.0, 3600.0
_EDGES: Final[Floats] = np.unique([0.0, _MINUTE, _HOUR, *np.geomspace(1e-3, 1e7, 401)])  # seconds; bins of 6 %


class Lateness:
    """How far each record arrives behind the latest one before it: a histogram, whatever the number of records."""

    def __init__(self) -> None:
        self.counts = np.zeros(len(_EDGES), dtype=np.int64)
        self._latest = -(2**63 - 1)

    def add(self, times: Ints) -> Ints:
        """Count records that arrived in this order; return how late each is, in nanoseconds."""
        latest = np.maximum.accumulate(np.maximum(times, self._latest))
        self._latest = int(latest[-1])
        late: Ints = latest - times
        bins = np.searchsorted(_EDGES, late / SECOND, side="left")
        self.counts += np.bincount(np.minimum(bins, len(_EDGES) - 1), minlength=len(_EDGES))
        return late

    def share_beyond(self, seconds: float) -> float:
        """Return the share of records that are later than *seconds*: exactly for 0, 60 and 3600, else to 6 %."""
        beyond = np.searchsorted(_EDGES, seconds, side="right")
        return float(self.counts[beyond:].sum() / max(1, self.counts.sum()))

    def quantiles(self, shares: Floats) -> Floats:
        """Return the seconds that each of *shares* of the records stays within, to 6 %."""
        running = np.cumsum(self.counts)
        within: Floats = _EDGES[np.searchsorted(running, np.asarray(shares) * running[-1], side="left")]
        return within
