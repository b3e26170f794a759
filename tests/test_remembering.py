"""What the baseline over time shows: when a value was remembered, and when it was new, as the engine has it."""

from dataclasses import replace
from pathlib import Path

import pytest
from drills import Usage, write_drill
from hypothesis import given
from hypothesis import strategies as st

from detector.instant import parse_instant
from detector.rules import NewValueRule, shipped_rule
from harness.report.html.baseline import MOST_PEOPLE, MOST_VALUES, Baseline, Group, NewValue
from harness.report.html.remembering import baseline_of
from harness.truth import read_truth

RULE = replace(shipped_rule(), learning_duration_days=2, forget_after_days=3)
END = "2026-01-31T00:00:00Z"


def drawn(tmp_path: Path, usages: list[Usage], rule: NewValueRule = RULE, enabled_at: str | None = None) -> Baseline:
    truth = read_truth(write_drill(tmp_path / "drill", usages, END))
    return baseline_of(rule, truth, None if enabled_at is None else parse_instant(enabled_at), "seed 1")


def group(baseline: Baseline, who: str) -> Group:
    return next(group for group in baseline.groups if group.name == f"{who}@example.com")


def at(day: int, who: str = "ana", action: str = "fill", run: str | None = None) -> Usage:
    return Usage(f"2026-01-{day + 1:02}T00:00:00Z", who, action, run)


def test_a_value_is_remembered_until_it_is_forgotten_and_then_new_again(tmp_path: Path) -> None:
    memory = group(drawn(tmp_path, [at(0), at(2), at(10), at(12)]), "ana").memories["fill"]
    assert memory.events == 4
    assert memory.remembered == [(0.0, 5.0), (10.0, 15.0)]
    assert memory.new == [NewValue(10.0, None)]


def test_where_forgetting_is_fixed_seeing_it_again_keeps_nothing_alive(tmp_path: Path) -> None:
    fixed = replace(RULE, forget_mode="fixed")
    memory = group(drawn(tmp_path, [at(0), at(2), at(4)], fixed), "ana").memories["fill"]
    assert memory.remembered == [(0.0, 3.0), (4.0, 7.0)]
    assert memory.new == [NewValue(4.0, None)]


def test_what_a_new_value_was_staged_as_is_told(tmp_path: Path) -> None:
    staged = [at(0), at(5, "ana", "export", "attacks/x#1"), at(6, "bo", "share", "benign/y#1")]
    baseline = drawn(tmp_path, staged)
    assert group(baseline, "ana").memories["export"].new == [NewValue(5.0, "attack")]
    assert group(baseline, "bo").memories["share"].new == [NewValue(6.0, "benign")]
    assert (group(baseline, "ana").staged, group(baseline, "bo").staged) == (["attack"], ["benign"])


def test_everybody_is_the_share_who_hold_a_value_at_the_end_of_each_day(tmp_path: Path) -> None:
    baseline = drawn(tmp_path, [at(0), at(1, "bo"), at(1, "cy", "reveal")])
    assert [round(share, 2) for share in baseline.everybody["fill"][:6]] == [0.33, 0.67, 0.67, 0.33, 0.0, 0.0]
    assert (baseline.of, baseline.days, baseline.learned_after) == (3, 30, 2.0)


def test_events_from_before_the_rule_was_enabled_are_not_remembered(tmp_path: Path) -> None:
    baseline = drawn(tmp_path, [at(0, action="export"), at(4)], enabled_at="2026-01-03T00:00:00Z")
    assert [*group(baseline, "ana").memories] == ["fill"]
    assert baseline.learned_after == 4.0


def test_each_watched_field_is_for_itself_where_the_rule_says_so(tmp_path: Path) -> None:
    rule = replace(RULE, metrics=("@evt.name", "@vault_uuid"), multi_value="any")
    baseline = drawn(tmp_path, [at(0), at(2, action="export")], rule)
    memories = group(baseline, "ana").memories
    assert memories["@evt.name export"].new == [NewValue(2.0, None)]
    assert [memory.new for name, memory in memories.items() if name.startswith("@vault_uuid")] == [[]]


def test_of_many_groups_those_with_incidents_come_first_then_those_with_signals_then_the_busiest(
    tmp_path: Path,
) -> None:
    quiet = [at(0, f"quiet{number}") for number in range(MOST_PEOPLE)]
    busy = [at(0, "busy"), at(1, "busy"), at(5, "novel"), at(5, "victim", "export", "attacks/x#1")]
    baseline = drawn(tmp_path, [*quiet, *busy])
    assert [each.name.partition("@")[0] for each in baseline.groups[:4]] == ["victim", "novel", "busy", "quiet0"]
    assert (len(baseline.groups), baseline.of) == (MOST_PEOPLE, MOST_PEOPLE + 3)


def test_of_many_values_those_that_most_have_shown_are_drawn(tmp_path: Path) -> None:
    rule = replace(RULE, query="source:1password")
    usages = [at(0, "ana", f"action-{number:02}") for number in range(MOST_VALUES + 3)] + [at(0, "bo", "action-14")]
    baseline = drawn(tmp_path, usages, rule)
    assert baseline.values[0] == "action-14"
    assert (len(baseline.values), baseline.unshown_values) == (MOST_VALUES, 3)


@given(
    days=st.lists(st.integers(0, 29), min_size=1, max_size=20),
    forget_mode=st.sampled_from(["sliding", "fixed"]),
    learning=st.integers(0, 4),
)
def test_nothing_is_new_while_it_is_remembered(
    tmp_path_factory: pytest.TempPathFactory, days: list[int], forget_mode: str, learning: int
) -> None:
    rule = replace(RULE, forget_mode=forget_mode, learning_duration_days=learning)
    baseline = drawn(tmp_path_factory.mktemp("drill"), [at(day) for day in sorted(days)], rule)
    memory = group(baseline, "ana").memories["fill"]
    starts = [since for since, _ in memory.remembered]
    assert {new.day for new in memory.new} <= set(starts)
    assert all(until - since >= 0 for since, until in memory.remembered)
    assert all(any(since <= day <= until for since, until in memory.remembered) for day in days)
