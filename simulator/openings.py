"""When people sign in: by habit, at the rhythm of week and day in their own time zone, and for an episode."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.careers import CONNECT, HUMAN
from simulator.draws import Ints, Words, choose, poisson, stream, uniform, words
from simulator.timeline import DAY, DAY_MS, HOUR_MS, MS, weekday
from simulator.world import World

SATURDAY: Final = 5
"""The first day of the weekend, Monday being 0."""

_WEEK = 7
_CONNECT_SESSIONS = 24  # a day: an hour each


@dataclass(frozen=True, slots=True)
class Openings:
    """Sessions before anything but their beginning is drawn.

    *hour* counts from the person's start of work, *episode* is a row of the world's episodes, -1 for habit.
    """

    person: Ints
    day: Ints
    number: Ints
    chapter: Ints
    hour: Ints
    start: Ints
    episode: Ints

    def where(self, keep: NDArray[np.bool_]) -> "Openings":
        """Return the openings for which *keep* is true."""
        return Openings(*(getattr(self, name)[keep] for name in self.__slots__))


def openings(world: World, people: Ints, days: range, wanted: NDArray[np.bool_]) -> Openings:
    """Return the sessions of *people*, ascending, on *days*, where *wanted* has a row for each and a column for each.

    Each person's depend on nothing but that person, and each day's on nothing but that day.
    """
    found = [_ordinary(world, people, days, wanted), _episodic(world, people, days, wanted)]
    return Openings(*(np.concatenate([getattr(each, name) for each in found]) for name in Openings.__slots__))


def _ordinary(world: World, people: Ints, days: range, wanted: NDArray[np.bool_]) -> Openings:
    local = np.arange(days.start, days.stop)
    person, day = np.repeat(people, len(days)), np.tile(local, len(people))
    chapter = world.chapters.at(person, day)
    here = np.flatnonzero(wanted.ravel() & (chapter >= 0))
    person, day, chapter = person[here], day[here], chapter[here]
    counts = _counts(world, person, day, chapter)
    person, day, chapter = (np.repeat(column, counts) for column in (person, day, chapter))
    number = np.arange(len(person)) - np.repeat(np.cumsum(counts) - counts, counts)
    key = words(stream(world.seed, "opening"), world.staff.key[person], day, number)
    hours = world.habits.hours
    at = uniform(words(stream(world.seed, "hour"), key))
    hour = np.where(world.habits.hours_row[person] == 0, choose(hours[0], at), choose(hours[1], at))
    hour = np.where(world.staff.machine[person] == CONNECT, number, hour)
    bits = words(stream(world.seed, "minute"), key)
    within = ((bits >> np.uint64(32)).astype(np.int64) * HOUR_MS) >> 32
    within = np.where(world.staff.machine[person] == CONNECT, 0, within)
    local_ms = (world.habits.work_starts_ms[person] + hour * HOUR_MS + within) % DAY_MS
    none = np.full(len(person), -1, dtype=np.int64)
    opened = Openings(person, day, number, chapter, hour, _utc(world, person, day, local_ms, bits), none)
    # On the first day of a chapter nothing is done with clients that are still to be set up.
    settled = (world.chapters.begin[chapter] != day) | (local_ms >= world.settled_ms[chapter])
    return opened.where(settled & ~world.trips.travels(person, day))


def _counts(world: World, person: Ints, day: Ints, chapter: Ints) -> Ints:
    """Return how many sessions each person opens by habit on each day."""
    profile, habits, key = world.profile, world.habits, world.staff.key[person]
    human = world.staff.machine[person] == HUMAN
    of_week = weekday(day)
    away = uniform(words(stream(world.seed, "away"), key, (day - of_week) // _WEEK)) < profile.weeks_away
    free = world.holidays[world.staff.office[person], day - world.days.start]
    rhythm = np.array(profile.weekdays)[of_week] * np.where(free, profile.holiday_activity, 1.0) * ~away
    weekend = np.where(of_week >= SATURDAY, habits.weekend[chapter], 1.0)
    mean = habits.sessions_a_day[person] * habits.activity[chapter] * weekend * np.where(human, rhythm, 1.0)
    counts = poisson(mean, uniform(words(stream(world.seed, "sessions"), key, day)))
    return np.where(world.staff.machine[person] == CONNECT, _CONNECT_SESSIONS, counts)


def _utc(world: World, person: Ints, day: Ints, local_ms: Ints, bits: Words) -> Ints:
    """Return the moment of a local day, wherever the person is, in nanoseconds since the epoch."""
    at_home = world.utc_offsets[world.staff.office[person], day - world.days.start, local_ms // HOUR_MS]
    offset = np.where(*world.trips.utc_offsets(person, day), at_home)
    digits = (bits & np.uint64(0xFFFFFFFF)).astype(np.int64) % MS
    moment: Ints = day * DAY + local_ms * MS + digits - offset
    return moment


def _episodic(world: World, people: Ints, days: range, wanted: NDArray[np.bool_]) -> Openings:
    episodes = world.episodes
    row = episodes.on(days)
    at = np.minimum(np.searchsorted(people, episodes.person[row]), len(people) - 1)
    row = row[(people[at] == episodes.person[row]) & wanted[at, episodes.day[row] - days.start]]
    person, day, number = episodes.person[row], episodes.day[row], episodes.number[row]
    chapter = world.chapters.at(person, day)
    row, person, day, number, chapter = (column[chapter >= 0] for column in (row, person, day, number, chapter))
    bits = words(stream(world.seed, "episode"), world.staff.key[person], day, number)
    hour = (episodes.moment_ms[row] - world.habits.work_starts_ms[person]) % DAY_MS // HOUR_MS
    start = _utc(world, person, day, episodes.moment_ms[row], bits)
    return Openings(person, day, number, chapter, hour, start, row)
