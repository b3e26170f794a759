"""The Bloom store: it never forgets what the rule knows, keeps few slices of time, and refuses what it cannot serve."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from builders import ADA, BOB, START, new_value_rule, usage
from engines import parsed, selected, streaming
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from naive_records import Json, rfc3339
from streams import rules, streams

from detector import streaming as streaming_engine
from detector.clock import Windows
from detector.instant import DAY
from detector.stores.base import BaselineStore, StoreError
from detector.stores.blob import Baseline, from_blob, to_blob
from detector.stores.bloom import BloomStore
from detector.stores.memory import MemoryStore
from detector.stores.urls import look_into, open_store

thorough = settings(max_examples=max(300, settings().max_examples), suppress_health_check=[HealthCheck.too_slow])


@contextmanager
def nothing_warm() -> Iterator[None]:
    """Engines that ask the store for every group in every batch."""
    with patch.object(streaming_engine, "_WARM_GROUPS", 0):
        yield


def matched(document: Json, stream: list[Json], store: BaselineStore, size: int = 1) -> list[str]:
    """Each field that is new in an event: a rule that takes `any` of several may lose one and keep the other."""
    rule = parsed(document)
    events, _ = selected(rule, stream)
    with nothing_warm():
        batches = [events[start : start + size] for start in range(0, len(events), size)]
        outcome = streaming(rule, store, batches, None)
    return [f"{match['uuid']} {name} {value!r}" for match in outcome.matches for name, value in match["value"].items()]


def seen(store: BaselineStore, group: bytes) -> dict[str, int]:
    (blob,) = store.read([group])
    return {} if blob is None else from_blob(blob).last_seen


def put(store: BaselineStore, group: bytes, **last_seen: int) -> None:
    store.commit({group: to_blob(Baseline(1, dict(last_seen), None))}, (), b"")


def in_days(*days: float) -> list[int]:
    return [round(each * DAY) for each in days]


# What it promises


@st.composite
def served(draw: st.DrawFn) -> tuple[Json, list[Json], BloomStore]:
    """A rule that a store suits, a hostile stream for it, and the store, mostly too small for the stream."""
    document = draw(rules())
    document["assumptions"] |= {"learningScope": "rule", "forgetMode": "sliding"}
    learning = document["options"]["newValueOptions"]
    learning["learningThreshold"] = 0
    learning["learningDuration"] = max(learning.get("learningDuration", 0), 1)
    window = draw(st.integers(document["options"]["newValueOptions"]["forgetAfter"], 4))
    store = BloomStore(window * DAY, draw(st.integers(1, 7)), draw(st.integers(1, 100)), draw(st.floats(1e-6, 0.5)))
    store.suits(parsed(document))
    return document, draw(streams(document)), store


@thorough
@given(served(), st.sampled_from([1, 2, 5]))
def test_its_matches_are_among_those_of_an_exact_store(
    situation: tuple[Json, list[Json], BloomStore], size: int
) -> None:
    document, stream, store = situation
    exact = matched(document, stream, MemoryStore(), size)
    assert set(matched(document, stream, store, size)) <= set(exact)


quarters = st.lists(st.tuples(st.integers(-60, 60), st.sampled_from(["fill", "share"])), max_size=30)
"""Quarters of a day, in any order: late and far apart, again and again."""


@thorough
@example([(0, "fill"), (4, "share"), (8, "share"), (1, "fill")], 1, 0, 1)
@given(quarters, st.integers(1, 2), st.integers(0, 1), st.integers(1, 3))
def test_however_late_and_far_apart_it_adds_no_match(
    told: list[tuple[int, str]], forget: int, slack: int, slices: int
) -> None:
    document = new_value_rule(forget=forget, new_value={"learningMethod": "threshold"})
    stream = [usage(at * DAY // 4, action) for at, action in told]
    store = BloomStore((forget + slack) * DAY, slices, pairs=100, false_known=1e-6)
    assert set(matched(document, stream, store)) <= set(matched(document, stream, MemoryStore()))


@thorough
@given(st.lists(st.tuples(st.sampled_from([b"g", b"h"]), st.sampled_from("ab"), st.integers(-300, 300)), max_size=40))
def test_a_value_never_counts_as_seen_before_it_was(sightings: list[tuple[bytes, str, int]]) -> None:
    store, newest = BloomStore(window=20, slices=2, pairs=100), dict[tuple[bytes, str], int]()
    for group, value, t in sightings:
        put(store, group, **{value: t})
        newest[group, value] = max(t, newest.get((group, value), t))
    assert all(seen(store, group)[value] >= t for (group, value), t in newest.items())


def test_without_errors_of_filters_only_what_its_slice_hides_is_lost() -> None:
    rule = parsed(new_value_rule(forget=4, learn=1))
    days = in_days(0, 2, 5.5, 6.4, 10.6, 20)  # slices of a day: 5.5 is 3.5 days on, 10.6 is 4.2, 20 is 9.4
    events, _ = selected(rule, [usage(at, "fill") for at in days])
    stores = MemoryStore(), BloomStore(4 * DAY, slices=4, false_known=1e-9)
    with nothing_warm():
        exact, near = (streaming(rule, store, [[event] for event in events], None) for store in stores)
    assert [match["timestamp"] for match in exact.matches] == [rfc3339(START + at) for at in days[-2:]]
    assert near.matches == exact.matches[1:]


# Time


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


def test_a_late_event_within_the_slack_of_the_window_still_matches() -> None:
    document = new_value_rule(forget=2, learn=1)
    days = in_days(0, *range(1, 12), 10.2)
    stream = [usage(at, "fill", ADA) for at in days[:-1]] + [usage(days[-1], "fill", BOB)]
    exact, near = (matched(document, stream, store) for store in (MemoryStore(), BloomStore(4 * DAY, false_known=1e-9)))
    assert near == exact
    assert len(exact) == 1


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
