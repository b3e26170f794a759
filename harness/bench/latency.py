"""Latencies in an HDR histogram, three significant digits from a nanosecond to an hour."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final

import msgspec

_LONGEST: Final = 3_600 * 10**9
_DIGITS: Final = 3


class BenchError(ValueError):
    """The benchmark cannot be run, or what it found cannot be right; the text is one line."""


class Latency(msgspec.Struct, frozen=True):
    """Percentiles of the time that a batch took, in microseconds."""

    p50: float
    p99: float
    p999: float
    max: float


def latency(nanoseconds: Iterable[int]) -> Latency | None:
    """The percentiles of some latencies; None of none. Raises `BenchError` where hdrhistogram is not installed.

    >>> latency([1_000, 2_000, 3_000])
    Latency(p50=2.0, p99=3.0, p999=3.0, max=3.0)
    """
    told = list(nanoseconds)
    if not told:
        return None
    histogram = histogram_library().HdrHistogram(1, _LONGEST, _DIGITS)
    for each in told:
        histogram.record_value(min(max(each, 1), _LONGEST))
    p50, p99, p999 = (histogram.get_value_at_percentile(percent) for percent in (50, 99, 99.9))
    longest = max(told)
    return Latency(*(round(min(each, longest) / 1e3, 3) for each in (p50, p99, p999, longest)))


def histogram_library() -> Any:
    """HDR histograms. Raises `BenchError` where they are not installed."""
    try:
        return import_module("hdrh.histogram")  # it ships no types
    except ModuleNotFoundError:
        raise BenchError("bench: needs the package hdrhistogram: pip install 'vaultdrill[stores]'") from None
