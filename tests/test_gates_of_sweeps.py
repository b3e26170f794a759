"""Gates on a sweep: it keeps them where any of its settings does, the rule as it stands before all others."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from calling import caller
from drills import Usage, write_drill
from junitparser import JUnitXml

from detector.rules import shipped_path
from harness.gates.gates import Gates, checked
from harness.gates.of_card import figures_of
from harness.gates.of_sweep import named, nearest, subject_of
from harness.scorecard import Latency, Load, Ratio
from harness.sweep.result import Sweep

ON_FRONT = {"is_on_front": True, "is_own_reading": True, "is_comparable": True, "is_current": False}
CURRENT = {**ON_FRONT, "is_on_front": False, "is_current": True}


def sweep(*settings: tuple[dict[str, bool], int, int]) -> Sweep:
    """A sweep of settings: what each is, and of 10 attacks how many it finds with how many signals."""
    swept = [
        SimpleNamespace(**kind, learning=f"{place} d", setting={"forget_after": 28})
        for place, (kind, _, _) in enumerate(settings)
    ]
    tried = [
        SimpleNamespace(
            figures=SimpleNamespace(
                recall=Ratio(found, 10),
                precision=Ratio(found, signals),
                load=Load(signals, 1, 1000),
                latency=Latency(0),
            )
        )
        for _, found, signals in settings
    ]
    result = SimpleNamespace(rule="r", settings=swept, scored_after_days=14)
    return cast("Sweep", SimpleNamespace(result=result, tried=tried, trial=SimpleNamespace(incidents=12)))


def outcomes(of: Sweep, gates: Gates) -> tuple[int, list[str]]:
    place = nearest(of, gates)
    return place, [each.outcome for each in checked(figures_of(of.tried[place].figures), gates)]


def test_the_rule_as_it_stands_is_held_to_the_gates_where_it_keeps_them() -> None:
    found = sweep((CURRENT, 6, 100), (ON_FRONT, 9, 100))
    assert outcomes(found, Gates(recall=0.5)) == (0, ["passed"])
    assert named(found, 0) == "the rule as it stands: learns 0 d, forgets after 28 d"


def test_another_setting_that_keeps_them_all_passes_in_its_place() -> None:
    found = sweep((CURRENT, 6, 100), (ON_FRONT, 9, 200), (ON_FRONT, 8, 90))
    assert outcomes(found, Gates(recall=0.7, signals_per_day=100)) == (2, ["passed", "passed"])
    assert named(found, 2) == "the nearest setting: learns 2 d, forgets after 28 d"


def test_where_none_does_the_nearest_one_tells_which_gates_fail() -> None:
    found = sweep((CURRENT, 6, 100), (ON_FRONT, 9, 200))
    assert outcomes(found, Gates(recall=0.7, signals_per_day=50)) == (1, ["passed", "failed"])


@pytest.mark.parametrize("flaw", ["is_on_front", "is_own_reading", "is_comparable"])
def test_what_nobody_could_choose_is_not_looked_at(flaw: str) -> None:
    found = sweep((CURRENT, 6, 100), ({**ON_FRONT, flaw: False}, 10, 10))
    assert outcomes(found, Gates(recall=0.7)) == (0, ["failed"])


def test_a_baseline_is_over_the_same_streams_and_the_same_scored_time() -> None:
    over: dict[str, Any] = {"datasets": ["/a/company"]}
    subject = subject_of(sweep((CURRENT, 6, 100)), over)
    assert subject.facts() == {
        "verb": "sweep",
        "rule": "r",
        "datasets": ["company"],
        "scored after days": 14,
        "staged incidents": 12,
    }


def test_a_baseline_of_a_rule_that_scored_fewer_incidents_is_of_the_same_streams(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """On the groups' own clocks a rule of 7 days still learns about bob on the 20th, who was staged all the same."""
    usages = [Usage("2026-01-01T09:00:00Z", "ada", "fill"), Usage("2026-01-16T09:00:00Z", "bob", "fill")]
    staged = [Usage(f"2026-01-20T1{n}:00:00Z", who, "export", f"attacks/x#{n}") for n, who in enumerate(("ada", "bob"))]
    write_drill(tmp_path / "company", [*usages, *staged], "2026-01-28T00:00:00Z")
    for days in (3, 7):
        rule = json.loads(shipped_path().read_text("utf-8")) | {"assumptions": {"learningScope": "group"}}
        rule["options"]["newValueOptions"]["learningDuration"] = days
        (tmp_path / f"{days}.yaml").write_text(json.dumps(rule))
    call = caller("sweep", tmp_path, monkeypatch, capfd)
    arguments = ("--dataset", "company", "--learning-duration", "3,7", "--forget-after", "28")
    assert call(*arguments, "--rule", "3.yaml", "--write-baseline", "before.json").code == 0
    ran = call(*arguments, "--rule", "7.yaml", "--baseline", "before.json")
    assert (ran.code, ran.err) == (0, "")


def test_the_command_ends_with_1_where_no_setting_keeps_the_gates(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    days = (1, 5, 9, 13)
    habit = [Usage(f"2026-01-{day:02d}T09:00:00Z", who, "fill") for day in days for who in ("ada", "bob", "cy")]
    found = Usage("2026-01-15T10:00:00Z", "bob", "export", "attacks/x#1")
    write_drill(tmp_path / "company", [*habit, found], "2026-01-18T00:00:00Z")
    call = caller("sweep", tmp_path, monkeypatch, capfd)
    arguments = ("--dataset", "company", "--learning-duration", "3,7", "--forget-after", "7,28")
    ran = call(*arguments, "--min-recall", "1", "--format", "json", "--write-baseline", "before.json")
    gates = json.loads(ran.out)["gates"]
    assert (ran.code, gates["passed"], gates["of"].partition(":")[0]) == (0, True, "the rule as it stands")
    ran = call(*arguments, "--max-signals-per-day", "0", "--junit", "g.xml", "--baseline", "before.json")
    assert ran.code == 1
    assert ran.err.startswith("gate failed: signals a day per 1,000 people ")
    (suite,) = JUnitXml.fromfile(str(tmp_path / "g.xml"))
    assert (suite.tests, suite.failures) == (6, 1)
