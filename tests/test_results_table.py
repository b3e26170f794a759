"""Tables of signals and matches fit a terminal, whatever is in them."""

from typing import Any

import pytest

from harness.report.tables import results_table

WIDTH = 100
LONG = "somebody.with.a.very.long.name.and.many.initials@engineering.subsidiary.example.com"


def match(value: str, group: str = "ada@example.com", rule: str = "New action") -> dict[str, Any]:
    return {
        "rule": rule,
        "uuid": "A" * 26,
        "timestamp": "2026-01-10T09:00:00.000000001Z",
        "group": {"@usr.email": group},
        "value": {"@evt.name": value},
    }


def signal(*values: str, group: str = "ada@example.com", rule: str = "New action") -> dict[str, Any]:
    matches = [match(value, group, rule) for value in values]
    return {
        "rule": rule,
        "severity": "medium",
        "group": {"@usr.email": group},
        "opened_at": "2026-01-10T09:00:00.000000001Z",
        "matches": matches,
    }


def widest(text: str) -> int:
    return max(map(len, text.splitlines()))


def test_what_fits_is_shown_whole_with_times_to_the_second() -> None:
    header, _, row = results_table("signals", 1)([signal("fill", "reveal", "fill")]).splitlines()
    assert header.split() == ["opened", "severity", "group", "new", "values", "matches"]
    assert row.split() == ["2026-01-10T09:00:00Z", "medium", "ada@example.com", "fill;", "reveal", "3"]


def test_of_many_new_values_those_that_fit_are_shown_and_the_rest_counted() -> None:
    names = [f"action-{number}" for number in range(30)]
    text = results_table("signals", 1)([signal(*names)])
    assert widest(text) == WIDTH
    shown = text.splitlines()[-1]
    assert "action-0; action-1; " in shown
    left = 30 - shown.count("action-")
    assert f"; +{left} more  30" in " ".join(shown.split(" ")).replace("   ", "  ")


@pytest.mark.parametrize("rules", [1, 2])
@pytest.mark.parametrize("emit", ["signals", "matches"])
def test_no_table_is_wider_than_a_terminal(emit: str, rules: int) -> None:
    name = "Somebody does something that nobody has ever seen before"
    row = signal(LONG, "b" * 80, group=LONG, rule=name) if emit == "signals" else match("c" * 90, LONG, name)
    text = results_table(emit, rules)([row])
    assert widest(text) <= WIDTH
    assert "…" in text


def test_a_short_column_is_not_cut_for_a_long_one() -> None:
    text = results_table("matches", 2)([match("reveal", LONG, "short")])
    assert "reveal" in text
    assert "short" in text


@pytest.mark.parametrize("emit", ["signals", "matches"])
def test_nothing_is_said_to_be_nothing(emit: str) -> None:
    assert results_table(emit, 2)([]) == f"no {emit}"
