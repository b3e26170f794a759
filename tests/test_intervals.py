"""Intervals: by counts against scipy and by hand, by draws against scipy, and how often they hold the truth."""

import math
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from evidences import START, card_of, evidence, incident, signal
from hypothesis import given
from hypothesis import strategies as st

from harness.scoring.evidence import Evidence, Staged
from harness.scoring.intervals import (
    FEW,
    UNKNOWN,
    Interval,
    Resampling,
    byar,
    percentiles,
    rate_interval,
    ratio_interval,
    ratio_of,
    wilson,
)

DRAWN = Interval(0.25, 0.75, "bootstrap")


@pytest.fixture(scope="module")
def stats() -> Any:
    """scipy's, which has no types."""
    return import_module("scipy.stats")


def ends(interval: Interval) -> tuple[float, float]:
    assert interval.low is not None
    assert interval.high is not None
    return interval.low, interval.high


def test_wilsons_interval_of_ten_in_forty_by_hand() -> None:
    # p = 0.25, n = 40, z = 1.96: middle (0.25 + 0.048) / 1.096 = 0.2719, reach 1.96 / 1.096 * 0.0727 = 0.1300.
    assert ends(wilson(10, 40)) == pytest.approx((0.1419, 0.4019), abs=2e-4)


@given(st.integers(1, 5000), st.data())
def test_wilsons_interval_is_scipys(stats: Any, of: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, of))
    theirs = stats.binomtest(part, of).proportion_ci(method="wilson")
    assert ends(wilson(part, of)) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == ratio_interval(0, 0, 0, lambda: DRAWN) == rate_interval(0, 0.0, 0, lambda: DRAWN) == UNKNOWN
    assert not UNKNOWN.excludes(0)


@pytest.mark.parametrize("count", [0, 1, 5, 29, 100])
def test_byars_interval_is_near_the_exact_one(stats: Any, count: int) -> None:
    exact = stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0, stats.chi2.ppf(0.975, 2 * count + 2) / 2
    assert byar(count) == pytest.approx(exact, rel=0.02, abs=0.03)


@pytest.mark.parametrize(
    ("part", "of", "method"),
    [(10, FEW - 1, "wilson"), (0, 500, "wilson"), (500, 500, "wilson"), (10, FEW, "bootstrap"), (1, 500, "bootstrap")],
)
def test_shares_of_few_or_of_all_alike_go_by_counts(part: int, of: int, method: str) -> None:
    assert ratio_interval(part, of, FEW, lambda: DRAWN).method == method


@pytest.mark.parametrize(("count", "method"), [(0, "byar"), (FEW - 1, "byar"), (FEW, "bootstrap")])
def test_rates_of_few_go_by_counts(count: int, method: str) -> None:
    assert rate_interval(count, 10.0, FEW, lambda: DRAWN).method == method


def test_a_rate_is_for_each_unit_of_exposure() -> None:
    assert ends(rate_interval(10, 4.0, FEW, lambda: DRAWN)) == pytest.approx([end / 4 for end in byar(10)])


@pytest.mark.parametrize(("drawn", "method"), [((0.49, 0.51), "counts"), ((0.1, 0.9), "bootstrap")])
@pytest.mark.parametrize(("carriers", "few"), [(2, True), (FEW - 1, True), (FEW, False)])
def test_of_few_people_the_wider_interval_holds(
    carriers: int, drawn: tuple[float, float], method: str, *, few: bool
) -> None:
    found = Interval(*drawn, "bootstrap")
    expected = {"counts": ("wilson", "byar"), "bootstrap": ("bootstrap", "bootstrap")}[method if few else "bootstrap"]
    told = ratio_interval(50, 100, carriers, lambda: found), rate_interval(50, 100.0, carriers, lambda: found)
    assert (told[0].method, told[1].method) == expected


def test_two_people_who_are_nearly_alike_do_not_make_a_load_certain() -> None:
    """Of 27 and 28 signals in ten days each, every draw has 54 to 56: 2,700 to 2,800 a day per 1,000 people."""
    load = card_of(signals_of([(0, 27), (0, 28)])).load
    assert (load.low, load.high) == pytest.approx([end / 20 * 1000 for end in byar(55)])


def test_draws_that_are_undefined_are_left_out_unless_they_are_most() -> None:
    assert ends(percentiles(np.array([1.0, 1.0, 1.0, math.nan]))) == (1.0, 1.0)
    assert percentiles(np.array([1.0, math.nan])) == UNKNOWN
    assert np.isnan(ratio_of(np.array([1.0]), np.array([0.0]))).all()


def _found(found: bool) -> Staged:  # noqa: FBT001 - what it is about
    return incident(found_at=START if found else None)


def signals_of(counts: Sequence[tuple[int, int]], silent: int = 0) -> Evidence:
    """Each of *counts* is a person: so many true signals, and so many false ones; and some people without any."""
    raised = [
        signal(f"p{person}", "attack" if place < true else "habit")
        for person, (true, false) in enumerate(counts)
        for place in range(true + false)
    ]
    return evidence(raised, people=len(counts) + silent)


def precision(evidences: Sequence[Evidence], seed: int = 0) -> Interval:
    causes = [each.cause for stream in evidences for each in stream.raised]
    return Resampling(evidences, seed=seed).by_person([cause == "attack" for cause in causes], [1] * len(causes))


def test_the_bootstrap_is_scipys_where_both_can_do_it(stats: Any) -> None:
    random = np.random.default_rng(5)
    people = [(int(true), int(false)) for true, false in random.poisson((0.5, 2.0), (60, 2)) if true + false]
    true, false = np.array(people).T

    def share(true: np.ndarray, false: np.ndarray) -> float:
        return float(true.sum() / (true + false).sum())

    theirs = stats.bootstrap(
        (true, false), share, paired=True, vectorized=False, n_resamples=4000, method="percentile", rng=random
    ).confidence_interval
    assert ends(precision([signals_of(people)])) == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_the_signals_of_one_person_are_drawn_together() -> None:
    apart = precision([signals_of([(1, 0)] * 50 + [(0, 1)] * 50)])
    together = precision([signals_of([(10, 0)] * 5 + [(0, 10)] * 5)])
    assert ends(apart) == pytest.approx((0.4, 0.6), abs=0.03)
    assert ends(together)[1] - ends(together)[0] > 2.5 * (ends(apart)[1] - ends(apart)[0])


def test_people_without_signals_count_for_the_load(stats: Any) -> None:
    stream = signals_of([(0, 1)] * 40, silent=960)  # 40 of 1,000, each once in 10 days: binomial
    low, high = ends(Resampling([stream]).by_person_day([1] * 40))
    theirs = stats.binom(1000, 0.04).ppf([0.025, 0.975]) / 10_000
    assert (low, high) == pytest.approx(theirs, rel=0.05)


def test_a_long_stream_weighs_more_than_a_short_one() -> None:
    long = evidence([signal("a")] * 30, stream="long", people=100, days=90.0)
    short = evidence([signal("a")] * 30, stream="short", people=100, days=10.0)
    low, high = ends(Resampling([long, short]).by_person_day([1] * 60))
    assert low < 60 / (100 * 90 + 100 * 10) < high


def test_one_name_in_two_streams_is_two_people() -> None:
    streams = [evidence([signal("ada")] * 3, stream=name, people=1) for name in ("x", "y")]
    ada_of_x = Resampling(streams).person_sums((0, [1, 1, 1, 0, 0, 0]))[:, 0]
    assert set(ada_of_x) == {0, 3, 6}


def test_incidents_are_drawn_from_all_streams_together() -> None:
    """One in each stream would otherwise be drawn again and again, and nothing would be in doubt."""
    streams = [evidence(stream=str(each), staged=[_found(each % 2 == 0)]) for each in range(40)]
    low, high = ends(Resampling(streams).by_incident([each % 2 == 0 for each in range(40)], [1] * 40))
    assert (low, high) == pytest.approx((0.35, 0.65), abs=0.06)


def test_the_same_seed_gives_the_same_interval() -> None:
    streams = [signals_of([(1, 1), (2, 0), (0, 3)] * 10)]
    assert precision(streams, seed=1) == precision(streams, seed=1) != precision(streams, seed=2)


def test_nobody_nothing_and_one_person() -> None:
    assert precision([]) == precision([evidence(people=0)]) == precision([evidence()]) == UNKNOWN
    assert Resampling([evidence()]).by_incident([], []) == UNKNOWN
    assert ends(precision([signals_of([(3, 1)])])) == (0.75, 0.75)


def test_of_five_people_too_nearly_all_intervals_hold_the_truth() -> None:
    """Each raises ten signals, as a Poisson; drawn alone, four intervals in five would hold it."""
    random, held = np.random.default_rng(3), 0
    for trial in range(200):
        load = card_of(signals_of([(0, int(count)) for count in random.poisson(10, 5)]), seed=trial).load
        held += (load.low or 0) <= 1000 <= (load.high or 0)
    assert held / 200 >= 0.93


def test_ninety_five_of_a_hundred_intervals_hold_the_truth() -> None:
    """People differ in how much they raise and in how much of it is true; one signal in four is, in the long run."""
    random, held = np.random.default_rng(11), 0
    for trial in range(200):
        shares = random.beta(1, 3, 120)
        counts = random.poisson(random.gamma(1.0, 2.0, 120))
        people = [
            (int(true), int(all_ - true)) for true, all_ in zip(random.binomial(counts, shares), counts, strict=True)
        ]
        low, high = ends(precision([signals_of([each for each in people if sum(each)])], seed=trial))
        held += low <= 0.25 <= high
    assert 0.90 <= held / 200 <= 0.98
