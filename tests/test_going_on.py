"""The engine goes on from any commit of a run: what it then gives is what the run would have given."""

from functools import partial

from engines import Situation, parsed, remembered, selected, typed
from hypothesis import given
from hypothesis import strategies as st
from streams import situations
from test_engines_agree import thorough

from detector.clock import read_clock
from detector.event import Event
from detector.progress import Progress, digest_of
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine

Rows = list[str]


def signals_of(engine: StreamingEngine) -> Rows:
    return [typed(signal.shown()) for signal in engine.closed()]


def batches_of(events: list[Event], lengths: list[int]) -> list[list[Event]]:
    batches = []
    for length in lengths:
        batches.append(events[:length])
        events = events[length:]
    return [*batches, events]


def killed(engine: StreamingEngine, batches: list[list[Event]], commits: int) -> Rows:
    """Run a batch more than is committed, as who is killed between two commits; the rows written by then."""
    progress, rows = Progress(run=engine.begin_run(), order={}), Rows()
    for number, batch in enumerate(batches[: commits + 1]):
        engine.decide(batch)
        rows += signals_of(engine)
        if number < commits:
            progress = Progress(run=progress.run, order={}, events=progress.events + len(batch), length=len(rows))
            engine.commit(progress)
    return rows


@thorough
@given(
    situation=situations(),
    earlier=st.integers(0, 8),
    lengths=st.lists(st.integers(0, 6), min_size=1, max_size=4),
    commits=st.integers(0, 4),
    values_a_page=st.sampled_from([1, 256]),
)
def test_it_ends_as_the_run_that_nobody_killed(
    situation: Situation, earlier: int, lengths: list[int], commits: int, values_a_page: int
) -> None:
    """Over a store that an earlier run has left signals in."""
    document, stream, enabled_at = situation
    rule = parsed(document)
    events, _ = selected(rule, stream)
    stores = MemoryStore(), MemoryStore()
    for store in stores:
        first = StreamingEngine(rule, store, enabled_at, values_a_page=values_a_page)
        first.begin_run()
        first.feed(events[:earlier])
    events = events[earlier:]
    paged = partial(StreamingEngine, values_a_page=values_a_page)

    whole = StreamingEngine(rule, stores[0], enabled_at)
    whole.begin_run()
    whole.feed(events)
    expected = signals_of(whole) + [typed(signal.shown()) for signal in whole.still_open()]

    rows = killed(paged(rule, stores[1], enabled_at), batches_of(events, lengths), commits)
    clock = read_clock(stores[1])
    progress = clock.progress if clock else None
    again = paged(rule, stores[1], enabled_at)
    if progress is None:
        again.begin_run()
    else:
        again.resume_run(progress)
    rows = rows[: progress.length if progress else 0]
    again.feed(events[progress.events if progress else 0 :])
    rows += signals_of(again) + [typed(signal.shown()) for signal in again.still_open()]
    assert rows == expected
    assert remembered(rule, stores[1]) == remembered(rule, stores[0])


@thorough
@given(situation=situations(), cut=st.integers(0, 24))
def test_a_digest_of_events_is_that_of_their_pieces(situation: Situation, cut: int) -> None:
    events, _ = selected(parsed(situation[0]), situation[1])
    assert digest_of(events) == digest_of(events[cut:], digest_of(events[:cut]))
