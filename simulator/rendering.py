"""Columns of what happened -> encoded records of the Events API, as fast as bytes can be put together.

The bytes are those of `simulator.records`, without a record ever being made: each is joined of pieces that
numpy writes for many records at once and of texts that were encoded once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pickle import PickleBuffer
from typing import Any

import numpy as np
from msgspec import json
from numpy.typing import NDArray

from simulator.activity import (
    AUDIT_KINDS,
    OUTCOMES,
    PROCESSES,
    Activity,
    AuditEvents,
    AuditKind,
    ItemUsages,
    Outcome,
    Sessions,
    SignIns,
)
from simulator.causes import Caused, caused
from simulator.delivery import Arrived
from simulator.directory import Directory
from simulator.draws import Ints
from simulator.identifiers import (
    LOWER,
    UUID,
    cased_uuids,
    event_words,
    session_words,
    write_uuids,
)
from simulator.lines import Form, Texts, join, texts
from simulator.profile import ACTIONS
from simulator.scene import Scene, Scenery
from simulator.timestamps import TIME, write_times

_CHUNK = 4096  # rows worked out at once: a piece of 2.5 MB; fewer make numpy's calls dear, more fill the caches

_ACTIONS = np.array([b'","action":"%b","user":' % action.encode() for action in ACTIONS])
_OUTCOMES = texts(
    b'Z","category":"%b","type":"%b","country":"' % (outcome.category.encode(), outcome.type.encode())
    for outcome in OUTCOMES
)
_KINDS = texts(
    b'%b","object_type":"%b","object_uuid":"' % (kind.action.encode(), kind.object_type.encode())
    for kind in AUDIT_KINDS
)
_UPPER = np.array([kind.upper for kind in AUDIT_KINDS])
_AUX_UPPER = np.array([kind.aux == "user" for kind in AUDIT_KINDS])
_MORE = np.array([kind.aux is not None or kind.details is not None for kind in AUDIT_KINDS])
_PROCESSES = texts(b'","process":"%b"}\n' % process.encode() for process in PROCESSES)


def details(outcome: Outcome) -> bytes:
    """Return the piece of a sign-in with its ``details``.

    >>> details(OUTCOMES[0])
    b'","details":null,"target_user":'
    """
    found = None if outcome.value is None else {"value": outcome.value}
    return b'","details":%b,"target_user":' % json.encode(found)


_DETAILS = texts(map(details, OUTCOMES))
_HEAD = Form(b'{"uuid":"', ("uuid", UUID), b'","timestamp":"', ("time", TIME))
_ITEM = Form(("vault", UUID), b'","item_uuid":"', ("item", UUID), ("action", _ACTIONS.dtype))
_SIGN_IN = Form(
    b'{"uuid":"', ("uuid", UUID), b'","session_uuid":"', ("session", UUID), b'","timestamp":"', ("time", TIME)
)
_OBJECT = Form(("uuid", UUID), b'"')
_CAUSE = Form(b'{"uuid":"', ("uuid", UUID))


@dataclass(frozen=True, slots=True)
class Piece:
    """Some whole lines of a file in *parts*, one after another, and how many lines they are.

    The parts may be made only when they are asked for, and again each time; see `data` for all in one.
    """

    parts: Iterable[bytes | memoryview]
    records: int

    @property
    def data(self) -> bytes:
        """All parts in one."""
        return b"".join(self.parts)


class _Parts:
    """The lines of some rows, worked out while they are written or pickled: memory is that of a few thousand."""

    def __init__(self, rows: Ints, lines: Callable[[Ints], bytes]) -> None:
        self._rows = rows
        self._lines = lines

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self._rows), _CHUNK):
            yield self._lines(self._rows[at : at + _CHUNK])

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, map(PickleBuffer, self)  # pickle takes one at a time


class Renderer:
    """Writes down, for the three feeds, what the people of a directory did, and what brought it about."""

    def __init__(self, directory: Directory) -> None:
        self._seed = directory.seed
        self._scenery = Scenery(directory)

    def render(self, activity: Activity, arrived: Mapping[str, Arrived]) -> dict[str, Piece]:
        """Return what *arrived* of each of `records.FEEDS` as lines, in that order.

        And ``causes``: a line for each event that is not plain habit and arrived for the first time, see `causes`.
        """
        sessions, rows = activity.sessions, {feed: came.row for feed, came in arrived.items()}
        audited = {"auditevents": rows["auditevents"]}
        scene = self._scenery.scene(sessions, sessions_used(activity, rows), sessions_used(activity, audited))
        write: dict[str, Callable[[Sessions, Scene, Any, Ints], bytes]] = {
            "itemusages": self._item_usages,
            "signinattempts": self._sign_ins,
            "auditevents": self._audit_events,
        }
        pieces = {}
        for feed, columns in activity.feeds().items():
            lines = partial(write[feed], sessions, scene, columns)
            pieces[feed] = Piece(_Parts(rows[feed], lines), len(rows[feed]))
        told = caused(activity, arrived, self._seed)
        return pieces | {"causes": Piece((_causes(told),), len(told.process))}

    def _item_usages(self, sessions: Sessions, scene: Scene, columns: ItemUsages, rows: Ints) -> bytes:
        usages = columns.where(rows)
        items = _ITEM.blank(len(usages.time))
        write_uuids(items["vault"], usages.vault_high, usages.vault_low, LOWER)
        write_uuids(items["item"], usages.item_high, usages.item_low, LOWER)
        items["action"] = _ACTIONS[usages.action]
        versions = _versions(int(usages.version.max()).bit_length())
        return join(
            [
                _HEAD.texts(self._head("item usage", sessions, usages)),
                versions[usages.version],
                _ITEM.texts(items),
                scene.users[usages.session],
                scene.clients[usages.session],
                scene.exits[usages.session],
            ]
        )

    def _sign_ins(self, sessions: Sessions, scene: Scene, columns: SignIns, rows: Ints) -> bytes:
        sign_ins = columns.where(rows)
        head = _SIGN_IN.blank(len(sign_ins.time))
        session, number = sign_ins.session, sign_ins.number
        write_uuids(head["uuid"], *event_words(self._seed, "sign-in", sessions, session, number))
        write_uuids(head["session"], *session_words(self._seed, sessions, session, number))
        write_times(head["time"], sign_ins.time)
        return join(
            [
                _SIGN_IN.texts(head),
                _OUTCOMES[sign_ins.outcome],
                scene.countries[session],
                _DETAILS[sign_ins.outcome],
                scene.users[session],
                scene.clients[session],
                scene.exits[session],
            ]
        )

    def _audit_events(self, sessions: Sessions, scene: Scene, columns: AuditEvents, rows: Ints) -> bytes:
        events = columns.where(rows)
        objects = _OBJECT.blank(len(events.time))
        objects["uuid"] = cased_uuids(events.object_high, events.object_low, _UPPER[events.kind])
        return join(
            [
                _HEAD.texts(self._head("audit event", sessions, events)),
                scene.actors[events.session],
                _KINDS[events.kind],
                _OBJECT.texts(objects),
                self._more(sessions, events),
                scene.logins[events.session],
                scene.exits[events.session],
            ]
        )

    def _head(self, kind: str, sessions: Sessions, events: ItemUsages | AuditEvents) -> NDArray[Any]:
        head = _HEAD.blank(len(events.time))
        write_uuids(head["uuid"], *event_words(self._seed, kind, sessions, events.session, events.number))
        write_times(head["time"], events.time)
        return head

    def _more(self, sessions: Sessions, events: AuditEvents) -> Texts:
        """Return what only some kinds of audit event have: few events, so one after another."""
        column = np.full(len(events.time), b"", dtype=object)
        rows = np.flatnonzero(_MORE[events.kind])
        some = events.where(rows)
        aux = cased_uuids(some.aux_high, some.aux_low, _AUX_UPPER[some.kind]).view("S26").ravel()
        people = subjects(sessions, some)
        column[rows] = texts(
            _more(AUDIT_KINDS[kind], uuid, self._scenery.users[person])
            for kind, uuid, person in zip(some.kind.tolist(), aux.tolist(), people.tolist(), strict=True)
        )
        return column


def sessions_used(activity: Activity, rows: Mapping[str, Ints]) -> Ints:
    """Return the rows of the sessions that some of *rows* belong to, ascending."""
    used = np.zeros(len(activity.sessions.key), dtype=np.bool_)
    feeds = activity.feeds()
    for feed, found in rows.items():
        used[feeds[feed].session[found]] = True
    return np.flatnonzero(used)


def subjects(sessions: Sessions, events: AuditEvents) -> Ints:
    """Return whom each audit event is about, rows of the population: the actor where nobody else is meant."""
    return np.asarray(np.where(events.subject < 0, sessions.person[events.session], events.subject))


def _causes(told: Caused) -> bytes:
    head = _CAUSE.blank(len(told.process))
    write_uuids(head["uuid"], told.high, told.low)
    return join([_CAUSE.texts(head), _PROCESSES[told.process]])


def _more(kind: AuditKind, aux: bytes, user: bytes) -> bytes:
    return b"".join(
        (
            b',"object_details":' + user if kind.details == "object" else b"",
            b',"aux_uuid":"%b"' % aux if kind.aux else b"",
            b',"aux_details":' + user if kind.details == "aux" else b"",
        )
    )


@lru_cache(maxsize=1)
def _versions(bits: int) -> Texts:
    return texts(b'Z","used_version":%d,"vault_uuid":"' % version for version in range(1 << bits))
