"""Ahead: an explanation says so where the store knows already what came of the event."""

import json
from pathlib import Path

import pytest
from builders import ADA, BOB, line, usage
from calling import Run, caller
from explained import WATCHING
from naive_model import DAY
from naive_records import Json

from detector.event import Event
from detector.selection import Selector
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine
from harness.explain.ahead import Ahead, ahead

FILL, EXPORT = usage(0, "fill"), usage(20 * DAY, "export")


def event_of(record: Json) -> Event:
    event = Selector(WATCHING).select(line(record))
    assert event is not None
    return event


def store_after(*records: Json) -> MemoryStore:
    store = MemoryStore()
    StreamingEngine(WATCHING, store).feed([event_of(record) for record in records])
    return store


def test_a_store_from_before_the_event_or_without_its_group_is_not_ahead() -> None:
    assert ahead(MemoryStore(), event_of(FILL)) is None
    assert ahead(store_after(FILL), event_of(EXPORT)) is None
    assert ahead(store_after(FILL), event_of(usage(1, "fill"))) is None
    assert ahead(store_after(FILL), event_of(usage(-1, "fill", BOB))) is None


@pytest.mark.parametrize("at", [0, -DAY])
def test_a_store_that_reaches_to_the_event_or_beyond_is_ahead(at: int) -> None:
    event = event_of(usage(at, "fill"))
    assert ahead(store_after(FILL), event) == Ahead(event_of(FILL).timestamp)


def test_a_store_with_the_events_own_match_says_that_it_was_one() -> None:
    found = ahead(store_after(FILL, EXPORT), event_of(EXPORT))
    assert found is not None
    assert found.match is not None
    assert (found.match.uuid, found.match.value) == (EXPORT["uuid"], {"@evt.name": "export"})
    assert f"was a match then, 'export' being NEW, in the signal {found.signal};" in found.note()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / "day1").write_bytes(line(FILL))
    (tmp_path / "day2").write_bytes(line(EXPORT))
    detect = caller("detect", tmp_path, monkeypatch, capfd)
    assert detect("day1", "--store", "before.db").code == 0
    assert detect("day1", "day2", "--store", "after.db").code == 0
    return caller("explain", tmp_path, monkeypatch, capfd)


def test_with_the_store_that_the_run_left_the_first_line_says_that_it_is_from_after_the_event(run: Run) -> None:
    told = run("day2", "--uuid", EXPORT["uuid"], "--store", "after.db")
    assert told.lines[0].startswith("NOTE      the store is from after this event: the event was a match then")
    assert "give a copy from before the run, or all records without --store." in " ".join(told.out.split())
    assert f"\n\nKNOWN  `export` from {ADA}" in told.out
    assert max(map(len, told.lines)) <= 100
    (found,) = json.loads(run("day2", "--uuid", EXPORT["uuid"], "--store", "after.db", "--format", "json").out)
    assert found["note"].startswith("the store is from after this event: ")


def test_with_a_store_from_before_the_run_there_is_nothing_to_note(run: Run) -> None:
    assert run("day2", "--uuid", EXPORT["uuid"], "--store", "before.db").out.startswith("NEW  `export`")
    (found,) = json.loads(run("day2", "--uuid", EXPORT["uuid"], "--store", "before.db", "--format", "json").out)
    assert found["note"] is None


def test_the_help_says_which_store_to_give(run: Run) -> None:
    assert "With --store give a copy from before the run" in run("--help").out
