"""Every engine owes the naive model all matches, signals, counts and memory, however a stream is cut or kept."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from engines import (
    Engine,
    Situation,
    assert_agrees,
    assert_ignores,
    columnar,
    columns_of,
    in_batches,
    on_small_pages,
    over_rows,
    parsed,
    remembered,
    selected,
    streaming,
    typed,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_model import run
from ordinary import ordinary
from streams import situations

from detector import streaming as streaming_engine
from detector.columnar import tables
from detector.columnar.coding import Coded, Coding, Fields
from detector.columnar.engine import ColumnarEngine
from detector.event import Event
from detector.stores.base import BaselineStore
from detector.stores.memory import MemoryStore
from detector.stores.sqlite import SqliteStore

thorough = settings(max_examples=max(300, settings().max_examples), suppress_health_check=[HealthCheck.too_slow])
on_disk = settings(thorough, max_examples=thorough.max_examples // 4)

paged_streaming, paged_columnar = on_small_pages(streaming), on_small_pages(columnar)
either_engine = pytest.mark.parametrize("engine", [streaming, columnar])
sizes = st.sampled_from([1, 2, 3, 5, 24])
layouts = st.sampled_from([(1 << 22, 16, 1 << 10), (0, 0, 2), (0, 1, 2), (20, 1, 4)])
"""From which numbers on a table is hashed, with how few slots: never, always, and once it is sparse."""


def laid_out(layout: tuple[int, int, int]) -> AbstractContextManager[Any]:
    small, sparse, fewest = layout
    return patch.multiple(tables, SMALL=small, SPARSE=sparse, _FEWEST_SLOTS=fewest)


def pieces_of(events: list[Event], lengths: list[int]) -> list[list[Event]]:
    """The events in pieces of these lengths, the rest last."""
    cuts = [sum(lengths[:index]) for index in range(len(lengths) + 1)]
    return [events[start:end] for start, end in zip(cuts, [*cuts[1:], None], strict=True)]


def assert_events_agree(engine: Engine, situation: Situation, size: int) -> None:
    document, stream, enabled_at = situation
    rule, store, model = parsed(document), MemoryStore(), run(stream, document, enabled_at)
    events, ignored = selected(rule, stream)
    batches = [events[start : start + size] for start in range(0, len(events), size)]
    assert_agrees([engine(rule, store, batches, enabled_at)], model)
    assert_ignores(ignored, model)
    assert remembered(rule, store) == model.state()


@thorough
@given(
    situation=situations(),
    size=sizes,
    warm=st.sampled_from([0, 1, 50_000]),
    engine=st.sampled_from([streaming, paged_streaming]),
)
def test_streaming_agrees_with_the_model(situation: Situation, size: int, warm: int, engine: Engine) -> None:
    with patch.object(streaming_engine, "_WARM_GROUPS", warm):
        assert_events_agree(engine, situation, size)


@thorough
@given(situation=situations(), size=sizes, layout=layouts, engine=st.sampled_from([columnar, paged_columnar]))
def test_columnar_agrees_with_the_model(
    situation: Situation, size: int, layout: tuple[int, int, int], engine: Engine
) -> None:
    with laid_out(layout):
        assert_events_agree(engine, situation, size)


@thorough
@given(situation=ordinary(), size=sizes, layout=layouts)
def test_columnar_over_columns_agrees_with_the_model(
    situation: Situation, size: int, layout: tuple[int, int, int]
) -> None:
    document, stream, enabled_at = situation
    rule, store, model = parsed(document), MemoryStore(), run(stream, document, enabled_at)
    fields = Fields()
    coding = Coding(rule, fields)
    with laid_out(layout):
        engine = ColumnarEngine(rule, coding.groups, coding.values, store, enabled_at)
        columns = (Coded(columns_of(rule, records), fields) for records in in_batches(stream, size))
        assert_agrees([over_rows(engine, map(coding.rows, columns))], model)
    assert coding.read == len(stream)
    assert_ignores(coding.ignored, model)
    assert remembered(rule, store) == model.state()


def assert_runs_agree(
    situation: Situation, pieces: list[tuple[Engine, int]], store_of_a_run: Callable[[], BaselineStore]
) -> None:
    """Runs one after the other, each by its engine, are to the model and to one run what one run is."""
    document, stream, enabled_at = situation
    rule, model = parsed(document), run(stream, document, enabled_at)
    events, _ = selected(rule, stream)
    lengths, run_by = [length for _, length in pieces[:-1]], [engine for engine, _ in pieces]
    outcomes = []
    for engine, piece in zip(run_by, pieces_of(events, lengths), strict=True):
        with closing(store_of_a_run()) as store:
            outcomes.append(engine(rule, store, [piece], enabled_at))
            memory = remembered(rule, store)
    assert_agrees(outcomes, model)
    assert memory == model.state()
    signals = {key: signal for outcome in outcomes for key, signal in outcome.signals.items()}
    for engine in (streaming, columnar):
        assert engine(rule, MemoryStore(), [events], enabled_at).signals == signals


engines = st.sampled_from([streaming, columnar, paged_streaming, paged_columnar])
runs = st.lists(st.tuples(engines, st.integers(0, 6)), min_size=1, max_size=5)
"""Which engine decides how many events; the last takes what is left."""


@thorough
@given(situation=situations(), pieces=runs, layout=layouts)
def test_runs_of_either_engine_over_one_store_in_memory_give_what_one_run_gives(
    situation: Situation, pieces: list[tuple[Engine, int]], layout: tuple[int, int, int]
) -> None:
    store = MemoryStore()
    with laid_out(layout):
        assert_runs_agree(situation, pieces, lambda: store)


@on_disk
@given(situation=situations(), pieces=runs)
def test_runs_of_either_engine_over_one_sqlite_file_give_what_one_run_gives(
    situation: Situation, pieces: list[tuple[Engine, int]]
) -> None:
    with TemporaryDirectory() as folder:
        assert_runs_agree(situation, pieces, lambda: SqliteStore(Path(folder) / "state.db"))


@either_engine
@thorough
@given(situation=situations(), first=st.integers(0, 23), gap=st.integers(0, 23))
def test_delivering_an_event_twice_changes_no_other_verdict_and_is_itself_not_new(
    engine: Engine, situation: Situation, first: int, gap: int
) -> None:
    document, stream, enabled_at = situation
    rule = parsed(document)
    events, _ = selected(rule, stream)
    again = min(first + 1 + gap, len(events))
    repeated = events[:again] + events[first : first + 1] + events[again:]
    once, twice = (engine(rule, MemoryStore(), [some], enabled_at) for some in (events, repeated))
    assert typed(twice.matches) == typed(once.matches)
    assert typed(twice.signals) == typed(once.signals)


def test_the_streams_reach_every_verdict_and_every_reason_for_ignoring() -> None:
    reached: Counter[str] = Counter()

    @settings(max_examples=300)
    @given(situation=ordinary())
    def count(situation: Situation) -> None:
        document, stream, enabled_at = situation
        model = run(stream, document, enabled_at)
        reached.update({**model.ignored, "matches": len(model.matches), "known": sum(one.known for one in model.seen)})

    count()
    assert len(reached) == 6, reached
    assert min(reached.values()) >= 50, reached
