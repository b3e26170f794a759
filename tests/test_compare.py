"""Comparing two rules: each figure of both, and the difference with its paired interval."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from evidences import START, drawn, evidence, incident, signal
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.instant import SECOND
from detector.rules import NewValueRule, shipped_rule
from harness.comparing.comparison import Compared, Difference
from harness.comparing.figures import causes, figures
from harness.comparing.pairing import Pairing
from harness.comparing.splitting import split
from harness.scoring.evidence import Evidence, Staged

RULES: tuple[NewValueRule, NewValueRule] = (shipped_rule(), replace(shipped_rule(), forget_after_days=7))


def paired(a: Sequence[Evidence], b: Sequence[Evidence]) -> Pairing:
    return Pairing.of(RULES, (a, b), base_rate=0.01)


def compared(a: Evidence, b: Evidence) -> dict[str, Compared]:
    return {each.name: each for each in figures(paired([a], [b]))}


def attacks(found: int, missed: int, *, after: int = 0) -> list[Staged]:
    every = range(found + missed)
    return [
        incident(f"attacks/x#{each}", detectable_at=START, found_at=START + after * SECOND if each < found else None)
        for each in every
    ]


def test_each_figure_of_both_and_what_lies_between_by_hand() -> None:
    a = evidence([signal("ada", "attack", "attacks/x#0"), signal("bob"), signal("cy"), signal("dee")], attacks(1, 3))
    b = evidence([signal("ada", "attack", "attacks/x#0"), signal("bob")], attacks(2, 2))
    found = compared(a, b)
    values = {name: (each.a.value, each.b.value, each.difference.value) for name, each in found.items()}
    assert values["precision"] == (0.25, 0.5, 0.25)
    assert values["recall"] == (0.25, 0.5, 0.25)
    assert values["look-alikes"] == (None, None, None)
    assert values["load"] == pytest.approx((40.0, 20.0, -20.0))  # of ten people in ten days
    # One true signal for 4 attacks; 3 false ones, or 1, in 100 person-days.
    a_year = 365.25 / 100
    ppv = [0.01 / 4 / (0.01 / 4 + false * a_year) for false in (3, 1)]
    assert values["PPV"] == pytest.approx((*ppv, ppv[1] - ppv[0]))
    assert values["median latency"] == (0.0, 0.0, 0.0)


def test_latency_is_told_with_its_interval() -> None:
    found = compared(evidence(staged=attacks(6, 0)), evidence(staged=attacks(6, 0, after=60)))["median latency"]
    assert (found.a.value, found.b.value) == (0.0, 60.0)
    assert (found.difference.low, found.difference.high, found.favours_b) == (60.0, 60.0, -1)


@pytest.mark.parametrize(("more", "told"), [(5, False), (6, True)])
def test_draws_prove_nothing_where_fewer_than_six_differ(more: int, *, told: bool) -> None:
    everybody = [signal(f"p{each}") for each in range(60)]
    a, b = evidence(everybody, people=60), evidence([*everybody, *everybody[:more] * 3], people=60)
    assert compared(a, b)["load"].difference.is_distinguishable is told
    rewards = [[incident(f"attacks/x#{each}", reward=each < given) for each in range(60)] for given in (0, more)]
    assert compared(*(evidence(staged=own) for own in rewards))["range recall"].difference.is_distinguishable is told


def test_the_parts_of_the_load_come_by_cause_and_add_up_to_it() -> None:
    a = evidence([signal(cause="habit")] * 40 + [signal(cause="forgotten")] * 5)
    b = evidence([signal(cause="habit")] * 40 + [signal(cause="joiner")])
    pairing = paired([a], [b])
    parts = {each.name: (each.a.part, each.b.part) for each in causes(pairing)}
    assert list(parts.items()) == [("habit", (40, 40)), ("forgotten", (5, 0)), ("joiner", (0, 1))]
    load = next(each for each in figures(pairing) if each.name == "load")
    assert sum(part for part, _ in parts.values() if part) == load.a.part


def test_fewer_signals_of_the_same_people_are_told_from_chance() -> None:
    everybody = [signal(f"p{each}") for each in range(60)]
    a, b = evidence(everybody * 2, people=60), evidence([*everybody, *everybody[:40]], people=60)
    load = compared(a, b)["load"]
    assert load.difference.interval == "bootstrap"
    assert (load.difference.is_distinguishable, load.favours_b) == (True, 1)


def test_a_few_signals_more_are_not() -> None:
    load = compared(evidence([signal("ada")] * 3), evidence([signal("ada")] * 5))["load"]
    assert (load.difference.interval, load.difference.is_distinguishable, load.favours_b) == (
        "square-and-add",
        False,
        0,
    )


@pytest.mark.parametrize(("more", "told"), [(5, False), (6, True)])
def test_recall_needs_six_incidents_that_only_one_rule_found(more: int, *, told: bool) -> None:
    recall = compared(evidence(staged=attacks(30, 30)), evidence(staged=attacks(30 + more, 30 - more)))["recall"]
    assert recall.difference.is_distinguishable is told


def test_incidents_that_only_one_rule_found_are_named() -> None:
    a = evidence(staged=[incident("attacks/x#1", found_at=START), incident("attacks/x#2"), incident("benign/y#1")])
    b = evidence(staged=[incident("attacks/x#1"), incident("attacks/x#2"), incident("benign/y#1", found_at=START)])
    found = split(([a], [b]), "attack")
    assert (found.both, found.only_a, found.only_b, found.neither) == (0, ["attacks/x#1 (seed 1)"], [], 1)
    assert split(([a], [b]), "benign").only_b == ["benign/y#1 (seed 1)"]


def test_where_one_rule_scored_more_incidents_the_interval_is_that_of_both_figures() -> None:
    """Of the ten that both scored they found the same five; of B's twenty others it found all."""
    more = [incident(f"attacks/y#{each}", found_at=START) for each in range(20)]
    recall = compared(evidence(staged=attacks(5, 5)), evidence(staged=[*attacks(5, 5), *more]))["recall"].difference
    assert recall.value == pytest.approx(1 / 3)
    assert (recall.low or 0) < 1 / 3 < (recall.high or 0)


def test_a_rule_that_raises_fewer_look_alikes_is_the_better_one() -> None:
    raised, silent = (
        evidence(staged=[incident(f"benign/y#{each}", found_at=found) for each in range(20)]) for found in (START, None)
    )
    assert compared(raised, silent)["look-alikes"].favours_b == 1


def test_what_one_rule_did_not_score_tells_nothing_of_it() -> None:
    """A longer learning period leaves incidents out; those are no miss, and recall is of each rule's own."""
    a, b = evidence(staged=attacks(3, 0)), evidence(staged=attacks(2, 0))
    assert (split(([a], [b]), "attack").both, split(([a], [b]), "attack").neither) == (2, 0)
    recall = compared(a, b)["recall"]
    assert ((recall.a.part, recall.a.of), (recall.b.part, recall.b.of)) == ((3, 3), (2, 2))


@settings(max_examples=25, deadline=None)
@given(st.tuples(drawn("x"), drawn("y")), st.tuples(drawn("x"), drawn("y")))
def test_turned_round_every_difference_changes_its_sign_and_no_input_is_too_odd(
    a: tuple[Evidence, Evidence], b: tuple[Evidence, Evidence]
) -> None:
    ways = zip(figures(paired(a, b)), figures(paired(b, a)), strict=True)
    for one, other in ways:
        assert (one.a, one.b) == (other.b, other.a)
        if one.difference.value is None:
            assert other.difference == Difference()
            continue
        assert one.difference.value == pytest.approx(-(other.difference.value or 0.0))
        low, high = one.difference.low, one.difference.high
        assert (low is None, high is None) == (other.difference.high is None, other.difference.low is None)
        assert low is None or low == pytest.approx(-(other.difference.high or 0.0), abs=1e-12)
        assert high is None or high == pytest.approx(-(other.difference.low or 0.0), abs=1e-12)


def test_turned_round_the_ends_by_draws_are_the_same_too() -> None:
    """People come in another order, and some have signals of one rule alone."""
    a = evidence([signal(f"p{n}", "attack" if n % 3 else "habit") for n in range(60) for _ in range(1 + n % 4)])
    b = evidence([signal(f"p{n}", "attack" if n % 2 else "habit") for n in range(90, 9, -1) for _ in range(1 + n % 5)])
    there, back = compared(a, b), compared(b, a)
    for name in ("precision", "load"):
        one, other = there[name].difference, back[name].difference
        assert one.interval == other.interval == "bootstrap"
        assert (one.low, one.high) == pytest.approx((-(other.high or 0), -(other.low or 0)), rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(drawn())
def test_a_rule_beside_itself_differs_in_nothing(one: Evidence) -> None:
    pairing = paired([one], [one])
    assert pairing.is_same()
    for figure in [*figures(pairing), *causes(pairing)]:
        assert figure.difference.value in (0.0, None)
        assert not figure.difference.is_distinguishable
