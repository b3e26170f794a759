"""The columnar engine by itself: layouts, room, the ends of time, and what it says of a match."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from builders import ADA, BOB, new_value_rule, usage
from engines import columnar, parsed, remembered, selected, streaming, typed
from naive_records import Json

from detector.columnar import tables
from detector.columnar.coding import Coding, Fields
from detector.columnar.engine import ColumnarEngine
from detector.columnar.rows import Rows
from detector.columnar.tables import DenseTable, HashedTable
from detector.event import Event
from detector.instant import DAY, SECOND, parse_instant
from detector.rules import NewValueRule
from detector.stores.base import BaselineStore
from detector.stores.memory import MemoryStore

NEVER = {"learningMethod": "threshold"}
ANY = {"multiValue": "any"}


class Watch:
    """A rule that decides events batch by batch."""

    def __init__(self, document: Json, store: BaselineStore | None = None, enabled_at: int | None = None) -> None:
        self.rule: NewValueRule = parsed(document)
        self.coding = Coding(self.rule, Fields())
        held = MemoryStore() if store is None else store
        self.engine = ColumnarEngine(self.rule, self.coding.groups, self.coding.values, held, enabled_at)

    def sees(self, *records: Json) -> list[Json]:
        events, _ = selected(self.rule, list(records))
        return [match.shown() for match in self.engine.decide(self.coding.rows_of(events))]

    @property
    def layout(self) -> type[object]:
        return type(self.engine._table)


def never_learning(**knobs: Any) -> Json:
    return new_value_rule(new_value=NEVER, **knobs)


def assert_engines_agree(document: Json, batches: Sequence[list[Event]]) -> None:
    rule, ours, theirs = parsed(document), MemoryStore(), MemoryStore()
    one, other = columnar(rule, ours, batches, None), streaming(rule, theirs, batches, None)
    assert typed(one.matches) == typed(other.matches)
    assert typed(one.signals) == typed(other.signals)
    assert remembered(rule, ours) == remembered(rule, theirs)


def test_a_match_tells_the_event_its_group_and_what_is_new() -> None:
    (match,) = Watch(never_learning()).sees(usage(3, "fill", ADA))
    assert (match["uuid"], match["group"]) == (usage(3, "fill", ADA)["uuid"], {"@usr.email": ADA})
    assert (match["value"], match["item_uuid"], match["vault_uuid"]) == ({"@evt.name": "fill"}, "item", "vault")


def test_only_the_events_of_matches_are_asked_for() -> None:
    watch, asked = Watch(never_learning()), list[int]()
    events, _ = selected(watch.rule, [usage(0, "fill"), usage(1, "fill"), usage(2, "share"), usage(3, "fill")])
    rows = watch.coding.rows_of(events)
    watch.engine.decide(rows._replace(event=lambda row: asked.append(row) or events[row]))  # type: ignore[func-returns-value]
    assert asked == [0, 2]


def test_with_any_a_match_lists_the_new_fields_only_in_their_order() -> None:
    watch = Watch(never_learning(metrics=("@a", "@b", "@c", "@d", "@e"), assumptions=ANY))
    first, second, third = (
        watch.sees(usage(number, **fields))
        for number, fields in enumerate(
            ({"a": 1, "c": 1}, dict.fromkeys("abcde", 1), {"a": 2, "b": 1, "e": 2}),
        )
    )
    assert [match["value"] for match in first] == [{"@a": 1, "@c": 1}]
    assert [list(match["value"]) for match in second] == [["@b", "@d", "@e"]]
    assert [match["value"] for match in third] == [{"@a": 2, "@e": 2}]


def test_with_any_one_event_has_one_verdict_on_each_field_even_where_values_are_equal() -> None:
    watch = Watch(never_learning(metrics=("@a", "@b"), assumptions=ANY))
    assert [match["value"] for match in watch.sees(usage(0, a="x", b="x"))] == [{"@a": "x", "@b": "x"}]
    assert watch.sees(usage(1, a="x")) == watch.sees(usage(2, b="x")) == []


def test_a_group_by_that_is_also_the_metric_is_new_once_a_group() -> None:
    watch = Watch(never_learning(group_by=("@evt.name",)))
    found = watch.sees(usage(0, "fill"), usage(1, "share"), usage(2, "fill"), usage(3, "share"))
    assert [match["value"]["@evt.name"] for match in found] == ["fill", "share"]


def test_an_empty_batch_decides_nothing() -> None:
    watch = Watch(never_learning())
    assert watch.sees() == []
    assert len(watch.sees(usage(0))) == 1
    assert watch.sees() == []


def test_events_before_the_rule_was_enabled_are_counted_over_all_batches() -> None:
    watch = Watch(never_learning(), enabled_at=parse_instant("2026-01-05T00:00:10Z"))
    for batch in ((0, 9), (5,), (10, 9)):
        watch.sees(*(usage(second * SECOND) for second in batch))
    assert watch.engine.not_enabled == 4


def test_few_groups_and_values_are_kept_in_a_dense_table() -> None:
    watch = Watch(never_learning())
    watch.sees(usage(0))
    assert watch.layout is DenseTable


def test_values_judged_apart_are_always_hashed() -> None:
    assert Watch(never_learning(metrics=("@a", "@b"), assumptions=ANY)).layout is HashedTable


def test_when_a_table_becomes_sparse_it_is_hashed_and_forgets_nothing() -> None:
    watch = Watch(never_learning())
    with patch.multiple(tables, SMALL=20, SPARSE=1):
        assert len(watch.sees(usage(0, "fill", ADA), usage(1, "share", BOB))) == 2
        layouts = [watch.layout]
        many = [usage(number, f"action {number}", f"user {number}") for number in range(2, 12)]
        assert len(watch.sees(*many)) == 10
        layouts.append(watch.layout)
        assert watch.sees(usage(20, "fill", ADA), usage(21, "share", BOB), *many) == []
    assert layouts == [DenseTable, HashedTable]


def test_when_a_table_is_hashed_it_still_knows_when_its_groups_were_first_seen() -> None:
    watch = Watch(new_value_rule(learn=0))
    with patch.multiple(tables, SMALL=20, SPARSE=1):
        assert watch.sees(usage(0, "fill", ADA)) == []
        assert watch.sees(*(usage(number, f"action {number}", f"user {number}") for number in range(2, 12))) == []
        assert len(watch.sees(usage(20, "share", ADA))) == 1
    assert watch.layout is HashedTable


def test_what_was_decided_before_the_switch_is_committed_after_it() -> None:
    store = MemoryStore()
    watch = Watch(never_learning(), store)
    with patch.multiple(tables, SMALL=20, SPARSE=1):
        watch.sees(usage(0, "fill", ADA))
        watch.sees(*(usage(number, f"action {number}", f"user {number}") for number in range(2, 12)))
    watch.engine.commit()
    assert len(list(store.scan())) == 11
    assert Watch(never_learning(), store).sees(usage(30, "fill", ADA)) == []


@pytest.mark.parametrize("order", [range(300), reversed(range(300))])
def test_a_table_grows_in_both_directions_event_by_event(order: Sequence[int]) -> None:
    rule = parsed(never_learning())
    stream = [usage(number, f"action {number % 37}", f"user {number % 41}") for number in order]
    events, _ = selected(rule, stream)
    assert_engines_agree(never_learning(), [[event] for event in events])


def synthetic(rule: NewValueRule, coding: Coding, t: Any, users: Any, actions: Any) -> Rows:
    """Rows by numbers, far more than one would write records for."""
    group = np.array([coding.groups[f"u{user}"] for user in users.tolist()], np.int32)
    value = np.array([coding.values[f"a{action}"] for action in actions.tolist()], np.int32)
    template = selected(rule, [usage(0)])[0][0]

    def event(row: int) -> Event:
        return Event(str(row), int(t[row]), f"u{users[row]}", (f"a{actions[row]}",), template.lens, template.record)

    return Rows(t, group, value, event)


@pytest.mark.parametrize("actions", [3, 70_000])
def test_more_groups_and_values_than_sixteen_bits_are_told_apart(actions: int) -> None:
    rule = parsed(never_learning())
    coding = Coding(rule, Fields())
    engine = ColumnarEngine(rule, coding.groups, coding.values, MemoryStore())
    users = np.arange(70_000)
    batch = synthetic(rule, coding, users.astype(np.int64), users, users % actions)
    assert len(engine.decide(batch)) == 70_000
    assert engine.decide(batch) == []
    engine.commit()
    assert sum(1 for _ in engine._store.scan()) == 70_000
    assert isinstance(engine._table, DenseTable) == (actions == 3)


@pytest.mark.parametrize("start", ["1678-01-01T00:00:00Z", "2261-12-01T23:59:59.999999999Z"])
def test_a_nanosecond_decides_at_the_ends_of_time(start: str) -> None:
    rule = never_learning(forget=30)
    first = parse_instant(start)
    event = selected(parsed(rule), [usage(0)])[0][0]
    for later, matches in ((30 * DAY - 1, 1), (30 * DAY, 2)):
        coding = Coding(parsed(rule), Fields())
        engine = ColumnarEngine(parsed(rule), coding.groups, coding.values, MemoryStore())
        events = [
            Event(event.uuid, t, event.group, event.values, event.lens, event.record) for t in (first, first + later)
        ]
        assert len(engine.decide(coding.rows_of(events))) == matches


def test_a_signal_gathers_matches_of_many_batches_and_is_closed_by_the_next() -> None:
    watch = Watch(never_learning(keep_alive=60, longest=3600))
    for second, action in ((0, "a"), (60, "b"), (121, "c")):
        watch.sees(usage(second * SECOND, action))
        watch.engine.commit()
    assert [len(signal.matches) for signal in watch.engine.closed()] == [2]
    assert watch.engine.closed() == []
    assert [len(signal.matches) for signal in watch.engine.still_open()] == [1]
