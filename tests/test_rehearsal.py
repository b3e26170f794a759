"""A rehearsal: one record in, and at once what the rule made of it and what that did to the signals of its group."""

from collections.abc import Iterable
from dataclasses import replace

import msgspec
import pytest

from detector.instant import DAY, SECOND, instant_text, parse_instant
from detector.rules import NewValueRule, shipped_rule
from detector.selection import RecordError
from harness.rehearsal import Rehearsal
from harness.sample_record import sample_record
from simulator.records import upper_uuid

START = parse_instant("2026-01-05T09:00:00Z")
HOUR = 3600 * SECOND
LATER = 9 * DAY
"""When the rule has long learned, in nanoseconds after `START`."""
ACTIONS = ("reveal", "share", "export", "secure-copy", "fill", "server-fetch")


def fates(
    events: Iterable[tuple[int, str]], rule: NewValueRule | None = None, *, learned: bool = True
) -> list[tuple[str, str]]:
    """What became of ana's actions, each done so long after `LATER`, and what they did to her signals."""
    rehearsal = Rehearsal(rule or shipped_rule())
    if learned:
        rehearsal.feed(record(0, "enter-item-edit-mode", 0))
    answers = [rehearsal.feed(record(LATER + at, action, k)) for k, (at, action) in enumerate(events, 1)]
    return [(answer.verdict, answer.signal) for answer in answers]


def record(at: int, action: str, number: int, who: str = "ana") -> bytes:
    return sample_record({"user.email": f"{who}@example.com", "action": action}, number, instant_text(START + at))


def signals(*times: int, rule: NewValueRule | None = None) -> list[str]:
    """What first times of so many actions do, at those *times* after `LATER`."""
    found = fates(zip(times, ACTIONS, strict=False), rule)
    assert {verdict for verdict, _ in found} == {"new"}
    return [signal for _, signal in found]


class TestSignals:
    def test_of_two_first_times_at_one_instant_the_first_opens_a_signal_and_the_second_joins_it(self) -> None:
        assert signals(0, 0) == ["opens", "joins"]
        assert signals(0, 0, 0) == ["opens", "joins", "joins"]

    def test_one_that_arrives_late_joins_though_its_time_is_the_earliest(self) -> None:
        assert signals(HOUR, 0) == ["opens", "joins"]

    def test_one_joins_at_an_hour_after_the_last_and_opens_another_a_nanosecond_later(self) -> None:
        assert signals(0, HOUR) == ["opens", "joins"]
        assert signals(0, HOUR + 1) == ["opens", "opens"]

    def test_each_that_joins_keeps_the_signal_alive_for_another_hour(self) -> None:
        assert signals(0, HOUR, 2 * HOUR, 3 * HOUR) == ["opens", "joins", "joins", "joins"]

    def test_a_signal_that_is_kept_alive_ends_when_it_may_last_no_longer(self) -> None:
        """No signal of the shipped rule gets so old: it would take 25 actions, an hour apart, and it watches ten."""
        short = replace(shipped_rule(), max_signal_seconds=2 * 3600)
        assert signals(0, HOUR, 2 * HOUR, rule=short) == ["opens", "joins", "joins"]
        assert signals(0, HOUR, 2 * HOUR + 1, rule=short) == ["opens", "joins", "opens"]
        later = (0, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR)
        assert signals(*later, rule=short) == ["opens", "joins", "joins", "opens", "joins"]

    def test_of_another_person_it_opens_a_signal_of_theirs(self) -> None:
        rehearsal = Rehearsal(shipped_rule())
        rehearsal.feed(record(0, "fill", 1))
        both = [rehearsal.feed(record(LATER, "export", k, who)) for k, who in enumerate(("ana", "ben", "ana"), 2)]
        assert [(answer.verdict, answer.signal) for answer in both] == [
            ("new", "opens"),
            ("new", "opens"),
            ("known", "none"),
        ]

    def test_what_is_suppressed_is_new_and_does_nothing_to_an_open_signal(self) -> None:
        quiet = replace(shipped_rule(), suppressed=("@evt.name:share",))
        assert signals(0, 0, 0, rule=quiet) == ["opens", "none", "joins"]


class TestVerdicts:
    def test_what_is_seen_again_is_known_and_touches_no_signal(self) -> None:
        assert fates([(0, "export"), (0, "export"), (SECOND, "share")]) == [
            ("new", "opens"),
            ("known", "none"),
            ("new", "joins"),
        ]

    def test_the_first_event_of_all_is_learned(self) -> None:
        assert fates([(0, "export"), (7 * DAY - 1, "share"), (7 * DAY, "reveal")], learned=False) == [
            ("learned", "none"),
            ("learned", "none"),
            ("new", "opens"),
        ]

    def test_an_event_at_the_instant_of_enabling_is_seen_and_one_before_is_not(self) -> None:
        rehearsal = Rehearsal(shipped_rule(), START + LATER)
        early, timely = rehearsal.feed(record(LATER - 1, "fill", 1)), rehearsal.feed(record(LATER, "fill", 2))
        assert (early.verdict, early.why) == ("unseen", "before the rule was enabled")
        assert (timely.verdict, timely.why) == ("learned", "the rule was learning until 2026-01-21T09:00:00Z")

    def test_what_is_no_record_is_refused(self) -> None:
        with pytest.raises(RecordError):
            Rehearsal(shipped_rule()).feed(b"{}")


class TestSampleRecords:
    @pytest.mark.parametrize(
        ("field", "value", "shows"),
        [
            ("action", "fill", "item_uuid"),
            ("object_type", "vault", "actor_uuid"),
            ("category", "credentials_failed", "session_uuid"),
            ("session_uuid", upper_uuid(9, 9), "category"),
        ],
    )
    def test_a_field_that_only_one_feed_has_says_which_it_is(self, field: str, value: str, shows: str) -> None:
        made = msgspec.json.decode(sample_record({field: value}, 1, "2026-01-05T09:00:00Z"))
        assert made[field] == value
        feeds = {"item_uuid", "actor_uuid", "category"} & made.keys()
        assert feeds == {"category" if shows == "session_uuid" else shows}

    @pytest.mark.parametrize(
        ("feed", "shows"), [("itemusages", "item_uuid"), ("signinattempts", "category"), ("auditevents", "actor_uuid")]
    )
    def test_a_field_that_all_feeds_have_leaves_it_to_be_said(self, feed: str, shows: str) -> None:
        fields = {"feed": feed, "location.city": "Berlin"}
        made = msgspec.json.decode(sample_record(fields, 1, "2026-01-05T09:00:00Z"))
        assert {"item_uuid", "actor_uuid", "category"} & made.keys() == {shows}
        unsaid = msgspec.json.decode(sample_record({"location.city": "Berlin"}, 1, "2026-01-05T09:00:00Z"))
        assert "item_uuid" in unsaid
