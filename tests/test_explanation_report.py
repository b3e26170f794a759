"""Explanations as text and JSON: what is named, and under which keys."""

import json
import re
from collections.abc import Iterator
from typing import Any

from builders import ADA, audit, line, new_value_rule, usage
from explained import RULE, explaining, only
from naive_model import DAY
from naive_records import Json

from harness.explain.inquiry import Unreadable
from harness.report.explanation import explanation_text
from harness.report.explanation_json import explanations_json

ANY = new_value_rule(metrics=("@evt.name", "@x"), learn=7, assumptions={"multiValue": "any"})


def lines(stream: list[Json], rule: Json) -> list[str]:
    return re.sub(r"\x1b\[\d*m", "", explanation_text(only(stream, rule), 1)).splitlines()


def test_of_a_rule_for_any_field_the_headline_names_what_was_new_alone_with_its_field() -> None:
    told = lines([usage(0, "fill", x=1), usage(20 * DAY, "fill", x=2)], ANY)
    assert told[0] == f"NEW  @x `2` from {ADA} at 2026-01-25T00:00:00Z"
    assert told[1].startswith(f"why       @evt.name `fill` was known from {ADA}: ")
    both = lines([usage(0, "fill", x=1), usage(20 * DAY, "share", x=2)], ANY)
    assert both[0] == f"NEW  @evt.name `share`, @x `2` from {ADA} at 2026-01-25T00:00:00Z"


def test_of_a_rule_for_any_field_the_baseline_is_told_field_by_field() -> None:
    told = lines([usage(0, "1", x="1"), usage(DAY, "1", x="2"), usage(20 * DAY, "1", x="1")], ANY)
    start = told.index(f"What the rule knew of {ADA} when the event arrived: 3 values")
    assert told[start + 1] == "@evt.name: 1 value"
    assert told[start + 3].startswith('>   "1"')
    assert told[start + 4] == "@x: 2 values"
    assert [row[:7] for row in told[start + 6 :]] == ['    "2"', '>   "1"']


def test_an_ignored_event_of_a_rule_for_everybody_is_from_nobody_in_particular() -> None:
    told = lines(
        [usage(0, "create")], {**RULE, "queries": [{**RULE["queries"][0], "query": "no", "groupByFields": []}]}
    )
    assert told[0] == "IGNORED  item usage at 2026-01-05T00:00:00Z"


def test_a_field_that_holds_an_object_or_a_list_is_not_called_absent() -> None:
    queries = [{**RULE["queries"][0], "query": "@x:1 @y:1 @z:1"}]
    stream = [usage(0, x={"a": 1}, y=[1])]
    assert only(stream, {**RULE, "queries": queries}).why == (
        "the query asks for `@x:1`, but @x holds an object",
        "the query asks for `@y:1`, but @y holds a list",
        "the query asks for `@z:1`, but @z is absent",
    )
    told = lines(stream, {**RULE, "queries": queries})
    held = [" ".join(row.split()) for row in told if row.lstrip().startswith(("@x", "@y", "@z"))]
    assert held == ["@x an object query", "@y a list query", "@z absent query"]
    grouped = [{**RULE["queries"][0], "query": "*", "groupByFields": ["@x"]}]
    assert only(stream, {**RULE, "queries": grouped}).why == ("the group-by field @x holds an object",)


KEYS = {
    "uuid",
    "timestamp",
    "kind",
    "arrival",
    "note",
    "rule",
    "assumptions",
    "verdict",
    "why",
    "fields",
    "group",
    "values",
    "ignored",
    "signal",
    "learning",
    "forget_after_days",
    "baseline",
}


def test_json_has_the_keys_that_the_help_tells() -> None:
    match, ignored, broken = explanations_json(
        [*explaining([usage(0, "fill"), usage(20 * DAY, "export")])[1:], only([audit(0)])],
        [Unreadable("u", "why")],
    )
    assert match.keys() == ignored.keys() == KEYS
    assert match["signal"].keys() == {"fate", "id", "opened_at", "matches", "suppressed_by"}
    assert match["learning"].keys() == {"active", "until", "enabled_at", "rule_start", "group_first_seen"}
    assert match["values"][0].keys() == {"value", "verdict", "why"}
    assert match["fields"][0].keys() == {"name", "value", "read_for"}
    assert match["baseline"][0].keys() == {"value", "first_seen", "last_seen", "forgotten_at", "forgotten"}
    assert ignored["ignored"].keys() == {"reason", "obstacles"}
    assert ignored["ignored"]["obstacles"][0].keys() == {"kind", "part", "holds"}
    assert broken.keys() == {"uuid", "verdict", "why"}


def test_json_values_that_are_one_of_a_few_are_in_snake_case() -> None:
    stream = [usage(0, by=None), usage(1, ""), audit(2), usage(3), usage(30 * DAY)]
    told = explanations_json(explaining(stream, enabled_at=1_767_571_200 * 10**9 + 20 * DAY), [])
    assert [each["verdict"] for each in told] == ["ignored", "ignored", "ignored", "not_seen", "new"]
    reasons = [each["ignored"]["reason"] for each in told[:3]]
    assert reasons == ["no_group", "no_value", "not_matched"]
    assert [each["ignored"]["obstacles"][0]["kind"] for each in told[:3]] == [
        "group_by_field",
        "watched_field",
        "query",
    ]
    assert [each["kind"] for each in told] == ["item_usage", "item_usage", "audit_event", "item_usage", "item_usage"]
    assert "group_by" in {role for each in told for field in each["fields"] for role in field["read_for"]}
    assert told[4]["assumptions"] == {"learningScope": "rule", "forgetMode": "sliding", "multiValue": "tuple"}


def test_no_key_of_json_but_a_field_of_records_has_a_blank() -> None:
    told = json.loads(line(explanations_json(explaining([usage(0), usage(9 * DAY, "fill")]), [])))  # type: ignore[arg-type]
    assert not [key for key in _keys(told) if re.search(r"[ -]", key)]


def _keys(told: Any) -> Iterator[str]:
    for member in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _keys(member)
    yield from told if isinstance(told, dict) else ()
