"""Gates on a drill: what `test` can hold to a bound, beside what the rule owes each scenario."""

import json
from pathlib import Path

import pytest
from calling import Run, caller
from junitparser import JUnitXml

COMPANY = ("--profile", "startup-50", "--people", "40", "--days", "25", "--workers", "1", "--seeds", "1")
LOUD = """\
name: An item is shared
kind: attack
story: Somebody who never shares an item shares one.
techniques: [T1567]
actor: {never_did: [share]}
when: {after_history: 10d}
steps:
  - {feed: itemusages, action: share}
"""
SILENT = """\
name: An item is filled in
kind: attack
story: Somebody who fills in items fills in one more, for somebody else.
techniques: [T1078]
actor: {often: [fill], active_days: 5}
when: {after_history: 10d}
steps:
  - {feed: itemusages, action: fill}
"""


@pytest.fixture
def drill(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """`test` beside an attack that is found, and one of which nothing is new, so that nothing is asked of it."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "loud.yaml").write_text(LOUD)
    (tmp_path / "mine" / "silent.yaml").write_text(SILENT)
    call = caller("test", tmp_path, monkeypatch, capfd)
    return lambda *arguments: call("mine", *COMPANY, *arguments)


def test_a_drill_has_the_figures_of_its_attacks(drill: Run) -> None:
    ran = drill("--min-recall", "0.5", "--max-missed", "1", "--max-latency", "0s", "--format", "json")
    gates = json.loads(ran.out)["gates"]
    assert [(each["figure"], each["value"], each["outcome"]) for each in gates["verdicts"]] == [
        ("recall", 0.5, "passed"),
        ("latency", 0.0, "passed"),
        ("missed", 1, "passed"),
    ]
    assert gates["verdicts"][0]["low"] == pytest.approx(0.0945, abs=1e-4)  # Wilson's, of 1 in 2


def test_a_broken_gate_fails_a_drill_whose_expectations_are_met(drill: Run) -> None:
    ran = drill("--min-recall", "0.9", "--junit", "d.xml", "--step-summary", "steps.md")
    assert ran.code == 1
    assert ran.err.splitlines()[-1].startswith("gate failed: recall 50% ")
    assert "\nFAILED   recall 50%" in ran.out
    suites = {suite.name: suite for suite in JUnitXml.fromfile("d.xml")}
    assert list(suites) == ["seed 1", "gates"]
    assert suites["gates"].failures == 1
    assert "| FAILED | recall 50%" in Path("steps.md").read_text()


def test_on_the_lower_bound_few_incidents_prove_little(drill: Run) -> None:
    ran = drill("--min-recall", "0.5", "--gate-on", "lower")
    assert "gate failed: recall 50% (95 %: 9.453% to 90.55%)" in ran.err


@pytest.mark.parametrize("option", ["--min-precision", "--max-signals-per-day"])
def test_what_a_drill_does_not_count_is_refused(drill: Run, option: str) -> None:
    ran = drill(option, "0.5")
    says = f"vaultdrill: {option}: a drill does not count everyday signals; legal: vaultdrill score\n"
    assert (ran.code, ran.out, ran.err) == (2, "", says)


def test_a_baseline_holds_a_drill_of_the_same_cases_alone(drill: Run) -> None:
    drill("--write-baseline", "before.json")
    ran = drill("--baseline", "before.json", "--format", "json")
    assert {each["outcome"] for each in json.loads(ran.out)["gates"]["verdicts"]} == {"passed"}
    Path("mine/silent.yaml").unlink()
    ran = drill("--baseline", "before.json")
    assert ran.code == 2
    assert ran.err.splitlines()[-1].startswith(
        "vaultdrill: before.json: cases: found mine/loud; legal: mine/loud, mine/silent, which the baseline is of"
    )


def test_gates_do_nothing_beside_a_rules_own_tests_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rule.yaml").write_text("queries: []\n")
    call = caller("test", tmp_path, monkeypatch, capfd)
    ran = call("rule.yaml", "--max-missed", "0")
    assert ran.code == 2
    assert ran.err == "vaultdrill: --max-missed: does nothing beside a rule's own tests alone; legal: leave it out\n"
