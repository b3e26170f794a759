"""Tables hold what the lines hold, a column for each field, and a file of them is the same however they came."""

import io
import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest
from activities import activities, arrivals, cut, directory_of, everything, naive_records
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq

from simulator import parquet
from simulator.activity import Activity
from simulator.parquet import TableFile, canonical
from simulator.records import encode, timestamp_text
from simulator.schemas import SCHEMAS
from simulator.tables import Tabulator


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


def bytes_of(name: str, tables: Iterable[Any]) -> bytes:
    sink = io.BytesIO()
    file = TableFile(name, sink)
    for table in tables:
        file.append(table)
    file.close()
    return sink.getvalue()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_field_of_every_record_can_be_read_back(data: st.DataObject) -> None:
    activity = data.draw(activities())
    arrived = data.draw(arrivals(activity))
    tables = Tabulator(directory_of()).render(activity, arrived)
    for name, records in naive_records(directory_of(), activity, arrived).items():
        read = pq.read_table(io.BytesIO(bytes_of(name, [tables[name]])))
        assert read.schema.equals(SCHEMAS[name])
        assert [record_of(row) for row in read.to_pylist()] == [json.loads(encode(record)) for record in records]


@settings(max_examples=30, deadline=None)
@given(activities(), st.integers(1, 5), st.integers(1, 5))
def test_the_bytes_do_not_depend_on_how_rows_were_split(activity: Activity, group: int, size: int) -> None:
    tabulator, rows = Tabulator(directory_of()), everything(activity)
    last = max(len(came.time) for came in rows.values())
    parts = [tabulator.render(activity, cut(rows, at, at + size)) for at in range(0, last + 1, size)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "ROWS_A_GROUP", group)
        for name, table in tabulator.render(activity, rows).items():
            assert bytes_of(name, [table]) == bytes_of(name, [part[name] for part in parts])


def test_row_groups_are_filled_from_small_tables_and_cut_from_large_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_A_GROUP", 4)
    table = pa.table({"uuid": list("abcdefg"), "process": list("xyxyxyx")}).cast(SCHEMAS["causes"])
    read = pq.ParquetFile(io.BytesIO(bytes_of("causes", [table.slice(0, 1), table.slice(1, 2), table])))
    assert [read.metadata.row_group(at).num_rows for at in range(read.metadata.num_row_groups)] == [4, 4, 2]
    assert read.read().column("uuid").to_pylist() == list("abcabcdefg")


def test_a_file_without_rows_still_has_its_columns() -> None:
    read = pq.read_table(io.BytesIO(bytes_of("itemusages", [])))
    assert (read.num_rows, read.schema.names[:3]) == (0, ["uuid", "timestamp", "timestamp_ns"])


def test_a_dictionary_holds_what_is_used_in_order_of_first_use_and_absence_stays() -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([3, None, 1, 3], pa.int32()), pa.array(["a", "b", "c", "d"]))
    found = canonical(pa.table({"uuid": ["1", "2", "3", "4"], "process": column})).column("process")
    assert found.to_pylist() == ["d", None, "b", "d"]
    assert found.chunk(0).dictionary.to_pylist() == ["d", "b"]
