"""`vaultdrill bench stores`: what it tells, and that a fast wrong store is caught."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import harness.bench.place as place
from detector.stores.base import Approximation, Durability, StoreError
from detector.stores.memory import MemoryStore
from detector.stores.sqlite import SqliteStore
from harness.bench.resident import Resident
from harness.bench.table import short_names
from harness.verbs.bench import stores
from harness.verbs.simulate import simulate

pytest.importorskip("hdrh")
TINY = ("--people", "300", "--events", "1200", "--seconds", "60", "--repeats", "1", "--batch", "100")


def bench(*arguments: str) -> Result:
    return CliRunner().invoke(stores, [*TINY, *arguments], catch_exceptions=False)


def told(*arguments: str) -> dict[str, Any]:
    result = bench("--format", "json", *arguments)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_memory_comes_first_and_every_exact_store_has_its_matches(tmp_path: Path) -> None:
    found = told("--store", str(tmp_path / "s.db"), "--workload", "expiry")
    memory, noop, sqlite = found["results"]
    assert [row["store"] for row in found["results"]] == ["memory", "noop", "sqlite"]
    assert memory["ratio_to_memory"] == 1
    assert memory["matches"] == found["matches"] > 100
    assert (sqlite["digest"], sqlite["lost"], sqlite["extra"]) == (memory["digest"], 0, 0)
    assert noop["lost"] is None
    assert (sqlite["events"], sqlite["unserved"]) == (1200, 0)
    assert sqlite["disk_bytes_per_key"] > 1
    assert sqlite["recovery_seconds"] > 0
    assert memory["recovery_seconds"] is None
    assert "process" in sqlite["survives"]
    assert found["environment"]["cores"] >= 1
    assert [row["sweeps"] for row in found["results"]] == [2, 2, 2], "of batches of two days each"
    assert memory["memory_bytes_per_key"] > 1


def test_nothing_is_left_where_the_store_was_measured(tmp_path: Path) -> None:
    told("--store", str(tmp_path / "s.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_there_is_left_alone(tmp_path: Path) -> None:
    kept = SqliteStore(tmp_path / "s.db")
    kept.commit({b"g": b"blob"}, (), b"checkpoint")
    kept.close()
    before = (tmp_path / "s.db").read_bytes()
    told("--store", str(tmp_path / "s.db"))
    assert (tmp_path / "s.db").read_bytes() == before


def test_with_a_target_there_is_latency_from_the_intended_start(tmp_path: Path) -> None:
    found = told("--target", "100000", "--store", str(tmp_path / "s.db"))
    for row in found["results"]:
        assert row["target"] == 100_000
        assert row["intended"]["max"] >= row["op"]["p50"] > 0


def test_on_a_schedule_no_store_is_faster_than_what_was_offered() -> None:
    for row in told("--target", "5000", "--store", "memory:")["results"]:
        assert 0 < row["events_per_second"]["max"] <= 5_000


def test_stores_of_one_kind_are_told_apart_by_their_urls() -> None:
    stores = ["redis://a/0", "redis://b/0", "postgresql://a/d", "lmdb"]
    assert list(short_names(stores).values()) == ["redis://a/0", "redis://b/0", "postgresql", "lmdb"]


def test_the_growth_of_this_process_is_at_least_what_it_took() -> None:
    resident = Resident()
    taken = bytearray(b"x") * 30_000_000
    grown = resident.growth()
    assert len(taken) == 30_000_000
    assert grown is None or grown >= 29_000_000


class Forgetful(MemoryStore):
    """Drops a blob of every batch."""

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        super().commit(dict(list(puts.items())[1:]), deletes, checkpoint)


def test_a_fast_wrong_store_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(url: str) -> MemoryStore:
        return Forgetful() if url == "bloom:" else MemoryStore()

    monkeypatch.setattr(place, "open_store", opened)
    result = bench("--store", "bloom:")
    assert result.exit_code == 1
    assert "WRONG" in result.stdout
    assert "bloom: other matches than memory's" in result.stderr


class Forgetting(Forgetful):
    """The same, and says that it may."""

    def approximation(self) -> Approximation:
        return Approximation(0.5, 0.01, 0.01, "pairs")


def test_an_approximate_store_may_lose_matches_and_adds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "open_store", lambda url: Forgetting() if url == "bloom:" else MemoryStore())
    result = bench("--format", "json", "--store", "bloom:")
    bloom = next(row for row in json.loads(result.stdout)["results"] if row["store"] == "bloom")
    assert not bloom["exact"]
    assert bloom["extra"], "what was forgotten seems new"
    assert result.exit_code == 1


def test_a_filled_store_of_a_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    filled = MemoryStore()
    filled.durability = Durability("aof", process=True, server=True, power=False)
    filled.commit({b"g": b"blob"}, (), b"")
    filled._checkpoint = None
    monkeypatch.setattr(place, "open_store", lambda _: filled)
    with pytest.raises(StoreError, match="found baselines; legal: an empty store"):
        place._empty("redis://ada:secret@host/0")
    assert filled.read([b"g"]) == [b"blob"]


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_the_table_names_every_store_and_its_durability(form: str) -> None:
    text = bench("--format", form, "--store", "memory:").stdout
    assert "memory" in text
    assert "noop" in text
    assert "equal" in text
    assert ("|" in text) == (form == "markdown")


def test_logs_are_loaded_by_half(tmp_path: Path) -> None:
    line = '{{"uuid":"{:A>26}","timestamp":"2026-01-{:02d}T00:00:00Z","item_uuid":"i","vault_uuid":"v",'
    line += '"action":"{}","user":{{"email":"ada@example.com"}}}}\n'
    days = [line.format("B" * day, day, "fill" if day < 20 else "export") for day in range(1, 25)]
    (tmp_path / "logs.ndjson").write_text("".join(days))
    found = told("--logs", str(tmp_path / "logs.ndjson"), "--store", "memory:")
    assert (found["loaded"], found["offered"], found["matches"]) == (12, 12, 1)


def test_a_dataset_has_its_records_measured_and_not_its_other_files(tmp_path: Path) -> None:
    arguments = ["--people", "20", "--days", "3", "--seed", "1", "--out", str(tmp_path / "company")]
    assert CliRunner().invoke(simulate, arguments, catch_exceptions=False).exit_code == 0
    found = told("--logs", str(tmp_path / "company"), "--store", "memory:")
    assert found["offered"] - found["loaded"] in (0, 1)
    assert found["loaded"] > 10


def test_one_repeat_has_no_spread() -> None:
    assert "0%" not in bench("--store", "memory:").stdout.partition("\n\n")[2]


def test_a_chart_into_nowhere_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises((ValueError, click.ClickException), match=r"--chart: found .*; legal: a file in a directory"):
        bench("--chart", str(tmp_path / "nowhere" / "c.svg"))


def test_a_chart_of_an_unknown_kind_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises((ValueError, click.ClickException), match=r"--chart: found 'c\.gif'; legal"):
        bench("--chart", str(tmp_path / "c.gif"))
