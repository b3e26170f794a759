"""The engines in one harness: what each makes of a stream, and what it leaves behind, in the naive model's words."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
from builders import line
from naive_model import Group, Model, Value
from naive_records import Json, Tagged, at_path, identity, kind, tagged

from detector.columnar.coding import Coding, Fields
from detector.columnar.columns import Column, Columns
from detector.columnar.engine import ColumnarEngine
from detector.columnar.rows import Rows
from detector.event import Event
from detector.onepassword import Kind, path_of
from detector.questions import fields_of
from detector.rules import NewValueRule, parse_rule
from detector.selection import Selector
from detector.signals import Match, Signal
from detector.stores.base import BaselineStore
from detector.stores.layout import VALUES_A_PAGE
from detector.stores.paged import PagedView
from detector.streaming import StreamingEngine
from detector.token import scalars, token

NOT_ENABLED = "before the rule was enabled"
_KINDS = {"item": Kind.ITEM_USAGE, "sign-in": Kind.SIGN_IN, "audit": Kind.AUDIT_EVENT}

Situation: TypeAlias = tuple[Json, list[Json], int | None]
"""A rule, a stream, and when the rule was enabled."""


class Outcome:
    """What an engine made of a stream."""

    def __init__(self, matches: Sequence[Match], signals: Sequence[Signal], not_enabled: int) -> None:
        self.matches = [match.shown() for match in matches]
        self.signals = {signal.id: signal.shown() for signal in signals}
        self.not_enabled = not_enabled
        assert len(self.signals) == len(signals), "a run gives each of its signals once"


Engine: TypeAlias = Callable[[NewValueRule, BaselineStore, Iterable[list[Event]], int | None], Outcome]
"""Runs one engine over batches of events, each of which it commits."""


def streaming(
    rule: NewValueRule,
    store: BaselineStore,
    batches: Iterable[list[Event]],
    enabled_at: int | None,
    values_a_page: int = VALUES_A_PAGE,
) -> Outcome:
    """The streaming engine, which decides each batch in two parts."""
    engine = StreamingEngine(rule, store, enabled_at, values_a_page=values_a_page)
    matches: list[Match] = []
    signals: list[Signal] = []
    for batch in batches:
        half = len(batch) // 2
        matches += engine.decide(batch[:half]) + engine.decide(batch[half:])
        engine.commit()
        signals += engine.closed()
    return Outcome(matches, signals + engine.still_open(), engine.not_enabled)


def columnar(
    rule: NewValueRule,
    store: BaselineStore,
    batches: Iterable[list[Event]],
    enabled_at: int | None,
    values_a_page: int = VALUES_A_PAGE,
) -> Outcome:
    """The columnar engine, the events being coded one by one."""
    coding = Coding(rule, Fields())
    engine = ColumnarEngine(rule, coding.groups, coding.values, store, enabled_at, values_a_page=values_a_page)
    return over_rows(engine, map(coding.rows_of, batches))


def on_small_pages(engine: Callable[..., Outcome]) -> Engine:
    """An engine that pages whatever group has more than one value."""
    return partial(engine, values_a_page=1)


def over_rows(engine: ColumnarEngine, batches: Iterable[Rows]) -> Outcome:
    """The columnar engine over rows."""
    matches: list[Match] = []
    signals: list[Signal] = []
    for rows in batches:
        matches += engine.decide(rows)
        engine.commit()
        signals += engine.closed()
    return Outcome(matches, signals + engine.still_open(), engine.not_enabled)


def parsed(document: Json) -> NewValueRule:
    return parse_rule(typed(document), "rule")


def selected(rule: NewValueRule, stream: list[Json]) -> tuple[list[Event], Counter[str]]:
    """The events of the stream, and how many records were ignored for which reason."""
    selector = Selector(rule)
    return [event for record in stream if (event := selector.select(line(record)))], selector.ignored


def columns_of(rule: NewValueRule, records: list[Json]) -> Columns:
    """Records of one kind as a bulk reader would have them; a token stands as often as it was found."""
    of_kind = _KINDS[kind(records[0])]
    paths = {path for field in fields_of(rule) if (path := path_of(field, of_kind))}
    places = np.arange(len(records), dtype=np.int32)
    columns = {path: Column(places, [token(at_path(record, path)) for record in records]) for path in paths}
    t = np.array([identity(record)[1] for record in records], np.int64)
    return Columns(of_kind, t, columns, lambda row: line(records[row]))


def in_batches(stream: Sequence[Json], size: int) -> list[list[Json]]:
    return [list(stream[start : start + size]) for start in range(0, len(stream), size)]


def typed(value: object) -> str:
    """JSON text: it tells 1 from true, and keeps the order of fields."""
    return json.dumps(value, indent=1)


def without_ids(signals: dict[str, Json]) -> list[str]:
    return sorted(typed({name: value for name, value in one.items() if name != "id"}) for one in signals.values())


def remembered(rule: NewValueRule, store: BaselineStore) -> dict[Group, tuple[int, dict[Value, int]]]:
    """What a store holds, in the model's words."""
    found = {}
    for key, baseline in PagedView(store).scan():
        values = {_value(rule, value): seen for value, seen in baseline.last_seen.items()}
        found[_all_tagged(scalars(key, len(rule.group_by)))] = (baseline.first_seen, values)
    return found


def assert_agrees(outcomes: Sequence[Outcome], model: Model) -> None:
    """The runs together have the model's matches, signals and number of events that were not seen."""
    signals = {key: signal for outcome in outcomes for key, signal in outcome.signals.items()}
    assert typed([match for outcome in outcomes for match in outcome.matches]) == typed(model.matches)
    assert without_ids(signals) == sorted(map(typed, model.shown_signals()))
    assert sum(outcome.not_enabled for outcome in outcomes) == model.ignored[NOT_ENABLED]


def assert_ignores(ignored: Counter[str], model: Model) -> None:
    """What was passed over is what the model ignored, for the same reasons."""
    assert +ignored == Counter({reason: count for reason, count in model.ignored.items() if reason != NOT_ENABLED})


def _value(rule: NewValueRule, key: str) -> Value:
    if rule.multi_value == "any" and len(rule.metrics) > 1:
        place, _, one = key.partition(":")
        return tuple((rule.metrics[int(place)], found) for found in _all_tagged(scalars(one, 1)))
    return tuple(zip(rule.metrics, _all_tagged(scalars(key, len(rule.metrics))), strict=True))


def _all_tagged(values: Iterable[object]) -> tuple[Tagged, ...]:
    return tuple(found for value in values if (found := tagged(value)))
