"""Columns of what happened -> columns of records: identifiers as letters, all that repeats as codes.

What the codes stand for is told once a row group, by `simulator.row_groups`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.activity import AUDIT_KINDS, Activity, AuditEvents, ItemUsages, Sessions, SignIns
from simulator.causes import caused
from simulator.delivery import Arrived
from simulator.directory import Directory
from simulator.draws import Ints, Words
from simulator.identifiers import (
    EVENT_KINDS,
    LOWER,
    UPPER,
    UUID,
    cased_uuids,
    event_words,
    session_words,
    write_uuids,
)
from simulator.rendering import sessions_used, subjects

_CHUNK = 2**14  # rows worked out at once: few enough for the processor's caches, enough for numpy
_UPPER = np.array([kind.upper for kind in AUDIT_KINDS])
_AUX_UPPER = np.array([kind.aux == "user" for kind in AUDIT_KINDS])

Columns = dict[str, NDArray[Any]]
"""Columns of a file by name, all of one length."""
Events = ItemUsages | SignIns | AuditEvents

_INT = np.dtype(np.int64)
_EVENT = {"uuid": UUID, "timestamp_ns": _INT, "person": _INT, "place": _INT}
COLUMNS: Final[Mapping[str, Mapping[str, Any]]] = {
    "itemusages": _EVENT
    | {"client": _INT, "action": _INT, "used_version": _INT, "vault_uuid": UUID, "item_uuid": UUID},
    "signinattempts": _EVENT | {"client": _INT, "outcome": _INT, "session_uuid": UUID},
    "auditevents": _EVENT
    | {"kind": _INT, "subject": _INT, "object_uuid": UUID, "aux_uuid": UUID}
    | {"session.uuid": UUID, "session.device_uuid": UUID, "session.login_time_ns": _INT},
    "causes": {"uuid": UUID, "process": _INT},
}
"""The columns of each file, with their types.

*person*, *client* and *place* are codes of the `Directory`, and *subject* of a person too; *action*, *outcome*, *kind*
and *process* are rows of `ACTIONS`, `OUTCOMES`, `AUDIT_KINDS` and `PROCESSES`.
"""


class Tabulator:
    """Makes columns of what the people of a directory did, and of what brought it about."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._seed = directory.seed

    def render(self, activity: Activity, arrived: Mapping[str, Arrived]) -> dict[str, Columns]:
        """Return for each name in `COLUMNS` the columns of the records that `Renderer.render` would write."""
        opened = self._logins(activity, arrived["auditevents"].row)
        fill: dict[str, Callable[[Columns, Sessions, Any], None]] = {
            "itemusages": _item_usages,
            "signinattempts": self._sign_ins,
            "auditevents": partial(_audit_events, opened),
        }
        tables = {}
        for feed, columns in activity.feeds().items():
            rows = arrived[feed].row
            tables[feed] = table = _blank(feed, len(rows))
            for at in range(0, len(rows), _CHUNK):
                out, events = _cut(table, at), columns.where(rows[at : at + _CHUNK])
                self._event(out, feed, activity.sessions, events)
                fill[feed](out, activity.sessions, events)
        return tables | {"causes": self._causes(activity, arrived)}

    def _event(self, out: Columns, feed: str, sessions: Sessions, events: Events) -> None:
        """Write what all feeds have."""
        words = event_words(self._seed, EVENT_KINDS[feed], sessions, events.session, events.number)
        write_uuids(out["uuid"], *words)
        out["timestamp_ns"][:] = events.time
        for name in {"person", "place", "client"} & out.keys():
            np.take(getattr(sessions, name), events.session, out=out[name])

    def _sign_ins(self, out: Columns, sessions: Sessions, sign_ins: SignIns) -> None:
        write_uuids(out["session_uuid"], *session_words(self._seed, sessions, sign_ins.session, sign_ins.number))
        out["outcome"][:] = sign_ins.outcome

    def _logins(self, activity: Activity, audited: Ints) -> "_Logins":
        sessions, used = activity.sessions, sessions_used(activity, {"auditevents": audited})
        opened = session_words(self._seed, sessions, used, np.zeros_like(used))
        devices = self._directory.device_words(sessions.client[used])
        size = len(sessions.key)
        return _Logins(_spread(*opened, UPPER, used, size), _spread(*devices, LOWER, used, size))

    def _causes(self, activity: Activity, arrived: Mapping[str, Arrived]) -> Columns:
        told = caused(activity, arrived, self._seed)
        causes = _blank("causes", len(told.process))
        write_uuids(causes["uuid"], told.high, told.low)
        causes["process"][:] = told.process
        return causes


class _Logins(NamedTuple):
    """Identifiers of sessions and of their devices, by row of the sessions that have audit events."""

    opened: NDArray[np.uint16]
    devices: NDArray[np.uint16]


def _item_usages(out: Columns, _: Sessions, usages: ItemUsages) -> None:
    write_uuids(out["vault_uuid"], usages.vault_high, usages.vault_low, LOWER)
    write_uuids(out["item_uuid"], usages.item_high, usages.item_low, LOWER)
    out["action"][:] = usages.action
    out["used_version"][:] = usages.version


def _audit_events(logins: _Logins, out: Columns, sessions: Sessions, events: AuditEvents) -> None:
    out["object_uuid"][:] = cased_uuids(events.object_high, events.object_low, _UPPER[events.kind])
    out["aux_uuid"][:] = cased_uuids(events.aux_high, events.aux_low, _AUX_UPPER[events.kind])
    out["kind"][:] = events.kind
    out["subject"][:] = subjects(sessions, events)
    np.take(logins.opened, events.session, axis=0, out=out["session.uuid"])
    np.take(logins.devices, events.session, axis=0, out=out["session.device_uuid"])
    np.take(sessions.start, events.session, out=out["session.login_time_ns"])


def _spread(high: Words, low: Words, letters: NDArray[np.uint16], rows: Ints, size: int) -> NDArray[np.uint16]:
    texts = np.empty((len(rows), *UUID.shape), dtype=np.uint16)
    write_uuids(texts, high, low, letters)
    column = np.empty((size, *UUID.shape), dtype=np.uint16)
    column[rows] = texts
    return column


def _blank(name: str, rows: int) -> Columns:
    return {column: np.empty(rows, dtype) for column, dtype in COLUMNS[name].items()}


def _cut(table: Columns, at: int) -> Columns:
    return {name: column[at : at + _CHUNK] for name, column in table.items()}
