"""Parquet files for tests, read both ways: by their lines, and in bulk."""

from collections import Counter
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa
import pytest
from builders import ADA, BOB, START, new_value_rule, uuid_of
from pyarrow import parquet as pq

from detector.bulk import parquet as bulk_parquet
from detector.bulk import parquet_span
from detector.bulk.parquet import read_parquet
from detector.columnar.coding import Coded, Coding, Fields
from detector.event import Event
from detector.onepassword import path_of
from detector.questions import fields_of
from detector.rules import NewValueRule, parse_rule
from detector.selection import RecordError, Selector
from detector.source import Chunk, SourceError, read_chunks

UUIDS: Final = [uuid_of(number) for number in range(8)]


class Read(NamedTuple):
    """What came of reading a file."""

    events: list[tuple[Any, ...]]
    ignored: Counter[str]
    complaints: list[str]


def a_rule(**more: Any) -> NewValueRule:
    return parse_rule(msgspec.json.encode(new_value_rule(**more)).decode(), "rule.json")


RULE = a_rule(query="-@x:a")


def asked_by(rule: NewValueRule) -> Any:
    return lambda kind: {path for field in fields_of(rule) if (path := path_of(field, kind))}


def refused(error: SourceError) -> Read:
    """The end of a run; how many rows came before it depends on how many are read at once."""
    return Read([], Counter(), [str(error)])


def selected(path: Path, chunk: Chunk, selector: Selector, complaints: list[str]) -> list[Event]:
    events = []
    for number, line in enumerate(chunk.lines, chunk.number):
        try:
            events.append(selector.select(line))
        except RecordError as error:
            complaints.append(f"{path}:{number}: {error}")
    return [event for event in events if event is not None]


def by_lines(path: Path, rule: NewValueRule = RULE) -> Read:
    complaints: list[str] = []
    selector = Selector(rule)
    events: list[Event] = []
    try:
        for chunk in read_chunks(str(path)):
            events += selected(path, chunk, selector, complaints)
    except SourceError as error:
        return refused(error)
    return Read([(e.uuid, e.timestamp, e.group, e.values) for e in events], +selector.ignored, complaints)


def in_bulk(path: Path, rule: NewValueRule = RULE) -> Read:
    """The same by columns; that the codes of a row are those of its event is asserted by the way."""
    complaints: list[str] = []
    selector, fields = Selector(rule), Fields()
    coding = Coding(rule, fields)
    events: list[Event] = []
    try:
        for part in read_parquet(str(path), asked_by(rule)):
            if isinstance(part, Chunk):
                events += selected(path, part, selector, complaints)
                continue
            rows = coding.rows(Coded(part, fields))
            for row, (t, group, value) in enumerate(zip(rows.t, rows.group, rows.values, strict=True)):
                if group:
                    event = rows.event(row)
                    key = (coding.values.keys_of[value],)
                    assert (t, coding.groups.keys_of[group], key) == (event.timestamp, event.group, event.values)
                    events.append(event)
    except SourceError as error:
        return refused(error)
    found = [(e.uuid, e.timestamp, e.group, e.values) for e in events]
    return Read(found, coding.ignored + selector.ignored, complaints)


def parts(path: Path, rule: NewValueRule = RULE) -> list[str]:
    return [type(part).__name__ for part in read_parquet(str(path), asked_by(rule))]


def usages(rows: int = 2, **columns: Any) -> dict[str, Any]:
    """Columns of item usages; None leaves one out."""
    usual = {
        "uuid": UUIDS[:rows],
        "timestamp": pa.array([START // 1000] * rows, pa.timestamp("us", "UTC")),
        "timestamp_ns": [START + row for row in range(rows)],
        "user.email": ([ADA, BOB, ADA, ADA] * 2)[:rows],
        "action": (["fill", "reveal", "export", "fill"] * 2)[:rows],
        "item_uuid": ["i"] * rows,
        "vault_uuid": ["v"] * rows,
    }
    return {name: column for name, column in {**usual, **columns}.items() if column is not None}


def written(path: Path, columns: dict[str, Any], **how: Any) -> Path:
    pq.write_table(pa.table(columns), path, **how)
    return path


def cut_small(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    for module in (bulk_parquet, parquet_span):
        monkeypatch.setattr(module, "BATCH", rows)
