"""When people work: sessions, placed by the rhythm of week and day in each person's own time zone."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.activity import PLAIN, Sessions
from simulator.careers import CONNECT, HUMAN
from simulator.clients import LEGACY, SLOTS, pack
from simulator.delivery import Collector
from simulator.draws import Ints, Words, choose, quantile, stream, uniform, words
from simulator.episodes import AS_USUAL
from simulator.openings import SATURDAY, Openings, openings
from simulator.places import cloud_code, home_code
from simulator.timeline import DAY, EAST, HOUR, HOUR_MS, MS, SECOND, WEST, Period, weekday
from simulator.turns import CLI, JOINER, PARENTAL, PHONE, TRIP, UPGRADE
from simulator.world import World

LEAD: Final = 60 * SECOND
"""What belongs to a session begins at most this long before it: a failed sign-in."""

TRAIL: Final = 5 * SECOND
"""What belongs to a session ends at most this long after its length: the audit event of its last act."""

MOST_USAGES: Final = 60
"""Items used in one person's session by habit, at most (assumption)."""

_AFTERNOON_LEFT = 10  # hours after the start of work from which people are at home (assumption)
_PACE_MS = np.array([2_000, 4_000, 7_000, 12_000, 25_000])  # a person's from item to item, quantiles (assumption)
_JOB_MS = np.array([1_000, 3_000, 8_000, 30_000, 240_000])  # a job's length, equally spaced quantiles (assumption)
_MOST_PHONES = 63  # that a client's code can tell apart
_MOBILE, _CLI = SLOTS.index("mobile"), SLOTS.index("cli")
_MOST_FETCHES = 10_000  # an hour and token: https://developer.1password.com/docs/service-accounts/rate-limits/


@dataclass(frozen=True, slots=True)
class Held:
    """Sessions with what their acts are drawn from: chapter, slot, and the episode they are, -1 for habit."""

    sessions: Sessions
    chapter: Ints
    slot: Ints
    mix: Ints
    walk: NDArray[np.bool_]
    episode: Ints


def longest(world: World) -> int:
    """Return how long after a session's start something of it can happen at most, in nanoseconds."""
    episode_ms = int(world.episodes.length_ms.max(initial=0))
    return max(world.profile.session_ms[-1] * MS, HOUR, MOST_USAGES * int(_PACE_MS[-1]) * MS, episode_ms * MS) + TRAIL


def local_days(begin: int, end: int) -> range:
    """Return the local days on which something can happen from *begin* to *end* in any time zone."""
    return range((begin - EAST) // DAY - 1, (end + WEST) // DAY + 2)


def sessions(world: World, people: Ints, window: Period, collector: Collector) -> Held:
    """Return the sessions of *people* that start within *window*, or on days whose item usages wait for a later one.

    All lie within the world's period. Each person's sessions depend on nothing but that person: any choice of people
    and windows gives the same.
    """
    near = _within(local_days(window.begin, window.end), world.days)
    days = _within(range(near.start - collector.longest_wait - 1, near.stop), world.days)
    local = np.arange(days.start, days.stop)
    waits = collector.waits(world.staff.key[people][:, None].astype(np.uint64), local) > 0
    wanted = waits | (local >= near.start)
    opened = openings(world, people, days, wanted)
    near_by = (opened.start >= window.begin) & (opened.start < window.end)
    row = np.searchsorted(people, opened.person)
    return _held(world, opened.where(near_by | waits[row, opened.day - days.start]))


def _within(days: range, bounds: range) -> range:
    start = max(days.start, bounds.start)
    return range(start, max(start, min(days.stop, bounds.stop)))


def _held(world: World, opened: Openings) -> Held:
    key = words(stream(world.seed, "session"), world.staff.key[opened.person], opened.day, opened.number)
    usages = _unless(opened.episode, world.episodes.usages, _usages(world, opened, key))
    length = _lengths(world, opened, key, usages)
    lies = (opened.start - LEAD >= world.period.begin) & (opened.start + length + TRAIL < world.period.end)
    opened, key, length, usages = opened.where(lies), key[lies], length[lies], usages[lies]
    episode = opened.episode
    drawn = choose(world.habits.client_shares[opened.chapter], uniform(words(stream(world.seed, "client"), key)))
    slot = _unless(episode, world.episodes.slot, drawn)
    release = world.release(opened.person, opened.day, slot, opened.chapter)
    generation = np.where(slot == _MOBILE, np.minimum(world.chapters.phone[opened.chapter], _MOST_PHONES), 0)
    hotel = world.trips.at(opened.person, opened.day)
    sessions = Sessions(
        key=key,
        person=opened.person,
        day=opened.day,
        number=opened.number,
        client=pack(opened.person, slot, generation, release),
        place=_places(world, opened, hotel),
        start=opened.start,
        length=length,
        usages=usages,
        cause=_causes(world, opened, slot, release, hotel),
    )
    none = np.zeros(len(key), dtype=np.int64)
    mix = _unless(episode, world.episodes.mix, none + AS_USUAL)
    walk = _unless(episode, world.episodes.walk, none).astype(bool)
    return Held(sessions, opened.chapter, slot, mix, walk, episode)


def _unless(episode: Ints, told: Ints | NDArray[np.bool_], habit: Ints) -> Ints:
    """Return what is *told* of each *episode*, and what is *habit* where it is none."""
    found = habit.copy()
    found[episode >= 0] = told[episode[episode >= 0]]
    return found


def _lengths(world: World, opened: Openings, key: Words, usages: Ints) -> Ints:
    """Return nanoseconds: people take a while for each item, machines none."""
    bits = words(stream(world.seed, "length"), key)
    machine = world.staff.machine[opened.person]
    pace = quantile(_PACE_MS, words(stream(world.seed, "pace"), key))
    of_people = np.maximum(quantile(np.array(world.profile.session_ms), bits), usages * pace)
    of_habit = np.where(machine == HUMAN, of_people, quantile(_JOB_MS, bits))
    of_habit = np.where(machine == CONNECT, HOUR_MS - 1, of_habit)
    return _unless(opened.episode, world.episodes.length_ms, of_habit) * MS


def _usages(world: World, opened: Openings, key: Words) -> Ints:
    """Return how many items are used: geometric for people and jobs, around its own mean for a Connect server."""
    at = uniform(words(stream(world.seed, "usages"), key))
    mean = world.habits.usages[opened.person]
    geometric = np.floor(np.log1p(-at) / np.log(mean / (1 + mean), where=mean > 0, out=np.full(mean.shape, -np.inf)))
    around = np.minimum(np.rint(mean * (0.5 + at)), _MOST_FETCHES)
    is_connect = world.staff.machine[opened.person] == CONNECT
    return np.where(is_connect, around, np.minimum(geometric, MOST_USAGES)).astype(np.int64)


def _places(world: World, opened: Openings, hotel: Ints) -> Ints:
    """Return office, home, hotel or data centre."""
    person, day = opened.person, opened.day
    in_office = (
        uniform(words(stream(world.seed, "place"), world.staff.key[person], day)) < world.habits.office_days[person]
    )
    at_home = ~in_office | (weekday(day) >= SATURDAY) | (opened.hour >= _AFTERNOON_LEFT)
    place = np.where(at_home, home_code(person), world.staff.office[person])
    place = np.where(hotel >= 0, hotel, place)
    return np.where(world.staff.machine[person] == HUMAN, place, cloud_code(person))


def _causes(world: World, opened: Openings, slot: Ints, release: Ints, hotel: Ints) -> Ints:
    """Return the process that brings each session about: the most particular of those under way."""
    since = opened.day[:, None] - world.chapters.since[opened.chapter]
    recent = since < world.profile.settling_days
    human = world.staff.machine[opened.person] == HUMAN
    told = _unless(opened.episode, world.episodes.cause, np.full(len(slot), PLAIN))
    ways: list[tuple[NDArray[np.bool_], Ints | int]] = [
        (told != PLAIN, told),
        (hotel >= 0, TRIP),
        ((slot == _MOBILE) & recent[:, PHONE], PHONE),
        ((slot == _CLI) & recent[:, CLI], CLI),
        ((release != LEGACY) & recent[:, UPGRADE], UPGRADE),
        (recent[:, PARENTAL], PARENTAL),
        (recent[:, JOINER], JOINER),
    ]
    cause = np.select([each for each, _ in ways], [np.asarray(cause) for _, cause in ways], PLAIN)
    return np.where(human, cause, PLAIN)
