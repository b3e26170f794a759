"""Elastic's new_terms rules load as New Value rules; what changes verdicts and has no counterpart is refused."""

from pathlib import Path

import pytest
from builders import ADA, BOB, START, audit, line, sign_in, usage
from elastic_rules import RULE, refusal, rule
from hypothesis import given
from hypothesis import strategies as st

from detector.instant import DAY
from detector.rules import load_rule, parse_rule
from detector.selection import Selector
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine

EXAMPLE = Path(__file__).parents[1] / "detector" / "data" / "elastic-new-action.toml"


def test_every_part_that_has_a_counterpart_arrives() -> None:
    found = rule()
    assert (found.name, found.message, found.severity) == ("First action", "Look at it.", "high")
    assert found.query == "@evt.name:(reveal OR export)"
    assert (found.group_by, found.metrics) == (("@usr.email",), ("@evt.name",))
    assert (found.forget_after_days, found.forget_mode) == (10, "sliding")
    assert (found.learning_method, found.learning_threshold) == ("threshold", 0)
    assert (found.optional_group_by, found.keep_alive_seconds) == (False, 0)
    assert found.tags == ("Data Source: 1Password",)


def test_a_stream_that_index_and_query_name_is_asked_for_once() -> None:
    query = "event.dataset:1password.item_usages and (event.action:(reveal or export) and user.email:*)"
    text = RULE.replace("event.action:(reveal or export)", query).replace(
        "logs-1password*", "logs-1password.item_usages-*"
    )
    assert parse_rule(text, "rule.toml").query == (
        "@evt.type:1password-item-usages AND @evt.name:(reveal OR export) AND @usr.email:*"
    )


def test_several_streams_are_values_of_one_field() -> None:
    text = RULE.replace('"logs-1password*"', '"logs-1password.item_usages-*", "logs-1password.audit_events-*"')
    assert parse_rule(text, "rule.toml").query == (
        "@evt.type:(1password-item-usages OR 1password-audit-events) AND @evt.name:(reveal OR export)"
    )


def test_the_example_loads() -> None:
    assert load_rule(EXAMPLE).group_by == ("@usr.email",)


def test_a_rule_that_is_switched_off_says_so() -> None:
    assert not rule('severity = "high"', 'severity = "high"\nenabled = false').enabled


@pytest.mark.parametrize(
    ("fields", "group_by", "metrics"),
    [
        (["event.action"], (), ("@evt.name",)),
        (["user.id"], (), ("@usr.id",)),
        (["source.ip", "user.email"], ("@usr.email",), ("@network.client.ip",)),
        (["user.id", "onepassword.item_uuid", "event.action"], ("@usr.id",), ("@item_uuid", "@evt.name")),
        (["user.email", "user.id"], (), ("@usr.email", "@usr.id")),
    ],
)
def test_who_it_is_becomes_the_group_if_something_is_left_to_watch(
    fields: list[str], group_by: tuple[str, ...], metrics: tuple[str, ...]
) -> None:
    found = rule('["user.email", "event.action"]', str(fields).replace("'", '"'))
    assert (found.group_by, found.metrics) == (group_by, metrics)


@pytest.mark.parametrize(
    ("written", "days"), [("now-1d", 1), ("now-30d", 30), ("now-24h", 1), ("now-2w", 14), ("now-1440m", 1)]
)
def test_a_window_of_whole_days_is_when_values_are_forgotten(written: str, days: int) -> None:
    assert rule("now-10d", written).forget_after_days == days


@pytest.mark.parametrize("written", ["now-36h", "now-31d", "now-0d", "now-10d/d", "now-1M", "10d"])
def test_another_window_is_refused_with_its_line(written: str) -> None:
    assert refusal("now-10d", written) == (
        f"rule.toml:25: rule.new_terms.history_window_start.0.value: found '{written}';"
        " legal: now-Nd, whole days from 1 to 30 (what Datadog's forgetAfter holds)"
    )


@pytest.mark.parametrize(
    ("old", "new", "start"),
    [
        ('type = "new_terms"', 'type = "eql"', "rule.toml:16: rule.type: found 'eql'; legal: new_terms"),
        ('type = "new_terms"', 'type = "esql"', "rule.toml:16: rule.type: found 'esql'; legal: new_terms"),
        ('"kuery"', '"lucene"', "rule.toml:8: rule.language: found 'lucene'; legal: kuery"),
        ('"high"', '"urgent"', "rule.toml:14: rule.severity: found 'urgent'; legal: one of low"),
        ('["user.email", ', '["host.id", ', "rule.toml:21: rule.new_terms.value: found 'host.id'; legal: event.action"),
        (
            '"event.action"]',
            "'onepassword.a\"b']",
            "rule.toml:21: rule.new_terms.value: found 'onepassword.a",
        ),
        ('"new_terms_fields"', '"terms"', "rule.toml:20: rule.new_terms.field: found 'terms'"),
        ('"logs-1password*"', '"logs-okta*"', "rule.toml:7: rule.index: found ['filebeat-*', 'logs-okta*']; legal: an"),
        ("event.action:(", "event.action:{", "rule.toml:17: rule.query: found"),
        ("event.action", "process.name", "rule.toml:21: rule.new_terms.value: found 'process.name'"),
        ('query = "event.action', 'query = "process.name', "rule.toml:17: rule.query: found"),
        (
            'severity = "high"',
            'severity = "high"\nfilters = [{}]',
            "rule.toml:15: rule.filters: found [{}]; legal: none",
        ),
        ('name = "First action"', "", "rule.toml:4: rule.name: found nothing; legal: a non-empty string"),
        ("[rule]", "[rule", "rule.toml:4: not readable as TOML"),
    ],
)
def test_what_would_change_verdicts_is_refused_with_file_and_line(old: str, new: str, start: str) -> None:
    assert refusal(old, new).startswith(start)


@pytest.mark.parametrize(
    ("kql", "seen"),
    [
        ("event.dataset:1password.item_usages", {"usage"}),
        ("event.dataset:1password.*", {"usage", "sign_in", "audit"}),
        ("event.module:1password and not event.category:configuration", {"usage", "sign_in"}),
        ("event.type:access", {"usage", "audit"}),
        ("event.outcome:failure", set()),
        ("event.outcome:*", {"sign_in"}),
        ("user.email:ada@example.com and source.ip:192.0.2.*", {"usage", "sign_in", "audit"}),
        ("onepassword.object_type:vault", {"audit"}),
    ],
)
def test_elastics_fields_select_the_records_that_they_are_made_from(kql: str, seen: set[str]) -> None:
    selector = Selector(rule("event.action:(reveal or export)", kql))
    records = {"usage": usage(0), "sign_in": sign_in(0), "audit": audit(0)}
    assert {name for name, record in records.items() if selector.select(line(record))} == seen


@pytest.mark.parametrize(
    ("index", "seen"),
    [
        ("logs-1password.item_usages-*", {"usage"}),
        ("logs-1password.item_usages-prod", {"usage"}),
        ("remote:logs-1password.audit_events-*", {"audit"}),
        ("logs-*", {"usage", "sign_in", "audit"}),
        ("-logs-1password.audit*", {"usage", "sign_in"}),
    ],
)
def test_index_patterns_keep_to_the_streams_that_they_name(index: str, seen: set[str]) -> None:
    text = RULE.replace("event.action:(reveal or export)", "*")
    kept = '"logs-1password*", ' if index.startswith("-") else ""
    selector = Selector(parse_rule(text.replace('"filebeat-*", "logs-1password*"', f'{kept}"{index}"'), "rule.toml"))
    records = {"usage": usage(0), "sign_in": sign_in(0), "audit": audit(0)}
    assert {name for name, record in records.items() if selector.select(line(record))} == seen


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from([ADA, BOB, None]), st.sampled_from(["reveal", "export", None])),
        max_size=25,
    )
)
def test_a_match_is_a_combination_that_the_window_before_it_does_not_hold(
    stream: list[tuple[int, str | None, str | None]],
) -> None:
    """Elastic's own definition, worked out event by event over a stream in order of time."""
    ordered = sorted(stream, key=lambda event: event[0])
    expected = [
        at
        for place, (at, *terms) in enumerate(ordered)
        if None not in terms and not any(at - before < 10 and seen == terms for before, *seen in ordered[:place])
    ]
    new_terms = rule()
    selector, engine = Selector(new_terms), StreamingEngine(new_terms, MemoryStore())
    events = [selector.select(line(usage(at * DAY, action, who))) for at, who, action in ordered]
    matches = engine.feed([event for event in events if event])
    assert [(match.timestamp - START) // DAY for match in matches] == expected
