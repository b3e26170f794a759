"""Baselines: a pipeline fails where a rule got worse, not where it was never good."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from gated import NOTHING, SUBJECT, baseline, figures, outcomes
from hypothesis import given
from hypothesis import strategies as st

from harness.gates.baseline import Subject, baseline_text, compared, read_baseline
from harness.gates.figures import Figure, Figures
from harness.gates.gates import GateError, Verdict

HERE = Path("before.json")


def held(now: Figures, was: Figures, tolerance: float = 0, on: Any = "point") -> list[Verdict]:
    return compared(now, SUBJECT, baseline(was), HERE, tolerance, on)


@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.integers(0, 1000),
    st.sampled_from(["point", "lower"]),
)
def test_the_same_figures_are_never_worse(
    recall: float, precision: float, signals: float, latency: float, missed: int, on: str
) -> None:
    same = figures(recall, precision, signals, latency, missed)
    assert set(outcomes(held(same, same, on=on)).values()) == {"passed"}


def test_better_figures_pass_and_worse_ones_fail_each_for_itself() -> None:
    before = figures(recall=0.8, precision=0.5, signals=10, latency=60, missed=2)
    after = figures(recall=0.79, precision=0.6, signals=10.1, latency=0, missed=3)
    assert outcomes(held(after, before)) == {
        "recall": "failed",
        "precision": "passed",
        "signals_per_day": "failed",
        "latency": "passed",
        "missed": "failed",
    }


@pytest.mark.parametrize(("tolerance", "outcome"), [(0.0, "failed"), (0.04, "failed"), (0.05, "passed")])
def test_within_the_tolerance_worse_is_fine(tolerance: float, outcome: str) -> None:
    """Shares may fall by so much, amounts grow by such a share of themselves."""
    before, after = figures(recall=0.8, signals=100), figures(recall=0.75, signals=105)
    told = outcomes(held(after, before, tolerance))
    assert (told["recall"], told["signals_per_day"]) == (outcome, outcome)


@pytest.mark.parametrize(("tolerance", "outcome"), [(0.0, "failed"), (0.1, "passed"), (0.01, "failed")])
def test_a_latency_of_nothing_may_grow_by_a_share_of_an_hour(tolerance: float, outcome: str) -> None:
    """A rule that finds one more attack, a minute late, is not worse."""
    before, after = figures(latency=0), figures(latency=60)
    assert outcomes(held(after, before, tolerance))["latency"] == outcome


def test_on_the_lower_bound_the_pessimistic_ends_are_compared() -> None:
    before, after = {"recall": Figure(0.8, 0.7, 0.9)}, {"recall": Figure(0.8, 0.6, 0.95)}
    assert outcomes(held(after, before)) == {"recall": "passed"}  # type: ignore[arg-type]
    assert outcomes(held(after, before, on="lower")) == {"recall": "failed"}  # type: ignore[arg-type]


def test_a_figure_that_has_become_undefined_fails() -> None:
    verdicts = held(NOTHING, figures())
    assert set(outcomes(verdicts).values()) == {"failed"}
    assert "undefined (no signal was scored); asked: at least 50%, as before" in verdicts[1].reason


def test_a_figure_that_was_undefined_is_skipped_and_said_to_be() -> None:
    verdicts = held(figures(), {**NOTHING, "recall": Figure(0.8)})
    told = outcomes(verdicts)
    assert (told["recall"], told["precision"]) == ("passed", "skipped")
    assert "the baseline has nothing to compare it with" in verdicts[1].reason


def test_a_figure_that_the_baseline_lacks_is_refused_with_how_to_write_it_anew() -> None:
    before = {"recall": Figure(0.8), "latency": Figure(60), "missed": Figure(2)}
    with pytest.raises(GateError) as error:
        held(figures(), before)  # type: ignore[arg-type]
    assert str(error.value) == (
        "before.json: figures: found no precision, signals_per_day; legal: all of recall, precision, signals_per_day,"
        " latency, missed: write it anew with --write-baseline before.json, without --baseline"
    )


def test_the_reason_says_what_was_before_and_how_much_room_there_is() -> None:
    (verdict,) = held({"recall": Figure(0.5)}, {"recall": Figure(0.8)}, 0.1)
    assert verdict.reason == "recall 50%; asked: at least 70%, as before less 10% (--baseline)"


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "before.json"
    path.write_bytes(baseline_text(SUBJECT, figures()))
    before = read_baseline(path)
    assert before == baseline(figures())
    assert set(outcomes(compared(figures(), SUBJECT, before, path, 0, "point")).values()) == {"passed"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rule": "Other rule"}, "rule: found Other rule; legal: My rule"),
        ({"verb": "test"}, "verb: found test; legal: score"),
        ({"over": {"seeds": [1, 2, 3]}}, "seeds: found 1, 2, 3; legal: 1, 2"),
        ({"over": {"datasets": ["company"]}}, "seeds: found none; legal: 1, 2"),
        ({"over": {"seeds": [1, 2], "people": 9}}, "people: found 9; legal: none"),
        ({"incidents": 8}, "staged incidents: found 8; legal: 7"),
    ],
)
def test_a_baseline_of_something_else_is_refused_by_what_differs(change: dict[str, Any], says: str) -> None:
    other: Subject = msgspec.structs.replace(SUBJECT, **change)
    with pytest.raises(GateError, match=rf"\Abefore\.json: {says}, which the baseline is of, or another baseline\Z"):
        compared(figures(), other, baseline(figures()), HERE, 0, "point")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", r"Input data was truncated; legal: a baseline that"),
        ("[]", r"Expected `object`[^\n]*; legal: a baseline that"),
        ('{"version":2,"subject":{"verb":"score","rule":"r","over":{}},"figures":{}}', r"Invalid enum value 2[^\n]*"),
        ('{"subject":{"verb":"score","rule":"r","over":{}},"figures":{"f1":{"value":1}}}', r"Invalid enum value 'f1'"),
        ('{"subject":{"verb":"score","rule":"r","over":{}},"figures":{}}', r"figures: found none that is defined"),
        (
            '{"subject":{"verb":"score","rule":"r","over":{}},"figures":{"recall":{"value":null}}}',
            r"figures: found none that is defined; legal: at least one",
        ),
    ],
)
def test_a_file_that_is_no_baseline_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "before.json"
    path.write_text(text)
    with pytest.raises(GateError, match=rf"\A[^\n]*before\.json: {says}[^\n]*\Z"):
        read_baseline(path)


def test_a_file_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(GateError, match=r"\A[^\n]*nowhere\.json: cannot be read \(No such file or directory\)\Z"):
        read_baseline(tmp_path / "nowhere.json")


def test_what_was_made_of_tuples_is_the_same_subject_when_it_is_read_again(tmp_path: Path) -> None:
    """A company's delivery has ranges in it, which JSON gives back as lists."""
    subject = Subject("score", "rule", {"delivery": {"late": (0.1, (1, 2))}}, incidents=3)
    path = tmp_path / "before.json"
    path.write_bytes(baseline_text(subject, figures(recall=0.5)))
    assert outcomes(compared(figures(recall=0.5), subject, read_baseline(path), path, 0, "point"))["recall"] == "passed"
