"""The advice of a sweep: one sentence that follows from the figures, and no more than they carry."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from drills import Usage, write_drill
from test_sweep import PEOPLE, office, replace_readings, streams_of

from detector.instant import DAY
from detector.rules import shipped_rule
from harness.scorecard import Latency, Load, Ratio
from harness.sweep.figures import Figures
from harness.sweep.grid import Grid, settings
from harness.sweep.landscape import Landscape
from harness.sweep.sweeping import sweep
from harness.sweep.trying import Tried, common_learning


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_drill(tmp_path_factory.mktemp("office") / "d", office(), "2026-03-01T00:00:00Z")


def test_the_advice_follows_from_the_figures(dataset: Path) -> None:
    """Who forgets after 7 days asks about each reveal: five, of six people. Export and share are left."""
    hasty = replace(shipped_rule(), forget_after_days=7)
    grid = replace_readings(Grid(learning_duration=[7], forget_after=[7, 28]))
    result = sweep(hasty, grid, streams_of(dataset)).result
    own, other = result.settings
    assert (own.recall.part, other.recall.part) == (1, 1)
    assert (own.signals, other.signals) == (32, 2)
    assert result.advice.startswith("Forget after 28 d rather than 7 d: the same recall (1 of 1), 94 % fewer signals")


def test_what_a_setting_asks_before_the_scored_time_is_told_with_the_advice(tmp_path: Path) -> None:
    """Who learns a first event alone never asks about a joiner's, but asks everybody about the second on day one."""
    joiners = [Usage("2026-02-15T09:00:00Z", f"joiner {n}", "fill") for n in range(12)]
    directory = write_drill(tmp_path / "d", sorted([*office(), *joiners]), "2026-03-01T00:00:00Z")
    grid = replace_readings(Grid(learning_duration=[0, 7], forget_after=[28]))
    result = sweep(shipped_rule(), grid, streams_of(directory)).result
    assert [each.unscored_signals for each in result.settings] == [0, len(PEOPLE)]
    assert result.advice.startswith("Learn the first event alone rather than for 7 d: the same recall (1 of 1), ")
    assert result.advice.endswith("; but 6 signals rather than 0 before day 7, where nothing is scored.")


def test_what_a_comparison_could_not_tell_from_chance_is_not_advised(tmp_path: Path) -> None:
    """One person asked about more often is no proof, however often it is."""
    one = [each for each in office() if each.who == "bob"]
    directory = write_drill(tmp_path / "d", one, "2026-03-01T00:00:00Z", people=1)
    grid = replace_readings(Grid(learning_duration=[7], forget_after=[7, 28]))
    result = sweep(replace(shipped_rule(), forget_after_days=7), grid, streams_of(directory)).result
    assert [each.signals for each in result.settings] == [6, 1]
    assert result.advice.startswith("Keep the rule as it is: to forget after 28 d")


def test_a_rule_that_is_scored_over_another_time_is_not_compared(dataset: Path) -> None:
    """The stream is of 59 days; who learns for 30 of them sees the attack, and who learns for 7 sees more besides."""
    late = replace(shipped_rule(), learning_duration_days=30, forget_after_days=7)
    result = sweep(
        late, replace_readings(Grid(learning_duration=[7], forget_after=[7, 28])), streams_of(dataset)
    ).result
    assert not result.settings[0].is_comparable
    assert result.advice.startswith("The rule learns for 30 d, more than half of a stream")


def test_a_rule_under_which_nothing_is_scored_is_not_taken_for_a_stream_without_attacks(tmp_path: Path) -> None:
    short = [each for each in office() if each.at < "2026-01-20"]
    staged = Usage("2026-01-19T03:00:00Z", "bob", "export", "attacks/x#1")
    directory = write_drill(tmp_path / "d", sorted([*short, staged]), "2026-01-20T00:00:00Z")
    late = replace(shipped_rule(), learning_duration_days=30)
    result = sweep(late, Grid(learning_duration=[7], forget_after=[28]), streams_of(directory)).result
    assert [each.recall.of for each in result.settings if each.is_comparable] == [1] * 4
    assert "No attack is scored" not in result.advice
    assert all("nothing is scored" not in told for told in result.hangs_on.values())


def test_a_rule_that_nothing_beats_is_kept(dataset: Path) -> None:
    result = sweep(shipped_rule(), replace_readings(Grid(learning_duration=[7], forget_after=[7])), streams_of(dataset))
    assert result.result.advice.startswith("Keep the rule as it is")


def test_without_an_attack_nothing_is_advised(tmp_path: Path) -> None:
    quiet = [each for each in office() if each.run is None]
    directory = write_drill(tmp_path / "d", quiet, "2026-03-01T00:00:00Z")
    result = sweep(shipped_rule(), Grid(), streams_of(directory)).result
    assert result.advice.startswith("No attack is scored here")
    assert result.settings[0].shown()["recall"]["value"] is None
    assert not any(each.is_on_front for each in result.settings)


def test_without_a_record_nothing_is_advised(tmp_path: Path) -> None:
    directory = write_drill(tmp_path / "d", [], "2026-03-01T00:00:00Z")
    assert sweep(shipped_rule(), Grid(), streams_of(directory)).result.advice.startswith("No attack is scored here")


@pytest.mark.parametrize(("found", "chosen"), [((1, 1), 0), ((2, 3), 1)])
def test_a_larger_share_of_fewer_incidents_is_no_better(found: tuple[int, int], chosen: int) -> None:
    """The rule finds two of four; one of one, for half the signals, leaves an attack unfound that it finds."""
    grid = replace_readings(Grid(learning_duration=[7], forget_after=[14, 28]))
    of_rule, other = settings(shipped_rule(), grid)
    both = [_tried(of_rule, (2, 4), 20), _tried(other, found, 10)]
    assert Landscape(shipped_rule(), both, 7).best(of_rule.reading()) is both[chosen]


def _tried(setting: Any, recall: tuple[int, int], signals: int) -> Tried:
    nothing, share = Ratio(0, 0), Ratio(*recall)
    return Tried(setting, Figures(nothing, share, nothing, Load(signals, 10.0, 10), Latency(0), 0), 100, 0, 0, 0.0)


@pytest.mark.parametrize(("length", "learned"), [(14 * DAY, 7), (14 * DAY - 1, 3)])
def test_half_of_the_shortest_stream_and_no_less_is_left_to_be_scored(length: int, learned: int) -> None:
    panels: list[Any] = [SimpleNamespace(span=(DAY, DAY + length)), SimpleNamespace(span=(0, 90 * DAY))]
    assert common_learning(panels, [0, 3, 7, 14]) == learned
