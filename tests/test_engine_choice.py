"""Which engine carries out an order: the one that was asked for, or what `auto` finds worth its start."""

import gzip
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import click
import pyarrow as pa
import pytest
from builders import line, new_value_rule, usage
from calling import Run, caller
from pyarrow import parquet

from detector.rules import shipped_rule
from detector.stores.memory import MemoryStore
from harness import columnar_run, engines
from harness.order import Order, Post


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    records = b"".join(line(usage(second * 10**9)) + b"\n" for second in range(3))
    (tmp_path / "records.ndjson").write_bytes(records)
    (tmp_path / "records.ndjson.gz").write_bytes(gzip.compress(records))
    return caller("detect", tmp_path, monkeypatch, capsys)


def engine_of(detect: Run, *arguments: str) -> str:
    ran = detect(*arguments, "--summary", "summary.json", "--out", "out.ndjson")
    assert ran.code == 0, ran.err
    engine: str = json.loads(Path("summary.json").read_bytes())["engine"]
    return engine


def without(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == missing else find_spec(name))


@pytest.mark.parametrize("engine", ["stream", "columnar"])
def test_an_engine_that_is_asked_for_is_taken(detect: Run, engine: str) -> None:
    assert engine_of(detect, "records.ndjson", "--engine", engine) == engine


def test_auto_streams_what_is_small(detect: Run) -> None:
    assert engine_of(detect, "records.ndjson") == "stream"


def test_auto_takes_columns_for_what_is_large(detect: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    size = Path("records.ndjson").stat().st_size
    monkeypatch.setattr(engines, "_WORTH_COLUMNS", size)
    assert engine_of(detect, "records.ndjson") == "columnar"
    monkeypatch.setattr(engines, "_WORTH_COLUMNS", size + 1)
    assert engine_of(detect, "records.ndjson") == "stream"
    assert engine_of(detect, "records.ndjson", "records.ndjson") == "columnar"


def test_auto_weighs_the_records_as_often_as_there_are_rules(detect: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = []
    for name in ("one", "two"):
        Path(f"{name}.json").write_bytes(line(new_value_rule(name=name)))
        rules += ["--rule", f"{name}.json"]
    size = Path("records.ndjson").stat().st_size
    for threshold, engine in ((2 * size, "columnar"), (2 * size + 1, "stream")):
        monkeypatch.setattr(engines, "_WORTH_COLUMNS", threshold)
        assert detect("records.ndjson", *rules, "--summary", "summary.json").code == 0
        assert [one["engine"] for one in json.loads(Path("summary.json").read_bytes())] == [engine, engine]


@pytest.mark.parametrize(("terminal", "compiled"), [(1, 1), (1, 0), (0, 0)])
def test_only_a_person_at_a_terminal_is_told_that_the_engine_is_compiled_first(
    monkeypatch: pytest.MonkeyPatch, terminal: int, compiled: int
) -> None:
    told: list[str] = []
    monkeypatch.setattr(columnar_run, "is_compiled", lambda: bool(compiled))
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: bool(terminal)))
    monkeypatch.setattr(click, "echo", lambda line, **_: told.append(line))
    engines.engine_for("columnar", Order(sources=[], posts=[Post(shipped_rule(), MemoryStore(), "memory")]))
    assert len(told) == (terminal and not compiled)


def test_a_cache_without_machine_code_is_no_compilation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = SimpleNamespace(stats=SimpleNamespace(cache_path=str(tmp_path)))
    monkeypatch.setattr(columnar_run, "judge_dense", kept)
    assert not columnar_run.is_compiled()
    (tmp_path / "kernel.judge_dense-85.py311.nbi").touch()
    assert columnar_run.is_compiled()
    kept.stats.cache_path = None
    assert not columnar_run.is_compiled(), "where nothing can be kept, each run compiles"


def test_auto_streams_what_is_packed_since_that_is_read_line_by_line(
    detect: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_WORTH_COLUMNS", 1)
    assert engine_of(detect, "records.ndjson.gz") == "stream"


def test_a_byte_of_parquet_weighs_more(detect: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [usage(second * 10**9) for second in range(3)]
    columns = {name: [record[name] for record in records] for name in ("uuid", "timestamp", "item_uuid", "vault_uuid")}
    parquet.write_table(pa.table(columns), "records.parquet")
    monkeypatch.setattr(engines, "_WORTH_COLUMNS", Path("records.parquet").stat().st_size * 2)
    assert engine_of(detect, "records.parquet") == "columnar"


def test_where_columns_are_not_installed_auto_streams_and_says_what_to_install(
    detect: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_WORTH_COLUMNS", 1)
    without("numba", monkeypatch)
    ran = detect("records.ndjson")
    assert ran.code == 0
    assert ran.err.startswith("streaming; columns would be faster: pip install 'vaultdrill[columnar]'\n")


def test_what_is_small_needs_nothing_installed_and_says_nothing_of_it(
    detect: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    without("numba", monkeypatch)
    assert "columns" not in detect("records.ndjson").err


def test_columns_that_are_asked_for_and_not_installed_are_refused(detect: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    without("duckdb", monkeypatch)
    ran = detect("records.ndjson", "--engine", "columnar")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "vaultdrill: --engine: columnar needs duckdb: pip install 'vaultdrill[columnar]'\n"
