"""Scoring, by hand: small companies whose every figure can be counted on fingers."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from drills import Usage, uuid_of, write_drill

from detector.rules import NewValueRule, shipped_rule
from detector.stores.memory import MemoryStore
from harness.detection import Detection
from harness.hindsight import Hindsight
from harness.output import json_text
from harness.report.text import scorecard_table
from harness.scorecard import Load, Ratio, Scorecard
from harness.scoring.score import score
from harness.submission import (
    UNMEASURED,
    MatchSeen,
    SignalSeen,
    SubmissionError,
    events_held,
    read_signals,
    read_summary,
)
from harness.truth import read_truth

HABIT = [Usage(f"2026-01-{day:02d}T09:00:00Z", who, "fill") for day in (1, 5, 9, 13) for who in ("ada", "bob", "cy")]


def card_of(directory: Path, rule: NewValueRule | None = None, enabled_at: int | None = None) -> Scorecard:
    """The scorecard of a dataset under a rule, by way of a file of signals as users make it."""
    rule = rule or shipped_rule()
    detection = Detection(rule, MemoryStore(), enabled_at=enabled_at)
    decided = list(detection.decided(detection.reader.batches([str(directory)])))
    lines = [msgspec.json.encode(signal.shown()) for batch in decided for signal in batch.signals]
    signals_file = directory.parent / "signals.ndjson"
    signals_file.write_bytes(b"\n".join(lines))
    truth, signals = read_truth(directory), read_signals(signals_file, rule.name)
    return score(signals, Hindsight(rule, truth, enabled_at, events_held(signals)))


def seen(usages: Sequence[Usage], number: int) -> SignalSeen:
    """A signal of another tool that holds the usage at a position of the list."""
    at = usages[number].at
    return SignalSeen(str(number), at, [MatchSeen(uuid_of(number), at)])


def foreign_card(directory: Path, signals: Sequence[SignalSeen]) -> Scorecard:
    """The scorecard of another tool's signals."""
    return score(signals, Hindsight(shipped_rule(), read_truth(directory), asked=events_held(signals)))


def test_a_found_attack_a_missed_one_and_a_harmless_first_time(tmp_path: Path) -> None:
    usages = [
        *HABIT,
        Usage("2026-01-14T02:00:00Z", "ada", "fill", "attacks/x#1"),  # what she does anyway: cannot be seen
        Usage("2026-01-15T10:00:00Z", "bob", "fill", "attacks/x#2"),
        Usage("2026-01-15T10:01:30Z", "bob", "export", "attacks/x#2"),  # the first that can be seen, and it is
        Usage("2026-01-16T09:00:00Z", "cy", "share"),  # harmless, new all the same
    ]
    card = card_of(write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z"))
    assert (card.precision.part, card.precision.of, card.precision.value) == (1, 2, 0.5)
    assert (card.recall.part, card.recall.of, card.recall.value) == (1, 2, 0.5)
    assert (card.oracle.part, card.oracle.of, card.oracle.value) == (1, 2, 0.5)
    assert [outcome.detectable_at for outcome in card.outcomes] == [None, "2026-01-15T10:01:30Z"]
    assert (card.latency.of, card.latency.median_seconds, card.latency.max_seconds) == (1, 0.0, 0.0)
    # Learning ends on January 8th at 09:00; 9.625 days of 10 people are scored.
    assert (card.load.signals, card.load.days, card.load.people) == (2, 9.625, 10)
    assert card.load.rate == pytest.approx(2 / 9.625 / 10 * 1000)
    assert [outcome.found for outcome in card.outcomes] == [False, True]


def test_a_look_alike_that_raises_a_signal_is_a_false_signal(tmp_path: Path) -> None:
    usages = [*HABIT, Usage("2026-01-14T10:00:00Z", "bob", "export", "benign/y#1")]
    card = card_of(write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z"))
    assert (card.precision.part, card.precision.of) == (0, 1)
    assert (card.look_alikes.part, card.look_alikes.of) == (1, 1)
    assert (card.recall.value, card.recall.of) == (None, 0)


def test_a_signal_is_true_when_any_of_its_matches_is_an_attack(tmp_path: Path) -> None:
    usages = [
        *HABIT,
        Usage("2026-01-14T10:00:00Z", "bob", "share"),
        Usage("2026-01-14T10:05:00Z", "bob", "export", "attacks/x#1"),  # joins the signal that `share` opened
    ]
    card = card_of(write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z"))
    assert (card.precision.part, card.precision.of) == (1, 1)
    assert card.latency.median_seconds == 0


def test_an_incident_in_the_learning_period_is_counted_and_not_scored(tmp_path: Path) -> None:
    usages = [*HABIT[:6], Usage("2026-01-07T10:00:00Z", "bob", "export", "attacks/x#1"), *HABIT[6:]]
    card = card_of(write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z"))
    assert (card.unscored_incidents, card.recall.of) == (1, 0)
    assert [outcome.found for outcome in card.outcomes] == [None]


def test_under_the_groups_own_clocks_a_joiners_first_days_are_not_scored(tmp_path: Path) -> None:
    usages = [
        *HABIT,
        Usage("2026-01-14T09:00:00Z", "dee", "fill"),
        Usage("2026-01-15T09:00:00Z", "dee", "export", "attacks/x#1"),
    ]
    directory = write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z")
    assert card_of(directory).recall.value == 1
    own_clock = card_of(directory, replace(shipped_rule(), learning_scope="group"))
    assert (own_clock.unscored_incidents, own_clock.recall.of) == (1, 0)


def test_a_baseline_from_history_leaves_no_learning_period(tmp_path: Path) -> None:
    usages = [
        *HABIT[:6],
        Usage("2026-01-06T09:00:00Z", "ada", "fill"),
        Usage("2026-01-06T10:00:00Z", "bob", "export", "attacks/x#1"),
    ]
    directory = write_drill(tmp_path / "d", usages, "2026-01-08T00:00:00Z")
    enabled_at = 1_767_657_600_000_000_000  # January 6th
    instantly = replace(shipped_rule(), instantaneous_baseline=True)
    assert card_of(directory, enabled_at=enabled_at).unscored_incidents == 1
    card = card_of(directory, instantly, enabled_at)
    assert (card.recall.value, card.unscored_incidents, card.load.days) == (1, 0, 2)


def test_what_happened_before_the_rule_was_enabled_is_not_scored(tmp_path: Path) -> None:
    usages = [Usage("2026-01-01T10:00:00Z", "bob", "export", "attacks/x#1"), *HABIT]
    directory = write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z")
    assert card_of(directory, enabled_at=1_767_657_600_000_000_000).unscored_incidents == 1


def test_figures_without_anything_to_count_are_null(tmp_path: Path) -> None:
    card = card_of(write_drill(tmp_path / "d", HABIT[:3], "2026-01-02T00:00:00Z"))
    shown = card.shown()
    unknown = {"value": None, "of": 0, "low": None, "high": None, "interval": None}
    assert shown["precision"] == {**unknown, "true": 0}
    assert shown["recall"] == {**unknown, "found": 0, "oracle": {**unknown, "detectable": 0}}
    assert shown["load"]["signals_per_day_per_1000_people"] is None
    assert shown["detection_latency"]["median_seconds"] is None
    assert shown["throughput"]["events_per_second"] is None


def test_of_several_lines_with_one_id_the_last_counts(tmp_path: Path) -> None:
    line = b'{"id":"1","opened_at":"2026-01-14T10:00:00Z","matches":[%b]}\n'
    match = b'{"uuid":"A","timestamp":"2026-01-14T10:00:00Z"}'
    path = tmp_path / "signals.ndjson"
    path.write_bytes(line % match + line % (match + b"," + match))
    assert [len(signal.matches) for signal in read_signals(path, "r")] == [2]


def test_a_json_array_of_signals_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "signals.json"
    path.write_text('[\n {"id":"1","opened_at":"2026-01-14T10:00:00Z","matches":[]}\n]\n')
    assert [signal.id for signal in read_signals(path, "r")] == ["1"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", r":1: .*truncated"),
        ('{"id":"1"}', r":1: .*opened_at"),
        ('\n{"id":"1","opened_at":"yesterday","matches":[]}', r":2: opened_at: found 'yesterday'; legal: RFC 3339"),
    ],
)
def test_a_broken_file_of_signals_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "signals.ndjson"
    path.write_text(text)
    with pytest.raises(SubmissionError, match=rf"\A[^\n]*signals\.ndjson{says}[^\n]*\Z"):
        read_signals(path, "r")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"throughput": 3}', '{"throughput": {}}', "{}", '{"throughput": {"events_per_second": "x"}}']
)
def test_a_summary_that_is_none_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "summary.json"
    path.write_text(text)
    with pytest.raises(SubmissionError, match=r"\A[^\n]*summary\.json: [^\n]*legal: a summary[^\n]*\Z"):
        read_summary(path)


def test_a_summarys_throughput_is_the_cards(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    path.write_bytes(json_text({"throughput": {"events_per_second": 5.0, "wall_seconds": 2.0}}))
    assert read_summary(path).throughput.events_per_second == 5.0
    assert read_summary(None) == UNMEASURED


def test_ratios_and_loads_of_nothing_are_undefined() -> None:
    assert (Ratio(0, 0).value, Ratio(0, 4).value) == (None, 0.0)
    assert (Load(3, 0.0, 10).rate, Load(3, 2.0, 0).rate, Load(3, 2.0, 10).rate) == (None, None, 150.0)


def test_an_established_person_is_scored_under_the_groups_own_clocks(tmp_path: Path) -> None:
    usages = [*HABIT, Usage("2026-01-14T10:00:00Z", "bob", "export", "attacks/x#1")]
    directory = write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z")
    card = card_of(directory, replace(shipped_rule(), learning_scope="group"))
    assert (card.recall.part, card.recall.of, card.unscored_incidents) == (1, 1, 0)


def test_an_incident_that_the_rule_does_not_watch_is_not_scored_while_it_learns(tmp_path: Path) -> None:
    usages = [*HABIT[:6], Usage("2026-01-06T10:00:00Z", "bob", "other", "attacks/x#1"), *HABIT[6:]]
    directory = write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z")
    assert card_of(directory).unscored_incidents == 1
    assert card_of(directory, replace(shipped_rule(), learning_scope="group")).unscored_incidents == 0


def test_before_enabling_nothing_is_scored_even_if_the_rule_never_learns(tmp_path: Path) -> None:
    usages = [Usage("2026-01-01T10:00:00Z", "bob", "export", "attacks/x#1"), *HABIT]
    directory = write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z")
    never = replace(shipped_rule(), learning_method="threshold")
    assert card_of(directory, never).unscored_incidents == 0
    assert card_of(directory, never, 1_767_657_600_000_000_000).unscored_incidents == 1


def test_a_signal_in_the_learning_period_neither_counts_nor_finds(tmp_path: Path) -> None:
    """Another tool may raise one where this rule still learns."""
    usages = [*HABIT, Usage("2026-01-14T10:00:00Z", "bob", "export", "attacks/x#1")]
    directory = write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z")
    early = SignalSeen("1", "2026-01-02T00:00:00Z", [MatchSeen(uuid_of(len(HABIT)), "2026-01-14T10:00:00Z")])
    card = foreign_card(directory, [early])
    assert (card.unscored_signals, card.precision.of, card.recall.part) == (1, 0, 0)


def test_an_incident_of_the_learning_period_has_no_latency_though_a_later_signal_holds_it(tmp_path: Path) -> None:
    usages = [*HABIT[:6], Usage("2026-01-07T10:00:00Z", "bob", "export", "attacks/x#1"), *HABIT[6:]]
    directory = write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z")
    late = SignalSeen("1", "2026-01-14T00:00:00Z", [MatchSeen(uuid_of(6), "2026-01-14T00:00:00Z")])
    (outcome,) = foreign_card(directory, [late]).outcomes
    assert (outcome.found, outcome.latency_seconds, outcome.seconds_from_start) == (None, None, None)


def test_latency_counts_from_the_first_detectable_event_to_the_earliest_match_and_p90_interpolates(
    tmp_path: Path,
) -> None:
    usages = [
        *HABIT,
        Usage("2026-01-14T10:00:00Z", "bob", "fill", "attacks/x#1"),  # 12: a habit, no time is counted from here
        Usage("2026-01-14T10:00:10Z", "bob", "export", "attacks/x#1"),
        Usage("2026-01-14T10:00:20Z", "bob", "export", "attacks/x#1"),
        Usage("2026-01-14T18:00:00Z", "bob", "share", "attacks/x#1"),
        Usage("2026-01-15T10:00:00Z", "cy", "export", "attacks/x#2"),
        Usage("2026-01-15T10:00:20Z", "cy", "export", "attacks/x#2"),
    ]
    directory = write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z")
    card = foreign_card(directory, [seen(usages, 15), seen(usages, 14), seen(usages, 17)])
    latency = card.latency  # 10 s and 20 s
    assert (latency.of, latency.median_seconds, latency.max_seconds) == (2, 15.0, 20.0)
    assert latency.p90_seconds == 19.0


def test_beside_it_stands_how_far_the_incidents_had_come(tmp_path: Path) -> None:
    usages = [
        *HABIT,
        Usage("2026-01-14T10:00:00Z", "bob", "fill", "attacks/x#1"),
        Usage("2026-01-14T10:02:00Z", "bob", "export", "attacks/x#1"),
    ]
    card = card_of(write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z"))
    assert (card.latency.max_seconds, card.latency_from_start.max_seconds) == (0, 120)
    assert card.outcomes[0].seconds_from_start == 120
    assert card.shown()["detection_latency_from_start"]["median_seconds"] == 120
    rows = [line.split("  ") for line in scorecard_table(card).splitlines()]
    told = {row[0]: row[-1] for row in rows}
    assert told["detection latency"].endswith("median of 1; p90 0 s, max 0 s")
    assert told["counted from its first event"].endswith("p90 2.0 min, max 2.0 min")


@pytest.mark.parametrize(("seed", "words"), [(1, "On simulated people "), (None, "On real logs ")])
def test_the_note_says_what_the_figures_cannot(tmp_path: Path, seed: int | None, words: str) -> None:
    directory = write_drill(tmp_path / "d", HABIT, "2026-01-18T00:00:00Z")
    manifest = json.loads((directory / "manifest.json").read_text())
    (directory / "manifest.json").write_text(json.dumps({**manifest, "seed": seed}))
    card = card_of(directory)
    assert card.shown()["note"].startswith(words)
    assert " ".join(scorecard_table(card).split()).endswith(card.note)


def test_a_detection_before_the_first_detectable_event_has_no_latency(tmp_path: Path) -> None:
    usages = [
        *HABIT,
        Usage("2026-01-14T10:00:00Z", "bob", "fill", "attacks/x#1"),
        Usage("2026-01-14T10:00:10Z", "bob", "export", "attacks/x#1"),
    ]
    directory = write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z")
    assert foreign_card(directory, [seen(usages, 12)]).latency.max_seconds == 0


def test_without_a_detectable_event_latency_counts_from_the_start(tmp_path: Path) -> None:
    usages = [
        *HABIT,
        Usage("2026-01-14T10:00:00Z", "bob", "fill", "attacks/x#1"),
        Usage("2026-01-14T10:00:10Z", "bob", "fill", "attacks/x#1"),
    ]
    directory = write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z")
    card = foreign_card(directory, [seen(usages, 13)])
    assert (card.latency.max_seconds, card.recall.part, card.oracle.part) == (10, 1, 0)


def test_a_rule_that_forgets_may_exceed_the_oracle_bound(tmp_path: Path) -> None:
    usages = [
        Usage("2026-01-01T09:00:00Z", "bob", "export"),
        Usage("2026-01-09T09:00:00Z", "bob", "fill"),
        Usage("2026-02-14T10:00:00Z", "bob", "export", "attacks/x#1"),  # shown before, and forgotten since
    ]
    card = card_of(write_drill(tmp_path / "d", usages, "2026-02-18T00:00:00Z"))
    assert (card.recall.value, card.oracle.value) == (1, 0)
    assert (card.oracle.part, card.oracle.of) == (0, 1)
    assert "may be exceeded by a rule that forgets" in scorecard_table(card)


def test_an_incident_that_begins_while_the_rule_learns_is_scored_if_it_can_only_be_seen_later(tmp_path: Path) -> None:
    usages = [
        *HABIT[:6],
        Usage("2026-01-07T10:00:00Z", "bob", "fill", "attacks/x#1"),
        Usage("2026-01-09T10:00:00Z", "bob", "export", "attacks/x#1"),
    ]
    card = card_of(write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z"))
    assert (card.recall.part, card.recall.of, card.unscored_incidents) == (1, 1, 0)


def test_an_earlier_incident_of_the_same_person_is_an_incident_of_its_own(tmp_path: Path) -> None:
    usages = [
        *HABIT,
        Usage("2026-01-14T10:00:00Z", "bob", "export", "attacks/x#1~earlier"),
        Usage("2026-01-16T10:00:00Z", "bob", "export", "attacks/x#1"),
    ]
    card = card_of(write_drill(tmp_path / "d", usages, "2026-01-18T00:00:00Z"))
    assert [(o.run, o.found, o.detectable_at is None) for o in card.outcomes] == [
        ("attacks/x#1~earlier", True, False),
        ("attacks/x#1", False, True),
    ]


def test_real_logs_have_no_people_in_the_manifest_so_those_seen_are_counted(tmp_path: Path) -> None:
    directory = write_drill(tmp_path / "d", HABIT, "2026-01-18T00:00:00Z", people=None)
    assert card_of(directory).load.people == 3


def test_the_knobs_of_the_summary_are_those_of_the_card(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    path.write_bytes(json_text({"throughput": {"events_per_second": 5.0}, "assumptions": {"forgetMode": "fixed"}}))
    assert read_summary(path).assumed(shipped_rule()).assumptions() == {
        "learningScope": "rule",
        "forgetMode": "fixed",
        "multiValue": "tuple",
    }
    path.write_bytes(json_text({"throughput": {"events_per_second": 5.0}, "assumptions": {"forgetMode": "odd"}}))
    with pytest.raises(SubmissionError, match=r"\A[^\n]*odd[^\n]*\Z"):
        read_summary(path)


def test_signals_of_another_rule_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "signals.ndjson"
    path.write_text('{"id":"1","rule":"other","opened_at":"2026-01-14T10:00:00Z","matches":[]}')
    with pytest.raises(SubmissionError, match=r":1: rule: found 'other'; legal: 'mine', or give --rule\Z"):
        read_signals(path, "mine")
