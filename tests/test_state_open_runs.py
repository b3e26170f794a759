"""`vaultdrill state show` over a store whose run was interrupted: what it reads, where it writes, how far it is."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from builders import ADA, line, new_value_rule, usage
from calling import Run, caller
from naive_model import DAY

import detector.source
import harness.detection

RECORDS: Final = [usage(hour * DAY // 4, action, ADA) for hour in range(100) for action in ("fill", f"do-{hour}")]
COMMAND: Final = ("records.ndjson", "--rule", "rule.json", "--engine", "stream", "--store", "state.db")
OUT: Final = ("--out", "out.ndjson")


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`detect`, which commits every 10 events."""
    monkeypatch.setattr(harness.detection, "COMMITTED", 10)
    monkeypatch.setattr(detector.source, "_CHUNK_BYTES", 2_000)  # what is decided at once
    rule = new_value_rule(query="*", new_value={"learningMethod": "threshold"})
    (tmp_path / "rule.json").write_bytes(line(rule))
    return caller("detect", tmp_path, monkeypatch, capsys)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller("state", tmp_path, monkeypatch, capsys)


def write(*after: bytes) -> None:
    Path("records.ndjson").write_bytes(b"\n".join([*map(line, RECORDS), *after]))


def interrupted(detect: Run, *options: str) -> None:
    """A run that ends at a record that cannot be read."""
    write(b"not a record")
    assert detect(*COMMAND, *OUT, *options).code == 2


def open_runs(state: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(state("show", "--store", "state.db", "--format", "json").out)["state"][
        "open_runs"
    ]
    return found


def test_an_interrupted_run_is_told_with_its_sources_its_results_and_its_place(detect: Run, state: Run) -> None:
    interrupted(detect, "--emit", "matches")
    (run,) = open_runs(state)
    assert 0 < run.pop("events") < len(RECORDS) + 1
    assert run.pop("bytes_written") == len(Path("out.ndjson").read_bytes())
    assert run == {
        "shard": None,
        "run": 1,
        "sources": "records.ndjson",
        "out": str(Path("out.ndjson").resolve()),
        "emit": "matches",
        "sort": "no",
    }


def test_in_words_it_comes_with_what_can_be_done_about_it(detect: Run, state: Run) -> None:
    interrupted(detect, "--emit", "matches")
    (run,) = open_runs(state)
    told = " ".join(state("show", "--store", "state.db").out.split())
    place = f"{run['events']} events decided, {run['bytes_written']:,} bytes written"
    assert f"not ended records.ndjson into {run['out']}: {place};" in told
    assert "the same `detect` goes on from there, and --abandon leaves it" in told
    assert "not ended" in state("show", "--store", "state.db", "--group", ADA).out


def test_the_run_of_a_shard_is_told_as_the_shards(detect: Run, state: Run) -> None:
    interrupted(detect, "--shard", "1/1")
    assert [run["shard"] for run in open_runs(state)] == ["1/1"]
    assert "not ended     shard 1/1: records.ndjson" in state("show", "--store", "state.db").out


@pytest.mark.parametrize("then", [(), ("--abandon",)])
def test_once_it_went_on_to_its_end_or_was_left_nothing_is_told_of_it(
    detect: Run, state: Run, then: tuple[str, ...]
) -> None:
    interrupted(detect)
    write()
    out = ("--out", "other.ndjson") if then else OUT
    assert detect(*COMMAND, *out, *then).code == 0
    assert open_runs(state) == []
    assert "not ended" not in state("show", "--store", "state.db").out


def test_a_run_that_cannot_be_resumed_is_none_of_them(detect: Run, state: Run) -> None:
    write()
    assert detect(*COMMAND).code == 0
    assert open_runs(state) == []
