"""The figures of the scorecard: by hand, against scikit-learn, and where there is nothing to count."""

from collections.abc import Sequence
from math import nan
from typing import Any

import msgspec
import pytest
from evidences import START, card_of, drawn, evidence, incident, signal
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.instant import SECOND
from harness.report.text import scorecard_table
from harness.scorecard import Measure, Rate
from harness.scoring.evidence import ATTACK, FORGOTTEN, HABIT, LOOK_ALIKE, Evidence

ATTACKS = [incident(f"attacks/x#{number}", found_at=START if number < 3 else None) for number in range(4)]


def test_by_hand() -> None:
    """Three of five signals are true, three of four attacks found, in ten days of ten people."""
    hits = [signal("bob", ATTACK, f"attacks/x#{number}", reward=0.5) for number in range(3)]
    raised = [*hits, signal("ada"), signal("cy", LOOK_ALIKE, "benign/y#1", is_new_person=True)]
    staged = [*ATTACKS, incident("benign/y#1", found_at=START), incident("benign/y#2")]
    card = card_of(evidence(raised, staged, new_person_days=20.0))
    assert (card.precision.part, card.precision.of) == (3, 5)
    assert (card.recall.part, card.recall.of) == (3, 4)
    assert (card.look_alikes.part, card.look_alikes.of) == (1, 2)
    assert card.load.rate == pytest.approx(5 / 100 * 1000)
    assert {cause: rate.value for cause, rate in card.by_cause.items()} == {ATTACK: 30.0, HABIT: 10.0, LOOK_ALIKE: 10.0}
    assert (card.tenure.new.value, card.tenure.settled.value) == (1 / 20 * 1000, 4 / 80 * 1000)
    assert card.ranges.precision.value == pytest.approx(1.5 / 5)


def test_range_recall_is_the_mean_over_attacks() -> None:
    staged = [incident(reward=0.5), incident("attacks/x#2", reward=0.25), incident("benign/y#1")]
    assert card_of(evidence([], staged)).ranges.recall.value == 0.375


def test_streams_are_counted_together_and_days_by_their_people() -> None:
    first = evidence([signal()], ATTACKS[:1], unscored_signals=1)
    second = evidence([], ATTACKS[3:], stream="seed 2", days=40.0, people=5, unscored_incidents=2)
    card = card_of(first, second)
    assert card.streams == ["seed 1", "seed 2"]
    assert (card.recall.part, card.recall.of) == (1, 2)
    assert card.load.people == 15
    assert card.load.days == pytest.approx(20.0)
    assert card.load.rate == pytest.approx(1 / 300 * 1000)
    assert (card.unscored_signals, card.unscored_incidents) == (1, 2)
    assert [outcome.stream for outcome in card.outcomes] == ["seed 1", "seed 2"]


def test_each_scenario_is_told_with_its_counts_attacks_first() -> None:
    staged = [incident("benign/y#1"), incident("attacks/z#1", detectable_at=START), *ATTACKS]
    told = [
        (each.scenario, each.found, each.detectable, each.incidents)
        for each in card_of(evidence([], staged)).by_scenario
    ]
    assert told == [("attacks/x", 3, 0, 4), ("attacks/z", 0, 1, 1), ("benign/y", 0, 0, 1)]


def test_latency_counts_from_the_first_detectable_event_and_is_never_negative() -> None:
    late = incident(detectable_at=START + 5 * SECOND, found_at=START + 20 * SECOND)
    early = incident("attacks/x#2", detectable_at=START + 5 * SECOND, found_at=START)
    card = card_of(evidence([], [late, early]))
    assert [outcome.latency_seconds for outcome in card.outcomes] == [15.0, 0.0]
    assert (card.latency.median_seconds, card.latency.max_seconds) == (7.5, 15.0)
    assert card.latency_from_start.max_seconds == 20.0


@settings(max_examples=30)  # the other side takes its time
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40))
def test_precision_and_recall_agree_with_scikit_learn(labels: list[tuple[bool, bool]]) -> None:
    """Where each event is an incident of its own and each signal holds one event, they are those of a classifier."""
    metrics = pytest.importorskip("sklearn.metrics")
    staged = [incident(f"attacks/x#{n}", found_at=START if hit else None) for n, (bad, hit) in enumerate(labels) if bad]
    raised = [
        signal(cause=ATTACK if bad else HABIT, run=f"attacks/x#{n}" if bad else None)
        for n, (bad, hit) in enumerate(labels)
        if hit
    ]
    card = card_of(evidence(raised, staged))
    truth, said = [bad for bad, _ in labels], [hit for _, hit in labels]
    for ratio, theirs in [(card.precision, metrics.precision_score), (card.recall, metrics.recall_score)]:
        expected = theirs(truth, said, zero_division=nan) if labels else nan
        assert (nan if ratio.value is None else ratio.value) == pytest.approx(expected, nan_ok=True)


def intervals(card: Any) -> list[tuple[float, float, float]]:
    """The low end, the value and the high end of every figure that has them."""
    rates = [card.tenure.new, card.tenure.settled, *card.by_cause.values()]
    found = [(one.low, one.value, one.high) for one in (card.precision, card.recall, card.oracle, card.look_alikes)]
    found += [(one.low, one.value, one.high) for one in (card.ppv, *rates)]
    found += [(card.load.low, card.load.rate, card.load.high)]
    return [each for each in found if None not in each]


@given(
    st.lists(st.integers(1, 3), unique=True, max_size=3).flatmap(
        lambda seeds: st.tuples(*(drawn(f"seed {seed}") for seed in seeds))
    )
)
def test_whatever_the_evidence_the_parts_add_up_and_the_intervals_hold_their_values(
    evidences: Sequence[Evidence],
) -> None:
    card = card_of(*evidences)
    assert sum(rate.signals for rate in card.by_cause.values()) == card.load.signals == card.precision.of
    if card.load.rate is not None:
        parts = sum(rate.value or 0.0 for rate in card.by_cause.values())
        assert parts == pytest.approx(card.load.rate)
    assert card.tenure.new.signals + card.tenure.settled.signals == card.load.signals
    assert all(low - 1e-9 <= value <= high + 1e-9 for low, value, high in intervals(card))
    assert msgspec.json.decode(msgspec.json.encode(card.shown()))["precision"]["of"] == card.precision.of
    assert max(map(len, scorecard_table(card).splitlines())) <= 100


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param([], (None, None, None, None, None), id="no stream"),
        pytest.param(
            [evidence(people=0, days=0.0, watched_events=0)], (None, None, None, None, None), id="empty stream"
        ),
        pytest.param([evidence([], ATTACKS[3:])], (None, 0.0, 0.0, None, 0.0), id="no signals"),
        pytest.param([evidence([signal()], [])], (0.0, None, 10.0, None, None), id="no incidents"),
        pytest.param([evidence([signal()], [incident("benign/y#1")])], (0.0, None, 10.0, None, None), id="all benign"),
        pytest.param([evidence([signal()], ATTACKS[:1], people=1)], (0.0, 1.0, 100.0, 0.0, 0.0), id="one person"),
        pytest.param([evidence([signal()], ATTACKS[:1], days=0.0)], (0.0, 1.0, None, None, 0.0), id="no days"),
    ],
)
def test_where_there_is_nothing_to_count_a_figure_is_null(
    case: list[Evidence], expected: tuple[float | None, ...]
) -> None:
    card = card_of(*case)
    assert (
        card.precision.value,
        card.recall.value,
        card.load.rate,
        card.ppv.value,
        card.ranges.recall.value,
    ) == expected
    assert card.tenure.new.value is None
    assert "nan" not in scorecard_table(card)


def test_one_person_does_not_make_a_figure_certain() -> None:
    """However many their signals are, people that are drawn are always this one."""
    true = [signal("ada", "attack", "attacks/x#1", reward=0.5)] * 5
    card = card_of(evidence([*true, *[signal("ada")] * 50], ATTACKS, people=1))
    ends = [(each.low or 0, each.high or 0) for each in (card.load, card.tenure.settled, card.by_cause["habit"])]
    assert card.precision.method == "wilson"
    assert all(low < high for low, high in ends)
    assert (card.ppv.low, card.ranges.precision.low) == (None, None)


def test_the_load_of_new_people_and_of_all_others_is_by_their_own_days_with_its_interval_too() -> None:
    """Of 2,000 days of people 500 are of new ones; 40 of those raise a signal, and 60 others."""
    new = [signal(f"new {number}", is_new_person=True) for number in range(40)]
    case = evidence([*new, *(signal(f"p{n}") for n in range(60))], people=200, new_person_days=500.0)
    tenure = card_of(case).tenure
    for rate, count, days in ((tenure.new, 40, 500), (tenure.settled, 60, 1500)):
        reach = 1.96 * (count * (1 - count / 200)) ** 0.5 / days * 1000  # each of 200 people raises one or none
        assert rate.value == count / days * 1000
        assert (rate.low, rate.high) == pytest.approx((rate.value - reach, rate.value + reach), rel=0.05)


def test_the_order_of_the_streams_changes_no_figure() -> None:
    streams = [
        evidence([signal(reward=share)], [incident(reward=share, events=place + 1)], stream=f"seed {place}")
        for place, share in enumerate((0.1, 0.2, 0.3, 0.7))
    ]
    there, back = card_of(*streams), card_of(*reversed(streams))
    assert (there.ranges, there.floors, there.ppv) == (back.ranges, back.floors, back.ppv)
    assert (there.precision, there.recall, there.load) == (back.precision, back.recall, back.load)


def test_no_signal_has_a_range_precision_of_nobody_knows() -> None:
    assert card_of(evidence([], ATTACKS)).ranges.precision == Measure()


def test_of_rewards_that_are_all_alike_no_interval_is_claimed() -> None:
    assert card_of(evidence([signal(reward=0.5)] * 3)).ranges.precision == Measure(0.5, None, None, 3)


def test_a_rate_of_nobodys_days_is_undefined() -> None:
    assert (Rate(3, 0.0).value, Rate(3, 100.0).value) == (None, 30.0)


def test_the_same_evidence_gives_the_same_card() -> None:
    case = evidence([signal(f"p{number}") for number in range(40) for _ in range(number % 7)], people=50)
    assert card_of(case) == card_of(case)
    assert card_of(case).load != card_of(case, seed=1).load


def test_the_largest_cause_comes_first() -> None:
    raised = [signal(cause=cause) for cause in (FORGOTTEN, "joiner", FORGOTTEN, HABIT)]
    assert list(card_of(evidence(raised)).by_cause) == [FORGOTTEN, HABIT, "joiner"]
