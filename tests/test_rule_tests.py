"""A rule's own tests: events in the order in which they are written, and what the rule has to make of each."""

import json
import re
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml

from detector.document import RuleError
from detector.rules import load_rule, parse_rule, shipped_rule
from harness.report.junit import junit_xml
from harness.report.rule_tests import rule_tests_shown, rule_tests_suite, rule_tests_text
from harness.rule_tests import RuleTest, run_rule_tests
from harness.sample_record import FieldError, sample_record
from simulator.records import FEEDS

EXAMPLE = Path(str(files("detector") / "data" / "example-rule.yaml"))
RULE = EXAMPLE.read_text("utf-8").partition("\n# Events are fed")[0]
NOON = "2026-01-05T12:00:00Z"


def run(directory: Path, tests: str, rule: str = RULE) -> list[RuleTest]:
    """The tests written in YAML, run for a rule; they begin on line 1 of `tests:`."""
    path = directory / "rule.yaml"
    path.write_text(f"{rule}\ntests:\n{tests}")
    return run_rule_tests(path)


def run_events(directory: Path, *events: str, rule: str = RULE, also: str = "") -> RuleTest:
    lines = "".join(f"      - {{{event}}}\n" for event in events)
    (result,) = run(directory, f"  - name: it\n{also}    events:\n{lines}", rule)
    return result


def ana(at: str, action: str, expect: str) -> str:
    return f"at: {at}, user.email: ana@example.com, action: {action}, expect: {expect}"


class TestVerdicts:
    def test_an_action_not_done_for_28_days_raises_a_signal_again(self, tmp_path: Path) -> None:
        events = [ana("0d", "fill", "learned"), ana("8d", "fill", "known"), ana("36d", "fill", "new, signal: opens")]
        assert run_events(tmp_path, *events) == RuleTest("it", RULE.count("\n") + 3, passed=True, message="")

    @pytest.mark.parametrize(
        ("wrong", "found"),
        [
            ("known", "new: `fill` last seen 28.0 d before, forgotten after 28 d"),
            ("learned", "new: `fill` last seen 28.0 d before, forgotten after 28 d"),
            ("unseen", "new: `fill` last seen 28.0 d before, forgotten after 28 d"),
            (
                "known, signal: none",
                "new (signal opens): `fill` last seen 28.0 d before, forgotten after 28 d",
            ),
            ("new, signal: joins", "new (signal opens): `fill` last seen 28.0 d before, forgotten after 28 d"),
        ],
    )
    def test_a_wrong_expectation_says_where_what_came_and_what_was_known(
        self, tmp_path: Path, wrong: str, found: str
    ) -> None:
        result = run_events(tmp_path, ana("0d", "fill", "learned"), ana("28d", "fill", wrong))
        assert not result.passed
        want = wrong.replace(", signal:", " (signal") + (")" if "signal" in wrong else "")
        line = result.line + 3
        assert result.message == f"{tmp_path}/rule.yaml:{line}: event 2: expected {want}, found {found}"

    def test_every_event_that_fails_is_told_and_the_rest_goes_on_as_it_came(self, tmp_path: Path) -> None:
        result = run_events(
            tmp_path, ana("0d", "fill", "new"), ana("1d", "fill", "learned"), ana("2d", "fill", "known")
        )
        assert re.findall(r"event \d: expected \w+, found \w+", result.message) == [
            "event 1: expected new, found learned",
            "event 2: expected learned, found known",
        ]

    def test_events_are_fed_in_the_order_in_which_they_are_written(self, tmp_path: Path) -> None:
        late = [ana("0d", "fill", "learned"), ana("9d", "share", "new"), ana("8d", "share", "known")]
        assert run_events(tmp_path, *late).passed
        assert not run_events(tmp_path, late[0], late[2], late[1]).passed

    def test_each_test_begins_with_an_empty_memory(self, tmp_path: Path) -> None:
        test = f"  - name: it\n    events:\n      - {{{ana('0d', 'fill', 'learned')}}}\n"
        assert [each.passed for each in run(tmp_path, test * 2)] == [True, True]

    @pytest.mark.parametrize(
        ("event", "reason"),
        [
            ("user.email: ana@example.com, action: other", "does not match the query"),
            ("user.email: ana@example.com", "does not match the query"),  # old clients name no action
            ("action: fill", "a group-by field is absent"),
            ("user.email: null, action: fill", "a group-by field is absent"),
            ("feed: signinattempts, target_user.email: ana@example.com", "does not match the query"),
            ("category: success, target_user.email: ana@example.com", "does not match the query"),
            ("object_type: item, action: export, actor_details.email: a@example.com", "does not match the query"),
        ],
    )
    def test_an_event_that_the_rule_does_not_see_says_why(self, tmp_path: Path, event: str, reason: str) -> None:
        assert run_events(tmp_path, f"at: 0d, {event}, expect: unseen, signal: none").passed
        message = run_events(tmp_path, f"at: 0d, {event}, expect: learned").message
        assert message.endswith(f"event 1: expected learned, found unseen: {reason}")

    def test_a_watched_field_may_be_absent(self, tmp_path: Path) -> None:
        cities = RULE.replace('metrics: ["@evt.name"]', 'metrics: ["@location.city"]')
        message = run_events(tmp_path, ana("0d", "fill", "new"), rule=cities).message
        assert message.endswith("found unseen: the watched fields are absent")

    def test_other_feeds_are_records_that_a_rule_can_watch(self, tmp_path: Path) -> None:
        countries = RULE.replace('metrics: ["@evt.name"]', 'metrics: ["@country"]').replace(
            "1password-item-usages @evt.name:(", "1password-signin-attempts @evt.name:(success OR "
        )
        of_ana = "category: success, target_user.email: ana@example.com"
        events = [
            f"at: {day}d, {of_ana}, country: NO, expect: {expect}" for day, expect in ((0, "learned"), (9, "known"))
        ]
        assert run_events(tmp_path, *events, rule=countries).passed

    def test_a_log_of_datadog_is_seen_as_its_record(self, tmp_path: Path) -> None:
        log = "log: {usr.email: ana@example.com, evt: {name: fill}}"
        assert run_events(tmp_path, ana("0d", "fill", "learned"), f"at: 8d, {log}, expect: known").passed
        assert run_events(tmp_path, f"at: 8d, tags: ['source:other'], {log}, expect: unseen").passed

    def test_a_log_may_hold_what_no_record_has(self, tmp_path: Path) -> None:
        log = "log: {usr.email: ana@example.com, evt: {name: fill}, our.own: field}"
        assert run_events(tmp_path, ana("0d", "fill", "learned"), f"at: 8d, {log}, expect: known").passed

    def test_fields_may_be_nested(self, tmp_path: Path) -> None:
        nested = "at: 9d, user: {name: Ana, email: ana@example.com}, action: fill, expect: known"
        assert run_events(tmp_path, ana("0d", "fill", "learned"), nested).passed

    def test_the_same_event_twice_is_known(self, tmp_path: Path) -> None:
        event = "uuid: A4AAAAAAAAAAAAAAAAAAAAAAAE, at: 8d, user.email: ana@example.com, action: fill, expect: "
        first = ana("0d", "share", "learned")
        assert run_events(tmp_path, first, f"{event}'new', signal: opens", f"{event}known, signal: none").passed


class TestTime:
    def test_a_timestamp_may_stand_instead_of_at(self, tmp_path: Path) -> None:
        event = "user.email: ana@example.com, action: fill"
        events = [
            f"timestamp: {day}T00:00:00Z, {event}, expect: {expect}"
            for day, expect in (("2026-03-01", "learned"), ("2026-03-28", "known"), ("2026-04-25", "new"))
        ]
        assert run_events(tmp_path, *events).passed

    def test_at_counts_from_the_start(self, tmp_path: Path) -> None:
        message = run_events(tmp_path, ana("1d", "fill", "new"), also="    start: 2026-05-01T00:00:00Z\n").message
        assert message.endswith("found learned: the rule was learning until 2026-05-09T00:00:00Z")

    @pytest.mark.parametrize("enabled_at", ["10d", "2026-01-15T09:00:00Z"])
    def test_a_rule_may_be_enabled_later(self, tmp_path: Path, enabled_at: str) -> None:
        events = [ana("0d", "fill", "unseen"), ana("11d", "fill", "learned"), ana("17d", "export", "new")]
        assert run_events(tmp_path, *events, also=f"    enabled_at: {enabled_at}\n").passed

    def test_with_an_instantaneous_baseline_it_learns_from_history(self, tmp_path: Path) -> None:
        instant = RULE.replace("instantaneousBaseline: false", "instantaneousBaseline: true")
        events = [
            ana("0d", "fill", "unseen"),  # longer ago than it learns
            ana("5d", "fill", "learned"),
            ana("11d", "fill", "known"),
            ana("12d", "export", "new, signal: opens"),
        ]
        assert run_events(tmp_path, *events, rule=instant, also="    enabled_at: 10d\n").passed

    def test_an_event_before_enabling_says_so(self, tmp_path: Path) -> None:
        message = run_events(tmp_path, ana("0d", "fill", "known"), also="    enabled_at: 10d\n").message
        assert message.endswith("found unseen: before the rule was enabled")


class TestSignals:
    def test_matches_within_the_hour_join(self, tmp_path: Path) -> None:
        events = [
            ana("0d", "fill", "learned, signal: none"),
            ana("192h", "share", "new, signal: opens"),
            ana("193h", "export", "new, signal: joins"),
            ana("195h", "reveal", "new, signal: opens"),
        ]
        assert run_events(tmp_path, *events).passed

    def test_a_suppressed_value_is_new_without_a_signal(self, tmp_path: Path) -> None:
        quiet = f'{RULE}\nsuppressionQuery: "@evt.name:share"\n'
        events = [ana("0d", "fill", "learned"), ana("9d", "share", "new, signal: none"), ana("10d", "share", "known")]
        assert run_events(tmp_path, *events, rule=quiet).passed

    def test_a_group_of_several_fields_and_any_of_several_values(self, tmp_path: Path) -> None:
        both = RULE.replace('metrics: ["@evt.name"]', 'metrics: ["@evt.name", "@vault_uuid"]')
        anyone = f"{both}\nassumptions: {{multiValue: any}}\n"
        events = [
            f"vault_uuid: v, {ana('0d', 'fill', 'learned')}",
            f"vault_uuid: w, {ana('1d', 'fill', 'learned')}",
            f"vault_uuid: v, {ana('8d', 'fill', 'known')}",
            f"vault_uuid: v, {ana('8d', 'share', 'new, signal: opens')}",
            f"vault_uuid: w, {ana('8d', 'share', 'known')}",
        ]
        assert run_events(tmp_path, *events, rule=anyone).passed


class TestWhatIsWrongIsOneLine:
    @pytest.mark.parametrize(
        ("event", "says"),
        [
            ("action: fill, expect: new", "at: found nothing; legal: either at or timestamp"),
            (f"at: 1d, timestamp: {NOON}, expect: new", "at: found at and timestamp; legal: either at or timestamp"),
            ("at: 1, expect: new", "at: found 1; legal: a duration like"),
            ("at: 999999999d, expect: new", "at: found '999999999d'; legal: until the year 2261"),
            ("at: 99999d, expect: new", "at: found '99999d'; legal: until the year 2261"),
            ("at: -1d, expect: new", "at: found '-1d'; legal: a duration like"),
            ("timestamp: today, expect: new", "timestamp: found 'today'; legal: RFC 3339"),
            ("at: 1d", "expect: found nothing; legal: known, learned, new, unseen"),
            ("at: 1d, expect: old", "expect: found 'old'; legal: "),
            ("at: 1d, expect: new, signal: closes", "signal: found 'closes'; legal: "),
            ("at: 1d, expect: known, signal: opens", "signal: found 'opens'; legal: none, since only what is new"),
            ("at: 1d, expect: new, feed: items", "feed: found 'items'; legal: itemusages, signinattempts, auditevents"),
            ("at: 1d, expect: new, user: ana, user.email: a", "user: found 'ana'; legal: a mapping, since fields"),
            (
                "at: 1d, expect: new, user.emial: ana@example.com",
                "user.emial: found no field of itemusages; legal: user.email",
            ),
            (
                "at: 1d, expect: new, user: {email: a, nme: b}",
                "user.nme: found no field of itemusages; legal: user.name",
            ),
            ("at: 1d, expect: new, category: success, user.email: a", "user.email: found no field of signinattempts"),
            ("at: 1d, expect: new, log: fill", "log: found 'fill'; legal: a mapping of attributes"),
            ("at: 1d, expect: new, log: {}, action: fill", "action: found a field of a record; legal: beside log"),
        ],
    )
    def test_of_an_event(self, tmp_path: Path, event: str, says: str) -> None:
        line = RULE.count("\n") + 5
        with pytest.raises(ValueError, match=r"\A[^\n]*\Z") as refused:
            run_events(tmp_path, event)
        assert str(refused.value).startswith(f"{tmp_path}/rule.yaml:{line}: tests[0].events[0].{says}")

    def test_of_a_record(self, tmp_path: Path) -> None:
        line = RULE.count("\n") + 5
        with pytest.raises(ValueError, match=rf"rule\.yaml:{line}: uuid: found 'short'; legal: 26 characters[^\n]*\Z"):
            run_events(tmp_path, "uuid: short, at: 1d, expect: new")

    @pytest.mark.parametrize(
        ("tests", "says"),
        [
            ("", r"tests: found nothing; legal: at least one test, or --rule "),
            ("  name: it\n", r":\d+: tests: found \{'name': 'it'\}; legal: a list"),
            ("  - events: []\n", r":\d+: tests\[0\]\.(name|events): found "),
            ("  - {name: it, events: []}\n", r":\d+: tests\[0\]\.events: found \[\]; legal: a list of at least"),
            ("  - {name: it, event: []}\n", r":\d+: tests\[0\]\.\w+: found .*; legal: "),
            ("  - {name: it, start: now, events: [{}]}\n", r":\d+: tests\[0\]\.start: found 'now'; legal: RFC 3339"),
            ("  - {name: it, enabled_at: now, events: [{}]}\n", r":\d+: tests\[0\]\.enabled_at: found 'now';"),
            ("  - {name: it, enabled_at: 99999d, events: [{}]}\n", r":\d+: tests\[0\]\.enabled_at: found '99999d'; "),
            ("  - {name: it, name: it, events: [{}]}\n", r":\d+: document: found the key name a second time;"),
        ],
    )
    def test_of_the_tests(self, tmp_path: Path, tests: str, says: str) -> None:
        with pytest.raises(ValueError, match=rf"\A[^\n]*rule\.yaml:? ?{says}[^\n]*\Z"):
            run(tmp_path, tests)

    def test_of_the_rule(self, tmp_path: Path) -> None:
        with pytest.raises(RuleError, match=r"rule\.yaml:\d+: options\.newValueOptions\.forgetAfter: found 99; legal:"):
            run_events(tmp_path, ana("0d", "fill", "learned"), rule=RULE.replace("forgetAfter: 28", "forgetAfter: 99"))

    def test_a_rule_without_tests_is_told_so(self, tmp_path: Path) -> None:
        path = tmp_path / "rule.yaml"
        path.write_text(RULE)
        with pytest.raises(ValueError, match=r"\A[^\n]*rule\.yaml: tests: found nothing; legal: [^\n]*\Z"):
            run_rule_tests(path)


class TestFiles:
    def test_the_example_is_the_shipped_rule_and_its_tests_pass(self) -> None:
        assert load_rule(EXAMPLE) == shipped_rule()
        results = run_rule_tests(EXAMPLE)
        assert len(results) >= 8
        assert [result for result in results if not result.passed] == []

    def test_each_test_of_the_example_fails_where_the_rule_is_another(self, tmp_path: Path) -> None:
        """None of them passes whatever the rule does."""
        changes = [
            ("learningDuration: 7", "learningDuration: 8"),
            ("forgetAfter: 28", "forgetAfter: 5"),
            ("forgetAfter: 28", "forgetAfter: 30"),
            ('["@usr.email"]', "[]"),
            ("keepAlive: 3600", "keepAlive: 0"),
        ]
        failed: set[str] = set()
        for found, other in changes:
            path = tmp_path / "other.yaml"
            path.write_text(EXAMPLE.read_text("utf-8").replace(found, other))
            failed |= {result.name for result in run_rule_tests(path) if not result.passed}
        assert failed == {result.name for result in run_rule_tests(EXAMPLE)}

    def test_a_rule_keeps_its_tests_and_they_change_nothing(self) -> None:
        kept = parse_rule(EXAMPLE.read_text("utf-8"), "example")
        assert kept.document["tests"][0]["name"]
        assert kept.meaning() == shipped_rule().meaning()

    @pytest.mark.parametrize("indent", [None, 2, "\t"])
    def test_a_rule_in_json_has_its_tests_in_json(self, tmp_path: Path, indent: int | str | None) -> None:
        rule = {**shipped_rule().document, "tests": yaml.load(EXAMPLE.read_text("utf-8"), yaml.BaseLoader)["tests"]}
        path = tmp_path / "rule.json"
        path.write_text(json.dumps(rule, indent=indent))
        results = run_rule_tests(path)
        assert all(result.passed for result in results)
        assert results[-1].line == max(1, _line_of(path, results[-1].name) - 1)  # of the brace before its name

    def test_a_broken_event_in_json_with_tabs_has_its_line(self, tmp_path: Path) -> None:
        rule = {**shipped_rule().document, "tests": [{"name": "it", "events": [{"at": "0d", "expect": "old"}]}]}
        path = tmp_path / "rule.json"
        path.write_text(json.dumps(rule, indent="\t"))
        line = _line_of(path, '"old"')
        with pytest.raises(ValueError, match=rf"rule\.json:{line}: tests\[0\]\.events\[0\]\.expect: found 'old'"):
            run_rule_tests(path)

    def test_text_that_no_record_can_hold_is_one_line(self, tmp_path: Path) -> None:
        event = {"at": "0d", "expect": "new", "action": "\ud800"}
        path = tmp_path / "rule.json"
        path.write_text(json.dumps({**shipped_rule().document, "tests": [{"name": "it", "events": [event]}]}))
        with pytest.raises(ValueError, match=r"\A[^\n]*:1: tests\[0\]\.events\[0\]: found half a [^\n]*\Z"):
            run_rule_tests(path)


def _line_of(path: Path, text: str) -> int:
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if text in line)


class TestSampleRecords:
    def test_fields_are_laid_over_the_smallest_record(self) -> None:
        record = msgspec.json.decode(
            sample_record({"client.app_name": "x", "user": {"email": "a"}, "used_version": 7}, 1, NOON)
        )
        assert record["used_version"] == 7
        assert record["client"] == {"app_name": "x"}
        assert record["user"] == {"email": "a"}
        assert record["timestamp"] == NOON

    def test_one_record_leaves_no_trace_in_the_next(self) -> None:
        sample_record({"log": {"evt.name": "fill"}}, 1, NOON)
        second = msgspec.json.decode(sample_record({"log": {}}, 2, NOON))
        assert second["attributes"]["attributes"]["evt"] == {"type": "1password-item-usages"}

    @given(st.lists(st.integers(1, 10**6), unique=True, min_size=2, max_size=9), st.sampled_from(FEEDS))
    def test_records_of_a_test_have_uuids_of_their_own(self, numbers: list[int], feed: str) -> None:
        uuids = {msgspec.json.decode(sample_record({"feed": feed}, number, NOON))["uuid"] for number in numbers}
        assert len(uuids) == len(numbers)

    def test_a_field_inside_what_is_no_mapping_is_refused(self) -> None:
        with pytest.raises(FieldError, match=r"\Auuid: found 'AAAAAAAAAAAAAAAAAAAAAAAAAE'; legal: a mapping"):
            sample_record({"uuid.part": 1}, 1, NOON)


class TestReports:
    RESULTS = (
        RuleTest("good", 3, passed=True, message=""),
        RuleTest("bad", 9, passed=False, message="r.yaml:11: event 1: a\nr.yaml:12: event 2: b"),
    )

    def test_text_has_a_line_a_test_and_the_failures_under_it(self) -> None:
        assert rule_tests_text(Path("r.yaml"), self.RESULTS).splitlines()[2:] == [
            "ok      good",
            "FAILED  bad",
            "        r.yaml:11: event 1: a",
            "        r.yaml:12: event 2: b",
            "",
            "2 tests: 1 ok, 1 failed",
        ]

    def test_json_holds_everything(self) -> None:
        shown = rule_tests_shown(Path("r.yaml"), self.RESULTS)
        assert shown["rule"] == "r.yaml"
        assert shown["tests"][0] == {"name": "good", "line": 3, "passed": True, "message": ""}

    def test_junit_has_a_suite_with_a_test_each(self) -> None:
        (suite,) = JUnitXml.fromstring(junit_xml([rule_tests_suite(Path("r.yaml"), self.RESULTS)]))
        assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (2, 1, 0, 0)
        assert [bool(case.result) for case in suite] == [False, True]

    def test_junit_holds_no_character_that_xml_lacks(self) -> None:
        """A rule in JSON may have any in a name or a value."""
        odd = RuleTest("a\x01b", 1, passed=False, message="c\x02d")
        text = junit_xml([rule_tests_suite(Path("r.yaml"), [odd])]).decode()
        assert "a\ufffdb" in text
        assert "c\ufffdd" in text
        JUnitXml.fromstring(text.encode())
