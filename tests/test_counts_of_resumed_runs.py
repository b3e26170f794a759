"""What a run that was interrupted counts when it goes on: its summary is that of one run over all."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from builders import ADA, START, line, new_value_rule, usage
from calling import Run, caller
from naive_model import DAY
from naive_records import rfc3339

import detector.source
import harness.detection

DAN: Final = "dan@example.com"
"""Of the other half than Ada."""
IN_TIME: Final = [
    usage(hour * DAY // 8, action, person)
    for hour in range(20 * 8)
    for person in (ADA, DAN)
    for action in (["fill", f"action {hour}"] if hour % 8 == 1 else ["fill"])
]
RECORDS: Final = [
    each
    for place, record in enumerate(IN_TIME)
    for each in ([usage(0, "late", ADA), usage(0, "late", DAN), record] if place % 100 == 99 else [record])
]
"""Some days of two people, and now and then an event that comes days late."""
ENABLED: Final = rfc3339(START + 2 * DAY)
OPTIONS: Final = (
    *("--engine", "stream", "--rule", "rule.json"),
    *("--allowed-lateness", "1d", "--enabled-at", ENABLED),
)


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`detect`, which commits every 10 events."""
    monkeypatch.setattr(harness.detection, "COMMITTED", 10)
    monkeypatch.setattr(detector.source, "_CHUNK_BYTES", 2_000)
    (tmp_path / "rule.json").write_text(json.dumps(new_value_rule(forget=3, learn=1)))
    return caller("detect", tmp_path, monkeypatch, capsys)


def write(good: int, after: bytes = b"") -> None:
    Path("records.ndjson").write_bytes(b"".join(line(record) + b"\n" for record in RECORDS[:good]) + after)


def counted(detect: Run, options: Sequence[str], store: str, out: str) -> dict[str, Any]:
    """The summary without what differs between any two runs."""
    given = ("--store", store, "--out", out, "--summary", "summary.json")
    assert detect("records.ndjson", *OPTIONS, *options, *given).code == 0
    told: dict[str, Any] = json.loads(Path("summary.json").read_text())
    return {name: told[name] for name in ("events", "matches", "signals")}


@pytest.mark.parametrize("shard", [(), ("--shard", "1/2"), ("--shard", "2/2")])
def test_a_run_that_goes_on_counts_from_its_beginning(detect: Run, shard: tuple[str, ...]) -> None:
    write(len(RECORDS))
    whole = counted(detect, shard, "whole.db", "whole.ndjson")
    write(250, b"not a record\n")
    assert detect("records.ndjson", *OPTIONS, *shard, "--store", "state.db", "--out", "out.ndjson").code == 2
    write(len(RECORDS))
    assert counted(detect, shard, "state.db", "out.ndjson") == whole
    assert Path("out.ndjson").read_bytes() == Path("whole.ndjson").read_bytes()


def test_there_is_something_to_count(detect: Run) -> None:
    write(len(RECORDS))
    parts = [counted(detect, ("--shard", f"{part}/2"), f"{part}.db", f"{part}.ndjson") for part in (1, 2)]
    for part in parts:
        assert part["events"]["later_than_allowed"] > 0
        assert part["events"]["ignored"]["before the rule was enabled"] > 0
        assert part["events"]["ignored"]["in other shards"] > 0
        assert part["matches"] > 0
