"""The sentences of the verdict: each follows from the figures."""

from typing import Any

import pytest
from html_reports import card, outcome

from harness.report.html.verdict import certainty, headline
from harness.scorecard import Floor, Floors, Load, Ratio, Scorecard


def scored(found: int, attacks: int, *, true: int = 1, signals: int = 10, oracle: int = 0, **other: Any) -> Scorecard:
    outcomes = [outcome(1, "attacks/bulk-export", "ana", found=True)]
    figures = {
        "recall": Ratio(found, attacks),
        "precision": Ratio(true, signals),
        "oracle": Ratio(oracle, attacks),
        "floors": Floors(Floor(None, 0.0), Floor(None, None)),
    }
    return card(outcomes, {"attack": true, "habit": signals - true}, 10, **(figures | other))


def test_the_headline_says_what_was_found_and_what_it_costs() -> None:
    told = "1 of 2 attacks found, at 28.6 signals a day per 1,000 people: 9 of 10 signals were false alarms."
    assert headline(scored(1, 2)) == told


def test_a_silent_rule_is_called_one() -> None:
    assert headline(scored(0, 2, true=0, signals=0)) == "0 of 2 attacks found, and no signal at all."


def test_without_attacks_nothing_is_said_of_finding_them() -> None:
    assert headline(scored(0, 0, true=0)).startswith("No attack to be found, at ")


@pytest.mark.parametrize(
    ("oracle", "told"),
    [
        (0, "could have found 0; this one finds more because it forgets."),
        (1, "could have found at most 1 of 2; the other attacks are made of what their victims do anyway."),
        (2, "could have found all of them."),
    ],
)
def test_recall_is_held_against_that_of_a_rule_that_never_forgets(oracle: int, told: str) -> None:
    assert certainty(scored(1, 2, oracle=oracle)) == [f"A rule that never forgets {told}"]


def test_how_sure_it_is_stands_beside_it_and_what_chance_would_get() -> None:
    floors = Floors(Floor(None, 0.0), Floor(0.01, 0.2))
    told = certainty(scored(1, 2, oracle=2, recall=Ratio(1, 2, 0.1, 0.9), floors=floors))
    assert told[0] == "With 95% confidence it finds 10.0 to 90.0% of such attacks."
    assert told[1] == "As many signals drawn at random would find 20.0% of the attacks, and 1.0% of them would be true."


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0.011, 0.3, []),
        (0.01, 0.3, ["Its own signals cannot be said to be truer than that."]),
        (0.001, 0.009, ["That is truer than its own signals are."]),
    ],
)
def test_a_precision_that_chance_has_too_is_called_so(low: float, high: float, told: list[str]) -> None:
    floors = Floors(Floor(None, 0.0), Floor(0.01, 0.2))
    said = certainty(scored(1, 2, oracle=2, precision=Ratio(1, 10, low, high), floors=floors))
    chance = next(place for place, sentence in enumerate(said) if "drawn at random" in sentence)
    assert said[chance + 1 : -1] == told


def test_where_all_was_learning_nothing_is_said_to_be_silent() -> None:
    learned = scored(0, 0, true=0, signals=0, load=Load(0, 0.0, 50))
    assert headline(learned) == "Nothing was scored: no time is left after the learning period."
