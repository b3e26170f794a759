"""The command `score`: signals or a rule in, a scorecard out, and an exit code that a pipeline can stand on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from calling import Ran, Run, caller
from drills import Usage, write_drill
from junitparser import JUnitXml

from detector.rules import shipped_rule
from detector.stores.memory import MemoryStore
from harness.detection import Detection

HABIT = [Usage(f"2026-01-{day:02d}T09:00:00Z", who, "fill") for day in (1, 5, 9, 13) for who in ("ada", "bob", "cy")]
USAGES = [
    *HABIT,
    Usage("2026-01-14T02:00:00Z", "ada", "fill", "attacks/x#1"),  # missed
    Usage("2026-01-15T10:00:00Z", "bob", "export", "attacks/x#2"),  # found
    Usage("2026-01-16T09:00:00Z", "cy", "share"),  # a false signal
]
END = "2026-01-18T00:00:00Z"


@pytest.fixture
def score(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command beside a dataset `company` and its `signals.ndjson`: precision 1 of 2, recall 1 of 2."""
    write_drill(tmp_path / "company", USAGES, END)
    detection = Detection(shipped_rule(), MemoryStore())
    decided = list(detection.decided(detection.reader.batches([str(tmp_path / "company")])))
    lines = [msgspec.json.encode(signal.shown()) for batch in decided for signal in batch.signals]
    (tmp_path / "signals.ndjson").write_bytes(b"\n".join(lines))
    return caller("score", tmp_path, monkeypatch, capfd)


OF_SIGNALS = ("--signals", "signals.ndjson", "--dataset", "company")
OF_THE_RULE = ("--dataset", "company")
both = pytest.mark.parametrize("source", [OF_SIGNALS, OF_THE_RULE], ids=["signals", "rule"])


def gates_of(ran: Ran) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ran.out)["gates"]
    return found


@both
def test_a_rule_scores_as_its_own_signals_do(score: Run, source: tuple[str, ...]) -> None:
    card = json.loads(score(*source, "--format", "json").out)
    assert (card["precision"]["true"], card["precision"]["of"]) == (1, 2)
    assert (card["recall"]["found"], card["recall"]["of"]) == (1, 2)
    assert card["gates"] == {"passed": None, "verdicts": []}
    assert sum(stage["share"] for stage in card["stages"]) == pytest.approx(1)


@both
def test_an_incident_that_is_not_scored_is_told_with_its_stream(score: Run, source: tuple[str, ...]) -> None:
    early = Usage("2026-01-03T10:00:00Z", "bob", "export", "attacks/x#0")
    write_drill(Path("elsewhere/company"), sorted([*USAGES, early]), END)
    card = json.loads(score(*source[:-1], "elsewhere/company", "--format", "json").out)
    assert card["unscored"]["incidents"] == 1
    told = [(each["run"], each["found"] is None) for each in card["incidents"]]
    assert told == [("attacks/x#0", True), ("attacks/x#1", False), ("attacks/x#2", False)]
    assert {each["stream"] for each in card["incidents"]} == set(card["streams"]) == {"elsewhere/company"}


def test_streams_are_scored_together(score: Run) -> None:
    write_drill(Path("other"), USAGES, END)
    card = json.loads(score("--dataset", "company", "--dataset", "other", "--format", "json").out)
    assert card["streams"] == ["company", "other"]
    assert (card["recall"]["found"], card["recall"]["of"]) == (2, 4)


def test_companies_are_simulated_where_no_dataset_is_named(score: Run) -> None:
    company = ("--profile", "startup-50", "--people", "20", "--days", "25", "--scenario", "attacks/cli-sweep")
    card = json.loads(score("--seeds", "2", *company, "--format", "json").out)
    assert card["streams"] == ["seed 1", "seed 2"]
    assert "simulate" in [stage["name"] for stage in card["stages"]]


@both
def test_gates_that_are_kept_end_with_0_and_a_line_each(score: Run, source: tuple[str, ...]) -> None:
    ran = score(*source, "--min-recall", "0.5", "--min-precision", "0.5", "--max-missed", "1", "--max-latency", "0s")
    assert (ran.code, ran.err) == (0, "")
    told = ran.out[ran.out.index("\ngates\n") :]
    assert [line for line in told.splitlines() if line.startswith("ok  ")] != []
    assert told.count("\nok  ") == 4


@both
def test_a_gate_that_is_broken_ends_with_1_and_a_line_on_stderr(score: Run, source: tuple[str, ...]) -> None:
    ran = score(*source, "--min-recall", "0.51", "--max-missed", "1", "--format", "json")
    assert ran.code == 1
    (line,) = ran.err.splitlines()
    assert line.startswith("gate failed: recall 50% (95 %: ")
    assert line.endswith("asked: at least 51% (--min-recall)")
    assert [verdict["outcome"] for verdict in gates_of(ran)["verdicts"]] == ["failed", "passed"]
    assert gates_of(ran)["passed"] is False


def test_the_pessimistic_end_fails_where_the_figure_passes(score: Run) -> None:
    gate = (*OF_SIGNALS, "--min-recall", "0.5")
    assert score(*gate).code == 0
    assert score(*gate, "--gate-on", "lower").code == 1


def test_an_undefined_figure_fails_its_gate(score: Run) -> None:
    write_drill(Path("quiet"), HABIT, END)
    ran = score("--dataset", "quiet", "--min-recall", "0", "--min-precision", "0", "--max-latency", "99d")
    assert ran.code == 1
    assert [line.split(";")[0] for line in ran.err.splitlines()] == [
        "gate failed: recall undefined (no attack incident was scored)",
        "gate failed: precision undefined (no signal was scored)",
        "gate failed: longest detection latency undefined (no attack incident was found)",
    ]


def test_a_rule_that_got_worse_than_its_baseline_fails_and_one_that_did_not_passes(score: Run) -> None:
    assert score(*OF_SIGNALS, "--write-baseline", "before.json").code == 0
    assert score(*OF_THE_RULE, "--baseline", "before.json").code == 0
    Path("signals.ndjson").write_bytes(b"\n".join(Path("signals.ndjson").read_bytes().splitlines()[1:]))
    ran = score(*OF_SIGNALS, "--baseline", "before.json")
    assert ran.code == 1
    assert "gate failed: recall 0%" in ran.err
    assert "as before (--baseline)" in ran.err
    assert score(*OF_SIGNALS, "--baseline", "before.json", "--tolerance", "1").code == 1  # latency is undefined now


def test_a_baseline_over_other_streams_is_refused_before_any_work(score: Run) -> None:
    score(*OF_SIGNALS, "--write-baseline", "before.json")
    ran = score("--seeds", "1000", "--baseline", "before.json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "vaultdrill: before.json: datasets: found none; legal: company, which the baseline is of, or another baseline\n"
    )


def test_a_baseline_over_a_dataset_of_the_same_name_with_other_incidents_is_refused(score: Run) -> None:
    score(*OF_SIGNALS, "--write-baseline", "before.json")
    write_drill(Path("elsewhere") / "company", HABIT, END)
    ran = score("--dataset", "elsewhere/company", "--baseline", "before.json")
    assert ran.code == 2
    assert "staged incidents: found 0; legal: 2" in ran.err


def test_junit_has_a_test_for_each_gate_and_the_step_summary_is_appended(score: Run) -> None:
    Path("steps.md").write_text("# before\n")
    ran = score(*OF_SIGNALS, "--min-recall", "1", "--max-missed", "1", "--junit", "g.xml", "--step-summary", "steps.md")
    assert ran.code == 1
    (suite,) = JUnitXml.fromfile("g.xml")
    assert [case.name for case in suite] == ["--min-recall recall", "--max-missed missed"]
    assert (suite.tests, suite.failures) == (2, 1)
    text = Path("steps.md").read_text()
    assert text.startswith("# before\n### vaultdrill: ")
    assert "| FAILED | recall 50% " in text


def test_markdown_begins_with_the_gates(score: Run) -> None:
    lines = score(*OF_SIGNALS, "--max-missed", "1", "--format", "markdown").lines
    assert lines[0] == f"### vaultdrill: {shipped_rule().name}"
    assert lines[4].startswith("| ok | missed attack incidents 1 ")


def test_the_report_is_one_file(score: Run) -> None:
    for source in (OF_SIGNALS, OF_THE_RULE):
        assert score(*source, "--html", "report.html").code == 0
        assert Path("report.html").read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--signals", "signals.ndjson"), "--dataset: found 0 with --signals; legal: the one they were raised on"),
        ((*OF_SIGNALS, "--dataset", "b"), "--dataset: found 2 with --signals; legal: the one they were raised on"),
        ((*OF_SIGNALS, "--seeds", "2"), "--seeds: does nothing with --signals; legal: leave it out"),
        ((*OF_THE_RULE, "--summary", "s.json"), "--summary: does nothing without --signals; legal: leave it out"),
        ((*OF_THE_RULE, "--junit", "g.xml"), "--junit: does nothing without a gate; legal: leave it out"),
        ((*OF_THE_RULE, "--gate-on", "lower"), "--gate-on: does nothing without a gate; legal: leave it out"),
        ((*OF_THE_RULE, "--tolerance", "0"), "--tolerance: does nothing without --baseline; legal: leave it out"),
        ((*OF_THE_RULE, "--min-recall", "80"), "Invalid value for '--min-recall': found 80; legal: 0 to 1"),
        ((*OF_THE_RULE, "--min-precision", "nan"), "Invalid value for '--min-precision': found nan; legal: 0 to 1"),
        (
            (*OF_THE_RULE, "--max-signals-per-day", "-1"),
            "Invalid value for '--max-signals-per-day': found -1; legal: a number, 0 or more",
        ),
        (
            (*OF_THE_RULE, "--max-latency", "15"),
            "Invalid value for '--max-latency': found '15'; legal: a duration like 300ms, 0s, 15m, 8h or 14d",
        ),
        ((*OF_THE_RULE, "--html", "no/r.html"), "--html: found no/r.html; legal: a file in a directory that exists"),
        ((*OF_THE_RULE, "--base-rate", "0"), "Invalid value for '--base-rate': found 0; legal: a positive number"),
        ((*OF_THE_RULE, "--baseline", "absent"), "absent: cannot be read (No such file or directory)"),
        (
            ("--dataset", "company", "--dataset", "folder"),
            "folder/manifest.json: not found; legal: a directory that vaultdrill wrote",
        ),
        (
            (*OF_SIGNALS, "--write-baseline", "signals.ndjson"),
            "--write-baseline: found signals.ndjson, which is needed for the score too; legal: another file",
        ),
        (
            (*OF_THE_RULE, "--html", "x", "--step-summary", "x"),
            "--step-summary: found x, which is --html too; legal: another file",
        ),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(score: Run, arguments: tuple[str, ...], says: str) -> None:
    Path("folder").mkdir()
    ran = score(*arguments)
    assert (ran.code, ran.out, ran.err) == (2, "", f"vaultdrill: {says}\n")


def test_the_help_says_of_whom_signals_a_day_are(score: Run) -> None:
    text = " ".join(score("--help").out.split())
    assert "at most so many signals a day per 1,000 people" in text
    assert '--step-summary "$GITHUB_STEP_SUMMARY"' in text


@pytest.fixture
def summarised(score: Run) -> Callable[..., Ran]:
    """`score` with the summary of the run that raised the signals."""
    stages = [{"name": "read", "events": 9, "seconds": 3.0, "share": 1.0, "events_per_second": 3.0, "peak_bytes": None}]
    summary = {"throughput": {"events_per_second": 3.0}, "assumptions": {"learningScope": "group"}, "stages": stages}
    Path("summary.json").write_text(json.dumps(summary))
    return lambda *more: score(*OF_SIGNALS, "--summary", "summary.json", *more)


def test_the_stages_of_the_run_stand_before_those_of_scoring(summarised: Callable[..., Ran]) -> None:
    card = json.loads(summarised("--format", "json").out)
    assert [stage["name"] for stage in card["stages"]] == ["read", "read truth", "hindsight", "score"]
    assert sum(stage["share"] for stage in card["stages"]) == pytest.approx(1)
    assert card["throughput"]["events_per_second"] == 3.0


def test_the_knobs_of_the_summary_hold_unless_others_are_given(summarised: Callable[..., Ran]) -> None:
    def scope(*more: str) -> str:
        return str(json.loads(summarised("--format", "json", *more).out)["assumptions"]["learningScope"])

    assert (scope(), scope("--learning-scope", "rule")) == ("group", "rule")
