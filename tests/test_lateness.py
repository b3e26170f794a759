"""Events that come after newer ones are counted, by either engine alike; where most do, that is said."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import ADA, line, new_value_rule, sign_in, usage
from calling import Run, caller
from hypothesis import given
from hypothesis import strategies as st
from naive_model import DAY
from naive_records import SECOND

from detector.columnar.rows import Rows
from harness.lateness import Lateness

HOUR = 3600 * SECOND
ENGINES = ("stream", "columnar")


def naive(times: Sequence[int], by: int = 0) -> int:
    return sum(any(before > time + by for before in times[:place]) for place, time in enumerate(times))


def rows(times: Sequence[int], groups: Sequence[int]) -> Rows:
    def event(_: int) -> Any:
        raise AssertionError

    codes = np.array(groups, np.int32)
    return Rows(np.array(times, np.int64), codes, codes, event)


@given(st.lists(st.lists(st.integers(-3, 3).map(lambda number: number * HOUR // 2), max_size=6), max_size=4))
def test_an_event_is_late_if_any_before_it_is_newer_wherever_the_batches_end(batches: list[list[int]]) -> None:
    listed, columns = Lateness(), Lateness()
    for batch in batches:
        listed.times(batch)
        columns.rows(rows(batch, [1] * len(batch)))
    times = [time for batch in batches for time in batch]
    assert listed.late == columns.late == naive(times)
    assert listed.long == columns.long == naive(times, HOUR)


def test_what_the_rule_does_not_see_is_neither_late_nor_makes_others_late() -> None:
    lateness = Lateness()
    lateness.rows(rows([1, 9, 2, 0, 3], [1, 0, 1, 0, 1]))
    assert lateness.late == 0


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller("detect", tmp_path, monkeypatch, capsys)


def write(*days: float) -> None:
    """An item usage a day in this order; a sign-in of the far future, that the rule does not see, comes first."""
    records = [sign_in(99 * DAY), *(usage(round(day * DAY), by=ADA) for day in days)]
    Path("in.nd").write_bytes(b"".join(line(record) + b"\n" for record in records))
    Path("rule.json").write_bytes(line(new_value_rule(query="@evt.name:reveal")))


def ran(detect: Run, *options: str) -> tuple[int, int, str]:
    """How many events were late, how many selected, and what was said."""
    told = detect("in.nd", "--rule", "rule.json", "--summary", "summary.json", *options)
    assert told.code == 0, told.err
    events = json.loads(Path("summary.json").read_bytes())["events"]
    return events["late"], events["selected"], told.err


@pytest.mark.parametrize("engine", ENGINES)
def test_newest_first_is_said_to_be_so(detect: Run, engine: str) -> None:
    write(4, 3, 2, 1)
    late, selected, err = ran(detect, "--engine", engine)
    assert (late, selected) == (3, 4)
    told = "3 of 4 selected events came after one that is hours newer"
    assert err.splitlines()[-1] == f"warning: {told}; legal as arrival order; --sort puts them in order"


@pytest.mark.parametrize("engine", ENGINES)
def test_events_that_overtake_each_other_within_an_hour_are_counted_without_a_word(detect: Run, engine: str) -> None:
    write(1, 1 - 1 / 25, 1 - 1 / 24, 1 - 1 / 25)
    late, selected, err = ran(detect, "--engine", engine)
    assert (late, selected) == (3, 4)
    assert "warning" not in err


@pytest.mark.parametrize("engine", ENGINES)
def test_a_few_late_events_are_counted_without_a_word(detect: Run, engine: str) -> None:
    write(1, 3, 2, 3, 4, 1)
    late, selected, err = ran(detect, "--engine", engine)
    assert (late, selected) == (2, 6)
    assert "warning" not in err


@pytest.mark.parametrize("engine", ENGINES)
def test_sorted_events_are_never_late(detect: Run, engine: str) -> None:
    write(4, 3, 2, 1)
    assert ran(detect, "--engine", engine, "--sort")[0] == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_events_before_the_rule_was_enabled_came_late_too(detect: Run, engine: str) -> None:
    write(3, 2, 1, 0, 4)
    late, selected, err = ran(detect, "--engine", engine, "--enabled-at", "2026-01-09")
    assert (late, selected) == (3, 1)
    assert "warning: 3 of 5 selected events" in err
