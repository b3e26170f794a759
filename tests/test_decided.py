"""Decided: an explanation repeats what the engine did and holds no opinion of its own."""

import pytest
from builders import audit, line, usage
from explained import WATCHING, explaining, only
from naive_model import DAY

from detector.event import Event
from detector.selection import Selector
from detector.signals import Match
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine
from detector.verdict import LIVE, UNSET
from harness.explain.decided import Decided

STREAM = [usage(0, "fill"), usage(20 * DAY, "fill"), usage(21 * DAY, "export")]


def event_of(at: int, action: str) -> Event:
    event = Selector(WATCHING).select(line(usage(at, action)))
    assert event is not None
    return event


def test_what_the_engine_decided_is_read_off_it() -> None:
    engine = StreamingEngine(WATCHING, MemoryStore())
    first, second = event_of(0, "fill"), event_of(20 * DAY, "export")
    assert Decided.by(engine, first) == Decided(LIVE, first.timestamp, first.timestamp, learning=True)
    decided = Decided.by(engine, second)
    assert decided[:4] == (LIVE, first.timestamp, first.timestamp, False)
    assert decided.match is not None
    assert decided.match.uuid == second.uuid


def test_an_event_that_the_rule_does_not_see_starts_no_clock() -> None:
    told = only([audit(0)])
    assert (told.outcome, told.clock.rule_start, told.clock.learning_until, told.clock.learning) == (
        "ignored",
        None,
        None,
        False,
    )
    engine = StreamingEngine(WATCHING, MemoryStore())
    assert Decided.without(engine, event_of(0, "fill"), 0).rule_start == UNSET


def test_a_value_is_new_if_the_engine_matches_it_and_else_never(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [told.outcome for told in explaining(STREAM)] == ["learned", "known", "new"]
    decide = StreamingEngine.decide

    def contrary(engine: StreamingEngine, events: list[Event]) -> list[Match]:
        """An engine that knows better: it matches `fill` and nothing else."""
        decide(engine, events)
        made = [Match(event.uuid, event.timestamp, {}, {"@evt.name": "fill"}, None, None) for event in events]
        return made if any(event.values == ("fill",) for event in events) else []

    monkeypatch.setattr(StreamingEngine, "decide", contrary)
    assert [told.outcome for told in explaining(STREAM)] == ["new", "new", "learned"]
