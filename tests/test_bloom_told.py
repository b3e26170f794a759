"""What `detect` tells of a store that may miss matches: a line at its end, and the same in the summary."""

import json
from pathlib import Path

import pytest
from builders import line, new_value_rule, usage
from calling import Run, caller
from naive_model import DAY

PEOPLE = 300


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    records = [usage(DAY, "fill", f"{number}@example.com") for number in range(PEOPLE)]
    (tmp_path / "records.ndjson").write_bytes(b"".join(line(record) + b"\n" for record in records))
    (tmp_path / "rule.json").write_text(json.dumps(new_value_rule(learn=1)))
    return caller("detect", tmp_path, monkeypatch, capsys)


def told(ran: Run, store: str) -> list[str]:
    """The lines on stderr that speak of the store."""
    done = ran("records.ndjson", "--rule", "rule.json", "--store", store, "--out", "signals.ndjson")
    assert done.code == 0
    return [row for row in done.err.splitlines() if "seem known" in row]


def test_a_store_with_room_is_told_of_in_one_line_that_is_no_warning(detect: Run) -> None:
    (row,) = told(detect, "bloom:?pairs=3000")
    assert row.startswith("bloom: 10")
    assert row.endswith("% of new values seem known to it (1% asked for)")


@pytest.mark.parametrize("room", ["pairs=100", "pairs=1"])
def test_an_overfull_store_is_warned_of_with_what_to_do(detect: Run, room: str) -> None:
    (row,) = told(detect, f"bloom:?{room}")
    assert row.startswith("warning: bloom: ")
    assert "inf" not in row
    assert row.endswith("legal: a greater pairs=")


def test_an_exact_store_has_nothing_to_tell(detect: Run) -> None:
    assert told(detect, "memory:") == []
    assert told(detect, "state.db") == []


def test_the_summary_has_the_same_as_numbers(detect: Run, tmp_path: Path) -> None:
    for store, file in (("bloom:?pairs=100&false_known=0.1", "near.json"), ("memory:", "exact.json")):
        done = detect("records.ndjson", "--rule", "rule.json", "--store", store, "--summary", file)
        assert done.code == 0
    near = json.loads((tmp_path / "near.json").read_text())["approximation"]
    assert near["false_known"] == 0.1
    assert 2.5 < near["fill"] < 3.5
    assert near["false_known"] < near["estimated_false_known"] < 1
    assert "approximation" not in json.loads((tmp_path / "exact.json").read_text())
