"""Gates: bounds on figures, what keeps them, what breaks them, and what cannot be said."""

from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from gated import NOTHING, figures, outcomes
from junitparser import JUnitXml

from harness.gates.figures import KINDS, Figure, found_figures
from harness.gates.gates import OPTIONS, GateError, Gates, checked, figure_text
from harness.gates.of_drill import WHY, WITHOUT
from harness.report.appraisal import gates_junit
from harness.report.gates import gates_markdown, gates_shown, gates_text

LOOSE = {"recall": 0.7, "precision": 0.4, "signals_per_day": 20.0, "latency": 900.0, "missed": 4.0}
TIGHT = {"recall": 0.81, "precision": 0.51, "signals_per_day": 9.9, "latency": 59.0, "missed": 1.0}


@pytest.mark.parametrize("name", KINDS)
def test_a_figure_that_keeps_its_bound_passes_and_one_that_breaks_it_fails(name: str) -> None:
    assert outcomes(checked(figures(), Gates(**{name: LOOSE[name]}))) == {name: "passed"}  # type: ignore[arg-type]
    assert outcomes(checked(figures(), Gates(**{name: TIGHT[name]}))) == {name: "failed"}  # type: ignore[arg-type]


def test_a_bound_that_is_just_met_is_kept() -> None:
    exactly = Gates(recall=0.8, precision=0.5, signals_per_day=10, latency=60, missed=2)
    assert set(outcomes(checked(figures(), exactly)).values()) == {"passed"}


def test_only_what_was_asked_is_checked() -> None:
    assert checked(figures(), Gates()) == []
    assert [verdict.gate for verdict in checked(figures(), Gates(missed=3, recall=0))] == [
        "--min-recall",
        "--max-missed",
    ]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("on", ["point", "lower"])
def test_an_undefined_figure_never_passes(name: str, on: Any) -> None:
    whatever = {name: 0.0 if KINDS[name].more_is_better else 1e9}  # type: ignore[index]
    (verdict,) = checked(NOTHING, Gates(**whatever, on=on))
    assert (verdict.outcome, verdict.found) == ("failed", None)
    assert "undefined (no " in verdict.reason


@pytest.mark.parametrize(
    ("name", "kept", "broken"),
    [
        ("recall", 0.69, 0.71),
        ("precision", 0.39, 0.41),
        ("signals_per_day", 20, 19.9),
        ("missed", 4, 3),
    ],
)
def test_on_the_lower_bound_the_pessimistic_end_has_to_keep_it(name: str, kept: float, broken: float) -> None:
    for bound, outcome in ((kept, "passed"), (broken, "failed")):
        (verdict,) = checked(figures(), Gates(**{name: bound}, on="lower"))
        assert verdict.outcome == outcome
        assert " end of the interval" in verdict.reason


def test_latency_has_no_interval_and_is_held_to_its_gate_itself() -> None:
    (verdict,) = checked(figures(), Gates(latency=60, on="lower"))
    assert (verdict.outcome, verdict.found) == ("passed", 60)
    assert "interval" not in verdict.reason


def test_a_figure_without_the_interval_that_was_asked_for_fails() -> None:
    (verdict,) = checked({"recall": Figure(1.0)}, Gates(recall=0.5, on="lower"))
    assert verdict.outcome == "failed"
    assert "of the interval, and it has none" in verdict.reason


def test_the_reason_says_figure_interval_bound_and_option() -> None:
    (verdict,) = checked({"recall": Figure(0.6, 0.4, 0.75)}, Gates(recall=0.9))
    assert verdict.reason == "recall 60% (95 %: 40% to 75%); asked: at least 90% (--min-recall)"


def test_what_broke_a_bound_by_little_is_not_told_as_the_bound() -> None:
    (verdict,) = checked(figures(latency=902.0), Gates(latency=900.0))
    assert "15.0 min (902 s); asked: at most 15.0 min (900 s)" in verdict.reason
    assert figure_text("recall", Figure(0.7996)) == "recall 79.96%"


def test_the_missed_are_those_that_recall_leaves() -> None:
    found = found_figures(of=10, part=7, low=0.4, high=0.9, latency=3.0)
    missed = found["missed"]
    assert missed.value == 3
    assert (missed.low, missed.high) == pytest.approx((1.0, 6.0))
    assert found["recall"].value == 0.7
    nothing = found_figures(of=0, part=0, low=None, high=None, latency=None)
    assert [figure.value for figure in nothing.values()] == [None, None, None]


def test_a_figure_that_a_verb_does_not_have_is_refused_in_one_line() -> None:
    Gates(recall=0.5).refuse(WITHOUT, WHY)
    with pytest.raises(GateError, match=r"\A--min-precision: [^\n]*legal: vaultdrill score\Z"):
        Gates(precision=0.5).refuse(WITHOUT, WHY)


def test_every_figure_has_an_option() -> None:
    assert OPTIONS.keys() == KINDS.keys()


@dataclass
class Told:
    """One gate that passes, one that fails, in every form."""

    verdicts = checked(figures(), Gates(recall=0.9, missed=9))


def test_as_text_each_gate_has_a_line_with_its_word() -> None:
    lines = gates_text(Told.verdicts).splitlines()
    assert lines[0] == "gates"
    assert [line.split()[0] for line in lines[2:] if not line.startswith(" ")] == ["FAILED", "ok"]
    assert all(len(line) <= 100 for line in lines)
    assert gates_text([]) == gates_markdown([]) == ""


def test_as_markdown_each_gate_is_a_row() -> None:
    assert gates_markdown(Told.verdicts).splitlines()[2].startswith("| FAILED | recall 80% ")


def test_as_json_they_pass_together_or_not_and_without_gates_nobody_knows() -> None:
    shown = gates_shown(Told.verdicts)
    assert shown["passed"] is False
    first = shown["verdicts"][0]
    assert (first["gate"], first["outcome"], first["bound"], first["found"]) == ("--min-recall", "failed", 0.9, 0.8)
    assert gates_shown(Told.verdicts[1:])["passed"] is True
    assert gates_shown([]) == {"passed": None, "verdicts": []}


def test_as_junit_each_gate_is_a_test() -> None:
    document = gates_junit(Told.verdicts)
    (suite,) = JUnitXml.fromstring(document)
    assert (suite.name, suite.tests, suite.failures) == ("gates", 2, 1)
    failure = fromstring(document).find(".//failure")
    assert failure is not None
    assert failure.get("message") == Told.verdicts[0].reason
