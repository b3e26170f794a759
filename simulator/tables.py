"""Columns of what happened -> Arrow tables, a flat column for each field of a record.

A row is the record of `simulator.records`, the fields of its parts named with a dot (``user.email``) and null where
the record has none. A time is two columns: ``timestamp`` in microseconds, which every reader knows, and
``timestamp_ns``, exact. Importing this module needs pyarrow, which the extra ``columnar`` installs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec.structs import astuple
from numpy.typing import NDArray

from simulator.activity import AUDIT_KINDS, OUTCOMES, PROCESSES, Activity, AuditEvents, ItemUsages, Sessions, SignIns
from simulator.causes import Caused, caused
from simulator.delivery import Arrived
from simulator.directory import Directory
from simulator.draws import Ints
from simulator.identifiers import LOWER, cased_uuids, event_words, session_words, uuid_bytes
from simulator.profile import ACTIONS
from simulator.rendering import sessions_used, subjects
from simulator.schemas import CLIENT, LOCATION, SCHEMAS, USER

_PLACE = (*LOCATION, "ip", "country_code")
_KEPT = 2**16  # clients and places remembered, at most
_UUID_LENGTH = 26

_UPPER = [kind.upper for kind in AUDIT_KINDS]
_AUX_UPPER = [kind.aux == "user" for kind in AUDIT_KINDS]
_AUX = [kind.aux is not None for kind in AUDIT_KINDS]

Columns = dict[str, Any]
"""Arrow arrays by name."""
Events = ItemUsages | SignIns | AuditEvents


class Tabulator:
    """Makes tables of what the people of a directory did, and of what brought it about."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._client = lru_cache(_KEPT)(lambda code: astuple(directory.client(code)))
        self._place = lru_cache(_KEPT)(self._facts_of_place)

    def render(self, activity: Activity, arrived: Mapping[str, Arrived]) -> dict[str, Any]:
        """Return for each name in `SCHEMAS` a ``pyarrow.Table`` of the records that `Renderer.render` would write."""
        rows = {feed: came.row for feed, came in arrived.items()}
        block = self._block(activity, sessions_used(activity, rows))
        columns = {
            "itemusages": _item_usages(block, activity.item_usages.where(rows["itemusages"])),
            "signinattempts": _sign_ins(block, activity.sign_ins.where(rows["signinattempts"])),
            "auditevents": _audit_events(block, activity.audit_events.where(rows["auditevents"])),
            "causes": _causes(caused(activity, arrived, self._directory.seed)),
        }
        return {
            name: pa.Table.from_arrays([found[field] for field in SCHEMAS[name].names], schema=SCHEMAS[name])
            for name, found in columns.items()
        }

    def _block(self, activity: Activity, used: Ints) -> "_Block":
        sessions = activity.sessions
        rows = np.arange(len(sessions.key))
        devices = self._directory.device_words(sessions.client)
        return _Block(
            seed=self._directory.seed,
            sessions=sessions,
            person=self._person,
            people=_facts(sessions.person, used, USER, self._person),
            apps=_facts(sessions.client, used, CLIENT, self._client),
            places=_facts(sessions.place, used, _PLACE, self._place),
            opened=uuid_bytes(*event_words(self._directory.seed, "session", sessions, rows, np.zeros_like(rows))),
            devices=uuid_bytes(*devices, LOWER),
        )

    def _person(self, row: int) -> Sequence[object]:
        person = self._directory.people[row]
        return person.uuid, person.name, person.email

    def _facts_of_place(self, code: int) -> Sequence[object]:
        place, ip = self._directory.place(code)
        return place.country, place.region, place.city, place.latitude, place.longitude, ip, place.country_code


@dataclass(frozen=True, slots=True)
class _Block:
    """What the records of a block share: columns by session row."""

    seed: int
    sessions: Sessions
    person: Callable[[int], Sequence[object]]
    people: Columns
    apps: Columns
    places: Columns
    opened: NDArray[np.bytes_]
    devices: NDArray[np.bytes_]

    def uuids(self, kind: str, events: Events) -> Any:
        return _texts(uuid_bytes(*event_words(self.seed, kind, self.sessions, events.session, events.number)))

    def setting(self, events: ItemUsages | SignIns) -> Columns:
        """Return the columns of client and location."""
        at = pa.array(events.session)
        ip = {"client.ip_address": self.places["ip"].take(at)}
        return _named("client", CLIENT, self.apps, at) | ip | _named("location", LOCATION, self.places, at)


def _item_usages(block: _Block, usages: ItemUsages) -> Columns:
    return {
        "uuid": block.uuids("item usage", usages),
        "used_version": pa.array(usages.version),
        "vault_uuid": _texts(uuid_bytes(usages.vault_high, usages.vault_low, LOWER)),
        "item_uuid": _texts(uuid_bytes(usages.item_high, usages.item_low, LOWER)),
        "action": _chosen(ACTIONS, usages.action),
        **_times("timestamp", usages.time),
        **_named("user", USER, block.people, pa.array(usages.session)),
        **block.setting(usages),
    }


def _sign_ins(block: _Block, sign_ins: SignIns) -> Columns:
    at = pa.array(sign_ins.session)
    opened = session_words(block.seed, block.sessions, sign_ins.session, sign_ins.number)
    return {
        "uuid": block.uuids("sign-in", sign_ins),
        "session_uuid": _texts(uuid_bytes(*opened)),
        "category": _chosen([outcome.category for outcome in OUTCOMES], sign_ins.outcome),
        "type": _chosen([outcome.type for outcome in OUTCOMES], sign_ins.outcome),
        "country": block.places["country_code"].take(at),
        "details.value": _chosen([outcome.value for outcome in OUTCOMES], sign_ins.outcome),
        **_times("timestamp", sign_ins.time),
        **_named("target_user", USER, block.people, at),
        **block.setting(sign_ins),
    }


def _audit_events(block: _Block, events: AuditEvents) -> Columns:
    at = pa.array(events.session)
    session = block.sessions.where(events.session)
    upper, aux_upper, aux = (np.array(flags)[events.kind] for flags in (_UPPER, _AUX_UPPER, _AUX))
    return {
        "uuid": block.uuids("audit event", events),
        "actor_uuid": block.people["uuid"].take(at),
        "action": _chosen([kind.action for kind in AUDIT_KINDS], events.kind),
        "object_type": _chosen([kind.object_type for kind in AUDIT_KINDS], events.kind),
        "object_uuid": _texts(cased_uuids(events.object_high, events.object_low, upper)),
        "aux_uuid": _texts(cased_uuids(events.aux_high, events.aux_low, aux_upper), aux),
        "session.uuid": _texts(block.opened[events.session]),
        "session.device_uuid": _texts(block.devices[events.session]),
        "session.ip": block.places["ip"].take(at),
        **_times("timestamp", events.time),
        **_times("session.login_time", session.start),
        **_named("actor_details", USER, block.people, at),
        **_named("location", LOCATION, block.places, at),
        **_subjects(block, events, "object"),
        **_subjects(block, events, "aux"),
    }


def _subjects(block: _Block, events: AuditEvents, part: str) -> Columns:
    """Return the columns of ``<part>_details``, for the kinds of event that have them."""
    rows = np.flatnonzero(np.array([kind.details == part for kind in AUDIT_KINDS])[events.kind])
    some = events.where(rows)
    facts = _facts(subjects(block.sessions, some), np.arange(len(rows)), USER, block.person)
    at = np.zeros(len(events.kind), dtype=np.int64)
    at[rows] = np.arange(len(rows))
    absent = np.ones(len(at), dtype=np.bool_)
    absent[rows] = False
    return _named(f"{part}_details", USER, facts, pa.array(at, mask=absent))


def _causes(told: Caused) -> Columns:
    return {"uuid": _texts(uuid_bytes(told.high, told.low)), "process": _chosen(PROCESSES, told.process)}


def _facts(codes: Ints, used: Ints, fields: Sequence[str], look: Callable[[int], Sequence[object]]) -> Columns:
    """Return columns of the facts that *look* tells of each of *codes*, at the rows *used*; each code is asked once."""
    distinct, place = np.unique(codes[used], return_inverse=True)
    at = np.zeros(len(codes), dtype=np.int64)
    at[used] = place
    facts = list(map(look, distinct.tolist())) or [("",) * len(fields)]
    columns = (pa.array(column) for column in zip(*facts, strict=True))
    repeated = (column.dictionary_encode() if pa.types.is_string(column.type) else column for column in columns)
    return {field: column.take(pa.array(at)) for field, column in zip(fields, repeated, strict=True)}


def _named(part: str, fields: Sequence[str], columns: Columns, at: Any) -> Columns:
    return {f"{part}.{field}": columns[field].take(at) for field in fields}


def _chosen(names: Sequence[str | None], codes: Ints) -> Any:
    """Return the name of each of *codes*."""
    return pa.array(names, pa.string()).dictionary_encode().take(pa.array(codes))


def _times(name: str, ns: Ints) -> Columns:
    return {name: pa.array(ns // 1000, pa.timestamp("us", "UTC")), f"{name}_ns": pa.array(ns)}


def _texts(uuids: NDArray[Any], present: NDArray[np.bool_] | None = None) -> Any:
    """Return identifiers, 26 bytes each, as strings; null where *present* says so."""
    rows = len(uuids)
    offsets = np.arange(0, (rows + 1) * _UUID_LENGTH, _UUID_LENGTH, dtype=np.int32)
    found = pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(uuids)))
    return found if present is None else found.take(pa.array(np.arange(rows), mask=~present))
