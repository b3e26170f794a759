"""Range-based precision and recall (Tatbul et al. 2018): by hand, and against the package `prts`."""

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.scoring.ranges import Span, Spans, by_group, mean_reward, reward, spans


def runs(bits: Sequence[int]) -> list[Span]:
    """The ranges of ones, as `prts` takes them from a series."""
    found, place = [], 0
    for bit, group in groupby(bits):
        length = len(list(group))
        found += [(place, place + length - 1)] if bit else []
        place += length
    return found


def mean(own: Iterable[Span], others: Iterable[Span]) -> float:
    rewards = [reward(span, Spans(others)) for span in own]
    return sum(rewards) / len(rewards)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], 0.0),
        ([(10, 12)], 0.0),  # begins right after it
        ([(9, 12)], 0.1),
        ([(0, 9)], 1.0),
        ([(-5, 20)], 1.0),  # what lies outside neither helps nor hurts
        ([(0, 1), (4, 5)], 0.2),  # four of ten, in two pieces
        ([(0, 3)], 0.4),  # the same four, in one
        ([(0, 5), (4, 9)], 0.6),  # (6 + 6) of ten, in two
        ([(0, 20), (1, 1), (30, 31)], 0.55),  # (10 + 1) of ten, in two
    ],
)
def test_the_share_that_is_covered_over_the_number_of_pieces(others: list[Span], expected: float) -> None:
    assert reward((0, 9), Spans(others)) == pytest.approx(expected)


def test_an_incident_in_several_groups_gets_their_mean() -> None:
    signalled = by_group([{"ada": (0, 1)}, {"bob": (7, 9)}])
    assert mean_reward({"ada": (0, 3), "cy": (0, 0)}, signalled) == 0.25


def test_what_has_no_position_gets_nothing() -> None:
    assert mean_reward({}, by_group([{"ada": (0, 9)}])) == 0.0


def test_a_range_goes_from_the_first_to_the_last_place_in_each_group() -> None:
    assert spans([("ada", 4), ("bob", 1), ("ada", 2), ("ada", 9)]) == {"ada": (2, 9), "bob": (1, 1)}


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_it_agrees_with_prts(bits: list[tuple[bool, bool]]) -> None:
    prts = pytest.importorskip("prts", reason="pip install --no-deps prts")
    real, predicted = ([int(each[side]) for each in bits] for side in (0, 1))
    assume(any(real) and any(predicted))  # prts knows no empty series
    theirs = {"alpha": 0.0, "cardinality": "reciprocal", "bias": "flat"}
    recall = prts.ts_recall(np.array(real), np.array(predicted), **theirs)
    precision = prts.ts_precision(np.array(real), np.array(predicted), cardinality="reciprocal", bias="flat")
    assert mean(runs(real), runs(predicted)) == pytest.approx(recall)
    assert mean(runs(predicted), runs(real)) == pytest.approx(precision)


@given(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda ends: (min(ends), max(ends))), max_size=8),
)
def test_no_range_meets_another_but_where_they_share_a_position(own: list[int], others: list[Span]) -> None:
    start, end = own
    shared = {other for other in others if set(range(other[0], other[1] + 1)) & set(range(start, end + 1))}
    assert set(Spans(others).meeting((start, end))) == shared
    assert 0 <= reward((start, end), Spans(others)) <= 1
