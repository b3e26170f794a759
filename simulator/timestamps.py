"""Timestamps as text, many at once: `simulator.records.timestamp_text` of whole columns."""

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints

TIME: Final = np.dtype([("date", "S11"), ("clock", "u8"), ("tenth", "u2"), ("middle", "u4"), ("last", "u4")])
"""A timestamp's text without its ``Z``, 29 bytes: a field for `write_times`."""

_SECOND = 1_000_000_000
_SECONDS_A_DAY = 86_400
_GROUP = 10_000  # four digits


def write_times(out: NDArray[Any], ns: Ints) -> None:
    """Write the times *ns*, nanoseconds since the epoch, into *out*, whose type is `TIME`.

    Trailing zeros of the fraction, and its point when nothing follows, are bytes of zero, so the text
    must end its row: numpy's ``S`` type leaves out what it ends in.

    >>> out = np.empty(2, TIME)
    >>> write_times(out, np.array([0, 1_767_225_600_120_000_000]))
    >>> out.view("S29").tolist()
    [b'1970-01-01T00:00:00', b'2026-01-01T00:00:00.12']
    """
    if not len(ns):
        return
    seconds = ns // _SECOND
    fraction = ns - seconds * _SECOND
    days = seconds // _SECONDS_A_DAY
    first = int(days.min())
    out["date"] = _dates(first, int(days.max()))[days - first]
    out["clock"] = _clocks()[seconds - days * _SECONDS_A_DAY]
    _write_fractions(out, fraction)


def _write_fractions(out: NDArray[Any], fraction: Ints) -> None:
    """Write nine digits as 1 + 4 + 4; the second half of each table is trimmed, for when zeros follow."""
    tenths, groups = _tenths(), _groups()
    head = fraction // _GROUP
    last = fraction - head * _GROUP
    tenth = head // _GROUP
    middle = head - tenth * _GROUP
    out["last"] = groups[last + _GROUP]
    out["middle"] = groups[middle + (last == 0) * _GROUP]
    out["tenth"] = tenths[tenth + ((last == 0) & (middle == 0)) * 10]


def _dates(first: int, last: int) -> NDArray[np.bytes_]:
    days = np.arange(first, last + 1).astype("datetime64[D]")
    return np.char.add(np.datetime_as_string(days).astype("S10"), b"T")


@cache
def _clocks() -> NDArray[np.uint64]:
    """Return the time of day of each second of a day."""
    texts = (f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}" for at in range(_SECONDS_A_DAY))
    return np.frombuffer("".join(texts).encode(), dtype=np.uint64)


@cache
def _tenths() -> NDArray[np.uint16]:
    whole = [b".%d" % digit for digit in range(10)]
    return np.frombuffer(b"".join([*whole, b"\0\0", *whole[1:]]), dtype=np.uint16)


@cache
def _groups() -> NDArray[np.uint32]:
    whole = [b"%04d" % digits for digits in range(_GROUP)]
    trimmed = [text.rstrip(b"0").ljust(4, b"\0") for text in whole]
    return np.frombuffer(b"".join(whole + trimmed), dtype=np.uint32)
