"""The Bloom store: it never forgets what the rule knows, keeps few slices of time, and refuses what it cannot serve."""

import pytest
from builders import new_value_rule
from engines import parsed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_records import Json

from detector.clock import Windows
from detector.instant import DAY
from detector.stores.base import ApproximateStore, BaselineStore, StoreError
from detector.stores.blob import Baseline, from_blob, to_blob
from detector.stores.bloom import BloomStore
from detector.stores.memory import MemoryStore
from detector.stores.urls import look_into, open_store

thorough = settings(max_examples=max(300, settings().max_examples), suppress_health_check=[HealthCheck.too_slow])


def seen(store: BaselineStore, group: bytes) -> dict[str, int]:
    (blob,) = store.read([group])
    return {} if blob is None else from_blob(blob).last_seen


def put(store: BaselineStore, group: bytes, **last_seen: int) -> None:
    store.commit({group: to_blob(Baseline(1, dict(last_seen), None))}, (), b"")


# Time


@thorough
@given(st.lists(st.tuples(st.sampled_from([b"g", b"h"]), st.sampled_from("ab"), st.integers(-300, 300)), max_size=40))
def test_a_value_never_counts_as_seen_before_it_was(sightings: list[tuple[bytes, str, int]]) -> None:
    store, newest = BloomStore(window=20, slices=2, pairs=100), dict[tuple[bytes, str], int]()
    for group, value, t in sightings:
        put(store, group, **{value: t})
        newest[group, value] = max(t, newest.get((group, value), t))
    assert all(seen(store, group)[value] >= t for (group, value), t in newest.items())


def test_a_value_counts_as_seen_until_its_slice_ends() -> None:
    store = BloomStore(window=40, slices=4)
    put(store, b"g", fill=13)
    put(store, b"g", fill=15, share=29)
    assert seen(store, b"g") == {"fill": 19, "share": 29}


def test_one_slice_more_than_the_window_is_kept_and_older_ones_go() -> None:
    store = BloomStore(window=20, slices=2, false_known=1e-9)
    for t in (5, 15, 25):
        put(store, b"g", **{f"at{t}": t})
    assert seen(store, b"h") == {}
    put(store, b"g", at35=35)
    assert seen(store, b"g") == {"at5": 9, "at15": 19, "at25": 29, "at35": 39}
    assert set(seen(store, b"h").values()) == {9}, "no group can tell any more that it has not seen a value"


def test_a_sighting_older_than_every_slice_takes_none() -> None:
    store = BloomStore(window=20, slices=2, false_known=1e-9)
    for t in (45, 55, 65):
        put(store, b"g", fill=t)
    before = store.footprint().memory
    put(store, b"g", fill=5)
    assert (store.footprint().memory, seen(store, b"g"), seen(store, b"h")) == (before, {"fill": 69}, {"fill": 9})


# What is exact, and what is not kept


def test_open_signals_and_the_checkpoint_are_kept_exactly() -> None:
    store = BloomStore(DAY)
    store.commit({b"g": to_blob(Baseline(1, {}, b"{}", 3, 4)), b"h": to_blob(Baseline(1, {"a": 2}, None))}, (), b"here")
    (blob,) = store.read([b"g"])
    assert blob is not None
    kept = from_blob(blob)
    assert (kept.signal, kept.run, kept.place, store.checkpoint()) == (b"{}", 3, 4, b"here")
    assert [group for group, _ in store.scan()] == [b"g"]
    store.commit({}, [b"g"], b"there")
    assert (list(store.scan()), store.checkpoint()) == ([], b"there")


def test_a_commit_of_too_many_values_changes_nothing() -> None:
    store = BloomStore(DAY, values=2)
    put(store, b"g", a=1, b=1)
    with pytest.raises(StoreError, match=r"more than 2 values.*metrics have few") as error:
        store.commit({b"g": to_blob(Baseline(1, {"a": 2 * DAY, "c": 1}, b"{}"))}, (), b"never")
    assert "\n" not in str(error.value)
    assert (store.checkpoint(), list(store.scan()), seen(store, b"g")) == (b"", [], dict.fromkeys("ab", DAY // 4 - 1))


def test_a_damaged_blob_changes_nothing() -> None:
    store = BloomStore(DAY)
    with pytest.raises(StoreError, match="cannot be read"):
        store.commit({b"g": to_blob(Baseline(1, {"a": 1}, None)), b"h": b"?"}, (), b"never")
    assert (store.read([b"g"]), store.checkpoint()) == ([None], None)


def test_an_overfull_slice_is_told_of() -> None:
    store = BloomStore(DAY, pairs=100)
    assert (store.fill(), store.estimated_false_known()) == (0, 0)
    for number in range(300):
        put(store, b"%d" % number, fill=1)
    assert 2.7 < store.fill() < 3.3
    assert store.estimated_false_known() > 0.01
    wrongly = sum(bool(seen(store, b"other %d" % number)) for number in range(2_000)) / 2_000
    assert abs(wrongly - store.estimated_false_known()) < 0.03


# What is refused


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"learn": 0}, "learningDuration: found 0; legal: 1 to 30"),
        ({"learn": 7, "assumptions": {"learningScope": "group"}}, "learningScope: found 'group'; legal: rule"),
        ({"learn": 7, "assumptions": {"forgetMode": "fixed"}}, "forgetMode: found 'fixed'; legal: sliding"),
        ({"learn": 7, "forget": 29}, "forgetAfter: found 29; legal: 1 to 28"),
        (
            {"new_value": {"learningMethod": "threshold", "learningThreshold": 1}},
            "learningThreshold: found 1; legal: 0",
        ),
    ],
)
def test_a_rule_that_needs_more_than_it_keeps_is_refused(changed: Json, told: str) -> None:
    with pytest.raises(StoreError, match=told) as error:
        BloomStore(28 * DAY).suits(parsed(new_value_rule(**changed)))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("method", ["duration", "threshold"])
def test_a_rule_with_its_own_clock_or_no_learning_is_served(method: str) -> None:
    rule = parsed(new_value_rule(forget=28, learn=7, new_value={"learningMethod": method}))
    assert Windows.of(rule, None).forget_after == 28 * DAY
    BloomStore(28 * DAY).suits(rule)


@pytest.mark.parametrize(
    "url",
    [
        *("bloom:here", "bloom:?pairs=0", "bloom:?pairs=1.5", "bloom:?false_known=2", "bloom:?slices=x"),
        *("bloom:?window=61d", "bloom:?window=d", "bloom:?window=4w", "bloom:?size=3", "bloom:?durability=sync"),
    ],
)
def test_a_wrong_url_is_refused_in_a_line(url: str) -> None:
    with pytest.raises(StoreError, match=r"^--store: bloom: [^\n]*$"):
        open_store(url)


def test_a_url_gives_its_measures() -> None:
    small, large = open_store("bloom:?window=28d&slices=2&pairs=1000"), open_store("bloom:?window=28&pairs=100000")
    for store in (small, large):
        put(store, b"g", fill=1)
    assert seen(small, b"g") == {"fill": 14 * DAY - 1}
    assert seen(large, b"g") == {"fill": 7 * DAY - 1}
    assert (small.footprint().memory or 0) < (large.footprint().memory or 0) / 50


def test_nothing_of_it_is_left_to_look_into() -> None:
    assert not open_store("bloom:").durability.lasts
    with pytest.raises(StoreError, match="holds nothing after its process"):
        look_into("bloom:")


# What it tells of itself


def test_it_says_how_near_an_exact_store_it_is() -> None:
    store = open_store("bloom:?pairs=100&false_known=0.02")
    assert isinstance(store, ApproximateStore)
    assert not isinstance(MemoryStore(), ApproximateStore)
    put(store, b"g", fill=1)
    empty = store.approximation()
    assert (empty.stated, empty.room, empty.holds) == (0.02, "pairs", True)
    for number in range(300):
        put(store, b"%d" % number, fill=1)
    full = store.approximation()
    assert full.fill > 2.7
    assert full.false_known > empty.false_known
    assert not full.holds


def test_a_filter_with_every_bit_set_has_a_fill_that_is_a_number() -> None:
    store = BloomStore(DAY, pairs=1)
    for number in range(1_000):
        put(store, b"%d" % number, fill=1)
    told = store.approximation()
    assert 1 < told.fill < 1_000
    assert told.false_known == 1
