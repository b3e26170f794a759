"""What the columnar engine reads of a store, and what it commits: all that changed, at once, and nothing else."""

from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from builders import ADA, BOB, new_value_rule, usage
from engines import columnar, parsed, selected, streaming
from naive_records import Json

from detector.clock import CHECKPOINT_VERSION, read_clock
from detector.columnar.coding import Coding, Fields
from detector.columnar.engine import ColumnarEngine
from detector.event import Event
from detector.instant import DAY, SECOND
from detector.rules import NewValueRule
from detector.stores.base import StoreError
from detector.stores.blob import from_blob
from detector.stores.memory import MemoryStore
from detector.stores.sqlite import SqliteStore

RULE = new_value_rule(new_value={"learningMethod": "threshold"}, keep_alive=3600)
ANY = new_value_rule(metrics=("@evt.name", "@x"), assumptions={"multiValue": "any"})


class Watched(MemoryStore):
    """A store that keeps what was put into it, commit by commit."""

    def __init__(self) -> None:
        super().__init__()
        self.puts: list[set[str]] = []

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        self.puts.append({group.decode() for group in puts})
        super().commit(puts, deletes, checkpoint)


def events(document: Json, *records: Json) -> tuple[NewValueRule, list[Event]]:
    rule = parsed(document)
    return rule, selected(rule, list(records))[0]


def engine_of(rule: NewValueRule, store: MemoryStore, enabled_at: int | None = None) -> tuple[ColumnarEngine, Coding]:
    coding = Coding(rule, Fields())
    return ColumnarEngine(rule, coding.groups, coding.values, store, enabled_at), coding


def baselines(store: MemoryStore) -> dict[bytes, tuple[int, dict[str, int], bytes | None]]:
    """What is known of every group; the order of its values does not matter."""
    found = {group: from_blob(blob) for group, blob in store.scan()}
    return {group: (one.first_seen, one.last_seen, one.signal) for group, one in found.items()}


def test_a_commit_writes_the_groups_that_were_seen_since_the_last_one() -> None:
    rule, (one, two, three) = events(RULE, usage(0, by=ADA), usage(1, by=BOB), usage(2, by=ADA))
    store = Watched()
    engine, coding = engine_of(rule, store)
    for batch in ([one, two], [three], []):
        engine.decide(coding.rows_of(batch))
        engine.commit()
    assert store.puts == [{ADA, BOB}, {ADA}, set()]


def test_groups_that_a_store_held_are_written_again_only_when_seen() -> None:
    rule, (one, two) = events(RULE, usage(0, by=ADA), usage(1, by=BOB))
    store = Watched()
    columnar(rule, store, [[one, two]], None)
    columnar(rule, store, [[two]], None)
    assert store.puts[-1] == {BOB}


def test_events_that_are_not_seen_put_no_group_into_the_store() -> None:
    rule, found = events(RULE, usage(0))
    store = Watched()
    engine, coding = engine_of(rule, store, enabled_at=found[0].timestamp + 1)
    engine.decide(coding.rows_of(found))
    engine.commit()
    assert (store.puts, engine.not_enabled) == ([set()], 1)


def test_nothing_is_written_before_the_commit() -> None:
    rule, found = events(RULE, usage(0))
    store = Watched()
    engine, coding = engine_of(rule, store)
    engine.decide(coding.rows_of(found))
    assert (store.puts, store.checkpoint()) == ([], None)


def test_the_checkpoint_holds_the_clock_of_the_rule() -> None:
    rule, found = events(RULE, usage(5), usage(3))
    store = MemoryStore()
    columnar(rule, store, [found], None)
    clock = read_clock(store)
    assert clock is not None
    assert (clock.version, clock.rule_start, clock.live) == (CHECKPOINT_VERSION, found[0].timestamp, True)


def test_a_later_run_goes_on_with_the_clock_of_the_rule() -> None:
    rule, (first, learned, new) = events(new_value_rule(learn=1), usage(0), usage(DAY - 1, "a"), usage(DAY, "b"))
    store = MemoryStore()
    assert [len(columnar(rule, store, [[one]], None).matches) for one in (first, learned, new)] == [0, 0, 1]


@pytest.mark.parametrize("document", [RULE, ANY])
def test_either_engine_leaves_the_same_baselines_signals_and_checkpoint(document: Json) -> None:
    records = [usage(number, f"a{number % 3}", f"u{number % 5}", x=number % 4) for number in range(40)]
    rule, found = events(document, *records)
    ours, theirs = MemoryStore(), MemoryStore()
    columnar(rule, ours, [found[:20], found[20:]], None)
    streaming(rule, theirs, [found[:20], found[20:]], None)
    assert baselines(ours) == baselines(theirs)
    assert ours.checkpoint() == theirs.checkpoint()


def test_an_open_signal_is_carried_from_run_to_run_and_from_engine_to_engine() -> None:
    rule, found = events(RULE, *(usage(minute * 60 * SECOND, f"a{minute}") for minute in range(4)))
    store = MemoryStore()
    outcomes = [run(rule, store, [[one]], None) for run, one in zip((columnar, streaming) * 2, found, strict=True)]
    assert [[len(signal["matches"]) for signal in outcome.signals.values()] for outcome in outcomes] == [
        [1],
        [2],
        [3],
        [4],
    ]
    assert len({key for outcome in outcomes for key in outcome.signals}) == 1


def test_an_open_signal_survives_a_commit_in_which_it_did_not_grow() -> None:
    rule, (one, again, new) = events(RULE, usage(0), usage(1), usage(2, "fill"))
    store = MemoryStore()
    columnar(rule, store, [[one]], None)
    columnar(rule, store, [[again]], None)
    (signal,) = columnar(rule, store, [[new]], None).signals.values()
    assert len(signal["matches"]) == 2


def test_a_suppressed_match_leaves_no_signal_but_is_remembered() -> None:
    rule, found = events({**RULE, "suppressionQuery": "@evt.name:fill"}, usage(0, "fill"))
    store = MemoryStore()
    outcome = columnar(rule, store, [found], None)
    assert (len(outcome.matches), outcome.signals) == (1, {})
    assert columnar(rule, store, [found], None).matches == []


def test_a_store_of_another_rule_is_refused() -> None:
    store = MemoryStore()
    columnar(parsed(RULE), store, [[]], None)
    with pytest.raises(StoreError, match="another rule"):
        engine_of(parsed({**RULE, "queries": new_value_rule(metrics=("@x",))["queries"]}), store)


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x94\x02\x00\x80\xc0"])
def test_a_baseline_that_is_damaged_or_newer_is_refused(blob: bytes) -> None:
    store = MemoryStore()
    columnar(parsed(RULE), store, [[]], None)
    store.commit({b"ada": blob}, (), store.checkpoint() or b"")
    with pytest.raises(StoreError, match="baseline"):
        engine_of(parsed(RULE), store)


def test_known_values_are_loaded_with_the_moment_at_which_they_are_forgotten() -> None:
    rule, (one, known, forgotten) = events(RULE, usage(0), usage(28 * DAY - 1), usage(28 * DAY))
    for later, matches in ((known, 0), (forgotten, 1)):
        store = MemoryStore()
        streaming(rule, store, [[one]], None)
        assert len(columnar(rule, store, [[later]], None).matches) == matches


def test_a_sqlite_file_is_left_closed_and_complete(tmp_path: Path) -> None:
    rule, found = events(RULE, usage(0), usage(1, "fill"))
    for one, matches in zip([*found, *found], (1, 1, 0, 0), strict=True):
        with closing(SqliteStore(tmp_path / "state.db")) as store:
            assert len(columnar(rule, store, [[one]], None).matches) == matches
