"""Columns of codes -> Arrow tables, each one row group of a Parquet file, a flat column for each field of a record.

A row is the record of `simulator.records`, the fields of its parts named with a dot (``user.email``) and null where
the record has none. A time is two columns: ``timestamp`` in microseconds, which every reader knows, and
``timestamp_ns``, exact. Importing this module needs pyarrow, which the extra ``columnar`` installs.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
from msgspec.structs import astuple
from numpy.typing import NDArray

from simulator.activity import AUDIT_KINDS, OUTCOMES, PROCESSES
from simulator.directory import Directory
from simulator.draws import Ints
from simulator.profile import ACTIONS
from simulator.schemas import CLIENT, LOCATION, SCHEMAS, USER
from simulator.tables import COLUMNS, Columns

ROWS_A_GROUP: Final = 2**18
"""Rows of a row group: some 50 MB before they are written."""

_KEPT = 2**16  # clients and places remembered, at most
_UUID_LENGTH = 26
_PLACE = (*LOCATION, "ip", "country_code")
_AUX = np.array([kind.aux is not None for kind in AUDIT_KINDS])
_WITH_SUBJECT = {part: np.array([kind.details == part for kind in AUDIT_KINDS]) for part in ("object", "aux")}

Fields = dict[str, Any]
"""Arrow arrays by the name of their field."""


class RowGroups:
    """Collects the rows of the file *name* until they fill a row group.

    What is yielded depends on the rows alone, not on how they were split; a table holds its values only until the
    next is asked for.
    """

    def __init__(self, name: str, facts: "Facts") -> None:
        self._schema = SCHEMAS[name]
        self._fields = {"itemusages": _item_usages, "signinattempts": _sign_ins, "auditevents": _audit_events}.get(
            name, _causes
        )
        self._facts = facts
        self._held = {column: np.empty(ROWS_A_GROUP, dtype) for column, dtype in COLUMNS[name].items()}
        self._rows = 0

    def add(self, columns: Columns) -> Iterator[Any]:
        """Take rows in and yield a ``pyarrow.Table`` of the file's schema for each row group that they fill."""
        rows, taken = len(columns["uuid"]), 0
        while taken < rows:
            more = min(rows - taken, ROWS_A_GROUP - self._rows)
            for name, column in self._held.items():
                column[self._rows : self._rows + more] = columns[name][taken : taken + more]
            self._rows, taken = self._rows + more, taken + more
            if self._rows == ROWS_A_GROUP:
                yield from self.rest()

    def rest(self) -> Iterator[Any]:
        """Yield a table of what has filled no row group yet, if there is anything."""
        if self._rows:
            fields = self._fields({name: column[: self._rows] for name, column in self._held.items()}, self._facts)
            self._rows = 0
            yield pa.Table.from_arrays([fields[name] for name in self._schema.names], schema=self._schema)


class Facts:
    """What the codes of a directory stand for; what was asked for is kept while there is room."""

    def __init__(self, directory: Directory) -> None:
        self._people = directory.people
        self._client = lru_cache(_KEPT)(lambda code: astuple(directory.client(code)))
        self._place = lru_cache(_KEPT)(lambda code: _facts_of_place(directory, code))

    def people(self, codes: Ints, absent: NDArray[np.bool_] | None = None) -> Fields:
        """Return the columns `USER` of the rows *codes* of the population, null where *absent*."""
        return _told(USER, self._person, codes, absent)

    def clients(self, codes: Ints) -> Fields:
        """Return the columns `CLIENT` of *codes*."""
        return _told(CLIENT, self._client, codes)

    def places(self, codes: Ints) -> Fields:
        """Return the columns `LOCATION`, ``ip`` and ``country_code`` of *codes*."""
        return _told(_PLACE, self._place, codes)

    def _person(self, row: int) -> Sequence[object]:
        person = self._people[row]
        return person.uuid, person.name, person.email


def _facts_of_place(directory: Directory, code: int) -> Sequence[object]:
    place, ip = directory.place(code)
    return place.country, place.region, place.city, place.latitude, place.longitude, ip, place.country_code


def _item_usages(rows: Columns, facts: Facts) -> Fields:
    return {
        **_event(rows),
        "used_version": pa.array(rows["used_version"]),
        "vault_uuid": _texts(rows["vault_uuid"]),
        "item_uuid": _texts(rows["item_uuid"]),
        "action": _chosen(ACTIONS, rows["action"]),
        **_named("user", facts.people(rows["person"])),
        **_setting(rows, facts),
    }


def _sign_ins(rows: Columns, facts: Facts) -> Fields:
    setting = _setting(rows, facts)
    return {
        **_event(rows),
        "session_uuid": _texts(rows["session_uuid"]),
        "category": _chosen([outcome.category for outcome in OUTCOMES], rows["outcome"]),
        "type": _chosen([outcome.type for outcome in OUTCOMES], rows["outcome"]),
        "country": setting["location.country_code"],
        "details.value": _chosen([outcome.value for outcome in OUTCOMES], rows["outcome"]),
        **_named("target_user", facts.people(rows["person"])),
        **setting,
    }


def _audit_events(rows: Columns, facts: Facts) -> Fields:
    kind, people, places = rows["kind"], facts.people(rows["person"]), facts.places(rows["place"])
    details = {part: facts.people(rows["subject"], ~among[kind]) for part, among in _WITH_SUBJECT.items()}
    return {
        **_event(rows),
        "actor_uuid": people["uuid"],
        "action": _chosen([kind.action for kind in AUDIT_KINDS], kind),
        "object_type": _chosen([kind.object_type for kind in AUDIT_KINDS], kind),
        "object_uuid": _texts(rows["object_uuid"]),
        "aux_uuid": _texts(rows["aux_uuid"], _AUX[kind]),
        "session.uuid": _texts(rows["session.uuid"]),
        "session.device_uuid": _texts(rows["session.device_uuid"]),
        "session.ip": places["ip"],
        **_times("session.login_time", rows["session.login_time_ns"]),
        **_named("actor_details", people),
        **_named("location", places),
        **_named("object_details", details["object"]),
        **_named("aux_details", details["aux"]),
    }


def _causes(rows: Columns, _: Facts) -> Fields:
    return {"uuid": _texts(rows["uuid"]), "process": _chosen(PROCESSES, rows["process"])}


def _event(rows: Columns) -> Fields:
    return {"uuid": _texts(rows["uuid"]), **_times("timestamp", rows["timestamp_ns"])}


def _setting(rows: Columns, facts: Facts) -> Fields:
    """Return the columns of client and location."""
    places = facts.places(rows["place"])
    return _named("client", facts.clients(rows["client"]) | {"ip_address": places["ip"]}) | _named("location", places)


def _named(part: str, fields: Fields) -> Fields:
    return {f"{part}.{name}": field for name, field in fields.items()}


def _told(
    fields: Sequence[str],
    look: Callable[[int], Sequence[object]],
    codes: Ints,
    absent: NDArray[np.bool_] | None = None,
) -> Fields:
    """Return columns of what *look* tells of each of *codes*; each code is looked up once, in order of first use."""
    found = pa.array(codes, mask=absent).dictionary_encode()
    told = list(zip(*map(look, found.dictionary.to_pylist()), strict=True)) or [()] * len(fields)
    columns = {}
    for field, values in zip(fields, told, strict=True):
        if field in ("latitude", "longitude"):
            columns[field] = pa.array(values, pa.float64()).take(found.indices)
        else:
            columns[field] = _indexed(pa.array(values, pa.string()), found.indices)
    return columns


def _chosen(names: Sequence[str | None], codes: Ints) -> Any:
    """Return the name of each of *codes*."""
    return _indexed(pa.array(names, pa.string()), pa.array(codes))


def _indexed(texts: Any, at: Any) -> Any:
    """Return the dictionary array of *texts*, which may repeat one another, at the rows *at*."""
    distinct = texts.dictionary_encode()
    every = len(distinct.dictionary) == len(texts) and at.type == pa.int32()
    indices = at if every else distinct.indices.take(at)
    return pa.DictionaryArray.from_arrays(indices, distinct.dictionary, safe=False)


def _times(name: str, ns: Ints) -> Fields:
    return {name: pa.array(ns // 1000, pa.timestamp("us", "UTC")), f"{name}_ns": pa.array(ns)}


def _texts(uuids: NDArray[np.uint16], present: NDArray[np.bool_] | None = None) -> Any:
    """Return identifiers, 26 bytes each, as strings without a copy; null where *present* says so."""
    rows = len(uuids)
    offsets = np.arange(0, (rows + 1) * _UUID_LENGTH, _UUID_LENGTH, dtype=np.int32)
    valid = None if present is None else pa.py_buffer(np.packbits(present, bitorder="little"))
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(uuids), valid)
