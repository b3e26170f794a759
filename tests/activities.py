"""Activities made by Hypothesis, a small directory for them, and the records they stand for, made naively."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulator import records
from simulator.activity import (
    AUDIT_KINDS,
    OUTCOMES,
    PLAIN,
    PROCESSES,
    Activity,
    AuditEvents,
    ItemUsages,
    Sessions,
    SignIns,
)
from simulator.careers import CONNECT, HUMAN, SERVICE, Staff
from simulator.clients import pack
from simulator.delivery import Arrived
from simulator.directory import Directory
from simulator.identifiers import event_words
from simulator.places import CLOUD_BASE, HOME_BASE, hotel_code
from simulator.population import build_population
from simulator.profile import ACTIONS, Office, Place, Profile

HUMANS = 6
KINDS = {"itemusages": "item usage", "signinattempts": "sign-in", "auditevents": "audit event"}
OFFICES = (
    Office("Canada", "CA", "Québec", 'Montréal "centre"', 45.5019, -73.5674, "America/Toronto", 0.6, "192.0.2.10"),
    Office("Germany", "DE", "Berlin", "Berlin", 52.52, 13.405, "Europe/Berlin", 0.4, "192.0.2.130"),
)
TOKYO = Place("Japan", "JP", "Tokyo", "東京", 35.6762, 139.6503)
FIGURES = {
    "computers": {"mac": 1.0, "windows": 1.0, "linux": 1.0},
    "home_ipv6": 0.5,
    "two_factor": 0.5,
    "offices": OFFICES,
    "destinations": (TOKYO,),
    "release_days": 14,
}
TIMES = st.builds(
    lambda seconds, fraction, digits: seconds * 10**9 + fraction // 10**digits * 10**digits,
    st.integers(0, 9_214_646_399),  # the end of 2261
    st.integers(0, 999_999_999),
    st.integers(0, 9),
)
WORDS = st.integers(0, 2**64 - 1)


@cache
def directory_of(humans: int = HUMANS) -> Directory:
    """So many people, a service account and a Connect server, in two offices; one place to travel to."""
    size = humans + 2
    rows = np.arange(size, dtype=np.int64)
    staff = Staff(
        key=rows * 7,
        machine=np.array([HUMAN] * humans + [SERVICE, CONNECT]),
        role=rows * 0,
        office=rows % 2,
        hired=rows,
        left=rows + 9,
    )
    blank: dict[str, Any] = dict.fromkeys(Profile.__struct_fields__)
    return Directory(build_population(staff, 7, Profile(**(blank | FIGURES))))


PLACES = st.one_of(
    st.integers(0, 1),
    st.builds(lambda guest: hotel_code(len(OFFICES), 0, guest), st.integers(0, 4095)),
    st.builds(lambda person: HOME_BASE + person, st.integers(0, HUMANS - 1)),
    st.builds(lambda person: CLOUD_BASE + person, st.integers(HUMANS, HUMANS + 1)),
)
CLIENTS = st.builds(pack, st.integers(0, HUMANS + 1), st.integers(0, 7), st.integers(0, 3), st.integers(0, 60))
CAUSES = st.integers(PLAIN, len(PROCESSES) - 1)


def _columns(draw: st.DrawFn, size: int, kinds: Mapping[str, st.SearchStrategy[int]]) -> list[Any]:
    return [
        np.array(draw(st.lists(values, min_size=size, max_size=size)), dtype=np.uint64 if values is WORDS else np.int64)
        for values in kinds.values()
    ]


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    """A few sessions and whatever could happen in them, in no order; any two events differ in their name."""
    size = draw(st.integers(1, 4))
    people = {"person": st.integers(0, HUMANS + 1), "day": st.integers(0, 90_000)}
    key, person, day, client, place, start, cause = _columns(
        draw, size, {"key": WORDS, **people, "client": CLIENTS, "place": PLACES, "start": TIMES, "cause": CAUSES}
    )
    rows = np.arange(size)
    sessions = Sessions(key, person, day, rows, client, place, start, rows * 0, rows * 0, cause)

    def events(**more: st.SearchStrategy[int]) -> list[Any]:
        """The columns of up to eight events: their session, number, time, cause, and more."""
        count = draw(st.integers(0, 8))
        session, *rest = _columns(
            draw, count, {"session": st.integers(0, size - 1), "time": TIMES, "cause": CAUSES, **more}
        )
        return [session, np.arange(count), *rest]

    names = {"high": WORDS, "low": WORDS, "other_high": WORDS, "other_low": WORDS}
    return Activity(
        sessions,
        ItemUsages(*events(action=st.integers(0, len(ACTIONS) - 1), version=st.integers(1, 9_999), **names)),
        SignIns(*events(outcome=st.integers(0, len(OUTCOMES) - 1))),
        AuditEvents(
            *events(kind=st.integers(0, len(AUDIT_KINDS) - 1), **names, subject=st.integers(-1, HUMANS + 1)),
        ),
    )


@st.composite
def arrivals(draw: st.DrawFn, activity: Activity) -> dict[str, Arrived]:
    """Some of an activity's rows in any order, some of them more than once."""
    return {
        feed: came(draw(st.lists(st.integers(0, len(columns.time) - 1), max_size=12)) if len(columns.time) else [])
        for feed, columns in activity.feeds().items()
    }


def everything(activity: Activity) -> dict[str, Arrived]:
    """All rows of each feed, in their order."""
    return {feed: came(range(len(columns.time))) for feed, columns in activity.feeds().items()}


def came(rows: Iterable[int]) -> Arrived:
    """The arrival of *rows*, one a nanosecond."""
    row = np.fromiter(rows, dtype=np.int64)
    again = np.array([at in row[:place] for place, at in enumerate(row)], dtype=bool)
    return Arrived(row, np.arange(len(row)), again)


def cut(arrived: Mapping[str, Arrived], begin: int, end: int) -> dict[str, Arrived]:
    """What arrives in [begin, end)."""
    return {feed: _slice(some, (some.time >= begin) & (some.time < end)) for feed, some in arrived.items()}


def _slice(some: Arrived, inside: NDArray[np.bool_]) -> Arrived:
    return Arrived(some.row[inside], some.time[inside], some.again[inside])


def uuid_of(directory: Directory, activity: Activity, kind: str, session: int, number: int) -> str:
    """The identifier of one event or session."""
    rows = np.array([session]), np.array([number])
    high, low = event_words(directory.seed, kind, activity.sessions, *rows)
    return records.upper_uuid(int(high[0]), int(low[0]))


def naive_records(
    directory: Directory, activity: Activity, arrived: Mapping[str, Arrived]
) -> dict[str, list[records.Record]]:
    """The records of what *arrived*, each built alone from its row by `simulator.records`."""
    one = _Naive(directory, activity)
    return {
        "itemusages": [one.item_usage(row) for row in arrived["itemusages"].row.tolist()],
        "signinattempts": [one.sign_in(row) for row in arrived["signinattempts"].row.tolist()],
        "auditevents": [one.audit_event(row) for row in arrived["auditevents"].row.tolist()],
        "causes": list(one.causes(arrived)),
    }


class _Naive:
    def __init__(self, directory: Directory, activity: Activity) -> None:
        self.directory = directory
        self.activity = activity
        self.sessions = activity.sessions

    def user(self, person: int) -> records.Record:
        who = self.directory.people[person]
        return {"uuid": who.uuid, "name": who.name, "email": who.email}

    def place(self, session: int) -> tuple[Place, str]:
        return self.directory.place(int(self.sessions.place[session]))

    def client(self, session: int) -> records.Record:
        client = msgspec.to_builtins(self.directory.client(int(self.sessions.client[session])))
        return {**client, "ip_address": self.place(session)[1]}

    def location(self, session: int) -> records.Record:
        place, _ = self.place(session)
        return {field: getattr(place, field) for field in ("country", "region", "city", "latitude", "longitude")}

    def uuid(self, kind: str, session: int, number: int) -> str:
        return uuid_of(self.directory, self.activity, kind, session, number)

    def item_usage(self, row: int) -> records.Record:
        event = _row(self.activity.item_usages, row)
        return records.item_usage(
            uuid=self.uuid("item usage", event["session"], event["number"]),
            timestamp=event["time"],
            used_version=event["version"],
            vault_uuid=records.lower_uuid(event["vault_high"], event["vault_low"]),
            item_uuid=records.lower_uuid(event["item_high"], event["item_low"]),
            action=ACTIONS[event["action"]],
            user=self.user(int(self.sessions.person[event["session"]])),
            client=self.client(event["session"]),
            location=self.location(event["session"]),
        )

    def sign_in(self, row: int) -> records.Record:
        event = _row(self.activity.sign_ins, row)
        session, number, outcome = event["session"], event["number"], OUTCOMES[event["outcome"]]
        return records.sign_in(
            uuid=self.uuid("sign-in", session, number),
            session_uuid=self.uuid("failed session" if number else "session", session, number),
            timestamp=event["time"],
            category=outcome.category,
            type=outcome.type,
            country=self.place(session)[0].country_code,
            details=None if outcome.value is None else {"value": outcome.value},
            target_user=self.user(int(self.sessions.person[session])),
            client=self.client(session),
            location=self.location(session),
        )

    def audit_event(self, row: int) -> records.Record:
        event = _row(self.activity.audit_events, row)
        session, kind = event["session"], AUDIT_KINDS[event["kind"]]
        person = int(self.sessions.person[session])
        subject = self.user(person if event["subject"] < 0 else event["subject"])
        actor = self.user(person)
        letters = {True: records.upper_uuid, False: records.lower_uuid}
        return records.audit_event(
            uuid=self.uuid("audit event", session, event["number"]),
            timestamp=event["time"],
            actor_uuid=str(actor["uuid"]),
            actor_details=actor,
            action=kind.action,
            object_type=kind.object_type,
            object_uuid=letters[kind.upper](event["object_high"], event["object_low"]),
            object_details=subject if kind.details == "object" else None,
            aux_uuid=letters[kind.aux == "user"](event["aux_high"], event["aux_low"]) if kind.aux else None,
            aux_details=subject if kind.details == "aux" else None,
            session=self.session(session),
            location=self.location(session),
        )

    def session(self, session: int) -> records.Record:
        high, low = self.directory.device_words(self.sessions.client[[session]])
        return records.session(
            uuid=self.uuid("session", session, 0),
            login_time=int(self.sessions.start[session]),
            device_uuid=records.lower_uuid(int(high[0]), int(low[0])),
            ip=self.place(session)[1],
        )

    def causes(self, arrived: Mapping[str, Arrived]) -> Iterator[records.Record]:
        feeds = self.activity.feeds()
        order = sorted(
            (int(time), place, feed, int(row))
            for place, feed in enumerate(feeds)
            for row, time, again in zip(*arrived[feed], strict=True)
            if not again
        )
        for _, _, feed, row in order:
            event = _row(feeds[feed], row)
            if event["cause"] != PLAIN:
                uuid = self.uuid(KINDS[feed], event["session"], event["number"])
                yield {"uuid": uuid, "process": PROCESSES[event["cause"]]}


def _row(columns: Any, row: int) -> dict[str, int]:
    return {field: int(getattr(columns, field)[row]) for field in columns.__slots__}
