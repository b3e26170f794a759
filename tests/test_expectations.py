"""What a rule owes each scenario: how it is written, looked up and refused."""

from pathlib import Path

import msgspec
import pytest

from detector.rules import shipped_rule
from scenarios.document import ScenarioError
from scenarios.expectation import DEFAULTS, Expectation, Expectations
from scenarios.expectation_file import load_expectations, shipped_expectations
from scenarios.scenario import Scenario, cases, library

STEP = {"feed": "itemusages", "action": "reveal"}
PLAYED = msgspec.convert({"name": "N", "kind": "benign", "story": "S", "steps": [STEP]}, Scenario)
MINUTE = 60_000_000_000
SIGNAL = Expectation("signal", within="15m")
SILENCE = Expectation("silence")


def written(directory: Path, *entries: str) -> Path:
    path = directory / "expectations.yaml"
    path.write_text("\n".join(["rule: My rule", "expectations:", *(f"  {entry}" for entry in entries)]) + "\n")
    return path


def varied(directory: Path) -> Path:
    """A scenario of one's own with a case of two arguments."""
    path = directory / "mine" / "varied.yaml"
    path.parent.mkdir()
    path.write_text(
        "name: N\nkind: benign\nstory: S\narguments:\n"
        "  items: {type: integer, default: 3, description: how many}\n"
        "  pace: {type: duration, default: 5s, description: how fast}\n"
        "cases: [{items: 5, pace: 1s}]\n"
        'steps: [{feed: itemusages, action: fill, repeat: "#{items}", every: "#{pace}"}]\n'
    )
    return path


def test_a_file_says_for_each_scenario_what_its_rule_owes(tmp_path: Path) -> None:
    owed = load_expectations(
        written(
            tmp_path,
            "attacks/bulk-export: signal within 20m",
            "attacks/bulk-reveal: {missed: everybody reveals}",
            "benign/archive-export: silence",
            "benign/on-call-reveals: {noisy: nobody reveals}",
        )
    )
    assert owed.rule == "My rule"
    assert owed.source == tmp_path / "expectations.yaml"
    assert owed.entries == {
        "attacks/bulk-export": Expectation("signal", within="20m"),
        "attacks/bulk-reveal": Expectation("missed", reason="everybody reveals"),
        "benign/archive-export": Expectation("silence"),
        "benign/on-call-reveals": Expectation("noisy", reason="nobody reveals"),
    }


def test_only_a_signal_has_a_limit() -> None:
    assert Expectation("signal", within="20m").limit == 20 * MINUTE
    assert SILENCE.limit is None


def test_a_signal_may_be_owed_only_where_an_event_is_detectable(tmp_path: Path) -> None:
    path = written(tmp_path, "attacks/bulk-export: signal within 15m where detectable")
    (owed,) = load_expectations(path).entries.values()
    assert owed == Expectation("signal", within="15m", where_detectable=True)
    assert str(owed) == "signal within 15m where detectable"
    assert (owed.judges(detectable=True), owed.judges(detectable=False)) == (True, False)
    assert SIGNAL.judges(detectable=False)


def test_a_case_is_looked_up_by_itself_then_by_its_scenario_then_by_its_kind() -> None:
    late = Expectation("signal", within="1h")
    owed = Expectations("My rule", None, {"attacks/a": SIGNAL, "attacks/a[items=5]": late, "attacks/b[items=5]": late})
    assert owed.of("attacks/a", "attack") == (SIGNAL, "scenario")
    assert owed.of("attacks/a[items=5]", "attack") == (late, "case")
    assert owed.of("attacks/a[items=6]", "attack") == (SIGNAL, "scenario")
    assert owed.of("attacks/b[items=5]", "attack") == (late, "case")
    assert owed.of("attacks/b", "attack") == (SIGNAL, "default")
    assert owed.of("benign/c[items=5]", "benign") == (SILENCE, "default")


def test_by_default_an_attack_raises_a_signal_in_a_quarter_of_an_hour_and_a_look_alike_none() -> None:
    assert DEFAULTS == {"attack": SIGNAL, "benign": SILENCE}


def test_the_arguments_of_a_case_may_stand_in_any_order(tmp_path: Path) -> None:
    file = varied(tmp_path)
    path = written(tmp_path, "mine/varied[pace=1s,items=5]: silence")
    assert load_expectations(path).entries == {"mine/varied[items=5,pace=1s]": SILENCE}
    file.unlink()
    with pytest.raises(ScenarioError, match="found no scenario of that id"):
        load_expectations(path)


def test_scenarios_of_ones_own_may_be_named_whether_they_are_played_or_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "quiet.yaml").touch()
    path = written(tmp_path, "mine/quiet: silence", "mine/played: silence", "mine/played[items=5]: silence")
    assert list(load_expectations(path, {"mine/played[items=5]": PLAYED}).entries) == [
        "mine/quiet",
        "mine/played",
        "mine/played[items=5]",
    ]
    for below in (tmp_path / "expectations", tmp_path / "mine" / "expectations"):
        below.mkdir()
        assert list(load_expectations(written(below, "mine/quiet: silence")).entries) == ["mine/quiet"]


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (
            "attacks/bulk-exprot: silence",
            "attacks/bulk-exprot: found no scenario of that id; legal: an id like attacks/bulk-export",
        ),
        ("all: silence", "all: found no scenario of that id; legal: an id like attacks/"),
        (
            "attacks/bulk-export: signal",
            "attacks/bulk-export: found 'signal'; legal: signal within 15m [where detectable], silence or ",
        ),
        (
            "attacks/bulk-export: signal within 15",
            "attacks/bulk-export: found 'signal within 15'; legal: signal within",
        ),
        (
            "attacks/bulk-export: missed",
            "attacks/bulk-export: found 'missed'; legal: signal within 15m [where detectable], silence or ",
        ),
        (
            "attacks/bulk-export: [silence]",
            "attacks/bulk-export: found ['silence']; legal: signal within 15m [where detectable], silence",
        ),
        ("attacks/bulk-export: {}", "attacks/bulk-export: found {}; legal: either missed or noisy, with the reason"),
        ("attacks/bulk-export: {missed: ''}", "attacks/bulk-export.missed: found ''; legal: text that is not empty"),
        (
            "attacks/bulk-export: {missed: a, noisy: b}",
            "attacks/bulk-export: found {'missed': 'a', 'noisy': 'b'}; legal: either missed or noisy, with the reason",
        ),
        (
            "attacks/bulk-export: {late: a}",
            "attacks/bulk-export.late: found an unknown field; legal: a mapping of missed, noisy",
        ),
        ("attacks/bulk-export[colour=5]: silence", "attacks/bulk-export[colour=5]: found 'colour'; legal: items"),
        ("attacks/bulk-export[items=x]: silence", "attacks/bulk-export[items=x]: found no such case"),
        (
            "attacks/bulk-export[items=7]: silence",
            "attacks/bulk-export[items=7]: found no such case in the scenario's file; legal: attacks/bulk-export[",
        ),
        (
            "attacks/bulk-export: {noisy: a}",
            "attacks/bulk-export: found noisy, of attacks/bulk-export; legal: missed, since a signal is what an attack",
        ),
        (
            "benign/vendor-share: {missed: a}",
            "benign/vendor-share: found missed, of benign/vendor-share; legal: noisy, since ",
        ),
        ("attacks/bulk-export[items]: silence", "attacks/bulk-export[items]: found 'items'; legal: name=value"),
    ],
)
def test_what_cannot_be_an_expectation_is_one_line_with_its_place(tmp_path: Path, entry: str, line: str) -> None:
    path = written(tmp_path, "benign/archive-export: silence", entry)
    with pytest.raises(ScenarioError) as error:
        load_expectations(path)
    assert str(error.value).startswith(f"{path}:4: expectations.{line}")
    assert "\n" not in str(error.value)


def test_a_case_that_is_written_in_two_ways_is_refused(tmp_path: Path) -> None:
    varied(tmp_path)
    path = written(tmp_path, "mine/varied[items=5,pace=1s]: silence", "mine/varied[pace=1s,items=5]: silence")
    with pytest.raises(ScenarioError, match=r":4: .*: found mine/varied\[items=5,pace=1s\] once more; legal: "):
        load_expectations(path)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[]", "1: document: found []; legal: a mapping of rule, expectations"),
        ("expectations: {}", "1: rule: found nothing; legal: text that is not empty"),
        ("rule: My rule", "1: expectations: found nothing; legal: a mapping"),
        ("rule: My rule\nexpectations: [silence]", "2: expectations: found ['silence']; legal: a mapping"),
        ("rule: My rule\nexpectations: {}\nstory: none", "3: story: found an unknown field; legal: a mapping of rule"),
    ],
)
def test_what_is_no_file_of_expectations_is_one_line_with_its_place(tmp_path: Path, text: str, line: str) -> None:
    path = tmp_path / "expectations.yaml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as error:
        load_expectations(path)
    assert str(error.value).startswith(f"{path}:{line}")


def test_the_shipped_rule_has_expectations_and_a_rule_of_another_name_has_none() -> None:
    path = shipped_expectations(shipped_rule().name)
    assert path is not None
    assert load_expectations(path).rule == shipped_rule().name
    assert shipped_expectations("Another rule") is None


def test_the_shipped_rule_owes_something_in_writing_to_every_scenario_of_the_library() -> None:
    path = shipped_expectations(shipped_rule().name)
    assert path is not None
    owed = load_expectations(path)
    assert [scenario for scenario in library() if owed.of(scenario, "attack")[1] == "default"] == []


def test_what_the_shipped_rule_owes_a_case_is_about_a_case_that_is_played() -> None:
    path = shipped_expectations(shipped_rule().name)
    assert path is not None
    assert load_expectations(path).entries.keys() - cases("all").keys() == set()
