"""A rule loads as Datadog exports it, or in YAML; an illegal one is refused in one line."""

import json
import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from detector.document import RuleError
from detector.query import LEGAL_FIELD
from detector.rules import SIGNAL_SECONDS, NewValueRule, load_rule, parse_rule, shipped_rule

EXPORT: dict[str, Any] = {
    "id": "abc-123-def",
    "version": 3,
    "createdAt": 1_700_000_000_000,
    "name": "Unusual action by {{@usr.email}}",
    "isEnabled": True,
    "queries": [
        {
            "query": "source:1password @evt.name:(reveal OR export)",
            "aggregation": "new_value",
            "groupByFields": ["@usr.email"],
            "hasOptionalGroupByFields": True,
            "distinctFields": [],
            "metric": "@client.app_name",
            "metrics": ["@evt.name", "@vault_uuid"],
            "name": "",
            "dataSource": "logs",
        }
    ],
    "options": {
        "keepAlive": 3600,
        "maxSignalDuration": 86400,
        "detectionMethod": "new_value",
        "evaluationWindow": 0,
        "decreaseCriticalityBasedOnEnv": True,
        "newValueOptions": {
            "forgetAfter": 21,
            "instantaneousBaseline": True,
            "learningDuration": 7,
            "learningMethod": "duration",
            "learningThreshold": 0,
        },
    },
    "cases": [{"name": "", "status": "high", "notifications": ["@team"]}],
    "message": "Look at {{@usr.email}}.",
    "tags": ["source:1password"],
    "hasExtendedTitle": True,
    "type": "log_detection",
    "filters": [
        {"action": "require", "query": "env:prod"},
        {"action": "suppress", "query": "@usr.email:*@example.org"},
    ],
}
LEAST = """\
name: Least
queries:
  - query: source:1password
    aggregation: new_value
    metrics: ["@evt.name"]
options:
  detectionMethod: new_value
  newValueOptions:
    forgetAfter: 28
cases:
  - status: low
"""


def rule(document: dict[str, Any]) -> NewValueRule:
    return parse_rule(json.dumps(document), "rule.json")


def changed(path: str, value: Any, original: dict[str, Any] = EXPORT) -> dict[str, Any]:
    """The document with *value* at the dotted *path*; with the Ellipsis, without it."""
    document = deepcopy(original)
    *parents, last = (int(step) if step.isdecimal() else step for step in path.split("."))
    where: Any = document
    for step in parents:
        where = where[step]
    if value is ...:
        del where[last]
    else:
        where[last] = value
    return document


def refusal(text: str, source: str = "rule.json") -> str:
    with pytest.raises(RuleError) as refused:
        parse_rule(text, source)
    line = str(refused.value)
    assert "\n" not in line
    return line


def test_every_field_of_an_export_arrives_in_the_rule() -> None:
    assert rule(EXPORT) == NewValueRule(
        name="Unusual action by {{@usr.email}}",
        message="Look at {{@usr.email}}.",
        severity="high",
        query="source:1password @evt.name:(reveal OR export)",
        group_by=("@usr.email",),
        metrics=("@evt.name", "@vault_uuid"),
        forget_after_days=21,
        learning_method="duration",
        learning_duration_days=7,
        learning_threshold=0,
        instantaneous_baseline=True,
        optional_group_by=True,
        keep_alive_seconds=3600,
        max_signal_seconds=86400,
        decrease_by_env=True,
        enabled=True,
        required=("env:prod",),
        excluded=("@usr.email:*@example.org",),
        tags=("source:1password",),
    )


def test_an_export_keeps_the_fields_that_the_rule_does_not_know() -> None:
    assert rule(EXPORT).document == EXPORT


def test_what_a_rule_leaves_out_has_datadogs_defaults() -> None:
    least = parse_rule(LEAST, "rule.yaml")
    assert least == NewValueRule(
        name="Least",
        message="",
        severity="low",
        query="source:1password",
        group_by=(),
        metrics=("@evt.name",),
        forget_after_days=28,
    )
    assert (least.learning_method, least.learning_duration_days, least.learning_threshold) == ("duration", 0, 0)
    assert (least.learning_scope, least.forget_mode, least.multi_value) == ("rule", "sliding", "tuple")
    assert (least.instantaneous_baseline, least.optional_group_by, least.enabled) == (False, False, True)


def test_yaml_and_json_of_the_same_rule_are_the_same_rule() -> None:
    assert parse_rule(yaml.safe_dump(EXPORT), "rule.yaml") == rule(EXPORT)


def test_tabs_and_surrogate_pairs_are_legal_in_json() -> None:
    text = json.dumps(changed("name", "key \U0001f511"), indent="\t")
    assert "\\ud83d\\udd11" in text
    assert parse_rule(text, "rule.json").name == "key \U0001f511"


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "rule.json").write_text(json.dumps(EXPORT), "utf-8-sig")
    assert load_rule(tmp_path / "rule.json") == rule(EXPORT)


def test_the_older_single_metric_stands_in_for_metrics() -> None:
    assert rule(changed("queries.0.metrics", ...)).metrics == ("@client.app_name",)


def test_suppressions_split_into_events_not_seen_and_signals_not_shown() -> None:
    suppressions = [
        {"enabled": True, "dataExclusionQuery": "@usr.email:a", "suppressionQuery": ""},
        {"suppressionQuery": "@usr.email:b"},
        {"enabled": False, "suppressionQuery": "@usr.email:c"},
    ]
    found = rule(changed("suppressions", suppressions) | {"suppressionQuery": "@usr.email:d"})
    assert found.excluded == ("@usr.email:*@example.org", "@usr.email:a")
    assert found.suppressed == ("@usr.email:d", "@usr.email:b")


def test_the_assumptions_are_knobs_of_the_rule() -> None:
    knobs = {"learningScope": "group", "forgetMode": "fixed", "multiValue": "any"}
    found = rule(changed("assumptions", knobs))
    assert (found.learning_scope, found.forget_mode, found.multi_value) == ("group", "fixed", "any")


def test_the_shipped_rule_is_datadogs_as_far_as_it_is_public() -> None:
    shipped = shipped_rule()
    assert shipped.query == (
        "source:1password @evt.type:1password-item-usages @evt.name:(enter-item-edit-mode OR export OR fill OR reveal "
        "OR select-sso-provider OR secure-copy OR server-create OR server-fetch OR server-update OR share)"
    )
    assert (shipped.group_by, shipped.metrics, shipped.severity) == (("@usr.email",), ("@evt.name",), "low")
    assert (shipped.learning_method, shipped.learning_duration_days, shipped.forget_after_days) == ("duration", 7, 28)
    assert (shipped.keep_alive_seconds, shipped.max_signal_seconds) == (3600, 86400)
    assert (shipped.instantaneous_baseline, shipped.evaluation_window_seconds) == (False, 0)
    assert shipped.warnings() == []
    for field in ("@usr.email", "@evt.name", "@item_uuid", "@vault_uuid"):
        assert f"{{{{{field}}}}}" in shipped.message


LENGTHS = "one of 0, 60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400"
OPTIONS = "options.newValueOptions"


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("name", "", "name: found ''; legal: a non-empty string"),
        ("name", 5, "name: found 5; legal: a non-empty string"),
        ("name", ..., "name: found nothing; legal: a non-empty string"),
        ("isEnabled", "yes", "isEnabled: found 'yes'; legal: true or false"),
        ("queries", [], "queries: found []; legal: a list with exactly 1 mapping"),
        ("queries", ..., "queries: found nothing; legal: a list with exactly 1 mapping"),
        ("queries.0.aggregation", "count", "queries.0.aggregation: found 'count'; legal: new_value"),
        ("queries.0.groupByFields", "@a", "queries.0.groupByFields: found '@a'; legal: a list of 0 to 50 field names"),
        ("queries.0.metrics", [], "queries.0.metrics: found []; legal: a list of 1 to 5 field names"),
        ("queries.0.metrics", ["@a", '@"'], f"queries.0.metrics: found '@\"'; legal: {LEGAL_FIELD}"),
        ("queries.0.groupByFields", ["@"], f"queries.0.groupByFields: found '@'; legal: {LEGAL_FIELD}"),
        ("queries.0.metrics", [7], "queries.0.metrics: found [7]; legal: a list of 1 to 5 field names"),
        ("options.detectionMethod", "threshold", "options.detectionMethod: found 'threshold'; legal: new_value"),
        (f"{OPTIONS}.forgetAfter", 0, f"{OPTIONS}.forgetAfter: found 0; legal: an integer from 1 to 30"),
        (f"{OPTIONS}.forgetAfter", 31, f"{OPTIONS}.forgetAfter: found 31; legal: an integer from 1 to 30"),
        (f"{OPTIONS}.forgetAfter", "28", f"{OPTIONS}.forgetAfter: found '28'; legal: an integer from 1 to 30"),
        (f"{OPTIONS}.forgetAfter", 28.0, f"{OPTIONS}.forgetAfter: found 28.0; legal: an integer from 1 to 30"),
        (f"{OPTIONS}.forgetAfter", True, f"{OPTIONS}.forgetAfter: found True; legal: an integer from 1 to 30"),
        (f"{OPTIONS}.forgetAfter", ..., f"{OPTIONS}.forgetAfter: found nothing; legal: an integer from 1 to 30"),
        (f"{OPTIONS}.learningDuration", -1, f"{OPTIONS}.learningDuration: found -1; legal: an integer from 0 to 30"),
        (f"{OPTIONS}.learningDuration", 31, f"{OPTIONS}.learningDuration: found 31; legal: an integer from 0 to 30"),
        (f"{OPTIONS}.learningThreshold", 2, f"{OPTIONS}.learningThreshold: found 2; legal: an integer from 0 to 1"),
        (f"{OPTIONS}.learningMethod", "x", f"{OPTIONS}.learningMethod: found 'x'; legal: one of duration, threshold"),
        ("options.keepAlive", 61, f"options.keepAlive: found 61; legal: {LENGTHS}"),
        ("options.maxSignalDuration", 600, "options.keepAlive: found 3600; legal: at most maxSignalDuration (600)"),
        ("options.evaluationWindow", False, f"options.evaluationWindow: found False; legal: {LENGTHS}"),
        ("cases", [{}, {}], "cases: found [{}, {}]; legal: a list with exactly 1 mapping"),
        ("cases.0.status", "bad", "cases.0.status: found 'bad'; legal: one of info, low, medium, high, critical"),
        ("tags", ["", "x"], "tags: found ['', 'x']; legal: a list of 0 to 1000 field names"),
        ("filters.0.action", "drop", "filters.0.action: found 'drop'; legal: one of require, suppress"),
        ("assumptions", {"forgetMode": "x"}, "assumptions.forgetMode: found 'x'; legal: one of sliding, fixed"),
        (
            "queries.0.query",
            "a~",
            "queries.0.query: found 'a~'; legal: Datadog log search as DESIGN.md lists it "
            "(a fuzzy term (~) is not covered: 'a~')",
        ),
        ("queries.0.query", ..., "queries.0.query: found nothing; legal: a Datadog log search"),
    ],
)
def test_an_illegal_field_is_named_with_what_was_found_and_what_is_legal(path: str, value: Any, line: str) -> None:
    assert refusal(json.dumps(changed(path, value))) == f"rule.json:1: {line}"


@pytest.mark.parametrize("text", [LEAST, json.dumps(yaml.safe_load(LEAST), indent=2)])
def test_the_line_is_the_one_on_which_the_field_stands(text: str) -> None:
    broken = text.replace("28", "99")
    number = next(number for number, line in enumerate(broken.splitlines(), 1) if "99" in line)
    assert refusal(broken, "r") == f"r:{number}: {OPTIONS}.forgetAfter: found 99; legal: an integer from 1 to 30"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "r: found None; legal: a mapping with name, queries, options, cases"),
        ("[]", "r: found []; legal: a mapping with name, queries, options, cases"),
        ("just words", "r: found 'just words'; legal: a mapping with name, queries, options, cases"),
        ('{"name": "x",\n "queries": [}', "r:2: not readable as JSON or YAML (Expecting value: line 2 column 14 (char"),
        ("name: x\nqueries: [", "r:2: not readable as JSON or YAML ("),
        ("name: !!python/object:os.system x", "r:1: not readable as JSON or YAML ("),
        ("a: &a [*a, *a]\nb: \0", "r: not readable as JSON or YAML ("),
    ],
)
def test_text_that_is_no_rule_is_refused_in_one_line(text: str, line: str) -> None:
    assert refusal(text, "r").startswith(line)


def test_a_file_that_is_not_text_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "rule.json"
    path.write_bytes(b"\x7fELF\xff\xfe")
    with pytest.raises(RuleError) as refused:
        load_rule(path)
    assert str(refused.value) == f"{path}: not text in UTF-8; legal: a rule in JSON, YAML or TOML"


def test_a_file_that_is_far_too_long_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "rule.json"
    path.write_bytes(b" " * 1_000_001)
    with pytest.raises(RuleError) as refused:
        load_rule(path)
    assert str(refused.value) == f"{path}: found 1000001 bytes; legal: a rule of at most 1000000 bytes"


@pytest.mark.parametrize("depth", [2_000, 50_000])
def test_a_rule_nested_too_deeply_is_refused_in_one_line(depth: int) -> None:
    assert refusal(f'{{"name": {"[" * depth}{"]" * depth}}}', "r").startswith("r")
    query = f"{'(' * depth}a{')' * depth}"
    assert "the query is nested too deeply" in refusal(json.dumps(changed("queries.0.query", query)), "r")


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"enabled": False}, "the rule is disabled (isEnabled: false); it runs all the same, to be tested"),
        ({"evaluation_window_seconds": 300}, "evaluationWindow 300 does not change verdicts; shipped rules have 0"),
        (
            {"forget_after_days": 7},
            "forgetAfter 7 d <= learningDuration 7 d: values can be forgotten before learning ends",
        ),
    ],
)
def test_what_is_legal_and_odd_earns_a_warning(changes: dict[str, Any], warning: str) -> None:
    rule = replace(shipped_rule(), **changes)
    assert rule.oddities() == [warning]
    assert rule.warnings() == [f"{rule.name}: {warning}"]


def test_forgetting_needs_no_warning_where_nothing_is_learned_by_duration() -> None:
    assert replace(shipped_rule(), learning_method="threshold", forget_after_days=1).warnings() == []


@pytest.mark.parametrize("told_elsewhere", [{"message": "x"}, {"severity": "high"}, {"tags": ()}, {"enabled": False}])
def test_a_stored_baseline_outlives_a_change_of_words(told_elsewhere: dict[str, Any]) -> None:
    assert replace(shipped_rule(), **told_elsewhere).meaning() == shipped_rule().meaning()


@pytest.mark.parametrize("verdicts", [{"forget_mode": "fixed"}, {"forget_after_days": 27}, {"excluded": ("a",)}])
def test_a_stored_baseline_belongs_to_the_rules_windows_and_knobs(verdicts: dict[str, Any]) -> None:
    assert replace(shipped_rule(), **verdicts).meaning() != shipped_rule().meaning()


@given(
    forget=st.integers(1, 30),
    duration=st.integers(0, 30),
    lengths=st.tuples(st.sampled_from(SIGNAL_SECONDS), st.sampled_from(SIGNAL_SECONDS)).map(sorted),
)
def test_everything_within_the_bounds_is_legal(forget: int, duration: int, lengths: list[int]) -> None:
    document = deepcopy(EXPORT)
    document["options"] |= {"keepAlive": lengths[0], "maxSignalDuration": lengths[1]}
    document["options"]["newValueOptions"] |= {"forgetAfter": forget, "learningDuration": duration}
    found = rule(document)
    assert (found.forget_after_days, found.learning_duration_days) == (forget, duration)
    assert [found.keep_alive_seconds, found.max_signal_seconds] == lengths


def refused_or_not(document: dict[str, Any]) -> str | None:
    try:
        rule(document)
    except RuleError as refused:
        return str(refused)
    return None


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=5
)
paths = ["name", "queries", "queries.0", "queries.0.metrics", "options", OPTIONS, "cases", "cases.0", "filters", "tags"]


@given(st.sampled_from(paths), values)
def test_whatever_stands_in_a_field_the_refusal_is_one_line(path: str, value: Any) -> None:
    line = refused_or_not(changed(path, value, yaml.safe_load(LEAST)))
    assert line is None or re.fullmatch(r"rule\.json:1: .+; legal: .+", line)


@pytest.mark.parametrize("value", ["!!bool maybe", "!!int ''", "!!timestamp x"])
def test_a_value_that_its_yaml_tag_denies_is_refused_in_one_line(value: str) -> None:
    with pytest.raises(RuleError, match=r"\Ar[^\n]*not readable as JSON or YAML[^\n]*\Z"):
        parse_rule(f"name: {value}\n", "r")


def test_half_a_surrogate_pair_is_no_name() -> None:
    with pytest.raises(RuleError, match=r"\Ar:1: name: found [^\n]*legal: a non-empty string\Z"):
        parse_rule(
            '{"name": "a\\ud800", "queries": [{"aggregation": "new_value"}], "cases": [{}],'
            ' "options": {"detectionMethod": "new_value"}}',
            "r",
        )


def test_an_unknown_field_that_holds_itself_is_kept_and_in_nobodys_way() -> None:
    rule = shipped_rule()
    rule.document["itself"] = rule.document
    assert rule.meaning()["forget_after_days"] == 28


def test_without_a_keep_alive_it_is_an_hour_or_as_long_as_a_signal_may_last() -> None:
    document = deepcopy(shipped_rule().document)
    del document["options"]["keepAlive"]
    assert parse_rule(json.dumps(document), "r").keep_alive_seconds == 3600
    document["options"]["maxSignalDuration"] = 600
    assert parse_rule(json.dumps(document), "r").keep_alive_seconds == 600
