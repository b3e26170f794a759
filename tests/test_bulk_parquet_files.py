"""Parquet files of every make, read in bulk: many row groups, mixed columns, whole datasets, damaged ones."""

import math
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from builders import ADA, BOB, START
from hypothesis import given
from hypothesis import strategies as st
from parquet_tables import UUIDS, a_rule, asked_by, by_lines, cut_small, in_bulk, parts, usages, written

from detector.bulk import parquet_span
from detector.bulk.parquet import read_parquet
from detector.columnar.columns import Columns
from detector.rules import NewValueRule
from detector.source import SourceError
from harness.run import write_company
from simulator.company import Company
from simulator.profile_file import load_profile

COMPANY = Company(people=12, days=20, seed=3, start=date(2026, 1, 5), profile=load_profile("startup-50"))

_SCALARS: list[tuple[Any, Any]] = [
    (pa.string(), ["fill", "reveal", "", "\0a", "é", "😀"]),
    (pa.large_string(), ["fill", "a"]),
    (pa.string_view(), ["fill", "a long enough text to stand apart"]),
    (pa.dictionary(pa.int16(), pa.string()), ["fill", "a", "1"]),
    (pa.int64(), [1, 0, -(2**63)]),
    (pa.uint64(), [1, 2**64 - 1]),
    (pa.float64(), [1.0, 0.5, -0.0, math.nan, math.inf, 1e300]),
    (pa.bool_(), [True, False]),
    (pa.null(), [None]),
    (pa.decimal128(5, 2), [Decimal("1.50")]),
    (pa.binary(), [b"fill"]),
    (pa.date32(), [date(2026, 1, 5)]),
    (pa.timestamp("ns"), [START + 1]),
    (pa.list_(pa.string()), [["fill"], []]),
    (pa.struct({"z": pa.string()}), [{"z": "a"}, {"z": None}]),
    (pa.struct({"z": pa.list_(pa.int64())}), [{"z": [1]}]),
]
_TIMES: list[tuple[Any, Any]] = [
    (pa.timestamp("us", "UTC"), [START // 1000, 0, -(2**60)]),
    (pa.timestamp("s", "+01:00"), [START // 10**9]),
    (pa.timestamp("ms"), [START // 10**6]),
    (pa.string(), ["2026-01-05T09:00:00Z", "2026-01-05T09:00:00.5+01:00", "soon"]),
    (pa.int64(), [START]),
]


@st.composite
def _column(draw: st.DrawFn, rows: int, kinds: list[tuple[Any, Any]]) -> Any:
    held, values = draw(st.sampled_from(kinds))
    nulls = [None] if draw(st.booleans()) else []
    return pa.array(draw(st.lists(st.sampled_from([*values, *nulls]), min_size=rows, max_size=rows)), held)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Columns that are mostly those of item usages, with others between them and in their place."""
    rows = draw(st.integers(1, 6))
    columns = usages(rows)
    for name in draw(st.lists(st.sampled_from(["action", "x", "y", "user", "user.email", "y.z", "object_type"]))):
        columns[name] = draw(_column(rows, _SCALARS))
    if draw(st.integers(0, 3)) == 0:
        columns["timestamp"] = draw(_column(rows, _TIMES))
        if draw(st.booleans()):
            del columns["timestamp_ns"]
    if draw(st.integers(0, 3)) == 0:
        columns["item_uuid"] = draw(_column(rows, _SCALARS[:4]))
    if draw(st.integers(0, 3)) == 0:
        columns["category"] = columns["session_uuid"] = ["success"] * rows
        del columns["vault_uuid"]
    order = draw(st.permutations(list(columns)))
    without = draw(st.sampled_from([None] * 20 + order))
    return {name: columns[name] for name in order if name != without}


RULES = [
    a_rule(),
    a_rule(query="-@x:a", metrics=("@y.z",)),
    a_rule(group_by=("@x", "@usr.email"), query_fields={"hasOptionalGroupByFields": True}),
]


_ways = st.fixed_dictionaries(
    {
        "row_group_size": st.integers(1, 3),
        "compression": st.sampled_from(["zstd", "none"]),
        "use_dictionary": st.booleans(),
        "write_statistics": st.booleans(),
    }
)


@given(tables(), st.sampled_from(RULES), _ways)
def test_any_table_read_in_bulk_is_what_its_lines_are(
    columns: dict[str, Any], rule: NewValueRule, how: dict[str, Any]
) -> None:
    with TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        cut_small(patch, 2)
        path = written(Path(directory) / "f", columns, **how)
        assert in_bulk(path, rule) == by_lines(path, rule)


@pytest.mark.parametrize("kept", [0, 8], ids=["plain", "as dictionaries"])
@pytest.mark.parametrize("row_group", [1, 2, 3, 100])
def test_however_the_rows_are_cut_the_events_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row_group: int, kept: int
) -> None:
    monkeypatch.setattr(parquet_span, "_TEXT_BYTES", kept * 100)
    path = written(tmp_path / "f", usages(8), row_group_size=row_group)
    expected = by_lines(path)
    assert len(expected.events) == 8
    for batch in (1, 3, 8):
        cut_small(monkeypatch, batch)
        assert in_bulk(path) == expected


def test_what_nobody_looks_up_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    column = parquet_span.Span.column

    def noted(span: parquet_span.Span, path: str, *more: Any) -> Any:
        read.append(path)
        return column(span, path, *more)

    monkeypatch.setattr(parquet_span.Span, "column", noted)
    path = written(tmp_path / "f", usages(fee=[1, 2]))
    (batch,) = read_parquet(str(path), asked_by(a_rule()))
    assert isinstance(batch, Columns)
    assert read == ["uuid", "timestamp_ns"]
    assert batch.columns["action"].tokens
    assert read == ["uuid", "timestamp_ns", "action"]
    batch.line(0)
    assert sorted(read[3:]) == ["item_uuid", "user.email", "vault_uuid"]


def test_a_file_without_rows_has_no_batches(tmp_path: Path) -> None:
    path = tmp_path / "f"
    written(path, {name: pa.array(column).slice(0, 0) for name, column in usages().items()})
    assert parts(path) == []


@pytest.mark.parametrize("feed", ["itemusages", "signinattempts", "auditevents"])
def test_what_simulate_writes_goes_by_columns_to_the_last_row(tmp_path: Path, feed: str) -> None:
    write_company(COMPANY, tmp_path / "d", workers=1, form="parquet")
    (path,) = (tmp_path / "d").glob(f"{feed}*.parquet")
    assert set(parts(path)) == {"Columns"}
    read = in_bulk(path)
    assert read.events
    assert read == by_lines(path)


def test_a_batch_that_was_read_before_another_still_tells_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_small(monkeypatch, 2)
    path = written(tmp_path / "f", usages(8, item_uuid=list("abcdefgh")))
    batches = [part for part in read_parquet(str(path), asked_by(a_rule())) if isinstance(part, Columns)]
    told = [msgspec.json.decode(batch.line(row))["item_uuid"] for batch in reversed(batches) for row in (0, 1)]
    assert told == list("ghefcdab")


def test_tokens_are_made_once_while_the_dictionary_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_small(monkeypatch, 2)
    path = written(tmp_path / "f", usages(8, action=["fill", "reveal"] * 4))
    parts = [part for part in read_parquet(str(path), asked_by(a_rule())) if isinstance(part, Columns)]
    first, *others = [part.columns["action"].tokens for part in parts]
    assert list(first) == ["fill", "reveal", None]
    assert all(tokens is first for tokens in others)


@pytest.mark.parametrize("dictionaries", [False, True], ids=["plain", "as dictionaries"])
@pytest.mark.parametrize("field", ["action", "item_uuid"], ids=["decided on", "told"])
def test_text_that_is_no_utf8_is_refused_in_one_line(tmp_path: Path, field: str, dictionaries: Any) -> None:
    bad = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe"))
    path = written(tmp_path / "f", usages(**{field: bad}), use_dictionary=dictionaries)
    assert in_bulk(path).complaints == by_lines(path).complaints
    assert len(by_lines(path).complaints) == 1


@pytest.mark.parametrize("at", [0.02, 0.2, 0.4, 0.6])
def test_a_file_with_bad_bytes_is_refused_in_one_line_or_read_as_ever(tmp_path: Path, at: float) -> None:
    path = written(tmp_path / "f", usages(8), compression="zstd", use_dictionary=False)
    content = bytearray(path.read_bytes())
    place = int(len(content) * at)
    content[place : place + 8] = b"\xff" * 8
    path.write_bytes(content)
    assert [line.count("\n") for line in in_bulk(path).complaints] in ([], [0])
    assert in_bulk(path) == by_lines(path)


def test_a_torn_file_is_refused_in_the_words_of_its_lines(tmp_path: Path) -> None:
    path = written(tmp_path / "f", usages())
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(SourceError) as refused:
        parts(path)
    assert [str(refused.value)] == by_lines(path).complaints


def test_nanoseconds_of_another_type_are_refused_before_any_row(tmp_path: Path) -> None:
    path = written(tmp_path / "f", usages(timestamp_ns=["soon", "later"]))
    with pytest.raises(SourceError, match="timestamp_ns: found string; legal: int64"):
        parts(path)


def test_the_rows_of_two_users_keep_their_order(tmp_path: Path) -> None:
    path = written(tmp_path / "f", usages(4))
    assert [(uuid, group) for uuid, _, group, _ in in_bulk(path).events] == list(
        zip(UUIDS[:4], [ADA, BOB, ADA, ADA], strict=True)
    )
