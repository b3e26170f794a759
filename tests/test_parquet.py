"""Tables hold what the lines hold, a column for each field, and a file of them is the same however they came."""

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from activities import activities, arrivals, cut, directory_of, everything, naive_records
from companies import company
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq

from harness.run import write_company
from simulator import row_groups, tables
from simulator.activity import PROCESSES, Activity
from simulator.delivery import Delivery
from simulator.parquet import TableFile
from simulator.places import HOME_BASE
from simulator.records import encode, timestamp_text
from simulator.row_groups import Facts, RowGroups
from simulator.schemas import SCHEMAS
from simulator.tables import Columns, Tabulator
from simulator.writers import read_manifest


def record_of(row: dict[str, Any]) -> dict[str, Any]:
    """The record that a row of a table stands for."""
    record: dict[str, Any] = {}
    for name, value in row.items():
        part, _, field = name.rpartition(".")
        if part:
            record.setdefault(part, {})[field] = value
        else:
            record[name] = value
    for holder, field in ((record, "timestamp"), (record.get("session", {}), "login_time")):
        if f"{field}_ns" in holder:
            exact = holder.pop(f"{field}_ns")
            assert int(holder[field].timestamp()) == exact // 10**9
            assert holder[field].microsecond == exact // 1000 % 10**6
            holder[field] = timestamp_text(exact)
    nested = {name: value for name, value in record.items() if isinstance(value, dict)}
    absent = {name for name, fields in nested.items() if set(fields.values()) == {None}}
    if "details" in absent:  # the one part that is null rather than left out
        record["details"] = None
        absent.discard("details")
    elsewhere = {name for name, value in record.items() if value is None} - {"details"}
    return {name: value for name, value in record.items() if name not in absent | elsewhere}


def groups_of(name: str, parts: Iterable[Columns]) -> list[Any]:
    """The row groups that parts of a file's rows fill, and what is left."""
    groups = RowGroups(name, Facts(directory_of()))
    held = [copied(table) for part in parts for table in groups.add(part)]
    return held + [copied(table) for table in groups.rest()]


def copied(table: Any) -> Any:
    """A table that stays what it is: the memory of a row group is used again."""
    return pa.ipc.open_stream(stream_of(table)).read_all()


def stream_of(table: Any) -> Any:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def bytes_of(name: str, tables: Iterable[Any]) -> bytes:
    sink = io.BytesIO()
    file = TableFile(name, sink)
    for table in tables:
        file.append(table)
    file.close()
    return sink.getvalue()


def causes(*process: int) -> Columns:
    uuid = np.full((len(process), 13), int.from_bytes(b"AA", "little"), dtype=np.uint16)
    return {"uuid": uuid, "process": np.array(process, dtype=np.int64)}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_field_of_every_record_can_be_read_back(data: st.DataObject) -> None:
    activity = data.draw(activities())
    arrived = data.draw(arrivals(activity))
    rows = Tabulator(directory_of()).render(activity, arrived)
    for name, records in naive_records(directory_of(), activity, arrived).items():
        read = pq.read_table(io.BytesIO(bytes_of(name, groups_of(name, [rows[name]]))))
        assert read.schema.equals(SCHEMAS[name])
        assert [record_of(row) for row in read.to_pylist()] == [json.loads(encode(record)) for record in records]


@settings(max_examples=30, deadline=None)
@given(activities(), st.integers(1, 5), st.integers(1, 5))
def test_the_bytes_do_not_depend_on_how_rows_were_split(activity: Activity, group: int, size: int) -> None:
    tabulator, rows = Tabulator(directory_of()), everything(activity)
    last = max(len(came.time) for came in rows.values())
    parts = [tabulator.render(activity, cut(rows, at, at + size)) for at in range(0, last + 1, size)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_groups, "ROWS_A_GROUP", group)
        patch.setattr(tables, "_CHUNK", size)
        for name, columns in tabulator.render(activity, rows).items():
            whole = bytes_of(name, groups_of(name, [columns]))
            assert whole == bytes_of(name, groups_of(name, [part[name] for part in parts]))


def test_row_groups_are_filled_from_small_parts_and_cut_from_large_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_groups, "ROWS_A_GROUP", 4)
    groups = groups_of("causes", [causes(1), causes(2, 3), causes(4, 5, 6, 7, 8, 9, 10), causes()])
    assert [table.column("process").to_pylist() for table in groups] == [
        list(PROCESSES[1:5]),
        list(PROCESSES[5:9]),
        list(PROCESSES[9:11]),
    ]
    read = pq.ParquetFile(io.BytesIO(bytes_of("causes", groups)))
    assert [read.metadata.row_group(at).num_rows for at in range(read.metadata.num_row_groups)] == [4, 4, 2]
    assert read.read().equals(pa.concat_tables(groups))


def test_a_file_without_rows_still_has_its_columns() -> None:
    assert groups_of("itemusages", []) == []
    read = pq.read_table(io.BytesIO(bytes_of("itemusages", [])))
    assert (read.num_rows, read.schema.names[:3]) == (0, ["uuid", "timestamp", "timestamp_ns"])


def test_a_dictionary_holds_what_its_row_group_uses_each_text_once_in_order_of_first_use() -> None:
    facts = Facts(directory_of())
    names = [directory_of().people[row].name for row in (3, 1)]
    found = facts.people(np.array([3, 1, 3, 0]), np.array([False, False, False, True]))
    assert found["name"].to_pylist() == [names[0], names[1], names[0], None]
    assert found["name"].dictionary.to_pylist() == names
    offices = facts.places(np.array([1, 0, 1]))
    assert offices["city"].dictionary.to_pylist() == offices["city"].to_pylist()[:2]
    assert len(set(offices["longitude"].to_pylist())) == 2
    alike = facts.places(np.array([HOME_BASE + row for row in range(len(directory_of().people))]))["country"]
    assert len(alike.dictionary) == len(set(alike.to_pylist())) < len(alike)


def test_the_bytes_of_a_dataset_depend_neither_on_workers_nor_on_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = company("startup-50", 30, 6, delivery=Delivery.of)
    files = []
    for number, (workers, person_days) in enumerate([(1, 10_000), (2, 30), (3, 10)]):
        monkeypatch.setattr("simulator.company._PERSON_DAYS", person_days)
        write_company(of, tmp_path / f"{number}", workers, form="parquet")
        files.append(read_manifest(tmp_path / f"{number}").files)
    assert files[0]["itemusages.parquet"].records > 1_000
    assert files[1] == files[2] == files[0]
