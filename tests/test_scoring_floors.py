"""Floors: what silence and chance get, by hand, by the hypergeometric distribution, and by drawing."""

from itertools import pairwise

import numpy as np
import pytest
from evidences import card_of, evidence, incident, signal
from hypothesis import given
from hypothesis import strategies as st

from harness.scorecard import Floor
from harness.scoring.evidence import Evidence
from harness.scoring.floors import floors


def drill(events: int, attacks: list[int], signals: int, stream: str = "seed 1") -> Evidence:
    """So many events, of which each attack has its own, and so many signals."""
    staged = [incident(f"attacks/x#{number}", events=own) for number, own in enumerate(attacks)]
    told = {"watched_events": events, "watched_attack_events": sum(attacks), "stream": stream}
    return evidence([signal()] * signals, staged, **told)


def test_silence_finds_nothing_and_is_never_wrong() -> None:
    assert floors([drill(10, [2], 3)]).silent == Floor(None, 0.0)
    assert floors([drill(10, [], 3)]).silent == Floor(None, None)


def test_two_signals_among_five_events_hit_an_attack_of_two_in_seven_of_ten_draws() -> None:
    random = floors([drill(5, [2], 2)]).random  # 3 of the 10 pairs hold neither
    assert random.precision == pytest.approx(0.4)
    assert random.recall == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (drill(5, [], 2), Floor(0.0, None)),  # nothing to find
        (drill(5, [2], 0), Floor(None, 0.0)),  # nothing drawn
        (drill(0, [0], 0), Floor(None, 0.0)),  # nothing watched
        (drill(0, [], 3), Floor(None, None)),
        (drill(5, [5], 1), Floor(1.0, 1.0)),  # nothing but an attack
        (drill(2, [1], 9), Floor(0.5, 1.0)),  # more signals, of another tool, than events
    ],
)
def test_at_the_edges_it_is_told_or_null(case: Evidence, expected: Floor) -> None:
    assert floors([case]).random == expected


def test_several_streams_are_drawn_from_apart() -> None:
    random = floors([drill(5, [2], 2, "seed 1"), drill(10, [1], 6, "seed 2")]).random
    assert random.precision == pytest.approx((2 * 2 / 5 + 6 * 1 / 10) / 8)
    assert random.recall == pytest.approx((0.7 + 0.6) / 2)


@given(st.integers(1, 10**7), st.integers(0, 2000), st.integers(0, 20_000))
def test_it_agrees_with_the_hypergeometric_distribution(events: int, own: int, drawn: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    own, drawn = min(own, events), min(drawn, events)
    recall = floors([drill(events, [own], drawn)]).random.recall
    assert recall == pytest.approx(stats.hypergeom(events, own, drawn).sf(0), rel=1e-6, abs=1e-12)


def test_it_agrees_with_drawing() -> None:
    events, attacks, signals = 60, [3, 1, 8], 7
    draw, edges = np.random.default_rng(5), np.cumsum([0, *attacks])
    picks = draw.permuted(np.tile(np.arange(events), (20_000, 1)), axis=1)[:, :signals]
    found = [((picks >= low) & (picks < high)).any(axis=1).mean() for low, high in pairwise(edges)]
    random = floors([drill(events, attacks, signals)]).random
    assert random.precision == pytest.approx((picks < edges[-1]).mean(), abs=0.01)
    assert random.recall == pytest.approx(np.mean(found), abs=0.01)


def test_both_are_on_the_card() -> None:
    assert card_of(drill(5, [2], 2)).shown()["floors"] == {
        "silent": {"precision": None, "recall": 0.0},
        "random": {"precision": 0.4, "recall": pytest.approx(0.7)},
    }
