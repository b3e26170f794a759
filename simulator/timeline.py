"""Days and hours. Every time here is nanoseconds since the epoch, every day a local day since it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.profile import Office

MS: Final = 1_000_000
SECOND: Final = 1_000 * MS
HOUR: Final = 3_600 * SECOND
DAY: Final = 24 * HOUR
"""Lengths of time in nanoseconds."""

YEAR: Final = 365.25
"""Days of a year on average."""

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS

EAST: Final = 14 * HOUR
WEST: Final = 12 * HOUR
"""How far local time is from UTC at most (the Line Islands; Baker Island)."""

_HOURS = 24
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """The time a simulation covers: *begin* (inclusive) to *end* (exclusive)."""

    begin: int
    end: int


def epoch_day(day: date) -> int:
    """Return the days from 1970-01-01 to *day*."""
    return day.toordinal() - _EPOCH.toordinal()


def weekday(days: Ints) -> Ints:
    """Return the day of the week, Monday being 0.

    >>> weekday(np.array([0])).tolist()  # the epoch was a Thursday
    [3]
    """
    return (days + 3) % 7


def utc_offsets(zones: Sequence[str], days: range) -> Ints:
    """Return nanoseconds east of UTC for each zone, local day and local hour."""
    return np.array([[_hourly_offsets(zone, day) for day in days] for zone in zones], dtype=np.int64)


@lru_cache(maxsize=1 << 16)
def _hourly_offsets(zone: str, day: int) -> tuple[int, ...]:
    """Return the offset at each hour of a local day; nearly always one serves for all 24."""
    midnight = datetime(1970, 1, 1, tzinfo=ZoneInfo(zone)) + timedelta(days=day)
    ends = {_offset(midnight), _offset(midnight + timedelta(days=1))}
    if len(ends) == 1:
        return tuple(ends) * _HOURS
    return tuple(_offset(midnight + timedelta(hours=hour)) for hour in range(_HOURS))


def _offset(local: datetime) -> int:
    # Arithmetic on an aware datetime keeps the wall clock, which is what a local hour means here.
    return round((local.utcoffset() or timedelta()).total_seconds()) * SECOND


def public_holidays(offices: Sequence[Office], days: range) -> NDArray[np.bool_]:
    """Return for each office and local day whether it is a public holiday there, as the package `holidays` has it."""
    import holidays  # a fifth of a second, and only a company at work needs it

    first, last = (_EPOCH + timedelta(days=day) for day in (days.start, max(days.start, days.stop - 1)))
    years = range(first.year, last.year + 1)
    found = np.zeros((len(offices), len(days)), dtype=bool)
    for row, office in enumerate(offices):
        calendar = holidays.country_holidays(office.country_code, subdiv=office.subdivision or None, years=years)
        free = np.array([epoch_day(day) for day in calendar], dtype=np.int64)
        found[row, free[(free >= days.start) & (free < days.stop)] - days.start] = True
    return found
