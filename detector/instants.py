"""Many instants at once: the usual shape of them in numpy, at a fifth of the cost of one by one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detector.instant import FIRST_YEAR, LAST_YEAR, SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEAD: Final = len("2026-01-31T09:30:00.")
_MOST_DIGITS: Final = 9
_SEPARATORS: Final = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":", 19: "."}
_DIGITS: Final = [place for place in range(_HEAD) if place not in _SEPARATORS]
_ZERO: Final = ord("0")
_WEIGHTS: Final = 10 ** np.arange(_MOST_DIGITS - 1, -1, -1, dtype=np.int64)


def parse_instants(texts: Sequence[str]) -> list[int] | None:
    """`parse_instant` of each text, or None unless all are of the usual shape: UTC, with a fraction.

    >>> parse_instants(["1970-01-01T00:00:01.5Z", "1970-01-02T00:00:00.000000001Z"])
    [1500000000, 86400000000001]
    >>> parse_instants(["1970-01-01T00:00:01.5Z", "1970-02-30T00:00:00.5Z"]) is None
    True
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    joined = "".join(texts)
    if not joined.isascii() or lengths.min() < _HEAD + 2 or lengths.max() > _HEAD + _MOST_DIGITS + 1:
        return None
    data = np.frombuffer(joined.encode(), np.uint8)
    starts = np.cumsum(lengths) - lengths
    seconds = _seconds(data[starts[:, None] + np.arange(_HEAD)])
    fraction = _fraction(data, starts + _HEAD, lengths - _HEAD - 1)
    if seconds is None or fraction is None:
        return None
    instants: list[int] = (seconds * SECOND + fraction).tolist()
    return instants


def _seconds(head: "NDArray[np.uint8]") -> Any:
    """Seconds since the epoch of texts up to their fraction, one a row; None where one is out of shape."""
    digits = head[:, _DIGITS] - _ZERO  # uint8 wraps around: anything else than a digit is above 9
    if (digits > 9).any() or any((head[:, place] != ord(mark)).any() for place, mark in _SEPARATORS.items()):
        return None
    tens = digits[:, 0::2].astype(np.int64) * 10 + digits[:, 1::2]
    century, year_of_century, month, day, hour, minute, second = tens.T
    year = century * 100 + year_of_century
    legal = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    first, next_first = (m.astype("datetime64[D]").astype(np.int64) for m in (months, months + 1))
    legal &= (first + day <= next_first) & (hour < 24) & (minute < 60) & (second < 60)
    return (first + day - 1) * 86_400 + hour * 3600 + minute * 60 + second if legal.all() else None


def _fraction(data: "NDArray[np.uint8]", starts: "NDArray[np.int64]", widths: "NDArray[np.int64]") -> Any:
    """Nanoseconds of the fractions of so many digits that begin there, each before a `Z`; None otherwise."""
    if (data[starts + widths] != ord("Z")).any():
        return None
    places = np.arange(_MOST_DIGITS)
    inside = places < widths[:, None]
    digits = np.where(inside, data[np.minimum(starts[:, None] + places, len(data) - 1)] - _ZERO, 0)
    return None if (digits > 9).any() else digits @ _WEIGHTS
