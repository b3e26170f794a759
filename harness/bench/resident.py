"""Resident memory: how much of this process was in memory at most, as Linux counts it."""

import gc
from pathlib import Path
from typing import Final

_PROCESS: Final = Path("/proc/self")
_FORGET_THE_PEAK: Final = "5"
"""What proc(5) has for `clear_refs`: the peak becomes what is resident now."""


class Resident:
    """Growth from when it is made to the peak that follows.

    A floor: what takes the room that was given back before, and that Python or the C library kept, is not seen.
    """

    def __init__(self) -> None:
        gc.collect()
        self._before = _forgotten()

    def growth(self) -> int | None:
        """Bytes; None where the system does not tell, as outside of Linux."""
        peak = _peak()
        return None if self._before is None or peak is None else max(0, peak - self._before)


def _forgotten() -> int | None:
    """What is resident, once it is the peak too; None where that cannot be had."""
    try:
        (_PROCESS / "clear_refs").write_text(_FORGET_THE_PEAK)
    except OSError:
        return None
    return _peak()


def _peak() -> int | None:
    try:
        lines = (_PROCESS / "status").read_text().splitlines()
    except OSError:
        return None
    told = next((line.split() for line in lines if line.startswith("VmHWM:")), None)
    return None if told is None else int(told[1]) * 1024
