"""The command `test`: scenarios in, one line a case out, and an exit code that a pipeline can stand on."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from calling import Ran, Run, caller
from junitparser import JUnitXml
from processes import started

from harness.background import STAGED_ON_LOGS, Given
from harness.original import Original, read_original
from harness.scenario_filter import ScenarioFilter
from harness.subjects import Subjects
from scenarios.scenario import Scenario

SMALL = ("--profile", "startup-50", "--people", "40", "--days", "25", "--workers", "1")

LOUD = """\
name: Everything is shared
kind: attack
story: Somebody who never shares an item shares some.
techniques: [T1567]
arguments:
  items: {type: integer, default: 3, description: how many}
cases:
  - {items: 5}
actor: {never_did: [share]}
when: {after_history: 10d}
steps:
  - {feed: itemusages, repeat: "#{items}", every: 1s, action: share}
"""
QUIET = """\
name: Another fill
kind: benign
story: Somebody who fills in items fills in one more.
actor: {often: [fill], active_days: 5}
when: {after_history: 10d, hours: work}
steps:
  - {feed: itemusages, action: fill}
"""
NOBODY = QUIET.replace("active_days: 5", "active_days: 500")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command in a directory with scenarios of its own, and what it left behind in the one for temporary files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "loud.yaml").write_text(LOUD)
    (tmp_path / "mine" / "quiet.yaml").write_text(QUIET)

    call = caller("test", tmp_path, monkeypatch, capfd)

    def ran(*arguments: str) -> Ran:
        ended = call(*arguments)
        assert list((tmp_path / "tmp").iterdir()) == []
        return ended

    return ran


def owed(text: str) -> str:
    Path("owed.yaml").write_text(f"rule: Unusual 1Password item usage action observed from user\n{text}")
    return "owed.yaml"


def test_a_drill_that_meets_what_is_expected_ends_with_0_and_a_line_for_each_case(run: Run) -> None:
    ran = run("mine", *SMALL, "--seeds", "2", "--expectations", owed("expectations: {mine/loud: signal within 10s}"))
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines[:3] == [
        "rule          the shipped rule: Unusual 1Password item usage action observed from user",
        "expectations  owed.yaml, in place of the shipped ones",
        "background    40 people over 25 days, simulated; seeds 1, 2",
    ]
    assert [re.sub(r"(?<=signal ).*(?= 2 of)", "SOON,", line) for line in ran.lines[4:7]] == [
        "ok       mine/loud           in 10s     signal SOON, 2 of 2",
        "ok       mine/loud[items=5]  in 10s     signal SOON, 2 of 2",
        "ok       mine/quiet          silence *  no signal, 2 of 2",
    ]
    assert ran.lines[-1] == "3 cases: 3 ok, 0 failed, 0 not run; 2 seeds"


def test_an_expectation_that_is_not_met_ends_with_1_and_says_what_the_rule_knew(run: Run) -> None:
    file = owed("expectations: {mine/loud: {missed: why}, mine/quiet: {noisy: why}}")
    ran = run("mine", *SMALL, "--seeds", "1", "--expectations", file)
    assert ran.code == 1
    assert ran.lines[-1] == "3 cases: 0 ok, 3 failed, 0 not run; 1 seed"
    (loud,) = [line for line in ran.lines if "mine/loud#1" in line]
    assert ran.lines[ran.lines.index(loud) - 1].strip() == "noted: why"
    assert re.search(r": signal .* into it: missed no more, so the note of it must ", loud)
    (quiet,) = [line for line in ran.lines if "mine/quiet#1" in line]
    assert "no signal: noisy no more, so the note of it must " in quiet
    below = " ".join(line.strip() for line in ran.lines[ran.lines.index(quiet) + 1 :])
    assert re.search(r"`fill` was nothing new from them: last seen .* before, and the rule remembers for 28 d", below)
    assert "when it began, the rule knew `fill` (" in below


def test_a_case_that_nobody_can_play_fails_the_drill_unless_that_is_allowed(run: Run) -> None:
    Path("mine/nobody.yaml").write_text(NOBODY)
    ran = run("mine/quiet.yaml", "mine/nobody.yaml", *SMALL, "--seeds", "1", "--junit", "drill.xml")
    assert ran.code == 1
    assert any(line.startswith("NOT RUN  mine/nobody  silence *  ") for line in ran.lines)
    assert ran.lines[-1] == "2 cases: 1 ok, 0 failed, 1 not run; 1 seed"
    assert JUnitXml.fromfile("drill.xml").errors == 1
    allowed = run(
        "mine/quiet.yaml", "mine/nobody.yaml", *SMALL, "--seeds", "1", "--allow-not-run", "--junit", "drill.xml"
    )
    assert (allowed.code, allowed.out) == (0, ran.out)
    assert JUnitXml.fromfile("drill.xml").skipped == 1


def test_a_drill_of_which_nothing_can_be_staged_is_not_run(run: Run) -> None:
    Path("mine/nobody.yaml").write_text(NOBODY)
    ran = run("mine/nobody.yaml", *SMALL, "--seeds", "1")
    assert (ran.code, ran.lines[-1]) == (1, "1 case: 0 ok, 0 failed, 1 not run; 1 seed")


def test_processes_and_their_number_do_not_matter(run: Run) -> None:
    options = ("mine", *SMALL[:-1], "--seeds", "3", "--format", "json")
    one = run(*options[:-4], "1", *options[-4:])
    assert one.code == 0
    assert run(*options[:-4], "2", *options[-4:]) == one
    assert [len(case["incidents"]) for case in json.loads(one.out)["cases"]] == [3, 3, 3]


def test_the_seeds_begin_where_they_are_told_to(run: Run) -> None:
    both = json.loads(run("mine/loud.yaml", *SMALL, "--seeds", "2", "--format", "json").out)
    second = json.loads(run("mine/loud.yaml", *SMALL, "--seeds", "1", "--seed", "2", "--format", "json").out)
    assert (both["seeds"], second["seeds"]) == ([1, 2], [2])
    assert second["cases"][0]["incidents"] == both["cases"][0]["incidents"][1:]


def test_the_defaults_are_played_as_often_as_the_file_says_and_a_variant_once(run: Run) -> None:
    def played(text: str) -> list[int]:
        Path("mine/loud.yaml").write_text(text)
        ran = run("mine/loud.yaml", *SMALL, "--seeds", "1", "--format", "json")
        return [len(case["incidents"]) for case in json.loads(ran.out)["cases"]]

    assert played(LOUD.replace("actor:", "count: 3\nactor:")) == [3, 1]
    several = LOUD.replace("actor:", "count: 3\nactor:").replace("10d}", "10d, together: 5d}")
    assert played(several) == [3, 3]  # what several do at the same time is nothing with one of them


def test_a_filter_leaves_the_cases_that_it_fits(run: Run) -> None:
    def left(*filters: str) -> list[str]:
        options = [part for each in filters for part in ("--filter", each)]
        ran = run("mine", *SMALL, "--seeds", "1", "--format", "json", *options)
        return [case["case"] for case in json.loads(ran.out)["cases"]]

    assert left("technique=T1567") == ["mine/loud", "mine/loud[items=5]"]
    assert left("kind=benign") == ["mine/quiet"]
    assert left("id=*[items=5]", "kind=attack") == ["mine/loud[items=5]"]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("technique=T1555.005", True),
        ("technique=t1555.005", True),
        ("technique=T1555", True),
        ("technique=T1555.00", False),
        ("technique=T15*", True),
        ("tactic=TA0006", True),
        ("kind=benign", False),
        ("id=attacks/x", True),
        ("id=attacks/x[items=5]", True),
        ("id=x", False),
    ],
)
def test_a_filter_fits_an_id_with_or_without_arguments_and_a_technique_with_those_below_it(
    text: str, *, fits: bool
) -> None:
    told = {"name": "N", "kind": "attack", "story": "S", "steps": [{"feed": "itemusages", "action": "reveal"}]}
    scenario = msgspec.convert({**told, "techniques": ["T1555.005"], "tactics": ["TA0006"]}, Scenario)
    assert ScenarioFilter.parse(text).fits("attacks/x[items=5]", scenario) is fits


def test_a_background_of_ones_own_takes_the_place_of_companies(run: Run) -> None:
    simulate = ["simulate", "--people", "40", "--days", "25", "--out", "company"]
    subprocess.run([sys.executable, "-m", "harness", *simulate], check=True, capture_output=True)
    before = {path.name: path.read_bytes() for path in Path("company").iterdir()}
    ran = run("mine", "--background", "company", "--seeds", "2", "--workers", "1")
    assert ran.code == 0
    assert ran.lines[2] == "background    company; seeds 1, 2"
    assert {path.name: path.read_bytes() for path in Path("company").iterdir()} == before
    logs = run(
        "mine", *(f"--background=company/{feed}.ndjson" for feed in ("itemusages", "signinattempts")), "--seeds=1"
    )
    assert (logs.code, logs.lines[-1]) == (0, "3 cases: 3 ok, 0 failed, 0 not run; 1 seed")


def test_logs_are_read_and_sorted_once_for_all_seeds(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    simulate = ["simulate", "--people", "40", "--days", "25", "--out", "company"]
    subprocess.run([sys.executable, "-m", "harness", *simulate], check=True, capture_output=True)
    logs = Path("company/itemusages.ndjson")
    asked: list[Sequence[Path]] = []

    def told(paths: Sequence[Path], scratch: Path) -> Original:
        asked.append(paths)
        return read_original(paths, scratch)

    monkeypatch.setattr("harness.background.read_original", told)
    Path("again").mkdir()
    ready = Given((logs,)).ready(Path("again"))
    assert asked == [(logs,)]
    (sorted_logs,) = ready.laid(1, Path())
    assert ready.laid(2, Path()) == (sorted_logs,)
    assert (sorted_logs / logs.name).read_bytes() == logs.read_bytes()
    assert (ready.caveat, ready.ready(Path("again"))) == (STAGED_ON_LOGS, ready)


def test_what_is_drilled_beside_a_rules_own_tests_is_told(run: Run) -> None:
    Path("rule.yaml").write_text(TESTED.replace("WANTED", "learned"))
    ran = run("rule.yaml", "mine/quiet.yaml", *SMALL, "--seeds", "1")
    assert ran.lines[0] == "rule          the shipped rule: Unusual 1Password item usage action observed from user"
    assert ran.lines[-6:] == [
        "rule.yaml",
        "",
        "ok      The second time is known",
        "ok      The first time is learned",
        "",
        "2 tests: 2 ok, 0 failed",
    ]


def test_nothing_is_wider_than_a_terminal(run: Run) -> None:
    Path("mine/nobody.yaml").write_text(NOBODY)
    file = owed("expectations: {mine/loud: {missed: why}, mine/quiet: {noisy: why}}")
    ran = run("mine", *SMALL, "--seeds", "3", "--expectations", file)
    assert ran.code == 1
    assert [line for line in ran.lines if len(line) > 100] == []


def test_an_attack_that_is_nothing_new_owes_no_signal_where_that_is_said_and_proves_nothing(run: Run) -> None:
    text = QUIET.replace("kind: benign", "kind: attack").replace("actor:", "techniques: [T1555]\nactor:")
    Path("mine/known.yaml").write_text(text)
    where = owed("expectations: {mine/known: signal within 15m where detectable}")
    ran = run("mine/known.yaml", *SMALL, "--seeds", "1", "--expectations", where)
    assert (ran.code, ran.lines[-1]) == (1, "1 case: 0 ok, 0 failed, 0 not run, 1 void; 1 seed")
    assert ran.lines[4].startswith("VOID     mine/known  in 15m if new  no signal, 1 of 1; nothing asked: ")
    both = run("mine/known.yaml", "mine/quiet.yaml", *SMALL, "--seeds", "1", "--expectations", where)
    assert (both.code, both.lines[-1]) == (0, "2 cases: 1 ok, 0 failed, 0 not run, 1 void; 1 seed")


def test_junit_names_the_file_of_a_scenario(run: Run) -> None:
    assert run("mine/quiet.yaml", *SMALL, "--seeds", "1", "--junit", "drill.xml").code == 0
    assert 'classname="mine/quiet" file="mine/quiet.yaml" name="mine/quiet#1"' in Path("drill.xml").read_text()


def test_a_rule_without_expectations_is_held_to_the_defaults_with_a_word_about_it(run: Run) -> None:
    Path("rule.yaml").write_text(RULE)
    ran = run("mine", *SMALL, "--seeds", "1", "--rule", "rule.yaml")
    assert ran.code == 0
    assert ran.err == "warning: no expectations are written for 'My rule'; the defaults hold\n"
    assert ran.lines[:2] == ["rule          rule.yaml: My rule", "expectations  the defaults"]
    other = run("mine", *SMALL, "--seeds", "1", "--rule", "rule.yaml", "--expectations", owed("expectations: {}"))
    assert other.err.startswith("warning: owed.yaml: the expectations are written for 'Unusual 1Password item usage")


RULE = """\
name: My rule
queries:
  - {query: "*", aggregation: new_value, groupByFields: ["@usr.email"], metrics: ["@evt.name"]}
options:
  detectionMethod: new_value
  newValueOptions: {forgetAfter: 28, learningDuration: 7}
cases: [{status: high}]
"""


TESTED = f"""\
{RULE}tests:
  - name: The second time is known
    events:
      - {{at: 0d, user.email: ana@example.com, action: fill, expect: learned}}
      - {{at: 8d, user.email: ana@example.com, action: fill, expect: known}}
  - name: The first time is learned
    events:
      - {{at: 0d, user.email: ana@example.com, action: fill, expect: WANTED}}
"""


def test_a_rule_with_tests_of_its_own_is_run_without_a_company(run: Run) -> None:
    Path("rule.yaml").write_text(TESTED.replace("WANTED", "learned"))
    ran = run("rule.yaml")
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines[0] == "rule.yaml"
    assert ran.lines[-1] == "2 tests: 2 ok, 0 failed"


def test_a_test_of_a_rule_that_fails_ends_with_1_in_every_format(run: Run) -> None:
    Path("rule.yaml").write_text(TESTED.replace("WANTED", "new"))
    ran = run("rule.yaml", "--junit", "rule.xml")
    assert (ran.code, ran.lines[-1]) == (1, "2 tests: 1 ok, 1 failed")
    assert (JUnitXml.fromfile("rule.xml").tests, JUnitXml.fromfile("rule.xml").failures) == (2, 1)
    (rule,) = json.loads(run("rule.yaml", "--format", "json").out)["rule_tests"]
    assert [test["passed"] for test in rule["tests"]] == [True, False]
    assert run("rule.yaml", "--format", "markdown").out.startswith("```\nrule.yaml\n")


def test_scenarios_and_rules_may_be_tested_together_and_either_may_fail(run: Run) -> None:
    Path("mine/rule.yaml").write_text(TESTED.replace("WANTED", "new"))
    ran = run("mine", *SMALL, "--seeds", "1", "--junit", "drill.xml")
    assert ran.code == 1
    assert "3 cases: 3 ok, 0 failed, 0 not run; 1 seed" in ran.lines
    assert ran.lines[-1] == "2 tests: 1 ok, 1 failed"
    assert [suite.name for suite in JUnitXml.fromfile("drill.xml")] == ["seed 1", "mine/rule.yaml"]


def test_the_shipped_rule_keeps_what_it_owes_to_the_whole_library_on_one_company(run: Run) -> None:
    ran = run("--seeds", "1", "--workers", "1", "--format", "json")
    cases = json.loads(ran.out)["cases"]
    assert [case["case"] for case in cases if case["status"] == "failed" or case["not_placed"]] == []
    assert ran.code == 0


def test_markdown_is_for_the_summary_of_a_job(run: Run) -> None:
    ran = run("mine/quiet.yaml", *SMALL, "--seeds", "1", "--format", "markdown")
    assert ran.out.startswith("### vaultdrill\n\n")
    assert "| ok | `mine/quiet` | silence \\* | no signal, 1 of 1 |\n" in ran.out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("attacks/nope", "scenario: found 'attacks/nope'; legal: all, an id like "),
        ("absent.yaml", "absent.yaml: found no readable file (No such file or directory); legal: a YAML file"),
        ("mine --rule absent", "absent: No such file or directory"),
        ("mine --expectations absent", "absent: found no readable file (No such file or directory); legal: "),
        (
            "mine --expectations wrong.yaml",
            "wrong.yaml:2: expectations.mine/lout: found no scenario of that id; legal: ",
        ),
        ("mine --filter technique=T9999", "--filter: found no scenario that it fits; legal: "),
        ("mine --filter colour=red", "--filter: found 'colour=red'; legal: KEY=VALUE, KEY one of id, kind, "),
        ("mine/empty", "mine/empty: found no YAML file in it; legal: a directory with scenarios or rules"),
        ("rule.yaml", "rule.yaml: tests: found nothing; legal: at least one test, or --rule rule.yaml to drill it"),
        ("torn.yaml", "torn.yaml:2: document: found '<stream end>'; legal: ',' or ']'"),
        ("both.yaml", "both.yaml:2: queries: found []; legal: a list with exactly 1 mapping"),
        ("mine --rule torn.yaml", "torn.yaml:2: not readable as JSON or YAML "),
        ("mine --filter technique=", "--filter: found 'technique='; legal: KEY=VALUE, "),
        ("mine --background rule.yaml", "rule.yaml:1: found 'name: My rule' "),
        ("mine --background -", "-: found standard input; legal: files, or a directory of them"),
        ("mine --background mine/empty", "mine/empty: found no file with content; legal: a dataset, or "),
        ("mine --seeds 0", "Invalid value for '--seeds': 0 is not in the range 1<=x<=1000."),
        ("mine --workers 0", "Invalid value for '--workers': 0 is not in the range x>=1."),
        ("mine --seeds 1001", "Invalid value for '--seeds': 1001 is not in the range 1<=x<=1000."),
        ("mine --background mine --people 400", "--people: does nothing with --background; legal: leave it out"),
        ("mine --background mine --profile startup-50", "--profile: does nothing with --background; legal: "),
        ("mine --background mine --delivery archive", "--delivery: does nothing with --background; legal: "),
        ("rule.yaml --filter kind=attack", "--filter: does nothing beside a rule's own tests alone; legal: leave it "),
        ("rule.yaml --seeds 5", "--seeds: does nothing beside a rule's own tests alone; legal: "),
        ("rule.yaml --rule rule.yaml", "--rule: does nothing beside a rule's own tests alone; legal: "),
        ("mine --junit -", "--junit: found -, but standard output holds the results; legal: a file"),
        ("mine wrong.yaml", "wrong.yaml: found expectations; legal: a scenario or a rule; keep expectations in a "),
        ("mine --expectations stale.yaml", "stale.yaml:2: expectations.mine/loud[items=7]: found no such case in "),
        ("mine --people 0", "people: found 0; legal: 1 to 10000000"),
        ("mine --background absent", "absent"),
        ("mine --junit nowhere/x", "nowhere/x: cannot be written (No such file or directory)"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(run: Run, arguments: str, line: str) -> None:
    Path("wrong.yaml").write_text("rule: R\nexpectations: {mine/lout: silence}\n")
    Path("stale.yaml").write_text("rule: R\nexpectations: {'mine/loud[items=7]': silence}\n")
    Path("rule.yaml").write_text(RULE)
    Path("torn.yaml").write_text("a: [1\n")
    Path("both.yaml").write_text("name: both\nqueries: []\ntests: []\nsteps: []\n")
    Path("mine/empty").mkdir()
    before = sorted(Path().rglob("*"))
    ran = run(*arguments.split())
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[-1].startswith(f"vaultdrill: {line}")
    assert "Traceback" not in ran.err
    assert sorted(Path().rglob("*")) == before


def test_paths_are_sorted_by_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(f"{RULE}tests: []\n")
    (tmp_path / "rule.json").write_text("{}")
    (tmp_path / "scenario.yaml").write_text(LOUD)
    names = [str(tmp_path / name) for name in ("scenario.yaml", "rule.yaml", "rule.json")]
    subjects = Subjects.sorted(["attacks/bulk-export", *names])
    assert subjects.scenarios == ["attacks/bulk-export", names[0]]
    assert subjects.rules == [Path(names[1]), Path(names[2])]
    assert Subjects.sorted([str(tmp_path)]) == Subjects([names[0]], [Path(names[1])])


@pytest.mark.parametrize(("no_colour", "word"), [("", "\x1b[32mok\x1b[0m"), ("1", "ok")])
def test_a_terminal_sees_the_outcomes_in_colour_unless_that_is_unwelcome(
    tmp_path: Path, no_colour: str, word: str
) -> None:
    (tmp_path / "rule.yaml").write_text(TESTED.replace("WANTED", "learned"))
    ours, theirs = pty.openpty()
    environment = {**os.environ, "NO_COLOR": no_colour, "TERM": "xterm"}
    command = [sys.executable, "-m", "harness", "test", "rule.yaml"]
    subprocess.run(
        command, stdout=theirs, stderr=subprocess.PIPE, cwd=tmp_path, env=environment, timeout=30, check=True
    )
    os.close(theirs)
    lines = os.read(ours, 65_536).decode().splitlines()
    os.close(ours)
    assert lines[2].split("  ")[0] == word


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_drill_that_is_ended_leaves_nothing_behind_and_says_nothing(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "harness", "test", "attacks/bulk-export", "--seeds", "4", "--workers", "2"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with started(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as drill:
        deadline = time.monotonic() + 30
        while len(list(tmp_path.glob("vaultdrill-*/*"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        drill.send_signal(number)
        out, err = drill.communicate(timeout=30)
    assert (drill.returncode, out, err.strip()) == (128 + number, b"", b"")
    assert list(tmp_path.iterdir()) == []
