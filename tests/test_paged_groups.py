"""Groups of many values: on pages of their own, so that a refreshed value writes little; and nothing else changes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders import ADA, BOB, START, new_value_rule, usage
from engines import Outcome, Situation, columnar, parsed, remembered, selected, streaming, typed
from hypothesis import given
from hypothesis import strategies as st
from naive_model import DAY
from streams import situations
from test_engines_agree import on_disk

from detector.event import Event
from detector.shard import Shard
from detector.state import State
from detector.stores.base import BaselineStore, StoreError
from detector.stores.blob import Baseline, from_blob, to_page
from detector.stores.bloom import BloomStore
from detector.stores.held import HeldStore
from detector.stores.layout import PAGE_MARK, group_of, pages_for
from detector.stores.memory import MemoryStore
from detector.stores.paged import PagedStore, PagedView
from detector.stores.sharded_view import ShardedView
from detector.stores.sqlite import SqliteStore
from detector.streaming import StreamingEngine

LIMIT = 256
RULE = new_value_rule(new_value={"learningMethod": "threshold"}, forget=2)


class Watched(MemoryStore):
    """A store that keeps what the last commit put and deleted."""

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        self.put, self.deleted = dict(puts), set(deletes)
        super().commit(puts, deletes, checkpoint)


def known(values: int, last: int = 1) -> Baseline:
    return Baseline(1, {f"value {number}": last for number in range(values)}, None)


def holding(values: int, **more: int) -> tuple[Watched, PagedStore]:
    """A store in which a group has so many values."""
    store = Watched()
    paged = PagedStore(store, **more)
    paged.commit({ADA: known(values)}, b"c")
    return store, paged


def whole(store: BaselineStore, group: str = ADA) -> Baseline:
    (baseline,) = PagedView(store).read([group])
    assert baseline is not None
    return baseline


def pages_of(store: BaselineStore) -> list[bytes]:
    return [key for key, _ in store.scan() if PAGE_MARK in key]


def events_of(*told: tuple[float, object]) -> list[Event]:
    """Ada's events as (day, action)."""
    return selected(parsed(RULE), [usage(int(day * DAY), action) for day, action in told])[0]


@pytest.mark.parametrize(
    ("values", "pages"), [(0, 0), (LIMIT, 0), (LIMIT + 1, 2), (2 * LIMIT, 2), (2 * LIMIT + 1, 4), (10_000, 64)]
)
def test_a_group_has_pages_once_it_has_more_values_than_one_holds_and_twice_as_many_when_they_are_full(
    values: int, pages: int
) -> None:
    store, _ = holding(values)
    assert len(pages_of(store)) == pages
    assert {group_of(key) for key, _ in store.scan()} == {ADA.encode()}
    assert whole(store).last_seen == known(values).last_seen


def test_growing_moves_every_value_and_leaves_no_page_behind() -> None:
    store, paged = holding(2 * LIMIT)
    baseline = whole(store)
    baseline.last_seen["one more"] = 2
    paged.commit({ADA: baseline}, b"c", {ADA: {"one more"}})
    assert (len(store.put), store.deleted) == (1 + 4, set())
    assert whole(store).last_seen == known(2 * LIMIT).last_seen | {"one more": 2}


def test_refreshing_one_value_of_ten_thousand_writes_the_head_and_one_page() -> None:
    store, rule = Watched(), parsed(RULE)
    engine = StreamingEngine(rule, store)
    engine.feed(events_of(*((place / 10_000, f"value {place}") for place in range(10_000))))
    assert sum(map(len, store.put.values())) > 130_000
    for cold in (False, True):
        engine = StreamingEngine(rule, store) if cold else engine
        engine.feed(events_of((1 + cold, "value 7")))
        head, page = store.put.items()
        assert (head[0], group_of(page[0]), store.deleted) == (ADA.encode(), ADA.encode(), set())
        assert len(head[1]) < 600, "most of it is the open signal"
        assert len(page[1]) < 2 * 10_000 / 64 * len("value 9999" + "last seen")
        assert whole(store).last_seen["value 7"] == START + (1 + cold) * DAY


def test_a_group_that_loses_a_few_values_keeps_its_pages() -> None:
    assert pages_for(LIMIT, 2) == pages_for(LIMIT // 2 + 1, 2) == 2
    assert pages_for(LIMIT // 2, 2) == 0


@pytest.mark.parametrize(("left", "pages"), [(20, 0), (300, 4), (0, 0)])
def test_when_most_expire_the_pages_are_halved_or_go_and_none_is_left_behind(left: int, pages: int) -> None:
    store = Watched()
    engine = StreamingEngine(parsed(RULE), store, lateness=0)
    engine.feed(events_of(*((place / 10_000, f"value {place}") for place in range(2_000))))
    engine.feed(events_of(*((1, f"late {place}") for place in range(left))))
    assert len(pages_of(store)) >= 8
    (bob,) = selected(parsed(RULE), [usage(int(2.5 * DAY), "fill", BOB)])[0]
    engine.feed([bob])
    assert len(pages_of(store)) == pages
    assert sorted(whole(store).last_seen) == sorted(f"late {place}" for place in range(left))
    assert (whole(store).first_seen, whole(store).pages) == (START, pages)


def test_when_a_few_expire_only_their_pages_are_written_again() -> None:
    store = Watched()
    engine = StreamingEngine(parsed(RULE), store, lateness=0)
    engine.feed(events_of((0, "early"), *((1, f"value {place}") for place in range(2_000))))
    (bob,) = selected(parsed(RULE), [usage(int(2.5 * DAY), "fill", BOB)])[0]
    engine.feed([bob])
    assert [group_of(key) for key in store.put] == [ADA.encode()] * 2
    assert whole(store).last_seen == {f"value {place}": START + DAY for place in range(2_000)}


def test_bloom_filters_take_the_values_of_pages_for_the_group_s() -> None:
    once = events_of(*((0, f"value {place}") for place in range(600)))
    again = events_of(*((1, f"value {place}") for place in range(0, 600, 7)), (1, "other"))
    store = BloomStore(window=30 * DAY, false_known=1e-6)
    engines = [StreamingEngine(parsed(RULE), store, values_a_page=16) for _ in range(2)]
    assert [len(engine.feed(batch)) for engine, batch in zip(engines, (once, again), strict=True)] == [600, 1]


def test_groups_whose_names_begin_alike_come_in_order_each_with_its_own_values() -> None:
    names = ["a", "ab", "abc", "b", "é", "\U0010ffff"]
    values = {name: [f"{name} {one}" for one in range(place)] for place, name in enumerate(names)}
    store = MemoryStore()
    baselines = {name: Baseline(1, dict.fromkeys(values[name], 1), None) for name in names}
    PagedStore(store, values_a_page=1).commit(baselines, b"c")
    assert pages_of(store)
    assert [(name, sorted(baseline.last_seen)) for name, baseline in PagedView(store).scan()] == list(values.items())
    assert [name for name, _ in PagedView(store).heads()] == names


def test_the_state_counts_groups_and_values_not_keys() -> None:
    store = MemoryStore()
    engine = StreamingEngine(parsed(RULE), store, values_a_page=2)
    engine.feed(events_of(*((0, f"value {place}") for place in range(9))))
    assert (State(store).extent()[:2], len(list(State(store).groups()))) == ((1, 9), 1)
    (group,) = State(store).groups()
    assert len(group.values) == 9
    assert State(store).group(ADA) == group
    assert list(State(store).every_key()) == [ADA]


def test_pages_lie_in_the_shard_of_their_group() -> None:
    shards = [Shard(part, 3) for part in (1, 2, 3)]
    stores = [MemoryStore() for _ in shards]
    for shard, store in zip(shards, stores, strict=True):
        PagedStore(store, values_a_page=2).commit({who: known(9) for who in (ADA, BOB) if shard.holds(who)}, b"c")
    view = PagedView(ShardedView(list(zip(shards, stores, strict=True))))
    assert [len(found.last_seen) for found in view.read([ADA, BOB]) if found] == [9, 9]
    assert [(group, found.pages) for group, found in view.scan()] == [(ADA, 8), (BOB, 8)]


def damaged(change: Mapping[bytes, bytes], deletes: Collection[bytes] = ()) -> MemoryStore:
    store, _ = holding(9, values_a_page=2)
    store.commit(change, deletes, b"c")
    return store


PAGE = ADA.encode() + PAGE_MARK + bytes(4)


@pytest.mark.parametrize(
    "store",
    [
        damaged({}, [PAGE]),
        damaged({PAGE: b"junk"}),
        damaged({PAGE: to_page({}, 4)}),
        damaged({PAGE[:-1] + b"\x08": to_page({}, 8)}),
        damaged({PAGE + b"\0": to_page({}, 8)}),
        damaged({b"nobody" + PAGE_MARK + bytes(4): to_page({}, 2)}),
    ],
    ids=["missing", "junk", "of fewer pages", "one too many", "no number", "nobody's"],
)
def test_pages_that_do_not_fit_their_heads_are_damage_told_in_one_line(store: MemoryStore) -> None:
    with pytest.raises(StoreError, match=r"\Athe store [^\n]+\Z"):
        list(PagedView(store).scan())


def test_a_group_with_a_page_missing_stops_the_run() -> None:
    engine = StreamingEngine(parsed(RULE), store := MemoryStore(), values_a_page=2)
    engine.feed(events_of(*((0, f"value {place}") for place in range(9))))
    store.commit({}, [PAGE], store.checkpoint() or b"")
    with pytest.raises(StoreError, match="1 of 8 pages"):
        StreamingEngine(parsed(RULE), store, values_a_page=2).feed(events_of((1, "value 0")))


def test_who_looks_while_a_writer_moves_the_pages_sees_one_commit() -> None:
    store, paged = holding(9, values_a_page=2)

    class Raced(MemoryStore):
        """A view whose writer commits between two reads."""

        def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
            found = store.read(groups)
            paged.commit({ADA: known(100, last=2)}, b"c")
            return found

    assert whole(Raced()).last_seen == known(100, last=2).last_seen


pieces = st.lists(
    st.tuples(st.sampled_from([streaming, columnar]), st.integers(0, 8), st.sampled_from([1, 2, 3, 6])),
    min_size=1,
    max_size=5,
)
"""Which engine decides how many events, with how many values a page."""


@on_disk
@given(situation=situations(), pieces=pieces, held_back=st.booleans())
def test_any_runs_over_pages_find_and_leave_what_they_do_without(
    situation: Situation,
    pieces: list[tuple[Callable[..., Outcome], int, int]],
    held_back: bool,  # noqa: FBT001 - drawn
) -> None:
    """Over a file that each run opens again, and over memory; a run may be held back to its end."""
    document, stream, enabled_at = situation
    rule = parsed(document)
    events, _ = selected(rule, stream)
    plain, memory = MemoryStore(), MemoryStore()
    with TemporaryDirectory() as folder:
        for engine, length, values_a_page in pieces:
            batches, events = [events[: length // 2], events[length // 2 : length]], events[length:]
            expected = streaming(rule, plain, batches, enabled_at)
            with closing(SqliteStore(Path(folder) / "state.db")) as file:
                for store in (memory, file):
                    held = HeldStore(store)
                    found = engine(rule, held if held_back else store, batches, enabled_at, values_a_page)
                    held.release()
                    assert typed([found.matches, found.signals]) == typed([expected.matches, expected.signals])
                    assert remembered(rule, store) == remembered(rule, plain)
                    assert_no_page_is_left(store)


def assert_no_page_is_left(store: BaselineStore) -> None:
    """The keys are those of the heads and of the pages they name."""
    keys = [key for key, _ in store.scan()]
    heads = {key: from_blob(blob) for key, blob in store.scan() if PAGE_MARK not in key}
    named = {key + PAGE_MARK + page.to_bytes(4) for key, head in heads.items() for page in range(head.pages)}
    assert set(keys) == heads.keys() | named
