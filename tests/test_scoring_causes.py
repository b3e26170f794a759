"""What brought signals about, whose they are, and how much of an incident they cover: by hand, on small companies."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from drills import Usage, uuid_of, write_drill

from detector.instant import parse_instant
from detector.rules import NewValueRule, shipped_rule
from harness.hindsight import Hindsight
from harness.output import json_text
from harness.scoring.causes import CauseError, processes
from harness.scoring.evidence import ATTACK, FORGOTTEN, HABIT, LOOK_ALIKE, Evidence, Raised
from harness.scoring.judged import judged
from harness.submission import MatchSeen, SignalSeen, events_held
from harness.truth import read_truth

END = "2026-03-10T00:00:00Z"
HABITS = [Usage(f"2026-01-{day:02d}T09:00:00Z", who, "fill") for day in (1, 5, 9) for who in ("ada", "bob")]


def evidence_of(
    directory: Path,
    usages: Sequence[Usage],
    rule: NewValueRule | None = None,
    signals: Sequence[SignalSeen] | None = None,
    causes: Sequence[tuple[int, str]] = (),
) -> Evidence:
    """The evidence of *signals*, else of the rule's own, on a dataset; *causes* name usages and their processes."""
    dataset = write_drill(directory / "d", usages, END)
    with_causes(dataset, causes)
    hindsight = Hindsight(rule or shipped_rule(), read_truth(dataset), asked=events_held(signals or ()))
    if signals is None:
        signals = [msgspec.convert(signal.shown(), SignalSeen) for signal in hindsight.signals]
    return judged(signals, hindsight, "d")


def with_causes(dataset: Path, causes: Sequence[tuple[int, str]]) -> None:
    lines = [json_text({"uuid": uuid_of(number), "process": process}) for number, process in causes]
    (dataset / "causes.ndjson").write_bytes(b"".join(line.replace(b"\n", b"") + b"\n" for line in lines))
    manifest = msgspec.json.decode((dataset / "manifest.json").read_bytes())
    manifest["files"]["causes.ndjson"] = {"records": len(lines), "sha256": ""}
    (dataset / "manifest.json").write_bytes(json_text(manifest))


def only(evidence: Evidence) -> Raised:
    (raised,) = evidence.raised
    return raised


def seen(usages: Sequence[Usage], *numbers: int) -> SignalSeen:
    """A signal of another tool that holds those usages."""
    matches = [MatchSeen(uuid_of(number), usages[number].at) for number in numbers]
    return SignalSeen(str(numbers), matches[0].timestamp, matches)


def test_what_nobody_has_brought_about_and_was_never_shown_is_habit(tmp_path: Path) -> None:
    raised = only(evidence_of(tmp_path, [*HABITS, Usage("2026-01-14T09:00:00Z", "ada", "export")]))
    assert (raised.cause, raised.run, raised.person) == (HABIT, None, "ada@example.com")


def test_a_value_that_was_shown_before_is_a_forgotten_one(tmp_path: Path) -> None:
    raised = only(evidence_of(tmp_path, [*HABITS, Usage("2026-03-01T09:00:00Z", "ada", "fill")]))
    assert raised.cause == FORGOTTEN


def test_what_others_have_shown_is_not_forgotten(tmp_path: Path) -> None:
    usages = [Usage("2026-01-02T09:00:00Z", "bob", "export"), *HABITS, Usage("2026-01-14T09:00:00Z", "ada", "export")]
    assert only(evidence_of(tmp_path, usages)).cause == HABIT


def test_a_process_goes_before_what_was_forgotten_and_of_several_that_of_the_first_match(tmp_path: Path) -> None:
    usages = [
        *HABITS,
        Usage("2026-03-01T09:00:00Z", "ada", "fill"),
        Usage("2026-03-01T09:01:00Z", "ada", "share"),
        Usage("2026-03-01T09:02:00Z", "ada", "export"),
    ]
    raised = only(evidence_of(tmp_path, usages, causes=[(8, "leaver"), (7, "on-call"), (0, "joiner")]))
    assert raised.cause == "on-call"


def test_a_look_alike_goes_before_a_process_and_an_attack_before_all(tmp_path: Path) -> None:
    usages = [
        *HABITS,
        Usage("2026-01-14T09:00:00Z", "ada", "share", "benign/y#1"),
        Usage("2026-01-14T09:01:00Z", "bob", "share", "benign/y#2"),
        Usage("2026-01-14T09:02:00Z", "bob", "export", "attacks/x#1"),
    ]
    evidence = evidence_of(tmp_path, usages, causes=[(6, "leaver"), (7, "leaver")])
    assert [(each.cause, each.run) for each in evidence.raised] == [(LOOK_ALIKE, "benign/y#1"), (ATTACK, "attacks/x#1")]


def test_with_fields_apart_only_the_new_ones_can_be_forgotten(tmp_path: Path) -> None:
    rule = replace(shipped_rule(), metrics=("@evt.name", "@user.name"), multi_value="any")
    usages = [*HABITS, Usage("2026-01-14T09:00:00Z", "ada", "export")]  # new name, known user
    assert only(evidence_of(tmp_path, usages, rule)).cause == HABIT


def test_a_dataset_of_logs_has_no_causes(tmp_path: Path) -> None:
    truth = read_truth(write_drill(tmp_path / "d", HABITS, END))
    assert processes(truth, {uuid_of(0)}) == {}


def test_a_broken_file_of_causes_is_refused_in_one_line(tmp_path: Path) -> None:
    dataset = write_drill(tmp_path / "d", HABITS, END)
    with_causes(dataset, [(0, "joiner")])
    (dataset / "causes.ndjson").write_text('{"uuid":"A","process":"joiner"}\n{"uuid":3}\n')
    with pytest.raises(CauseError, match=r"\A[^\n]*causes\.ndjson:2: [^\n]*legal: an event's uuid and its process\Z"):
        processes(read_truth(dataset), {uuid_of(0)})


class TestPeople:
    def test_who_comes_after_the_learning_period_is_new_for_thirty_days(self, tmp_path: Path) -> None:
        usages = [
            *HABITS,
            Usage("2026-01-20T09:00:00Z", "dee", "fill"),
            Usage("2026-02-19T08:59:59Z", "dee", "share"),
            Usage("2026-02-19T10:30:00Z", "dee", "export"),  # thirty days later, and an hour and a half
        ]
        evidence = evidence_of(tmp_path, usages)
        assert [each.is_new_person for each in evidence.raised] == [True, True, False]
        assert evidence.new_person_days == 30

    def test_who_was_there_before_is_not(self, tmp_path: Path) -> None:
        evidence = evidence_of(tmp_path, [*HABITS, Usage("2026-01-14T09:00:00Z", "ada", "export")])
        assert (only(evidence).is_new_person, evidence.new_person_days) == (False, 0)

    def test_their_days_end_with_the_dataset(self, tmp_path: Path) -> None:
        evidence = evidence_of(tmp_path, [*HABITS, Usage("2026-03-09T12:00:00Z", "dee", "fill")])
        assert evidence.new_person_days == 0.5

    def test_a_rule_that_does_not_learn_has_none_who_are_new_in_its_first_week(self, tmp_path: Path) -> None:
        rule = replace(shipped_rule(), learning_duration_days=0)
        usages = [*HABITS, Usage("2026-01-07T10:00:00Z", "dee", "fill"), Usage("2026-01-07T11:00:00Z", "dee", "share")]
        usages += [Usage("2026-01-08T10:00:00Z", "eve", "fill"), Usage("2026-01-08T11:00:00Z", "eve", "share")]
        assert [each.is_new_person for each in evidence_of(tmp_path, usages, rule).raised] == [False, True]

    def test_they_are_read_though_the_rule_does_not_group_by_them(self, tmp_path: Path) -> None:
        rule = replace(shipped_rule(), group_by=("@vault_uuid",), message="")
        evidence = evidence_of(tmp_path, [*HABITS, Usage("2026-01-14T09:00:00Z", "ada", "export")], rule)
        assert only(evidence).person == "ada@example.com"


class TestRanges:
    def test_a_signal_covers_what_lies_between_its_matches(self, tmp_path: Path) -> None:
        usages = [
            *HABITS,
            Usage("2026-01-14T09:00:00Z", "ada", "fill", "attacks/x#1"),
            Usage("2026-01-14T09:01:00Z", "bob", "fill"),  # of another group: no position of theirs
            Usage("2026-01-14T09:02:00Z", "ada", "export", "attacks/x#1"),
            Usage("2026-01-14T09:03:00Z", "ada", "fill"),
            Usage("2026-01-14T09:04:00Z", "ada", "share", "attacks/x#1"),
            Usage("2026-01-14T09:05:00Z", "ada", "reveal"),
        ]
        evidence = evidence_of(tmp_path, usages)  # the attack is the fourth to the seventh, the signal fifth to eighth
        assert (evidence.staged[0].reward, only(evidence).reward) == (0.75, 0.75)

    def test_look_alikes_are_no_real_range(self, tmp_path: Path) -> None:
        evidence = evidence_of(tmp_path, [*HABITS, Usage("2026-01-14T09:00:00Z", "ada", "export", "benign/y#1")])
        assert (evidence.staged[0].reward, only(evidence).reward) == (0.0, 0.0)

    def test_an_attack_on_two_people_is_covered_by_half_where_one_raises(self, tmp_path: Path) -> None:
        usages = [
            *HABITS,
            Usage("2026-01-14T09:00:00Z", "ada", "fill", "attacks/x#1"),
            Usage("2026-01-14T09:02:00Z", "bob", "export", "attacks/x#1"),
        ]
        assert evidence_of(tmp_path, usages).staged[0].reward == 0.5


class TestSignalsOfOtherTools:
    USAGES = (
        *HABITS,
        Usage("2026-01-14T09:00:00Z", "ada", "other", "attacks/x#1"),  # 6: no action that the rule watches
        Usage("2026-01-14T09:01:00Z", "ada", "fill", "attacks/x#1"),  # 7: what she does anyway
        Usage("2026-01-14T09:02:00Z", "ada", "other"),
    )

    def test_one_of_events_that_the_rule_does_not_watch_is_true_and_has_no_range(self, tmp_path: Path) -> None:
        evidence = evidence_of(tmp_path, self.USAGES, signals=[seen(self.USAGES, 6)])
        raised = only(evidence)
        assert (raised.cause, raised.run, raised.person, raised.reward) == (ATTACK, "attacks/x#1", "", 0.0)
        assert evidence.staged[0].found_at is not None
        assert evidence.staged[0].reward == 0.0

    def test_of_one_of_both_sorts_the_watched_events_tell_person_and_range(self, tmp_path: Path) -> None:
        evidence = evidence_of(tmp_path, self.USAGES, signals=[seen(self.USAGES, 6, 7)])
        assert (only(evidence).person, only(evidence).reward) == ("ada@example.com", 1.0)
        assert evidence.staged[0].reward == 1.0

    def test_what_the_tool_raised_though_it_was_shown_before_is_what_it_had_forgotten(self, tmp_path: Path) -> None:
        assert only(evidence_of(tmp_path, self.USAGES, signals=[seen(self.USAGES, 5)])).cause == FORGOTTEN
        usages = [*self.USAGES, Usage("2026-01-15T09:00:00Z", "bob", "share")]
        other = evidence_of(tmp_path / "other", usages, signals=[seen(usages, 8)])
        assert only(other).cause == HABIT  # of what the rule does not watch nobody knows


def test_events_are_counted_in_scored_time_only(tmp_path: Path) -> None:
    usages = [
        *HABITS,
        Usage("2026-01-07T10:00:00Z", "ada", "fill", "attacks/x#1"),  # in the learning period
        Usage("2026-01-14T09:01:00Z", "ada", "export", "attacks/x#1"),
        Usage("2026-01-14T09:02:00Z", "ada", "other"),
    ]
    evidence = evidence_of(tmp_path, usages)
    assert (evidence.watched_events, evidence.watched_attack_events) == (3, 1)
    assert evidence.staged[0].events == 1


def test_an_incident_is_found_by_its_own_event_not_when_the_signal_opened(tmp_path: Path) -> None:
    usages = [
        *HABITS,
        Usage("2026-01-14T10:00:00Z", "bob", "share"),
        Usage("2026-01-14T10:05:00Z", "bob", "export", "attacks/x#1"),  # joins the signal that `share` opened
    ]
    found = evidence_of(tmp_path, usages)
    assert only(found).opened_at == parse_instant("2026-01-14T10:00:00Z")
    assert [each.found_at for each in found.staged] == [parse_instant("2026-01-14T10:05:00Z")]


def test_whose_a_signal_is_and_whether_it_was_forgotten_its_first_match_says(tmp_path: Path) -> None:
    usages = [
        *HABITS,
        Usage("2026-02-20T09:00:00Z", "ada", "fill"),
        Usage("2026-02-20T09:01:00Z", "bob", "export"),
    ]
    there, back = seen(usages, 6, 7), seen(usages, 7, 6)
    raised = {only(evidence_of(tmp_path / each.id, usages, signals=[each])) for each in (there, back)}
    told = {(each.person, each.cause) for each in raised}
    assert told == {("ada@example.com", FORGOTTEN), ("bob@example.com", HABIT)}


def test_who_comes_at_the_very_end_of_the_learning_period_is_new(tmp_path: Path) -> None:
    at = "2026-01-08T09:00:00Z"  # seven days after the first event
    usages = [*HABITS[:4], Usage(at, "dee", "fill"), *HABITS[4:], Usage("2026-01-20T09:00:00Z", "dee", "export")]
    found = evidence_of(tmp_path, usages, signals=[seen(usages, 7)])
    assert only(found).is_new_person
    assert found.new_person_days == 30
