"""The benchmarks' activities: blocks of a steady company as columns, as the simulator hands them to rendering."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from simulator.activity import Activity, AuditEvents, ItemUsages, Sessions, SignIns
from simulator.careers import HUMAN, Staff
from simulator.clients import pack
from simulator.directory import Directory
from simulator.draws import Ints, Words, stream, words
from simulator.places import HOME_BASE
from simulator.population import build_population
from simulator.profile import Office, Profile

DAY: Final = 86_400 * 10**9
_OFFICE = Office("Canada", "CA", "Ontario", "Toronto", 43.6532, -79.3832, "America/Toronto", 1.0, "192.0.2.17")
_BLOCK_SESSIONS = 8_000  # some 4,000 days of people


def directory_of(people: int) -> Directory:
    """A company of so many people in one office."""
    rows = np.arange(people, dtype=np.int64)
    figures: dict[str, Any] = dict.fromkeys(Profile.__struct_fields__)
    figures |= {
        "computers": {"mac": 0.55, "windows": 0.35, "linux": 0.1},
        "home_ipv6": 0.5,
        "two_factor": 0.5,
        "offices": (_OFFICE,),
        "destinations": (),
        "release_days": 14,
    }
    staff = Staff(key=rows, machine=rows * 0 + HUMAN, role=rows * 0, office=rows * 0, hired=rows * 0, left=rows * 0)
    return Directory(build_population(staff, 1, Profile(**figures)))


def blocks(people: int, days: int, usages: int = 2) -> Iterator[tuple[Activity, dict[str, Ints]]]:
    """Blocks of columns with all their rows in order of time: two sessions a day each, so many usages in each."""
    sessions = people * days * 2
    for first in range(0, sessions, _BLOCK_SESSIONS):
        activity = _activity(np.arange(first, min(first + _BLOCK_SESSIONS, sessions)), people, usages)
        yield activity, {feed: _in_order(columns.time) for feed, columns in activity.feeds().items()}


def _activity(numbers: Ints, people: int, usages: int) -> Activity:
    bits = words(stream(1, "session"), numbers)
    person, turn = numbers % people, numbers // people
    day, slot = turn // 2 + 20_458, _below(bits, 3)
    client = pack(person, slot, slot * 0, day // 14 % 200)
    place = np.where(_below(bits >> np.uint64(8), 2) == 0, 0, HOME_BASE + person)
    start = day * DAY + 9 * 3600 * 10**9 + _below(bits, 8 * 3600 * 10**9)
    nothing = np.full(len(numbers), -1)
    table = Sessions(bits, person, day, turn % 2, client, place, start, nothing, nothing, nothing)
    return Activity(table, _usages(table, usages), _sign_ins(table), _audit_events(table))


def _usages(sessions: Sessions, each: int) -> ItemUsages:
    session, number, bits, time = _events(sessions, each, "usage")
    vault = words(stream(1, "vault"), bits % np.uint64(500))
    item = words(stream(1, "item"), bits % np.uint64(20_000))
    return ItemUsages(
        session, number, time, time * 0 - 1, _below(bits, 10), _below(bits, 40) + 1, vault, vault, item, item
    )


def _sign_ins(sessions: Sessions) -> SignIns:
    rows = np.arange(len(sessions.key))
    return SignIns(rows, rows * 0, sessions.start, rows * 0 - 1, rows * 0)


def _audit_events(sessions: Sessions) -> AuditEvents:
    session, number, bits, time = _events(sessions, 3, "audit")
    none = np.full(len(time), -1)
    return AuditEvents(session, number, time, none, number % 3 // 2, bits, bits, bits, bits, none)


def _events(sessions: Sessions, each: int, name: str) -> tuple[Ints, Ints, Words, Ints]:
    """So many events in each session: their session, number, a hash and the time."""
    session, number = (axis.ravel() for axis in np.indices((len(sessions.key), each)))
    bits = words(stream(1, name), sessions.key[session], number)
    return session, number, bits, sessions.start[session] + _below(bits, 1800 * 10**9)


def _below(bits: Words, limit: int) -> Ints:
    return (bits % np.uint64(limit)).astype(np.int64)
