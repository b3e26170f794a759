"""What a detection loses over the Bloom store, within its stated bounds; and that it adds no match."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from unittest.mock import patch

import pytest
from builders import ADA, BOB, START, new_value_rule, usage
from engines import parsed, selected, streaming
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from naive_records import Json, rfc3339
from streams import rules, streams

from detector import streaming as streaming_engine
from detector.instant import DAY
from detector.stores.base import BaselineStore
from detector.stores.bloom import BloomStore
from detector.stores.bloom_generations import Generations
from detector.stores.memory import MemoryStore
from detector.verdict import UNSET

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


def in_days(*days: float) -> list[int]:
    return [round(each * DAY) for each in days]


# It adds none


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


def test_a_group_with_very_many_values_is_one_group() -> None:
    document = new_value_rule(learn=1)
    stream = [usage(0, "first"), *(usage(2 * DAY + place, f"action {place % 700}") for place in range(1_000))]
    exact = matched(document, stream, MemoryStore(), size=100)
    assert matched(document, stream, BloomStore(30 * DAY, false_known=1e-9), size=100) == exact
    assert len(exact) == 700


# What it loses


@st.composite
def nearly_in_time(draw: st.DrawFn) -> tuple[list[Json], int]:
    """What people do over some weeks, in order of arrival; and by how many days an event is late at most."""
    most = draw(st.integers(0, 3))
    who, what = st.sampled_from([ADA, BOB]), st.sampled_from(["fill", "share"])
    acts = draw(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 4 * most), what, who), max_size=40))
    arriving = sorted(acts, key=lambda act: act[0] + act[1])
    return [usage(at * DAY // 4, action, by) for at, _, action, by in arriving], most


@thorough
@given(nearly_in_time(), st.integers(1, 5), st.sampled_from([{}, {"learningMethod": "threshold"}]))
def test_whatever_would_match_if_forgotten_a_slice_later_matches(
    arrived: tuple[list[Json], int], forget: int, method: dict[str, str]
) -> None:
    stream, late = arrived
    window = forget + late
    later, now = (
        matched(new_value_rule(forget=days, learn=0 if method else 1, new_value=method), stream, store)
        for days, store in (
            (forget + 1, MemoryStore()),
            (forget, BloomStore(window * DAY, slices=window, pairs=100, false_known=1e-9)),
        )
    )
    assert set(later) <= set(now)


def test_without_errors_of_filters_only_what_its_slice_hides_is_lost() -> None:
    rule = parsed(new_value_rule(forget=4, learn=1))
    days = in_days(0, 2, 5.5, 6.4, 10.6, 20)  # slices of a day: 5.5 is 3.5 days on, 10.6 is 4.2, 20 is 9.4
    events, _ = selected(rule, [usage(at, "fill") for at in days])
    stores = MemoryStore(), BloomStore(4 * DAY, slices=4, false_known=1e-9)
    with nothing_warm():
        exact, near = (streaming(rule, store, [[event] for event in events], None) for store in stores)
    assert [match["timestamp"] for match in exact.matches] == [rfc3339(START + at) for at in days[-2:]]
    assert near.matches == exact.matches[1:]


def test_a_late_event_within_the_slack_of_the_window_still_matches() -> None:
    document = new_value_rule(forget=2, learn=1)
    days = in_days(0, *range(1, 12), 10.2)
    stream = [usage(at, "fill", ADA) for at in days[:-1]] + [usage(days[-1], "fill", BOB)]
    exact, near = (matched(document, stream, store) for store in (MemoryStore(), BloomStore(4 * DAY, false_known=1e-9)))
    assert near == exact
    assert len(exact) == 1


@pytest.mark.parametrize("slices", [1, 4, 30])
def test_of_pairs_that_were_never_seen_few_seem_to_be_as_long_as_no_slice_is_overfull(slices: int) -> None:
    room, asked, allowed = 500, 20_000, 0.01
    filters = Generations(width=10, kept=slices, pairs=room, false_known=allowed)
    for number in range(room * slices):
        filters.add(hash_of(number), number % slices * 10)
    wrongly = sum(filters.last_seen(hash_of(-1 - number)) != UNSET for number in range(asked))
    assert 0.9 < filters.fill() < 1.1
    assert wrongly / asked < allowed + 3 * (allowed * (1 - allowed) / asked) ** 0.5
    assert filters.last_seen(hash_of(0)) == 9


def hash_of(number: int) -> int:
    return int.from_bytes(blake2b(b"%d" % number, digest_size=8).digest()) >> 4


def test_beside_that_matches_are_lost_at_no_more_than_the_stated_rate() -> None:
    people, allowed = 2_000, 0.05
    document = new_value_rule(learn=1)
    stream = [usage(0, "fill", f"{number}@example.com") for number in range(people)]
    stream += [usage(2 * DAY, "share", f"{number}@example.com") for number in range(people)]
    exact = matched(document, stream, MemoryStore(), size=500)
    near = matched(document, stream, BloomStore(30 * DAY, 4, 2 * people, allowed), size=500)
    assert len(exact) == people
    assert set(near) <= set(exact)
    assert 0 < len(exact) - len(near) <= people * allowed
