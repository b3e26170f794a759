"""Knowledge: what a rule knows of a group when an event of it arrives, to the nanosecond, and how it is told."""

from dataclasses import replace

import pytest

from detector.event import Event
from detector.instant import DAY, SECOND, instant_text, parse_instant
from detector.rules import NewValueRule, shipped_rule
from detector.selection import Selector
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine
from harness.knowledge import Knowledge
from harness.sample_record import sample_record

START = parse_instant("2026-01-05T09:00:00Z")
NOT_ENABLED = "the rule was not enabled yet"
FILL = (0, "fill")


def event(rule: NewValueRule, at: int, action: str, who: str = "ana") -> Event:
    """An item usage *at* nanoseconds after `START`."""
    fields = {"user.email": f"{who}@example.com", "action": action}
    found = Selector(rule).select(sample_record(fields, 1, instant_text(START + at)))
    assert found is not None
    return found


def knowledge(
    at: int,
    action: str = "export",
    seen: tuple[tuple[int, str], ...] = (),
    enabled_at: int | None = None,
    rule: NewValueRule | None = None,
) -> Knowledge:
    """What the rule knows before an event, after ana did what she was *seen* to do; times are counted from `START`."""
    watched = rule or shipped_rule()
    enabled = None if enabled_at is None else START + enabled_at
    engine = StreamingEngine(watched, MemoryStore(), enabled)
    engine.feed([event(watched, *each) for each in seen])
    return Knowledge.before(engine, event(watched, at, action), enabled)


class TestEnabling:
    def test_the_very_event_of_that_instant_comes_after_it(self) -> None:
        at_once = knowledge(5 * DAY, enabled_at=5 * DAY)
        assert at_once.enabled
        assert at_once.told() == "the rule was learning until 2026-01-17T09:00:00Z"
        assert at_once.silence("export") == "learned: the rule was learning until 2026-01-17T09:00:00Z"

    def test_one_a_nanosecond_before_does_not(self) -> None:
        too_early = knowledge(5 * DAY - 1, enabled_at=5 * DAY)
        assert not too_early.enabled
        assert too_early.told() == NOT_ENABLED
        assert too_early.silence("export") == f"passed over: {NOT_ENABLED}"

    def test_without_such_an_instant_every_event_does(self) -> None:
        assert knowledge(0).enabled


class TestLearning:
    @pytest.mark.parametrize(("at", "until"), [(7 * DAY - 1, START + 7 * DAY), (7 * DAY, None)])
    def test_it_ends_seven_days_after_the_first_event(self, at: int, until: int | None) -> None:
        assert knowledge(at, seen=(FILL,)).learning_until == until

    @pytest.mark.parametrize(("at", "until"), [(9 * DAY - 1, START + 9 * DAY), (9 * DAY, None)])
    def test_it_ends_seven_days_after_enabling_though_no_event_came_before(self, at: int, until: int | None) -> None:
        assert knowledge(at, enabled_at=2 * DAY).learning_until == until

    def test_a_rule_that_never_learns_has_no_such_period(self) -> None:
        never = replace(shipped_rule(), learning_method="threshold")
        found = knowledge(0, rule=never)
        assert found.learning_until is None
        assert found.told() == "the rule had seen nothing of ana@example.com"


class TestMemory:
    @pytest.mark.parametrize(
        ("at", "remembers", "silence"),
        [
            (28 * DAY - 1, True, "nothing new from them: last seen 28.0 d before, and the rule remembers for 28 d"),
            (28 * DAY, False, "new from them, but suppressed"),
        ],
    )
    def test_a_value_is_remembered_for_less_than_28_days(self, at: int, silence: str, *, remembers: bool) -> None:
        found = knowledge(at, "fill", (FILL,))
        assert found.remembers("fill") is remembers
        assert found.silence("fill") == silence

    def test_a_value_never_seen_is_not_remembered(self) -> None:
        found = knowledge(8 * DAY, "export", (FILL,))
        assert not found.remembers("export")
        assert found.newness("export") == "`export` was new from them: never seen before"

    def test_what_was_forgotten_is_told_after_what_is_known(self) -> None:
        found = knowledge(30 * DAY, "export", (FILL, (29 * DAY, "share")))
        assert found.told() == (
            "the rule knew `share` (1.0 d before); `fill` last seen 30.0 d before, forgotten after 28 d"
        )

    def test_it_is_that_of_the_moment_whatever_comes_later(self) -> None:
        rule = shipped_rule()
        engine = StreamingEngine(rule, MemoryStore())
        engine.feed([event(rule, *FILL)])
        then = Knowledge.before(engine, event(rule, 8 * DAY, "export"))
        engine.feed([event(rule, 8 * DAY - SECOND, "export")])
        assert not then.remembers("export")

    def test_what_others_do_is_not_among_it(self) -> None:
        rule = shipped_rule()
        engine = StreamingEngine(rule, MemoryStore())
        engine.feed([event(rule, 0, "fill", "ben")])
        assert Knowledge.before(engine, event(rule, 8 * DAY, "fill")).last_seen == {}
