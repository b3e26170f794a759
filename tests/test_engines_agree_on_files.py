"""What the naive model makes of records, the columnar engine makes of the file that they stand in."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pytest
from builders import line
from engines import (
    Outcome,
    Situation,
    assert_agrees,
    assert_ignores,
    over_rows,
    parsed,
    remembered,
    streaming,
    typed,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_model import run
from naive_records import Json
from ordinary import ordinary, tabular
from pyarrow import parquet
from streams import situations

from detector.bulk import parquet as bulk_parquet
from detector.bulk.reading import ColumnReader
from detector.columnar.coding import Coded, Coding
from detector.columnar.engine import ColumnarEngine
from detector.columnar.rows import Rows
from detector.instant import parse_instant
from detector.reading import Reader
from detector.selection import Selector
from detector.stores.memory import MemoryStore

thorough = settings(max_examples=max(300, settings().max_examples), suppress_health_check=[HealthCheck.too_slow])
slow = settings(thorough, max_examples=thorough.max_examples // 4)
sizes = st.sampled_from([1, 2, 5, 24, 1 << 17])


class Taken:
    """How many records went by columns, and how many by lines."""

    def __init__(self) -> None:
        self.columns = self.lines = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        by_columns, by_lines = Coding.rows, Coding.rows_of

        def rows(coding: Coding, coded: Coded) -> Rows:
            self.columns += len(coded.columns.t)
            return by_columns(coding, coded)

        def rows_of(coding: Coding, events: Sequence[Any]) -> Rows:
            self.lines += len(events)
            return by_lines(coding, events)

        with patch.object(Coding, "rows", rows), patch.object(Coding, "rows_of", rows_of):
            yield


def write_lines(path: Path, stream: list[Json]) -> None:
    path.write_bytes(b"".join(line(record) + b"\n" for record in stream))


def leaves(record: Json, parents: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{parents}{name}.")
        else:
            yield f"{parents}{name}", value


def write_table(path: Path, stream: list[Json], rows_of_a_group: int, *, exact: bool) -> None:
    """Flat columns, null where a record has nothing; with *exact* the nanoseconds stand beside the timestamps."""
    rows = [dict(leaves(record)) for record in stream]
    if exact:
        rows = [{**row, "timestamp_ns": parse_instant(row["timestamp"])} for row in rows]
    names = dict.fromkeys(name for row in rows for name in row)
    table = pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})
    parquet.write_table(table, path, row_group_size=rows_of_a_group)


def detected(
    reader: ColumnReader, store: MemoryStore, batches: Iterable[Sequence[Rows]], situation: Situation
) -> Outcome:
    """The columnar engine over what a reader of the one rule gives."""
    (coding,) = reader.codings
    engine = ColumnarEngine(parsed(situation[0]), coding.groups, coding.values, store, situation[2])
    return over_rows(engine, (rows for (rows,) in batches))


def assert_file_agrees(path: Path, situation: Situation, taken: Taken) -> None:
    document, stream, enabled_at = situation
    rule, store, model = parsed(document), MemoryStore(), run(stream, document, enabled_at)
    reader = ColumnReader([rule])
    with taken.counted():
        assert_agrees([detected(reader, store, reader.batches([str(path)]), situation)], model)
    assert reader.read(0) == len(stream)
    assert_ignores(reader.ignored(0), model)
    assert remembered(rule, store) == model.state()


def test_ndjson_of_one_kind_agrees_with_the_model_and_goes_by_columns(tmp_path: Path) -> None:
    taken, path = Taken(), tmp_path / "events.jsonl"

    @thorough
    @given(situation=ordinary())
    def agrees(situation: Situation) -> None:
        write_lines(path, situation[1])
        assert_file_agrees(path, situation, taken)

    agrees()
    assert taken.columns > taken.lines


def test_parquet_of_one_kind_agrees_with_the_model_and_goes_by_columns(tmp_path: Path) -> None:
    taken, path = Taken(), tmp_path / "events.parquet"

    @thorough
    @given(situation=tabular(), rows_of_a_group=sizes, batch=sizes, exact=st.booleans())
    def agrees(situation: Situation, rows_of_a_group: int, batch: int, *, exact: bool) -> None:
        write_table(path, situation[1], rows_of_a_group, exact=exact)
        with patch.object(bulk_parquet, "BATCH", batch):
            assert_file_agrees(path, situation, taken)

    agrees()
    assert taken.columns > taken.lines


@thorough
@given(situation=situations())
def test_ndjson_of_all_kinds_agrees_with_the_model(
    tmp_path_factory: pytest.TempPathFactory, situation: Situation
) -> None:
    path = tmp_path_factory.getbasetemp() / "all_kinds.jsonl"
    write_lines(path, situation[1])
    assert_file_agrees(path, situation, Taken())


@slow
@given(situation=situations() | ordinary())
def test_sorted_on_the_way_in_both_engines_agree(
    tmp_path_factory: pytest.TempPathFactory, situation: Situation
) -> None:
    document, stream, enabled_at = situation
    rule, path = parsed(document), tmp_path_factory.getbasetemp() / "to_sort.jsonl"
    write_lines(path, stream)
    selector, reader = Selector(rule), ColumnReader([rule])
    ours, theirs = MemoryStore(), MemoryStore()
    one = detected(reader, ours, reader.sorted([str(path)]), situation)
    other = streaming(rule, theirs, Reader(selector).sorted([str(path)]), enabled_at)
    assert typed(one.matches) == typed(other.matches)
    assert typed(one.signals) == typed(other.signals)
    assert one.not_enabled == other.not_enabled
    assert (reader.read(0), +reader.ignored(0)) == (selector.read, +selector.ignored)
    assert remembered(rule, ours) == remembered(rule, theirs)
