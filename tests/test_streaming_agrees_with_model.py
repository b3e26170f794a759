"""The engine owes the naive model all matches, signals, counts and memory, however a stream is cut or kept."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeAlias
from unittest.mock import patch

from builders import line
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_model import Group, Model, Value, run
from naive_records import Json, Tagged, tagged
from streams import situations

from detector import streaming
from detector.event import Event
from detector.rules import NewValueRule, parse_rule
from detector.selection import Selector
from detector.stores.base import BaselineStore, from_blob
from detector.stores.memory import MemoryStore
from detector.stores.sqlite import SqliteStore
from detector.streaming import StreamingEngine
from detector.token import scalars

thorough = settings(max_examples=max(300, settings().max_examples), suppress_health_check=[HealthCheck.too_slow])
on_disk = settings(thorough, max_examples=thorough.max_examples // 4)

Situation: TypeAlias = tuple[Json, list[Json], int | None]


class Outcome(NamedTuple):
    """What an engine made of a stream."""

    matches: list[Json]
    signals: dict[str, Json]
    not_enabled: int


def detect(rule: NewValueRule, store: BaselineStore, batches: Iterable[list[Event]], enabled_at: int | None) -> Outcome:
    """One run: one engine, batch after batch, each decided in two parts and committed as one."""
    engine = StreamingEngine(rule, store, enabled_at)
    matches, signals = [], []
    for batch in batches:
        half = len(batch) // 2
        matches += engine.decide(batch[:half]) + engine.decide(batch[half:])
        engine.commit()
        signals += engine.closed()
    signals += engine.still_open()
    by_id = {signal.id: signal.shown() for signal in signals}
    assert len(by_id) == len(signals), "a run gives each of its signals once"
    return Outcome([match.shown() for match in matches], by_id, engine.not_enabled)


def selected(rule: NewValueRule, stream: list[Json]) -> tuple[list[Event], Counter[str]]:
    """The events of the stream, and how many records were ignored for which reason."""
    selector = Selector(rule)
    return [event for record in stream if (event := selector.select(line(record)))], selector.ignored


def pieces_of(events: list[Event], sizes: list[int]) -> list[list[Event]]:
    """The events in pieces of these sizes, the rest last."""
    cuts = [sum(sizes[:index]) for index in range(len(sizes) + 1)]
    return [events[start:end] for start, end in zip(cuts, [*cuts[1:], None], strict=True)]


def typed(value: object) -> str:
    """JSON text: it tells 1 from true, and keeps the order of fields."""
    return json.dumps(value, indent=1)


def without_ids(signals: dict[str, Json]) -> list[str]:
    return sorted(typed({name: value for name, value in one.items() if name != "id"}) for one in signals.values())


def remembered(rule: NewValueRule, store: BaselineStore) -> dict[Group, tuple[int, dict[Value, int]]]:
    """What a store holds, in the model's words."""
    found = {}
    for key, blob in store.scan():
        baseline = from_blob(blob)
        values = {value_of(rule, value): seen for value, seen in baseline.last_seen.items()}
        found[all_tagged(scalars(key.decode(), len(rule.group_by)))] = (baseline.first_seen, values)
    return found


def value_of(rule: NewValueRule, key: str) -> Value:
    if rule.multi_value == "any" and len(rule.metrics) > 1:
        place, _, token = key.partition(":")
        return tuple((rule.metrics[int(place)], found) for found in all_tagged(scalars(token, 1)))
    return tuple(zip(rule.metrics, all_tagged(scalars(key, len(rule.metrics))), strict=True))


def all_tagged(values: Iterable[object]) -> tuple[Tagged, ...]:
    return tuple(found for value in values if (found := tagged(value)))


def parsed(document: Json) -> NewValueRule:
    return parse_rule(typed(document), "rule")


def assert_agrees(matches: list[Json], signals: dict[str, Json], model: Model) -> None:
    assert typed(matches) == typed(model.matches)
    assert without_ids(signals) == sorted(map(typed, model.shown_signals()))


def assert_pieces_agree(situation: Situation, sizes: list[int], store_of_a_run: Callable[[], BaselineStore]) -> None:
    document, stream, enabled_at = situation
    rule, model = parsed(document), run(stream, document, enabled_at)
    events, _ = selected(rule, stream)
    outcomes = []
    for piece in pieces_of(events, sizes):
        with closing(store_of_a_run()) as store:
            outcomes.append(detect(rule, store, [piece], enabled_at))
            memory = remembered(rule, store)
    signals = {key: signal for outcome in outcomes for key, signal in outcome.signals.items()}
    assert_agrees([match for outcome in outcomes for match in outcome.matches], signals, model)
    assert sum(outcome.not_enabled for outcome in outcomes) == model.ignored["before the rule was enabled"]
    assert memory == model.state()
    assert detect(rule, MemoryStore(), [events], enabled_at).signals == signals


@thorough
@given(situation=situations(), batch=st.integers(1, 6), warm=st.sampled_from([0, 1, 50_000]))
def test_engine_and_model_agree_on_matches_signals_counts_and_memory(
    situation: Situation, batch: int, warm: int
) -> None:
    document, stream, enabled_at = situation
    rule, store, model = parsed(document), MemoryStore(), run(stream, document, enabled_at)
    events, ignored = selected(rule, stream)
    batches = [events[start : start + batch] for start in range(0, len(events), batch)]
    with patch.object(streaming, "_WARM_GROUPS", warm):
        outcome = detect(rule, store, batches, enabled_at)
    assert_agrees(outcome.matches, outcome.signals, model)
    assert ignored + Counter({"before the rule was enabled": outcome.not_enabled}) == model.ignored
    assert remembered(rule, store) == model.state()


@thorough
@given(situation=situations(), sizes=st.lists(st.integers(0, 6), max_size=4))
def test_any_pieces_over_one_store_in_memory_give_what_one_run_gives(situation: Situation, sizes: list[int]) -> None:
    store = MemoryStore()
    assert_pieces_agree(situation, sizes, lambda: store)


@on_disk
@given(situation=situations(), sizes=st.lists(st.integers(0, 6), max_size=4))
def test_any_pieces_over_one_sqlite_file_give_what_one_run_gives(situation: Situation, sizes: list[int]) -> None:
    with TemporaryDirectory() as folder:
        assert_pieces_agree(situation, sizes, lambda: SqliteStore(Path(folder) / "state.db"))


@thorough
@given(situation=situations(), first=st.integers(0, 23), gap=st.integers(0, 23))
def test_delivering_an_event_twice_changes_no_other_verdict_and_is_itself_not_new(
    situation: Situation, first: int, gap: int
) -> None:
    document, stream, enabled_at = situation
    rule = parsed(document)
    events, _ = selected(rule, stream)
    again = min(first + 1 + gap, len(events))
    repeated = events[:again] + events[first : first + 1] + events[again:]
    once, twice = (detect(rule, MemoryStore(), [some], enabled_at) for some in (events, repeated))
    assert typed(twice.matches) == typed(once.matches)
    assert typed(twice.signals) == typed(once.signals)
