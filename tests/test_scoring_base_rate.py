"""What a signal is worth where attacks are as rare as outside of drills (Axelsson 2000)."""

import pytest
from evidences import card_of, evidence, incident, signal

from harness.scorecard import PredictiveValue
from harness.scoring.base_rate import BaseRateError
from harness.scoring.evidence import ATTACK, LOOK_ALIKE, Evidence

YEAR = 365.25


def a_year(false: int, true: int, attacks: int, look_alikes: int = 0) -> Evidence:
    """A year of one person, with signals of plain habit, of the first attack, and of staged look-alikes."""
    raised = [
        *[signal()] * false,
        *[signal(cause=ATTACK, run="attacks/x#0")] * true,
        *[signal(cause=LOOK_ALIKE, run="benign/y#1")] * look_alikes,
    ]
    return evidence(raised, [incident(f"attacks/x#{each}") for each in range(attacks)], days=YEAR, people=1)


def ppv(*evidences: Evidence, base_rate: float = 0.01) -> PredictiveValue:
    return card_of(*evidences, base_rate=base_rate).ppv


def test_by_hand() -> None:
    """Of two attacks one raises three signals: 1.5 for each. At one attack in a hundred years that is 0.015 a year."""
    worth = ppv(a_year(false=6, true=3, attacks=2))
    assert (worth.true_per_incident, worth.false_per_person_year) == (1.5, 6.0)
    assert worth.value == pytest.approx(0.015 / (0.015 + 6))


def test_it_grows_with_the_base_rate_to_what_bayes_allows() -> None:
    case = a_year(false=6, true=3, attacks=2)
    assert ppv(case, base_rate=4.0).value == pytest.approx(0.5)  # as many true as false
    assert ppv(case, base_rate=1e9).value == pytest.approx(1.0)


def test_staged_look_alikes_do_not_count_as_often_as_they_are_staged() -> None:
    assert ppv(a_year(6, 3, 2, look_alikes=50)) == ppv(a_year(6, 3, 2))


def test_a_signal_of_an_attack_that_is_not_scored_is_neither_true_nor_false_of_those_that_are() -> None:
    other = evidence([signal(cause=ATTACK, run="attacks/z#1")], days=YEAR, people=1, stream="seed 2")
    worth = ppv(a_year(6, 3, 2), other)
    assert (worth.true_per_incident, worth.false_per_person_year) == (1.5, 3.0)


@pytest.mark.parametrize(
    ("case", "value"),
    [
        (a_year(6, 3, 0), None),  # nobody knows how often an attack raises a signal
        (evidence([signal()], [incident()], days=0.0), None),  # nor how often a year does
        (evidence([signal()], [incident()], people=0), None),
        (a_year(0, 0, 2), None),  # a silent rule
        (a_year(6, 0, 2), 0.0),
        (a_year(0, 3, 2), 1.0),
    ],
)
def test_at_the_edges_it_is_told_or_null_and_has_no_interval(case: Evidence, value: float | None) -> None:
    worth = ppv(case)
    assert (worth.value, worth.low, worth.high) == (value, None, None)


def test_of_attacks_that_raise_alike_no_interval_is_claimed() -> None:
    alike = evidence([signal(), signal(cause=ATTACK, run="attacks/x#1")], [incident()], days=YEAR, people=1)
    assert ppv(alike).value == pytest.approx(0.01 / 1.01)
    assert ppv(alike).low is None


def test_its_interval_holds_it_and_is_the_same_each_time() -> None:
    people = [signal(f"p{number}") for number in range(40)]
    attacks = [incident(f"attacks/x#{each}") for each in range(20)]
    hits = [signal("bob", ATTACK, f"attacks/x#{each}") for each in range(12)]
    case = evidence([*people, *hits], attacks, days=YEAR, people=60)
    worth = ppv(case)
    assert worth.low is not None
    assert worth.high is not None
    assert worth.value is not None
    assert 0 < worth.low < worth.value < worth.high < 1
    assert ppv(case) == worth


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_what_is_no_rate_is_refused_in_one_line(rate: float) -> None:
    with pytest.raises(BaseRateError, match=r"\A--base-rate: found \S+; legal: a positive number[^\n]*\Z"):
        ppv(a_year(6, 3, 2), base_rate=rate)
