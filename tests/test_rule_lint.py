"""Lint of rules: each sort of finding on a rule that deserves it, and silence on one that does not."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import new_value_rule

from detector.lint import CODES, UNREADABLE, lint
from detector.rules import shipped_path

USAGES = "@evt.type:1password-item-usages"


def sound(**changes: Any) -> dict[str, Any]:
    """A rule of which there is nothing to say, with changes."""
    return new_value_rule(**{"query": USAGES, "learn": 7, "keep_alive": 3600, **changes})


CASES: dict[str, list[dict[str, Any]]] = {
    "absent-field": [
        sound(metrics=("@object_type",)),
        sound(group_by=("@session.device_uuid",)),
        sound(message="{{@actor_details.name}}"),
    ],
    "constant-group": [sound(group_by=("@usr.email", "source")), sound(query=f"{USAGES} @usr.email:a@example.com")],
    "constant-metric": [
        sound(metrics=("@evt.type",)),
        sound(query=f'{USAGES} @evt.name:"fill"'),
        sound(filters=[{"action": "require", "query": "@evt.name:fill"}]),
    ],
    "disabled": [sound(isEnabled=False)],
    "fields-apart": [sound(query="*", metrics=("@item_uuid", "@object_type"))],
    "first-event-only": [sound(learn=0)],
    "forget-within-learning": [sound(forget=7), sound(forget=6)],
    "group-is-metric": [sound(metrics=("@usr.email",)), sound(metrics=("@evt.name", "@usr.email"))],
    "idle-knob": [
        sound(new_value={"learningMethod": "threshold"}),
        sound(new_value={"learningThreshold": 1}),
        sound(learn=0, new_value={"learningMethod": "threshold", "instantaneousBaseline": True}),
        sound(learn=0, new_value={"learningMethod": "threshold"}, assumptions={"learningScope": "group"}),
        sound(group_by=(), assumptions={"learningScope": "group"}),
        sound(group_by=(), query_fields={"hasOptionalGroupByFields": True}),
        sound(assumptions={"multiValue": "any"}),
        sound(options={"evaluationWindow": 300}),
        sound(options={"decreaseCriticalityBasedOnEnv": True}, cases=[{"status": "info"}]),
    ],
    "no-message": [sound(message=" ")],
    "repeated-field": [sound(metrics=("@evt.name", "@evt.name")), sound(group_by=("@usr.email", "@usr.email"))],
    "selects-nothing": [
        sound(query="@evt.type:1password-item-usage"),
        sound(filters=[{"action": "suppress", "query": "source:1password"}]),
    ],
    "signal-per-match": [sound(keep_alive=0)],
    "suppresses-all": [sound(suppressionQuery=USAGES)],
    "unknown-field": [
        sound(query=f"{USAGES} @user.mail:*"),
        sound(query=f"{USAGES} usr.email:*"),
        sound(group_by=("@usr.mail",)),
        sound(message="{{@evt.nam}}"),
        sound(suppressionQuery="@evt.actor:x"),
    ],
    "untrimmed-name": [sound(name="New action ")],
}


def codes(rule: dict[str, Any], folder: Path) -> set[str]:
    path = folder / "rule.json"
    path.write_text(json.dumps(rule), "utf-8")
    return {finding.code for finding in lint(path)}


@pytest.mark.parametrize(("code", "rule"), [(code, rule) for code, rules in CASES.items() for rule in rules])
def test_a_rule_that_deserves_it_and_no_more_is_found_out(code: str, rule: dict[str, Any], tmp_path: Path) -> None:
    assert codes(rule, tmp_path) == {code}


def test_every_code_is_shown_by_a_case() -> None:
    assert set(CASES) | {UNREADABLE} == set(CODES)


@pytest.mark.parametrize(
    "rule",
    [
        sound(),
        sound(forget=8),
        sound(query="*", metrics=("@item_uuid", "@object_type"), assumptions={"multiValue": "any"}),
        sound(query=f"{USAGES} @evt.name:fill*"),
        sound(query=f"{USAGES} -@evt.name:fill"),
        sound(query=f"{USAGES} (@evt.name:fill OR @item_uuid:x)"),
        sound(query_fields={"hasOptionalGroupByFields": True}),
        sound(query_fields={"hasOptionalGroupByFields": True}, group_by=("@session.device_uuid",)),
        sound(group_by=()),
        sound(learn=0, new_value={"learningMethod": "threshold", "learningThreshold": 1}),
        sound(query=f"{USAGES} env:prod"),
        sound(suppressionQuery="@evt.name:fill"),
    ],
)
def test_nothing_is_said_of_a_sound_rule(rule: dict[str, Any], tmp_path: Path) -> None:
    assert codes(rule, tmp_path) == set()


@pytest.mark.parametrize("name", ["onepassword-unusual-item-usage.json", "example-rule.yaml"])
def test_nothing_is_said_of_the_shipped_rules(name: str) -> None:
    assert lint(shipped_path().with_name(name)) == []


def test_a_misspelt_field_is_answered_with_the_one_that_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "rule.json"
    path.write_text(json.dumps(sound(metrics=("@evt.nam",))), "utf-8")
    assert [finding.message for finding in lint(path)] == ["no 1Password record has @evt.nam; did you mean @evt.name?"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"metrics": ("@object_type",)},
            "the rule ignores every record: none that its query selects has @object_type",
        ),
        (
            {"query": "*", "metrics": ("@item_uuid", "@object_type")},
            "the rule ignores every record: none has all of @item_uuid, @object_type, @usr.email",
        ),
        ({"message": "{{@aux_id}}"}, "no record that the rule sees has @aux_id: the text has a gap there"),
    ],
)
def test_what_is_wrong_is_said_without_contradiction(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "rule.json"
    path.write_text(json.dumps(sound(**changes)), "utf-8")
    assert [finding.message for finding in lint(path)] == [message]


def test_a_finding_stands_on_the_line_of_its_field(tmp_path: Path) -> None:
    path = tmp_path / "rule.json"
    path.write_text(json.dumps(sound(forget=7, keep_alive=0), indent=2), "utf-8")
    lines = path.read_text("utf-8").splitlines()
    assert [(lines[finding.line - 1].strip(" ,"), finding.code) for finding in lint(path)] == [
        ('"keepAlive": 0', "signal-per-match"),
        ('"forgetAfter": 7', "forget-within-learning"),
    ]


def test_of_elastics_rules_it_stands_on_the_line_that_the_field_was_made_from(tmp_path: Path) -> None:
    text = shipped_path().with_name("elastic-new-action.toml").read_text("utf-8")
    path = tmp_path / "rule.toml"
    path.write_text(
        text.replace('["user.email", "event.action"]', '["user.email", "onepassword.object_type"]'), "utf-8"
    )
    line = 1 + next(n for n, each in enumerate(text.splitlines()) if each.startswith("value = ["))
    assert ("absent-field", line) in [(finding.code, finding.line) for finding in lint(path)]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: x\nqueries: 1\n", 2, "queries: found 1; legal: exactly 1 mappings"),
        ("- 1", 1, "found [1]; legal: a mapping with name, queries, options, cases"),
    ],
)
def test_a_file_that_is_no_rule_has_that_finding_alone(text: str, line: int, message: str, tmp_path: Path) -> None:
    path = tmp_path / "rule.yaml"
    path.write_text(text, "utf-8")
    (finding,) = lint(path)
    assert (finding.code, finding.line) == (UNREADABLE, line)
    assert finding.message.startswith(message[:20])
