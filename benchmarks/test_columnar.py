"""From files to matches by columns, against their limits, bare reads of the same columns, and against other ways.

Ratios in one process, the sides in turn, on one pinned core, by processor time, medians. Every side that decides
names the same matches by uuid, in order.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
import polars as pl
import pytest
from pyarrow import parquet

from benchmarks.flat import write
from benchmarks.interleaved import ratios
from benchmarks.judging import Judge
from benchmarks.peers import FORGOTTEN, LEARNING, connection, is_new, new_by_sorting, new_in
from benchmarks.workload import lines
from detector.bulk.reading import ColumnReader
from detector.columnar.engine import ColumnarEngine
from detector.rules import shipped_rule
from detector.stores.memory import MemoryStore

ROWS: Final = 5_000_000
PEOPLE: Final = 10_000
LINES: Final = 400_000
PEOPLE_OF_LINES: Final = 2_000
READ: Final = ["uuid", "timestamp_ns", "user.email", "action"]
JSON_COLUMNS: Final = dict.fromkeys(("uuid", "timestamp", "item_uuid", "vault_uuid", "action"), "VARCHAR") | {
    "user": "STRUCT(email VARCHAR)"
}

Ratios = dict[str, float]


class Reached(NamedTuple):
    described: Ratios
    """To matches, with all that they tell."""
    undescribed: Ratios
    """To the rows of matches."""


Way = Callable[[Path], Any]


def ours(path: Path) -> list[str]:
    """The uuids of the matches, by an engine that starts with nothing."""
    rule = shipped_rule()
    reader = ColumnReader([rule])
    coding = reader.codings[0]
    engine = ColumnarEngine(rule, coding.groups, coding.values, MemoryStore())
    return [match.uuid for batch in reader.batches([str(path)]) for match in engine.decide(batch[0])]


def judged(path: Path) -> list[int]:
    """The row numbers of the matches, none described: what the other ways find, but for their uuids."""
    reader = ColumnReader([shipped_rule()])
    coding = reader.codings[0]
    judge, rows, at = Judge(coding.groups, coding.values), [], 0
    for (batch,) in reader.batches([str(path)]):
        rows += (judge.matches(batch) + at).tolist()
        at += len(batch.t)
    return rows


def measured(name: str, path: Path, limits: Mapping[str, Way], ways: Mapping[str, Way]) -> Reached:
    """How many times as fast ours is as each limit and each other way."""
    expected = ours(path)
    for way, find in ways.items():
        assert list(find(path)) == expected, way
    sides = {way: partial(work, path) for way, work in {**limits, **ways}.items()}
    described = ratios({**sides, "rows": partial(judged, path)}, partial(ours, path))
    rows = described.pop("rows")  # of the same rounds, so that the others run but once
    undescribed = {way: took / rows for way, took in described.items()}
    for of, reached in (("to matches", described), ("to their rows", undescribed)):
        shown = ", ".join(f"{ratio:.2f} of {way}" for way, ratio in reached.items())
        print(f"\n{name} {of}, {len(expected):,} matches: {shown}")
    return Reached(described, undescribed)


def bare_parquet(path: Path) -> object:
    return parquet.read_table(path, columns=READ, use_threads=False, pre_buffer=False)


def bare_parquet_by_batches(path: Path) -> None:
    """Thrown away batch by batch, as ours does: a whole table in fresh memory may cost three times as much."""
    with parquet.ParquetFile(path, pre_buffer=False) as file:
        for _ in file.iter_batches(1 << 17, columns=READ, use_threads=False):
            pass


def bare_parquet_without_uuid(path: Path) -> object:
    return parquet.read_table(path, columns=READ[1:], use_threads=False, pre_buffer=False)


def duckdb_on_parquet(path: Path) -> Any:
    source = f"""(select uuid, timestamp_ns as t, "user.email" as "group", action as value from '{path}')"""
    return in_sql(source)


def in_sql(source: str) -> Any:
    with connection() as database:
        first = database.execute(f"select min(t) from {source}").fetchall()[0][0]
        return database.execute(new_in(source, "uuid", first + LEARNING)).fetchnumpy()["uuid"]


def over(frame: pl.LazyFrame) -> Any:
    """Polars' window over uuid, t, group and value."""
    first = frame.select(pl.col("t").min()).collect().item()
    before = frame.with_columns(before=pl.col("t").shift(1).over("group", "value"))
    return before.filter(is_new(first)).select("uuid").collect(engine="streaming")["uuid"]


def polars_on_parquet(path: Path) -> Any:
    columns = pl.scan_parquet(path)
    return over(columns.select("uuid", t="timestamp_ns", group="user.email", value="action"))


def polars_by_sorting(path: Path) -> Any:
    """Its categories are numbers, so that pairs can be sorted as such."""
    frame = pl.scan_parquet(path)
    first = frame.select(pl.col("timestamp_ns").min()).collect().item()
    group, value = (pl.col(name).to_physical() for name in ("user.email", "action"))
    columns = frame.select("uuid", t="timestamp_ns", group=group, value=value)
    return new_by_sorting(columns, "uuid", first).collect()["uuid"]


def bare_read_json(path: Path) -> object:
    with connection() as database:
        return database.sql(f"select * from {json_source(path)}").to_arrow_table()


def json_source(path: Path) -> str:
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in JSON_COLUMNS.items())
    return f"read_json('{path}', format = 'newline_delimited', columns = {{{columns}}})"


def duckdb_on_ndjson(path: Path) -> Any:
    time = "epoch_ns(cast(timestamp as timestamp_ns))"
    source = f"""(select uuid, {time} as t, "user".email as "group", action as value from {json_source(path)})"""
    return in_sql(source)


def polars_on_ndjson(path: Path) -> Any:
    kinds: dict[str, Any] = {
        "uuid": pl.String,
        "timestamp": pl.String,
        "action": pl.String,
        "user": pl.Struct({"email": pl.String}),
    }
    time = pl.col("timestamp").str.to_datetime("%+", time_unit="ns").to_physical()
    records = pl.scan_ndjson(path, schema=kinds)
    group = pl.col("user").struct.field("email")
    return over(records.select("uuid", t=time, group=group, value="action"))


def orjson_with_a_dict(path: Path) -> list[str]:
    """To the microsecond, which is all that Python's own instants hold."""
    last: dict[tuple[str, str], datetime] = {}
    found = []
    learned, forget_after = None, timedelta(microseconds=FORGOTTEN // 1000)
    with path.open("rb") as file:
        for line in file:
            record = orjson.loads(line)
            key, t = (record["user"]["email"], record["action"]), datetime.fromisoformat(record["timestamp"])
            learned = learned or t + timedelta(microseconds=LEARNING // 1000)
            seen = last.get(key)
            if t >= learned and (seen is None or t - seen >= forget_after):
                found.append(record["uuid"])
            last[key] = t
    return found


@pytest.fixture(scope="module")
def from_parquet(tmp_path_factory: pytest.TempPathFactory) -> Reached:
    path = write(tmp_path_factory.mktemp("parquet") / "usages.parquet", ROWS, PEOPLE)
    limits = {
        "pyarrow": bare_parquet,
        "pyarrow by batches": bare_parquet_by_batches,
        "pyarrow without uuid": bare_parquet_without_uuid,
    }
    others = {"DuckDB": duckdb_on_parquet, "Polars": polars_on_parquet, "Polars sort": polars_by_sorting}
    return measured("flat Parquet", path, limits, others)


@pytest.fixture(scope="module")
def from_ndjson(tmp_path_factory: pytest.TempPathFactory) -> Reached:
    path = tmp_path_factory.mktemp("ndjson") / "usages.ndjson"
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in lines(LINES, PEOPLE_OF_LINES))
    others = {"DuckDB": duckdb_on_ndjson, "Polars": polars_on_ndjson, "orjson": orjson_with_a_dict}
    return measured("NDJSON", path, {"read_json": bare_read_json}, others)


GOALS: Final = {"pyarrow by batches": 0.6, "Polars": 5, "DuckDB": 12}
GOALS_OF_LINES: Final = {"read_json": 0.75, "DuckDB": 1.3, "orjson": 2.5}
DESCRIBING = pytest.mark.xfail(reason="each match is described one by one; see README")
READING = pytest.mark.xfail(reason="uuids are read and checked, codes looked up; see README")
EITHER = pytest.mark.xfail(reason="near the goal: a busy machine moves it to either side; see README", strict=False)


def test_parquet_to_matches_holds_its_bounds(from_parquet: Reached) -> None:
    assert from_parquet.described["pyarrow by batches"] >= 0.04
    assert from_parquet.undescribed["pyarrow by batches"] >= 0.4
    assert from_parquet.undescribed["Polars"] >= 2.5
    assert from_parquet.undescribed["DuckDB"] >= 8


def test_ndjson_to_matches_holds_its_bounds(from_ndjson: Reached) -> None:
    assert from_ndjson.described["read_json"] >= 0.5
    assert from_ndjson.described["DuckDB"] >= 1.1
    assert from_ndjson.described["orjson"] >= 1.8
    assert from_ndjson.undescribed["read_json"] >= 0.65


@DESCRIBING
@pytest.mark.parametrize("other", GOALS)
def test_parquet_to_matches_reaches_its_goal(from_parquet: Reached, other: str) -> None:
    assert from_parquet.described[other] >= GOALS[other]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("pyarrow by batches", marks=READING),
        pytest.param("Polars", marks=READING),
        pytest.param("DuckDB", marks=EITHER),
    ],
)
def test_parquet_to_rows_reaches_the_same(from_parquet: Reached, other: str) -> None:
    assert from_parquet.undescribed[other] >= GOALS[other]


@pytest.mark.parametrize(
    "other", [pytest.param("read_json", marks=DESCRIBING), "DuckDB", pytest.param("orjson", marks=EITHER)]
)
def test_ndjson_to_matches_reaches_its_goal(from_ndjson: Reached, other: str) -> None:
    assert from_ndjson.described[other] >= GOALS_OF_LINES[other]


@pytest.mark.parametrize(
    "other", [pytest.param("read_json", marks=EITHER), "DuckDB", pytest.param("orjson", marks=EITHER)]
)
def test_ndjson_to_rows_reaches_it(from_ndjson: Reached, other: str) -> None:
    assert from_ndjson.undescribed[other] >= GOALS_OF_LINES[other]
