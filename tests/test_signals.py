"""Matches of one group become signals as Datadog gathers them; a signal says what a person needs to know."""

import json
from dataclasses import replace
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.instant import SECOND, instant_text
from detector.rules import NewValueRule, shipped_rule
from detector.selection import Selector
from detector.signals import Signal
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine

START = 1_767_603_600 * SECOND
NEVER_LEARNING = replace(
    shipped_rule(),
    name="Test",
    message="",
    query="*",
    metrics=("@used_version",),
    learning_method="threshold",
    learning_duration_days=0,
)
"""Every value that a person did not have before is new from the first event on."""


def usage(number: int, second: int, who: str = "ada@example.com", **changes: Any) -> dict[str, Any]:
    return {
        "uuid": f"{'A' * 23}{'ABCDEFGHIJ'[number // 100]}{'ABCDEFGHIJ'[number // 10 % 10]}{'ABCDEFGHIJ'[number % 10]}",
        "timestamp": instant_text(START + second * SECOND),
        "used_version": number,
        "item_uuid": "item",
        "vault_uuid": "vault",
        "action": "reveal",
        "user": {"email": who},
    } | changes


def matches_at(*seconds: int) -> list[dict[str, Any]]:
    """One match a moment, all of one person."""
    return [usage(number, second) for number, second in enumerate(seconds)]


def signals(rule: NewValueRule, records: list[dict[str, Any]]) -> list[Signal]:
    selector, engine = Selector(rule), StreamingEngine(rule, MemoryStore())
    events = [selector.select(json.dumps(record).encode()) for record in records]
    engine.feed([event for event in events if event])
    return engine.closed() + engine.still_open()


def gathered(keep_alive: int, longest: int, *seconds: int) -> list[list[int]]:
    """The seconds of the matches of each signal."""
    rule = replace(NEVER_LEARNING, keep_alive_seconds=keep_alive, max_signal_seconds=longest)
    found = signals(rule, matches_at(*seconds))
    return [[(match.timestamp - START) // SECOND for match in signal.matches] for signal in found]


@pytest.mark.parametrize(
    ("keep_alive", "longest", "seconds", "expected"),
    [
        (0, 0, [0, 0, 1], [[0], [0], [1]]),
        (0, 600, [0, 0], [[0], [0]]),
        (60, 600, [0, 60, 120], [[0, 60, 120]]),
        (60, 600, [0, 61], [[0], [61]]),
        (60, 120, [0, 60, 120, 121], [[0, 60, 120], [121]]),
        (60, 60, [0, 60, 61, 121], [[0, 60], [61, 121]]),
        (60, 600, [100, 40, 100], [[100, 40, 100]]),
        (60, 600, [100, 39], [[100], [39]]),
        (60, 600, [0, 60, -1], [[0, 60], [-1]]),
        (60, 60, [60, 0, 61], [[60, 0], [61]]),
        (60, 600, [0, 1000, 0], [[0], [1000], [0]]),
    ],
)
def test_a_match_joins_the_open_signal_within_keep_alive_and_the_longest_duration(
    keep_alive: int, longest: int, seconds: list[int], expected: list[list[int]]
) -> None:
    assert gathered(keep_alive, longest, *seconds) == expected


def test_only_matches_extend_a_signal() -> None:
    known_between = [usage(1, 0), usage(1, 50), usage(2, 100)]
    rule = replace(NEVER_LEARNING, keep_alive_seconds=60)
    assert [len(signal.matches) for signal in signals(rule, known_between)] == [1, 1]


def test_each_group_has_signals_of_its_own() -> None:
    records = [usage(1, 0, "ada@example.com"), usage(1, 1, "bo@example.com"), usage(2, 2, "ada@example.com")]
    found = signals(NEVER_LEARNING, records)
    assert [(signal.group, len(signal.matches)) for signal in found] == [
        ({"@usr.email": "ada@example.com"}, 2),
        ({"@usr.email": "bo@example.com"}, 1),
    ]


def test_a_signal_opens_with_its_earliest_and_ends_with_its_latest_match_whatever_their_order() -> None:
    (signal,) = signals(NEVER_LEARNING, matches_at(50, 10, 90, 20))
    assert (signal.opened_at, signal.last_match_at) == (START + 10 * SECOND, START + 90 * SECOND)


@given(
    st.lists(st.integers(0, 4_000), max_size=12),
    st.sampled_from([0, 60, 300, 600]),
    st.sampled_from([600, 900, 1800]),
)
def test_gathering_keeps_every_match_once_and_in_order_within_the_limits(
    seconds: list[int], keep_alive: int, longest: int
) -> None:
    found = gathered(keep_alive, longest, *sorted(seconds))
    assert [second for signal in found for second in signal] == sorted(seconds)
    for signal in found:
        assert signal[-1] - signal[0] <= longest
        assert all(later - earlier <= keep_alive for earlier, later in pairwise(signal))
    for signal, after in pairwise(found):
        assert keep_alive == 0 or after[0] - signal[-1] > keep_alive or after[0] - signal[0] > longest


def test_a_signal_as_json_has_the_fields_of_the_contract() -> None:
    rule = replace(NEVER_LEARNING, name="New for {{@usr.email}}", message="v{{@used_version}}", severity="high")
    (signal,) = signals(rule, [usage(7, 1)])
    match = {
        "uuid": "AAAAAAAAAAAAAAAAAAAAAAAAAH",
        "timestamp": "2026-01-05T09:00:01Z",
        "group": {"@usr.email": "ada@example.com"},
        "value": {"@used_version": 7},
        "item_uuid": "item",
        "vault_uuid": "vault",
    }
    shown = signal.shown()
    assert shown.pop("id") == signal.id
    assert shown == {
        "rule": "New for {{@usr.email}}",
        "severity": "high",
        "group": {"@usr.email": "ada@example.com"},
        "opened_at": "2026-01-05T09:00:01Z",
        "last_match_at": "2026-01-05T09:00:01Z",
        "title": "New for ada@example.com",
        "message": "v7",
        "matches": [match],
    }


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain", "plain"),
        ("{{@usr.email}} and {{ @evt.name }}", "ada@example.com and reveal"),
        ("{{@used_version}}{{@location.latitude}}{{@client.flag}}", "143.7true"),
        ("[{{@nothing}}]", "[]"),
        ("[{{@location}}]", "[]"),
        ("{{@evt.name}", "{{@evt.name}"),
        ("{{#is_alert}}x{{/is_alert}}", "{{#is_alert}}x{{/is_alert}}"),
    ],
)
def test_a_template_is_filled_from_the_event_that_opened_the_signal(template: str, text: str) -> None:
    record = usage(1, 0, location={"latitude": 43.7}, client={"flag": True})
    (signal,) = signals(replace(NEVER_LEARNING, message=template), [record, usage(2, 1, action="share")])
    assert signal.message == text


@pytest.mark.parametrize("field", ["@item_uuid", "@vault_uuid"])
def test_a_match_names_item_and_vault_where_there_are_any(field: str) -> None:
    audit: dict[str, Any] = {
        "uuid": "C" * 26,
        "timestamp": "2026-01-05T09:00:00Z",
        "action": "export",
        "object_type": "vault",
        "actor_details": {"email": "ada@example.com"},
    }
    rule = replace(NEVER_LEARNING, metrics=("@evt.name",))
    first, second = (signals(rule, [record])[0].matches[0] for record in (usage(1, 0), audit))
    name = field.removeprefix("@")
    assert (getattr(first, name), getattr(second, name)) == (name.removesuffix("_uuid"), None)


@pytest.mark.parametrize(
    ("severity", "environment", "expected"),
    [
        ("critical", "staging", "high"),
        ("high", "test-eu", "medium"),
        ("medium", "development", "low"),
        ("low", "dev", "info"),
        ("info", "dev", "info"),
        ("high", "prod", "high"),
        ("high", "my-staging", "high"),
        ("high", 5, "high"),
        ("high", None, "high"),
    ],
)
def test_a_lenient_environment_lowers_the_severity_where_the_rule_says_so(
    severity: str, environment: Any, expected: str
) -> None:
    rule = replace(NEVER_LEARNING, severity=severity, decrease_by_env=True)
    record = usage(1, 0, env=environment)
    assert signals(rule, [record])[0].severity == expected
    assert signals(replace(rule, decrease_by_env=False), [record])[0].severity == severity


def test_a_suppressed_match_makes_no_signal_and_its_value_is_learned() -> None:
    rule = replace(NEVER_LEARNING, suppressed=("@action:share",))
    hidden_then_seen = [usage(1, 0, action="share"), usage(1, 1), usage(2, 2)]
    (signal,) = signals(rule, hidden_then_seen)
    assert [match.value for match in signal.matches] == [{"@used_version": 2}]


def test_ids_depend_on_the_rules_name_the_group_and_the_opening_match_alone() -> None:
    def ids(rule: NewValueRule, *records: dict[str, Any]) -> list[str]:
        return [signal.id for signal in signals(rule, list(records))]

    original = ids(NEVER_LEARNING, usage(1, 0))
    assert len(original[0]) == 32
    assert ids(replace(NEVER_LEARNING, message="x", severity="high"), usage(1, 0), usage(2, 1)) == original
    assert ids(NEVER_LEARNING, usage(1, 0, action="fill", item_uuid="other")) == original
    others = [
        ids(replace(NEVER_LEARNING, name="Other"), usage(1, 0)),
        ids(NEVER_LEARNING, usage(1, 0, who="bo@example.com")),
        ids(NEVER_LEARNING, usage(2, 0)),
    ]
    assert original not in others
    assert len({tuple(each) for each in others}) == 3


def test_an_id_is_a_hash_that_anyone_can_compute_again() -> None:
    told = '["Test",{"@usr.email":"ada@example.com"},"AAAAAAAAAAAAAAAAAAAAAAAAAB"]'
    assert signals(NEVER_LEARNING, [usage(1, 0)])[0].id == blake2b(told.encode(), digest_size=16).hexdigest()
