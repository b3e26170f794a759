"""The drill: how incidents are judged, counted and shown; and rounds on small companies."""

import json
from pathlib import Path

import click
import msgspec
import pytest
from junitparser import JUnitXml

from harness.drill_result import DrillResult
from harness.judgement import CaseResult, complaint, judge
from harness.report.colour import coloured
from harness.report.drill import drill_markdown, drill_text, went
from harness.report.junit import drill_suites, junit_xml
from harness.scorecard import Ratio
from harness.sighting import Delay, Round, Sighting
from scenarios.expectation import Expectation, Expectations
from scenarios.scenario import Scenario

SIGNAL = Expectation("signal", within="15m")
WHERE_DETECTABLE = Expectation("signal", within="15m", where_detectable=True)
SILENCE = Expectation("silence")
MISSED = Expectation("missed", reason="everybody does it")
NOISY = Expectation("noisy", reason="nobody does it")


@pytest.mark.parametrize(
    ("expected", "signal", "words"),
    [
        (SIGNAL, Delay(0.0, 7200.0), None),
        (SIGNAL, Delay(900.0, 7200.0), None),
        (
            SIGNAL,
            Delay(900.001, 7200.0),
            "signal 2.0 h into it, 15.0 min after its first detectable event: later than 15m",
        ),
        (SIGNAL, Delay(901.0, 901.0), "signal 15.0 min into it, later than 15m"),
        (SIGNAL, None, "no signal"),
        (WHERE_DETECTABLE, None, "no signal"),
        (WHERE_DETECTABLE, Delay(901.0, 901.0), "signal 15.0 min into it, later than 15m"),
        (SILENCE, None, None),
        (SILENCE, Delay(0.0, 86400.0), "signal 1.0 d into it"),
        (MISSED, None, None),
        (MISSED, Delay(2.0, 2.0), "signal 2.0 s into it: missed no more, so the note of it must be corrected"),
        (NOISY, Delay(2.0, 2.0), None),
        (NOISY, None, "no signal: noisy no more, so the note of it must be corrected"),
    ],
)
def test_an_incident_fails_for_one_reason_or_not_at_all(
    expected: Expectation, signal: Delay | None, words: str | None
) -> None:
    assert complaint(expected, raised(signal)) == words


@pytest.mark.parametrize("signal", [None, Delay(0.0, 1.0), Delay(901.0, 901.0)])
def test_an_incident_without_a_detectable_event_owes_nothing_where_only_a_detectable_one_does(
    signal: Delay | None,
) -> None:
    assert complaint(WHERE_DETECTABLE, raised(signal, detectable=False)) is None
    assert complaint(SIGNAL, raised(None, detectable=False)) == "no signal"


def raised(signal: Delay | None, *, detectable: bool = True) -> Sighting:
    return msgspec.structs.replace(sighting(1, "attacks/a#1", None, detectable=detectable), signal=signal)


def scenario(kind: str) -> Scenario:
    step = {"feed": "itemusages", "action": "reveal"}
    told = {"name": "N", "kind": kind, "story": "S", "steps": [step]}
    return msgspec.convert({**told, "techniques": ["T1555.005"] if kind == "attack" else []}, Scenario)


CASES = {"attacks/a": scenario("attack"), "attacks/a[items=5]": scenario("attack"), "benign/b": scenario("benign")}
OWED = Expectations("My rule", Path("mine.yaml"), {"attacks/a": SIGNAL, "attacks/a[items=5]": MISSED})


def sighting(seed: int, run: str, after: float | None, *, detectable: bool = True) -> Sighting:
    return Sighting(
        seed=seed,
        case=run.partition("#")[0],
        run=run,
        actor=f"ana{seed}@example.com",
        started_at=f"2026-01-0{seed}T09:00:00Z",
        detectable=detectable,
        signal=None if after is None else Delay(after, after + 60),
        knew="the rule knew `reveal` (2.0 h before)",
        why="`reveal` was nothing new",
    )


ROUNDS = [
    Round(
        1,
        [sighting(1, "attacks/a#1", 2.0), sighting(1, "attacks/a[items=5]#1", None, detectable=False)],
        {"benign/b": "0 of 1"},
    ),
    Round(
        2,
        [sighting(2, "attacks/a#1", None), sighting(2, "attacks/a[items=5]#1", None), sighting(2, "benign/b#1", None)],
        {},
    ),
    Round(
        3,
        [sighting(3, "attacks/a#1", 14.0), sighting(3, "attacks/a[items=5]#1", None), sighting(3, "benign/b#1", None)],
        {},
    ),
]


def result(rounds: list[Round] = ROUNDS, owed: Expectations = OWED) -> DrillResult:
    return DrillResult(
        rule="My rule",
        rule_file="mine/rule.yaml",
        expectations="mine.yaml",
        background="40 people over 20 days, simulated",
        caveat="Nobody was harmed.",
        seeds=(1, 2, 3),
        cases=judge(rounds, CASES, owed),
    )


def by_id(drilled: DrillResult) -> dict[str, CaseResult]:
    return {case.case: case for case in drilled.cases}


def test_a_case_fails_with_one_of_its_incidents() -> None:
    case = by_id(result())["attacks/a"]
    assert case.status == "failed"
    assert [each.sighting.seed for each in case.failed] == [2]
    assert case.signals == [Delay(2.0, 62.0), Delay(14.0, 74.0)]


def test_a_case_that_could_not_be_staged_for_one_seed_is_not_run_and_never_passes() -> None:
    assert by_id(result())["benign/b"].status == "not run"
    nowhere = [Round(seed, [], {}) for seed in (1, 2, 3)]
    assert {case.status for case in result(nowhere).cases} == {"not run"}


def test_a_case_that_failed_for_one_seed_and_was_not_staged_for_another_failed() -> None:
    rounds = [Round(1, [], {"benign/b": "0 of 1"}), Round(2, [sighting(2, "benign/b#1", 1.0)], {})]
    assert by_id(result(rounds))["benign/b"].status == "failed"


def test_every_incident_counts_though_the_case_is_staged_several_times_a_seed() -> None:
    rounds = [Round(1, [sighting(1, f"benign/b#{n}", after) for n, after in ((1, None), (2, 3.0))], {})]
    assert [each.sighting.run for each in by_id(result(rounds))["benign/b"].failed] == ["benign/b#2"]


def test_a_drill_is_met_when_no_case_fails_and_each_was_staged() -> None:
    def met(*rounds: Round) -> tuple[bool, bool]:
        drilled = result(list(rounds))
        return drilled.is_met(not_run_is_fine=False), drilled.is_met(not_run_is_fine=True)

    good = [sighting(1, "attacks/a#1", 2.0), sighting(1, "attacks/a[items=5]#1", None), sighting(1, "benign/b#1", None)]
    assert met(Round(1, good, {})) == (True, True)
    assert met(Round(1, good[:2], {"benign/b": "0 of 1"})) == (False, True)
    assert met(Round(1, [*good[:2], sighting(1, "benign/b#1", 1.0)], {})) == (False, False)


def test_the_shares_count_incidents_and_the_bound_beside_them_those_that_anything_could_see() -> None:
    assert result().signalled("attack") == Ratio(2, 6)
    assert result().detectable == Ratio(5, 6)
    assert result().signalled("benign") == Ratio(0, 2)


def test_a_case_is_a_line_and_what_failed_stands_below_it() -> None:
    assert drill_text(result()).splitlines() == [
        "rule          mine/rule.yaml: My rule",
        "expectations  mine.yaml",
        "background    40 people over 20 days, simulated; seeds 1, 2, 3",
        "",
        "FAILED   attacks/a           in 15m     signal at 1.1 min, worst 1.2 min, 2 of 3",
        "         seed 2, attacks/a#1: no signal; actor ana2@example.com, began 2026-01-02T09:00:00Z",
        "           `reveal` was nothing new",
        "           when it began, the rule knew `reveal` (2.0 h before)",
        "ok       attacks/a[items=5]  missed     no signal, 3 of 3",
        "NOT RUN  benign/b            silence *  no signal, 2 of 2; not staged in full for seed 1",
        "         seed 1: 0 of 1",
        "",
        "* by default, since the expectations say nothing of it",
        "2 of 6 attacks raised a signal; 5 did something the person had never done before",
        "0 of 2 look-alikes raised a signal",
        "Nobody was harmed.",
        "3 cases: 1 ok, 1 failed, 1 not run; 3 seeds",
    ]


def test_a_failure_says_what_a_rule_that_forgets_nothing_would_have_done() -> None:
    def told(after: float | None, *, detectable: bool) -> str:
        return drill_text(result([Round(1, [sighting(1, "attacks/a#1", after, detectable=detectable)], {})]))

    assert "was nothing new; a rule that forgets nothing could not see it either\n" in told(None, detectable=False)
    assert "was nothing new; a rule that forgets nothing would have been silent\n" in told(901.0, detectable=False)
    assert "a rule that forgets nothing" not in told(None, detectable=True)


def test_a_known_fault_that_is_none_any_more_is_shown_with_the_note_of_it() -> None:
    lines = drill_text(result([Round(1, [sighting(1, "attacks/a[items=5]#1", 2.0)], {})])).splitlines()
    failure = " ".join(line.strip() for line in lines[lines.index("         noted: everybody does it") + 1 :])
    assert failure.startswith(
        "seed 1, attacks/a[items=5]#1: signal 1.0 min into it: missed no more, so the note of it must be corrected;"
        " actor ana1@example.com, began 2026-01-01T09:00:00Z"
    )
    assert "noted" not in drill_text(result())


def played(*sightings: Sighting, owed: Expectation = SIGNAL) -> CaseResult:
    return by_id(result([Round(1, list(sightings), {})], Expectations("My rule", None, {"attacks/a": owed})))[
        "attacks/a"
    ]


def test_the_median_is_told_and_the_worst_only_where_it_is_another() -> None:
    both = [sighting(1, "attacks/a#1", 0.0), sighting(1, "attacks/a#2", 60.0)]
    assert went(played(*both)) == "signal at 1.5 min, worst 2.0 min, 2 of 2"
    assert went(played(both[0])) == "signal at 1.0 min, 1 of 1"
    assert went(played(both[0], both[0])) == "signal at 1.0 min, 2 of 2"


def test_a_signal_that_seems_late_is_told_from_the_event_from_which_the_limit_counts() -> None:
    late = msgspec.structs.replace(sighting(1, "attacks/a#1", 0.0), signal=Delay(0.0, 7200.0))
    assert went(played(late)) == "signal at 2.0 h, at its first detectable event, 1 of 1"
    later = msgspec.structs.replace(late, signal=Delay(14.0, 7200.0))
    assert went(played(later)) == "signal at 2.0 h, at most 14 s after its first detectable event, 1 of 1"
    assert went(played(late, owed=NOISY)) == "signal at 2.0 h, 1 of 1"


def test_what_only_a_detectable_incident_owes_is_judged_where_there_is_one() -> None:
    quiet = [sighting(1, f"attacks/a#{n}", None, detectable=False) for n in (1, 2)]
    seen = sighting(1, "attacks/a#3", 1.0)
    some = played(*quiet, seen, owed=WHERE_DETECTABLE)
    assert (some.status, went(some)) == ("ok", "signal at 1.0 min, 1 of 3; 2 nothing new")
    none = played(*quiet, owed=WHERE_DETECTABLE)
    assert (none.status, went(none)) == ("void", "no signal, 2 of 2; nothing asked: all nothing new")
    silent = msgspec.structs.replace(seen, signal=None)
    assert played(*quiet, silent, owed=WHERE_DETECTABLE).status == "failed"


def test_nothing_is_said_of_what_was_not_played() -> None:
    attacks = drill_text(result([Round(1, [sighting(1, "attacks/a#1", 1.0)], {})]))
    assert "1 of 1 attack raised a signal" in attacks
    assert "look-alike" not in attacks
    assert "raised" not in drill_text(result([Round(1, [], {"attacks/a": "0 of 1"})]))


def test_the_same_reason_is_told_once_for_all_its_seeds() -> None:
    text = drill_text(result([Round(seed, [], {"benign/b": "nobody does it"}) for seed in (1, 2)]))
    assert "         seeds 1, 2: nobody does it\n" in text


def test_an_id_that_is_long_stands_on_a_line_of_its_own() -> None:
    case = f"attacks/{'long' * 9}"
    drilled = judge([Round(1, [sighting(1, f"{case}#1", 1.0)], {})], {case: CASES["attacks/a"]}, OWED)
    lines = drill_text(msgspec.structs.replace(result(), cases=drilled)).splitlines()
    assert lines[4:6] == [f"ok       {case}", "           in 15m *  signal at 1.0 min, 1 of 1"]


def test_only_the_first_word_of_a_result_has_a_colour() -> None:
    text = drill_text(result())
    shown = coloured(text)
    assert click.unstyle(shown) == text
    assert [line[:5] for line in shown.splitlines() if "\x1b" in line] == ["\x1b[31m", "\x1b[32m", "\x1b[33m"]


def test_markdown_has_the_same_lines_in_a_table_that_nothing_breaks() -> None:
    rounds = [msgspec.structs.replace(each, not_placed={"benign/b": "a | b\nc <d>"}) for each in ROUNDS]
    text = drill_markdown(result(rounds))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert [row.count(" | ") for row in rows] == [3, 0, 3, 3, 3]
    assert rows[2] == "| FAILED | `attacks/a` | in 15m | signal at 1.1 min, worst 1.2 min, 2 of 3 |"
    assert "- `benign/b`: seeds 1, 2, 3: a \\| b; c &lt;d>" in text.splitlines()
    assert text.endswith("3 cases: 1 ok, 1 failed, 1 not run; 3 seeds")


def test_json_has_every_incident_with_what_became_of_it() -> None:
    shown = json.loads(msgspec.json.encode(result().shown()))
    assert shown["counts"] == {"ok": 1, "failed": 1, "not_run": 1, "void": 0}
    assert shown["attacks"] == {"signalled": 2, "detectable": 5, "of": 6}
    assert shown["look_alikes"] == {"signalled": 0, "of": 2}
    assert shown["cases"][0] | {"incidents": len(shown["cases"][0]["incidents"])} == {
        "case": "attacks/a",
        "scenario": "attacks/a",
        "kind": "attack",
        "techniques": ["T1555.005"],
        "expected": "signal within 15m",
        "reason": None,
        "origin": "scenario",
        "status": "failed",
        "incidents": 3,
        "not_placed": [],
    }
    assert shown["cases"][0]["incidents"][1] == {
        "seed": 2,
        "case": "attacks/a",
        "run": "attacks/a#1",
        "actor": "ana2@example.com",
        "started_at": "2026-01-02T09:00:00Z",
        "detectable": True,
        "signal": None,
        "knew": "the rule knew `reveal` (2.0 h before)",
        "why": "`reveal` was nothing new",
        "asked": True,
        "failure": "no signal",
    }
    assert shown["cases"][0]["incidents"][2]["signal"] == {"seconds": 14.0, "seconds_from_start": 74.0}
    assert shown["cases"][1]["scenario"] == "attacks/a"
    assert shown["cases"][1]["reason"] == "everybody does it"
    assert shown["cases"][2]["not_placed"] == [{"seed": 1, "reason": "0 of 1"}]


def junit(drilled: DrillResult, *, not_run_is_fine: bool = False) -> JUnitXml:
    files = {"attacks/a": "attacks/a.yaml"}
    return JUnitXml.fromstring(junit_xml(drill_suites(drilled, files, not_run_is_fine=not_run_is_fine)))


def test_junit_has_a_suite_for_each_seed_and_a_test_for_each_incident() -> None:
    xml = junit(result())
    assert (xml.tests, xml.failures, xml.errors, xml.skipped) == (9, 1, 1, 0)
    assert [(suite.name, suite.tests) for suite in xml] == [("seed 1", 3), ("seed 2", 3), ("seed 3", 3)]
    failed = next(test for suite in xml for test in suite if test.is_failure)
    assert (failed.classname, failed.name) == ("attacks/a", "attacks/a#1")
    assert failed.result[0].message == "expected signal within 15m, found no signal"
    assert failed.result[0].text == (
        "actor ana2@example.com, began 2026-01-02T09:00:00Z\n"
        "`reveal` was nothing new\nwhen it began, the rule knew `reveal` (2.0 h before)"
    )
    assert failed.system_out is None
    told = [test for suite in xml for test in suite if test.system_out]
    assert [test.name for test in told if test.classname == "benign/b"] == ["benign/b#1"] * 2
    assert {(test.classname, test._elem.get("file")) for suite in xml for test in suite} == {
        ("attacks/a", "attacks/a.yaml"),
        ("benign/b", None),
    }


def test_an_incident_of_which_nothing_was_asked_is_skipped_in_junit() -> None:
    quiet, seen = sighting(1, "attacks/a#1", None, detectable=False), sighting(1, "attacks/a#2", 1.0)
    owed = Expectations("My rule", None, {"attacks/a": WHERE_DETECTABLE})

    def counts(*sightings: Sighting) -> tuple[int, int, int]:
        xml = junit(result([Round(1, list(sightings), {})], owed))
        return xml.tests, xml.errors, xml.skipped

    assert counts(quiet, seen) == (2, 0, 1)
    assert counts(quiet) == (1, 0, 1)


def test_a_drill_that_asked_nothing_of_the_rule_is_not_met_whatever_is_allowed() -> None:
    quiet = sighting(1, "attacks/a#1", None, detectable=False)
    owed = Expectations("My rule", None, {"attacks/a": WHERE_DETECTABLE})
    nothing = result([Round(1, [quiet], {})], owed)
    nowhere = result([Round(1, [], dict.fromkeys(("attacks/a", "attacks/a[items=5]", "benign/b"), "0 of 1"))])
    assert not nothing.is_met(not_run_is_fine=True)
    assert not nowhere.is_met(not_run_is_fine=True)


def test_what_was_not_staged_is_an_error_in_junit_unless_it_is_allowed() -> None:
    assert (junit(result()).errors, junit(result()).skipped) == (1, 0)
    allowed = junit(result(), not_run_is_fine=True)
    assert (allowed.errors, allowed.skipped) == (0, 1)
    skipped = next(test for suite in allowed for test in suite if test.is_skipped)
    assert (skipped.classname, skipped.name, skipped.result[0].message) == ("benign/b", "benign/b", "0 of 1")


def test_junit_holds_any_text_a_log_may_bring() -> None:
    odd = msgspec.structs.replace(sighting(1, "attacks/a#1", None), actor='"a\0\x1b<&]]>\ud800"@example.com')
    (suite,) = [suite for suite in junit(result([Round(1, [odd], {})])) if suite.name == "seed 1"]
    assert '"a\N{REPLACEMENT CHARACTER}' in next(iter(suite)).result[0].text
