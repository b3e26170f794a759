"""Peak memory: how much of this process was resident at most, since it was last asked to begin anew.

Linux alone can begin anew: proc(5), `clear_refs`. Elsewhere the peak is that of the process so far, and on Windows
nobody tells. Processes that this one starts are not in it.
"""

import sys
from pathlib import Path
from typing import Final, Literal, Protocol

_PROCESS: Final = Path("/proc/self")
_FORGET_THE_PEAK: Final = "5"
"""What proc(5) has for `clear_refs`: the peak becomes what is resident now."""
_KIB: Final = 1024

PeakOf = Literal["stage", "process so far"]


class PeakMemory(Protocol):
    """Tells the peak. *of* says of what it is: since the last `begin`, or of all that the process did before."""

    of: PeakOf | None

    def begin(self) -> None:
        """What is resident now is the peak from now on, where the system can do that."""

    def bytes(self) -> int | None:
        """The peak, or None where nobody tells."""


class ResettablePeak:
    """Linux's high-water mark, which can be lowered."""

    of: PeakOf | None = "stage"

    def begin(self) -> None:
        """See `PeakMemory`. Raises `OSError` where the system does not let us."""
        (_PROCESS / "clear_refs").write_text(_FORGET_THE_PEAK)

    def bytes(self) -> int | None:
        """See `PeakMemory`."""
        status = (_PROCESS / "status").read_bytes()
        _, found, rest = status.partition(b"VmHWM:")
        return int(rest.split(None, 1)[0]) * _KIB if found else None


class ProcessPeak:
    """The peak of the process so far, as getrusage(2) has it."""

    of: PeakOf | None = "process so far"

    def begin(self) -> None:
        """Nothing can be lowered."""

    def bytes(self) -> int | None:
        """See `PeakMemory`."""
        import resource

        unit = 1 if sys.platform == "darwin" else _KIB  # bytes there, everywhere else KiB
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


class UnknownPeak:
    """For systems that do not tell."""

    of: PeakOf | None = None

    def begin(self) -> None:
        """Nothing to do."""

    def bytes(self) -> int | None:
        """Nobody knows."""
        return None


def peak_memory() -> PeakMemory:
    """The best that this system has."""
    try:
        best = ResettablePeak()
        best.begin()
    except OSError:
        pass
    else:
        return best
    try:
        ProcessPeak().bytes()
    except ImportError:
        return UnknownPeak()
    return ProcessPeak()
