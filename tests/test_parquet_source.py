"""Parquet files are read as the lines they stand for."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet as pq

from detector.source import SourceError, read_chunks
from harness.cli import vaultdrill
from harness.run import write_company
from simulator.company import Company
from simulator.profile_file import load_profile

COMPANY = Company(people=12, days=20, seed=3, start=date(2026, 1, 5), profile=load_profile("startup-50"))


def lines(path: Path) -> list[bytes]:
    return [line for chunk in read_chunks(str(path)) for line in chunk.lines]


def written(path: Path, **columns: Sequence[object]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_a_dot_in_a_column_is_an_object_in_the_record(tmp_path: Path) -> None:
    path = written(tmp_path / "f", **{"uuid": ["A"], "user.email": ["a@example.com"], "user.name": ["Ada"]})
    assert lines(path) == [b'{"uuid":"A","user":{"email":"a@example.com","name":"Ada"}}']


def test_what_is_null_is_left_out_and_so_is_an_object_of_nulls(tmp_path: Path) -> None:
    path = written(tmp_path / "f", uuid=["A", "B"], **{"location.city": [None, "Bonn"]})
    assert lines(path) == [b'{"uuid":"A"}', b'{"uuid":"B","location":{"city":"Bonn"}}']


def test_the_nanosecond_column_is_the_time_to_its_last_digit(tmp_path: Path) -> None:
    ns = 1_767_225_600_120_000_789
    micro = pa.array([ns // 1000], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"timestamp": micro, "timestamp_ns": [ns]}), tmp_path / "f")
    assert lines(tmp_path / "f") == [b'{"timestamp":"2026-01-01T00:00:00.120000789Z"}']


def test_a_column_that_merely_ends_so_is_a_column(tmp_path: Path) -> None:
    assert lines(written(tmp_path / "f", lag_ns=[5])) == [b'{"lag_ns":5}']


@pytest.mark.parametrize(
    ("column", "found"),
    [(["soon"], "string"), ([1.5], "double"), (pa.array([5], pa.int32()), "int32"), ([None], "null")],
)
def test_nanoseconds_of_another_type_are_refused_in_one_line(
    tmp_path: Path, column: Sequence[object], found: str
) -> None:
    path = written(tmp_path / "f", timestamp=["2026-01-01T00:00:00Z"], timestamp_ns=column)
    with pytest.raises(SourceError) as refused:
        lines(path)
    assert str(refused.value) == f"{path}: timestamp_ns: found {found}; legal: int64, nanoseconds since the epoch"


def test_a_timestamp_in_nanoseconds_keeps_its_last_digit(tmp_path: Path) -> None:
    columns = {"at": pa.array([1, None], pa.timestamp("ns", "UTC")), "local": pa.array([1, None], pa.timestamp("ns"))}
    assert lines(written(tmp_path / "f", **columns)) == [
        b'{"at":"1970-01-01T00:00:00.000000001Z","local":"1970-01-01T00:00:00.000000001"}',
        b"{}",
    ]


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as refused:
        lines(path)
    return str(refused.value).removeprefix(f"{path}: ")


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_arrays([pa.array(["A"]), pa.array(["B"])], ["uuid", "uuid"]), tmp_path / "f")
    assert refusal(tmp_path / "f") == "uuid: found 2 columns; legal: 1"


def test_a_column_in_what_is_no_object_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "f", user=["Ada"], **{"user.email": ["a@example.com"]})
    assert refusal(path) == "user.email: found a value in what it is a part of; legal: an object"


def test_what_python_cannot_hold_is_refused(tmp_path: Path) -> None:
    text = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff"))
    assert refusal(written(tmp_path / "text", action=text)).startswith("not readable as Parquet ('utf-8' codec")
    far = written(tmp_path / "time", timestamp=pa.array([10**14], pa.timestamp("s", "UTC")))
    assert refusal(far).startswith("not readable as Parquet (")


def test_rows_are_numbered_on_from_chunk_to_chunk(tmp_path: Path) -> None:
    chunks = list(read_chunks(str(written(tmp_path / "f", uuid=[str(n) for n in range(20_000)]))))
    assert len(chunks) > 1
    assert [chunk.number for chunk in chunks[1:]] == [len(chunks[0].lines) + 1, 2 * len(chunks[0].lines) + 1]
    assert sum(len(chunk.lines) for chunk in chunks) == 20_000


def test_a_torn_file_is_one_line(tmp_path: Path) -> None:
    path = written(tmp_path / "torn.parquet", uuid=["A"])
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(SourceError) as refused:
        lines(path)
    assert str(refused.value).startswith(f"{path}: not readable as Parquet (")
    assert "\n" not in str(refused.value)


def test_without_pyarrow_the_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "f.parquet", uuid=["A"])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SourceError) as refused:
        lines(path)
    assert str(refused.value) == f"{path}: Parquet needs pyarrow: pip install 'vaultdrill[columnar]'"


def test_detect_finds_the_same_in_a_dataset_of_either_form(tmp_path: Path) -> None:
    write_company(COMPANY, tmp_path / "lines", workers=1)
    write_company(COMPANY, tmp_path / "tables", workers=1, form="parquet")
    found = [
        CliRunner().invoke(vaultdrill, ["detect", str(tmp_path / form), "--emit", "matches"], catch_exceptions=False)
        for form in ("lines", "tables")
    ]
    assert [each.exit_code for each in found] == [0, 0]
    assert found[0].stdout == found[1].stdout != ""
