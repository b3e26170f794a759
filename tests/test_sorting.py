"""Rows are sorted by timestamp, uuid and arrival for every rule, in bounded memory and with no trace left behind."""

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from builders import log, new_value_rule, sign_in, usage
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_records import SECOND, Json
from test_column_reading import (
    ANYTHING,
    FILLS,
    SIGN_INS,
    USAGES,
    assert_each_as_alone,
    dataset,
    flat,
    ndjson,
    parsed,
    written,
)

from detector.bulk import sorted_run
from detector.bulk.reading import ColumnReader
from detector.bulk.sorted_run import Order
from detector.bulk.sorting import Records, sorter
from detector.columnar.rows import Rows
from detector.source import SourceError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where sorting has its files; it is empty afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    with patch.object(tempfile, "tempdir", str(folder)):
        yield folder
    assert list(folder.iterdir()) == []


def sorted_uuids(names: list[str]) -> list[str]:
    return [rows.event(row).uuid for (rows,) in ColumnReader([ANYTHING]).sorted(names) for row in range(len(rows.t))]


def at(second: int, uuid: str, **fields: Any) -> Json:
    return {**usage(second * SECOND, **fields), "uuid": uuid.ljust(26, "A")}


def test_rows_come_by_time_then_by_uuid_over_all_sources(tmp_path: Path) -> None:
    first = written(tmp_path / "a", ndjson([at(2, "C"), at(1, "E"), at(2, "B")]))
    second = written(tmp_path / "b", ndjson([at(2, "A"), at(1, "D")]))
    assert [uuid[0] for uuid in sorted_uuids([first, second])] == ["D", "E", "A", "B", "C"]


def test_uuids_are_ordered_by_code_points_with_nul_and_beyond_the_basic_plane(tmp_path: Path) -> None:
    ids = ["a", "a\0", "a\0b", "b", "\0", "\uffff", "\U0001f600", "é", "Z", "aa"]
    name = written(tmp_path / "logs", ndjson([{**log(0), "id": each} for each in ids]))
    assert sorted_uuids([name]) == sorted(ids)


def test_times_are_exact_to_the_nanosecond_over_all_years(tmp_path: Path) -> None:
    texts = ["2261-12-31T23:59:59.999999999Z", "2261-12-31T23:59:59.999999998Z", "1678-01-01T00:00:00Z"]
    records = [{**usage(0), "timestamp": text} for text in texts]
    together = assert_each_as_alone([ANYTHING], [written(tmp_path / "a", ndjson(records))], "sorted")
    assert [t for t, *_ in together.seen[0]] == sorted(t for t, *_ in together.seen[0])


def test_equal_events_stay_in_their_order_of_arrival_for_each_rule(tmp_path: Path) -> None:
    same = [at(5, "A", action=action, by=by) for action in ("fill", "copy") for by in ("z", "y", "x")]
    early, late = at(1, "B", action="fill"), at(9, "B", action="copy")
    feeds = [[early, *same[:2], late, same[2]], [late, same[3]], [early, *same[4:]]]
    names = [dataset(tmp_path / "dataset", feeds), written(tmp_path / "again", ndjson(same[::-1]))]
    copies = parsed(new_value_rule(query="@evt.name:copy"))
    assert_each_as_alone([ANYTHING, FILLS, copies], names, "sorted")


@pytest.mark.parametrize("metrics", [("@evt.name",), ("@x", "@user.name", "@evt.name"), ("@timestamp", "@uuid")])
@pytest.mark.parametrize("how", ["tuple", "any"])
def test_events_of_sorted_columns_are_told_as_they_were(tmp_path: Path, metrics: tuple[str, ...], how: str) -> None:
    odd: list[Json] = [
        {"x": 1},
        {"x": "\0"},
        {"x": True, "user": None},
        {"user": {"name": '"'}},
        {"item_uuid": ""},
        {"x": 1.5},
    ]
    records = [usage(at * SECOND, **fields) for at, fields in enumerate(odd)]
    sign_ins = [sign_in(at * SECOND, x="é\U0001f600\n", category=category) for at, category in enumerate("ba")]
    sign_ins.append(sign_in(0, timestamp="2026-01-05T00:00:30.500Z"))
    rule = parsed(
        new_value_rule(group_by=(), metrics=metrics, assumptions={"multiValue": how}, message="{{@x}}{{@item_uuid}}")
    )
    names = [written(tmp_path / "usages", ndjson(records)), written(tmp_path / "sign-ins", ndjson(sign_ins))]
    names.append(flat(USAGES, tmp_path / "flat.parquet"))
    together = assert_each_as_alone([rule, ANYTHING], names, "sorted")
    assert together.seen[1]


NOTHING = Rows(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32), [].__getitem__)


def told(text: bytes) -> Any:
    return text


def test_many_rows_are_sorted_with_less_memory_than_they_take(folder: Path) -> None:
    rng = np.random.default_rng(5)
    with sorter([Order(NOTHING, told)], memory=32) as rows, patch.object(sorted_run, "BATCH", 10_000):
        rows.begin(0)
        for _ in range(20):
            t = rng.integers(0, 1000, 50_000)
            uuids = [b"%026d" % number for number in rng.integers(0, 10**9, 50_000).tolist()]
            texts = pa.array([b"{%d %s}" % pair for pair in zip(t.tolist(), uuids, strict=True)], pa.binary())
            group = np.ones(len(t), np.int32)
            batch = Rows(t, group, group, NOTHING.event)
            rows.take(Records(pa.array(uuids, pa.binary()), texts, [(batch, np.arange(len(t)))]))
        batches = list(rows.batches())
        spilled = sum(file.stat().st_size for file in folder.rglob("duckdb_temp*"))
        found: list[Any] = [sorted_rows.event(row) for (sorted_rows,) in batches for row in (0, len(sorted_rows.t) - 1)]
    assert spilled > 32_000_000
    assert [len(sorted_rows.t) for (sorted_rows,) in batches] == [10_000] * 100
    assert found == sorted(found, key=lambda text: (int(text.split()[0][1:]), text))


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("AB")), min_size=1, max_size=12), st.integers(1, 5))
def test_in_batches_of_any_size_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, stamps: list[tuple[int, str]], size: int
) -> None:
    records = [at(second, uuid, action=f"do-{number}") for number, (second, uuid) in enumerate(stamps)]
    name = written(tmp_path_factory.mktemp("sorted") / "a", ndjson(records))
    with patch.object(sorted_run, "BATCH", size), patch.object(sorted_run, "_SPOOLED", size):
        together = assert_each_as_alone([ANYTHING, SIGN_INS], [name], "sorted")
    assert max(together.sizes) <= size


def test_what_was_spooled_is_gone_when_reading_stops_early_or_fails(tmp_path: Path, folder: Path) -> None:
    name = written(tmp_path / "a", ndjson(USAGES))
    with patch.object(sorted_run, "BATCH", 1):
        batches = ColumnReader([ANYTHING]).sorted([name])
        assert len(next(batches)[0].t) == 1
    assert list(folder.iterdir())
    batches.close()  # type: ignore[attr-defined]
    assert list(folder.iterdir()) == []
    with pytest.raises(SourceError, match="cannot be read"):
        list(ColumnReader([ANYTHING]).sorted([name, str(tmp_path / "missing")]))
    for interruption in (KeyboardInterrupt, GeneratorExit):
        with patch.object(sorted_run.Run, "take", side_effect=interruption), pytest.raises(interruption):
            list(ColumnReader([ANYTHING]).sorted([name]))
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_told_in_one_line(tmp_path: Path, folder: Path) -> None:
    name = written(tmp_path / "a", ndjson(USAGES))
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with patch("detector.bulk.text_file.os.write", side_effect=full), pytest.raises(SourceError) as refused:
        list(ColumnReader([ANYTHING]).sorted([name]))
    assert str(refused.value) == (
        f"{folder}: no room to sort in (No space left on device); legal: a TMPDIR that has it"
    )
    too_little = patch("detector.bulk.sorting.sorter.__wrapped__.__defaults__", (0,))
    with too_little, pytest.raises(SourceError, match=f"^{folder}: no room to sort in [^\n]*$"):
        list(ColumnReader([ANYTHING]).sorted([name]))


def test_a_directory_that_does_not_exist_is_told_in_one_line(tmp_path: Path) -> None:
    name = written(tmp_path / "a", ndjson(USAGES))
    missing = str(tmp_path / "missing")
    with patch.object(tempfile, "tempdir", missing), pytest.raises(SourceError, match=f"^{missing}: no room to sort"):
        list(ColumnReader([ANYTHING]).sorted([name]))
