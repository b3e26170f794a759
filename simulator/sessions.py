"""When people work: sessions, placed by the rhythm of week and day in each person's own time zone."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Floats, Ints, Words, choose, cumulative, poisson, quantile, stream, uniform, words
from simulator.habits import Habits

MS = 1_000_000
SECOND = 1_000 * MS
DAY = 86_400 * SECOND
"""Lengths of time in nanoseconds, the unit of every time here."""

LEAD = 60 * SECOND
"""What belongs to a session begins at most this long before it: a mistyped password."""

TRAIL = 5 * SECOND
"""What belongs to a session ends at most this long after its length: the audit event of its last act."""

_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000
_HOURS = 24
_AFTERNOON_LEFT = 10  # hours after the start of work from which people are at home (assumption)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Period:
    """The time a simulation covers: *begin* (inclusive) to *end* (exclusive), nanoseconds since the epoch."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Sessions:
    """Columns of sessions; (*person*, *day*, *number*) names one, and *key* is the hash of that name.

    *day* counts local days since the epoch, *start* and *length* are nanoseconds, *device* is numbered
    through the company, *usages* is how many items are used.
    """

    key: Words
    person: Ints
    day: Ints
    number: Ints
    device: Ints
    at_home: NDArray[np.bool_]
    start: Ints
    length: Ints
    usages: Ints

    def where(self, keep: NDArray[np.bool_]) -> "Sessions":
        """Return the sessions for which *keep* is true."""
        return Sessions(*(getattr(self, field.name)[keep] for field in fields(self)))


def epoch_day(day: date) -> int:
    """Return the days from 1970-01-01 to *day*."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def sessions(habits: Habits, seed: int, people: Ints, days: range, period: Period) -> Sessions:
    """Return the sessions that *people* open on the local *days* and finish within *period*.

    Each person's sessions depend on nothing but that person: any split of people and days gives the same.
    """
    local_days = np.arange(days.start, days.stop)
    mean = _sessions_expected(habits, seed, people, local_days)
    counts = poisson(mean, uniform(words(stream(seed, "sessions"), people[:, None], local_days))).ravel()
    person = np.repeat(np.repeat(people, len(days)), counts)
    day = np.repeat(np.tile(local_days, len(people)), counts)
    number = np.arange(len(person)) - np.repeat(np.cumsum(counts) - counts, counts)
    key = words(stream(seed, "session"), person, day, number)
    hour, start = _starts(habits, seed, days, person, day, key)
    found = Sessions(
        key=key,
        person=person,
        day=day,
        number=number,
        device=habits.first_device[person]
        + choose(habits.device_shares[person], uniform(words(stream(seed, "device"), key))),
        at_home=_at_home(habits, seed, person, day, hour),
        start=start,
        length=quantile(np.array(habits.profile.session_ms), words(stream(seed, "length"), key)) * MS,
        usages=choose(_usage_shares(habits), uniform(words(stream(seed, "usages"), key))),
    )
    return found.where((start - LEAD >= period.begin) & (start + found.length + TRAIL < period.end))


def _sessions_expected(habits: Habits, seed: int, people: Ints, days: Ints) -> Floats:
    """Return the mean number of sessions, a row for each person and a column for each local day."""
    weekday = _weekday(days)
    rhythm = np.array(habits.profile.weekdays)[weekday]
    weekend = np.where(weekday >= _SATURDAY, habits.weekend[people][:, None], 1.0)
    week = (days - weekday) // 7
    away = uniform(words(stream(seed, "away"), people[:, None], week)) < habits.profile.weeks_away
    expected: Floats = habits.sessions_a_day[people][:, None] * rhythm * weekend * ~away
    return expected


def _weekday(days: Ints) -> Ints:
    return (days + 3) % 7  # Monday is 0; the epoch was a Thursday


def _starts(habits: Habits, seed: int, days: range, person: Ints, day: Ints, key: Words) -> tuple[Ints, Ints]:
    """Return the hours since each person's start of work, and the start in nanoseconds since the epoch."""
    hour = choose(cumulative(habits.profile.hours), uniform(words(stream(seed, "hour"), key)))
    bits = words(stream(seed, "minute"), key)
    within = ((bits >> np.uint64(32)).astype(np.int64) * _HOUR_MS) >> 32
    local = (habits.work_starts_ms[person] + hour * _HOUR_MS + within) % _DAY_MS
    offset = _utc_offsets(habits.zones, days)[habits.zone[person], day - days.start, local // _HOUR_MS]
    digits = (bits & np.uint64(0xFFFFFFFF)).astype(np.int64) % MS
    return hour, day * DAY + local * MS + digits - offset


def _utc_offsets(zones: Sequence[str], days: range) -> Ints:
    """Return nanoseconds east of UTC for each zone, local day and local hour."""
    return np.array([[_hourly_offsets(zone, day) for day in days] for zone in zones])


@lru_cache(maxsize=4096)
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


def _at_home(habits: Habits, seed: int, person: Ints, day: Ints, hour: Ints) -> NDArray[np.bool_]:
    in_office = uniform(words(stream(seed, "place"), person, day)) < habits.office_days[person]
    return ~in_office | (_weekday(day) >= _SATURDAY) | (hour >= _AFTERNOON_LEFT)


def _usage_shares(habits: Habits) -> Floats:
    """Return the cumulative shares of 0, 1, 2 ... usages a session: geometric, cut at the profile's most."""
    again = habits.profile.events_a_session / (1 + habits.profile.events_a_session)
    return cumulative([again**count for count in range(habits.profile.session_most_events + 1)])
