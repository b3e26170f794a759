"""Expiry: once lateness is bounded, what is forgotten is dropped, and no verdict changes."""

from unittest.mock import patch

from builders import ADA, BOB, new_value_rule, usage
from engines import Situation, parsed, remembered, selected, typed
from hypothesis import given
from hypothesis import strategies as st
from naive_model import DAY
from streams import situations
from test_engines_agree import sizes, thorough

from detector import expiry
from detector.event import Event
from detector.stores.layout import VALUES_A_PAGE
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine


def lateness_of(events: list[Event]) -> int:
    """The bound that the events keep: how far the latest of them comes behind the greatest timestamp."""
    greatest = most = 0
    for place, event in enumerate(events):
        greatest = event.timestamp if place == 0 else max(greatest, event.timestamp)
        most = max(most, greatest - event.timestamp)
    return most


def fed(
    situation: Situation,
    events: list[Event],
    size: int,
    lateness: int | None,
    *,
    sweeps: int = 4,
    values_a_page: int = VALUES_A_PAGE,
) -> tuple[list[str], StreamingEngine, MemoryStore]:
    document, _, enabled_at = situation
    store = MemoryStore()
    with patch.object(expiry, "_SWEEPS_A_WINDOW", sweeps):
        engine = StreamingEngine(parsed(document), store, enabled_at, lateness=lateness, values_a_page=values_a_page)
        found = [match for start in range(0, len(events), size) for match in engine.feed(events[start : start + size])]
    return [typed(match.shown()) for match in found], engine, store


@thorough
@given(
    situation=situations(),
    size=sizes,
    more=st.integers(0, DAY),
    sweeps=st.sampled_from([4, 100, 10**18]),
    values_a_page=st.sampled_from([1, VALUES_A_PAGE]),
)
def test_no_verdict_changes_while_the_promise_is_kept(
    situation: Situation, size: int, more: int, sweeps: int, values_a_page: int
) -> None:
    events, _ = selected(parsed(situation[0]), situation[1])
    promised = lateness_of(events) + more
    matches, engine, store = fed(situation, events, size, promised, sweeps=sweeps, values_a_page=values_a_page)
    assert matches == fed(situation, events, size, None)[0]
    assert engine.too_late == 0
    whole = remembered(parsed(situation[0]), fed(situation, events, size, None)[2])
    kept = remembered(parsed(situation[0]), store)
    assert kept.keys() == whole.keys(), "a group's first sight is never dropped"
    for group, (first_seen, values) in kept.items():
        assert first_seen == whole[group][0]
        assert values.items() <= whole[group][1].items()


@thorough
@given(
    situation=situations(),
    lateness=st.integers(0, 2 * DAY),
    cuts=st.tuples(sizes, sizes),
    values_a_page=st.sampled_from([1, VALUES_A_PAGE]),
)
def test_when_the_promise_is_broken_verdicts_still_do_not_hang_on_batches_sweeps_and_pages(
    situation: Situation, lateness: int, cuts: tuple[int, int], values_a_page: int
) -> None:
    events, _ = selected(parsed(situation[0]), situation[1])
    one, engine, _ = fed(situation, events, cuts[0], lateness, values_a_page=values_a_page)
    other, again, _ = fed(situation, events, cuts[1], lateness, sweeps=10**18)
    assert (one, engine.too_late) == (other, again.too_late)


def stream(*told: tuple[float, str, str]) -> tuple[Situation, list[Event]]:
    """Events as (day, action, who) to a rule that learns for a day and forgets after two."""
    document = new_value_rule(learn=1, forget=2)
    records = [usage(int(day * DAY), action, by) for day, action, by in told]
    return (document, records, None), selected(parsed(document), records)[0]


def test_a_value_is_dropped_once_forget_after_and_lateness_are_over() -> None:
    situation, events = stream((0, "fill", ADA), (2.9, "reveal", BOB), (3, "export", BOB))
    before = fed(situation, events[:2], 1, DAY, sweeps=10**18)[2]
    after = fed(situation, events, 1, DAY, sweeps=10**18)[2]
    rule = parsed(situation[0])
    assert [len(values) for _, values in remembered(rule, before).values()] == [1, 1]
    assert sorted(len(values) for _, values in remembered(rule, after).values()) == [0, 2]


def test_groups_that_nobody_touches_are_swept_a_few_times_a_window() -> None:
    situation, events = stream((0, "fill", ADA), *((day / 4, "fill", BOB) for day in range(17)))
    _, _, store = fed(situation, events, 1, 0)
    assert sorted(len(values) for _, values in remembered(parsed(situation[0]), store).values()) == [0, 1]


def test_an_event_that_comes_too_late_is_counted_and_new_if_its_value_may_be_gone() -> None:
    situation, events = stream((0, "fill", ADA), (0.5, "reveal", ADA), (9, "reveal", ADA), (1.5, "fill", ADA))
    matches, engine, _ = fed(situation, events, 1, DAY)
    assert (engine.too_late, len(matches)) == (1, 2)
    assert fed(situation, events, 24, None)[0] == matches[:1], "without the promise it is late, and therefore known"
