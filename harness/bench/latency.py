"""Latencies in an HDR histogram, three significant digits from a nanosecond to an hour."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final

import msgspec

_LONGEST: Final = 3_600 * 10**9
_DIGITS: Final = 3
_LEAST: Final[dict[float, int]] = {50: 2, 99: 100, 99.9: 1000}
"""How many batches it takes to tell a percentile: the reciprocal of the share beyond it."""


class BenchError(ValueError):
    """The benchmark cannot be run, or what it found cannot be right; the text is one line."""


class Latency(msgspec.Struct, frozen=True):
    """Percentiles of the time that a batch took, in microseconds; None where there are too few batches to tell."""

    p50: float | None
    p99: float | None
    p999: float | None
    max: float


def latency(nanoseconds: Iterable[int]) -> Latency | None:
    """The percentiles of some latencies; None of none. Raises `BenchError` where hdrhistogram is not installed.

    A percentile takes as many batches as have one beyond it on average: p99.9 a thousand, else it is the greatest.

    >>> latency([1_000, 2_000, 3_000])
    Latency(p50=2.0, p99=None, p999=None, max=3.0)
    """
    told = list(nanoseconds)
    if not told:
        return None
    histogram = histogram_library().HdrHistogram(1, _LONGEST, _DIGITS)
    for each in told:
        histogram.record_value(min(max(each, 1), _LONGEST))
    longest = max(told)

    def microseconds(percent: float) -> float | None:
        if len(told) < _LEAST[percent]:
            return None
        found: int = histogram.get_value_at_percentile(percent)
        return round(min(found, longest) / 1e3, 3)

    return Latency(microseconds(50), microseconds(99), microseconds(99.9), round(longest / 1e3, 3))


def histogram_library() -> Any:
    """HDR histograms. Raises `BenchError` where they are not installed."""
    try:
        return import_module("hdrh.histogram")  # it ships no types
    except ModuleNotFoundError:
        raise BenchError("bench: needs the package hdrhistogram: pip install 'vaultdrill[stores]'") from None
