"""Differences: by counts against scipy, and why few incidents prove little."""

import math
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from evidences import START, evidence, incident, signal
from hypothesis import given
from hypothesis import strategies as st

from harness.scoring.differences import sign_test, split_interval, square_and_add
from harness.scoring.drawing import Column, _medians
from harness.scoring.evidence import Evidence
from harness.scoring.intervals import UNKNOWN, Interval, Resampling, percentiles, ratio_of, wilson

COUNTS = st.integers(0, 40)


@pytest.fixture(scope="module")
def stats() -> Any:
    """scipy's, which has no types."""
    return import_module("scipy.stats")


def _ends(interval: Interval) -> tuple[float, float]:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


def test_newcombes_own_example() -> None:
    """56 of 70 against 48 of 80: (0.0524, 0.3339), Newcombe (1998), table II, method 10."""
    found = square_and_add(48 / 80, wilson(48, 80), 56 / 70, wilson(56, 70))
    assert _ends(found) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@given(COUNTS, COUNTS)
def test_the_sign_test_is_scipys(stats: Any, only_a: int, only_b: int) -> None:
    theirs = stats.binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    assert sign_test(only_a, only_b) == pytest.approx(theirs)


@given(COUNTS, COUNTS, COUNTS)
def test_the_interval_of_a_split_never_says_more_than_the_exact_test(only_a: int, only_b: int, alike: int) -> None:
    if split_interval(only_a, only_b, only_a + only_b + alike).excludes(0):
        assert sign_test(only_a, only_b) <= 0.05


@given(COUNTS, COUNTS, COUNTS)
def test_it_holds_what_was_seen_and_turns_round_with_the_sides(only_a: int, only_b: int, alike: int) -> None:
    of = only_a + only_b + alike
    found, turned = split_interval(only_a, only_b, of), split_interval(only_b, only_a, of)
    if not of:
        assert found == UNKNOWN
        return
    low, high = _ends(found)
    assert low - 1e-9 <= (only_b - only_a) / of <= high + 1e-9
    assert _ends(turned) == pytest.approx((-high, -low))


def test_five_of_five_prove_nothing_and_six_of_six_do() -> None:
    assert not split_interval(0, 5, 100).excludes(0)
    assert split_interval(0, 6, 100).excludes(0)


def test_where_nothing_tells_them_apart_few_incidents_leave_much_open() -> None:
    assert _ends(split_interval(0, 0, 10))[1] > 0.2
    assert 0 < _ends(split_interval(0, 0, 1000))[1] < 0.01


def test_an_unknown_side_leaves_the_difference_unknown() -> None:
    assert square_and_add(0.5, UNKNOWN, 0.5, wilson(5, 10)) == UNKNOWN


def _rules() -> tuple[Evidence, Evidence]:
    """Two rules that do nearly the same: B raises, of one person in five, one false signal less."""
    true = [signal(f"p{each}", "attack", "attacks/x#1") for each in range(0, 100, 4)]
    false = [signal(f"p{each}") for each in range(100) for _ in range(1 + each % 7)]
    spared = {f"p{each}" for each in range(0, 100, 5)}
    fewer = [each for place, each in enumerate(false) if not (each.person in spared and each not in false[:place])]
    return evidence([*true, *false], people=200), evidence([*true, *fewer], people=200)


def _load(side: int, one: Evidence) -> Column:
    return side, [1] * len(one.raised)


def _width(interval: Interval) -> float:
    low, high = _ends(interval)
    return high - low


def test_paired_draws_tell_what_unpaired_ones_cannot() -> None:
    a, b = _rules()
    sums = Resampling([a], [b]).person_sums(_load(0, a), _load(1, b))
    paired = percentiles(ratio_of(sums[:, 1], sums[:, 3]) - ratio_of(sums[:, 0], sums[:, 2]))
    apart = [Resampling([one], seed=seed).person_sums(_load(0, one)) for seed, one in enumerate((a, b))]
    unpaired = percentiles(ratio_of(apart[1][:, 0], apart[1][:, 1]) - ratio_of(apart[0][:, 0], apart[0][:, 1]))
    assert paired.excludes(0)
    assert not unpaired.excludes(0)
    assert _width(paired) < _width(unpaired) / 3


def test_on_each_draw_both_sides_have_the_same_people_and_incidents() -> None:
    found, other = incident("attacks/x#1", found_at=START), incident("benign/y#1")
    ada, bob = signal("ada"), signal("bob")
    streams = [evidence([ada, bob], [found, other]), evidence([bob, ada], [other, incident("attacks/x#1")])]
    draws = Resampling(streams[:1], streams[1:])
    people = draws.person_sums((0, [1, 0]), (1, [0, 1]))
    assert (people[:, 0] == people[:, 1]).all()
    assert (people[:, 2] == people[:, 3]).all()
    incidents = draws.incident_sums((0, [1, 0]), (1, [0, 1]))
    assert (incidents[:, 0] == incidents[:, 1]).all()
    assert len(set(incidents[:, 0])) == 3


def test_medians_leave_out_what_was_not_found() -> None:
    staged = [incident(f"attacks/x#{each}") for each in range(3)]
    drawn = Resampling([evidence(staged=staged)]).incident_medians((0, [5.0, 5.0, math.inf]))
    unfound = np.isnan(drawn)
    assert set(drawn[~unfound]) == {5.0}
    assert unfound.mean() == pytest.approx(1 / 27, abs=0.02)  # three times the one that was missed
    assert np.isnan(Resampling([evidence()]).incident_medians((0, []))).all()


@given(st.lists(st.integers(0, 5), min_size=1, max_size=9))
def test_medians_are_numpys(values: list[int]) -> None:
    times = np.random.default_rng(len(values)).multinomial(len(values), [1 / len(values)] * len(values), 8)
    column = np.array(values, float)
    assert list(_medians(times, column)) == [float(np.median(np.repeat(column, each))) for each in times]


def test_two_rules_that_differ_by_chance_alone_are_told_apart_five_times_in_a_hundred() -> None:
    random, told = np.random.default_rng(3), 0
    for trial in range(200):
        each = random.gamma(1.0, 1.0, 100)
        a, b = (
            evidence([signal(f"p{who}") for who, count in enumerate(counts) for _ in range(count)], people=100)
            for counts in random.poisson(each, (2, 100))
        )
        sums = Resampling([a], [b], seed=trial, resamples=400).person_sums(_load(0, a), _load(1, b))
        told += percentiles(ratio_of(sums[:, 1], sums[:, 3]) - ratio_of(sums[:, 0], sums[:, 2])).excludes(0)
    assert 0.02 <= told / 200 <= 0.09
