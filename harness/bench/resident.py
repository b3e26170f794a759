"""Resident memory: how much more of this process came to be in memory, as Linux counts it."""

import gc

from harness.peak_memory import ResettablePeak


class Resident:
    """Growth from when it is made to the peak that follows.

    A floor: what takes the room that was given back before, and that Python or the C library kept, is not seen.
    """

    def __init__(self) -> None:
        gc.collect()
        self._peak = ResettablePeak()
        self._before = self._begun()

    def growth(self) -> int | None:
        """Bytes; None where the system does not tell, as outside of Linux."""
        if self._before is None:
            return None
        peak = self._peak.bytes()
        return None if peak is None else max(0, peak - self._before)

    def _begun(self) -> int | None:
        """What is resident now, once it is the peak too; None where that cannot be had."""
        try:
            self._peak.begin()
            return self._peak.bytes()
        except OSError:
            return None
