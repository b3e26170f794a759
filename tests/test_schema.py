"""The JSON Schemas: published as they are made, fulfilled by every file of the library, broken by what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import scenarios
from scenarios.document import Document, ScenarioError
from scenarios.scenario import Casting, Moment, Scenario, library, load_scenario
from scenarios.schema import FILES, field_docs, schema
from scenarios.step import AuditStep, Client, ItemUsageStep, Place, SignInStep
from scenarios.template import Argument

SHELF = Path(scenarios.__file__).parent
RULES = sorted((SHELF / "expectations").glob("*.yaml"))

WHOLE = """\
name: Ten reveals
kind: attack
story: Ten items are revealed.
techniques: [T1555.005]
arguments:
  items: {type: integer, default: 10, description: how many}
  pace: {type: duration, default: 2s, description: how fast}
  place: {type: string, default: Oslo, description: where}
cases: [{items: 3, pace: 1m}]
count: "#{items}"
actor: {role: developer, has_done: [fill], signs_in: [mfa_ok], joined: 7d, min_events: 5}
when: {after_history: 14d, hours: night, last_day: true}
steps:
  - {feed: signinattempts, category: success, type: mfa_ok, earlier: benign}
  - {feed: itemusages, at: 1m, repeat: "#{items}", every: "#{pace}", action: reveal, vault: all, item: each}
  - {feed: itemusages, every: active-day, action: fill, client: desktop, device: strange}
  - {feed: auditevents, action: reactive, object_type: user, client: web, by: administrator}
  - feed: auditevents
    action: export
    object_type: vault
    place: {ip_address: 192.0.2.7, country: Norway, country_code: NO, region: O, city: "#{place}", latitude: 59.9,
            longitude: 10.7}
"""


def wrong(name: str, value: Any) -> list[str]:
    """Where *value* does not fulfil the schema of that name."""
    return ["/".join(map(str, error.absolute_path)) for error in Draft202012Validator(schema(name)).iter_errors(value)]


def read(tmp_path: Path, text: str) -> Any:
    (tmp_path / "file.yaml").write_text(text, encoding="utf-8")
    return Document.read(tmp_path / "file.yaml").value


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_one_of_the_dialect_it_names(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", FILES)
def test_the_published_schema_is_the_one_that_is_made(name: str) -> None:
    published = (SHELF / f"{name}.schema.json").read_text(encoding="utf-8")
    assert json.loads(published) == schema(name), f"vaultdrill scenarios schema --of {name} > {name}.schema.json"


@pytest.mark.parametrize("scenario_id", library())
def test_every_scenario_of_the_library_fulfils_the_schema_that_it_names(scenario_id: str) -> None:
    path = library()[scenario_id]
    document = Document.read(path)
    assert wrong("scenario", document.value) == []
    named = document.text.splitlines()[0].partition("$schema=")[2]
    assert (path.parent / named).resolve() == SHELF / "scenario.schema.json"


@pytest.mark.parametrize("path", RULES, ids=[path.stem for path in RULES])
def test_every_file_of_expectations_fulfils_its_schema(path: Path) -> None:
    assert wrong("expectations", Document.read(path).value) == []


def test_a_file_that_uses_the_whole_language_fulfils_the_schema(tmp_path: Path) -> None:
    assert wrong("scenario", read(tmp_path, WHOLE)) == []
    load_scenario(tmp_path / "file.yaml")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("kind: attack", "kind: atack", "kind"),
        ("kind: attack\n", "", ""),
        ("count:", "counts:", ""),
        ('count: "#{items}"', "count: 0", "count"),
        ('count: "#{items}"', "count: many", "count"),
        ("[T1555.005]", "[T1555.5]", "techniques/0"),
        ("type: integer", "type: float", "arguments/items/type"),
        ("{items: 3, pace: 1m}", "{items: [3]}", "cases/0/items"),
        ("[fill]", "[fil]", "actor/has_done/0"),
        ("joined: 7d", "joined: 7", "actor/joined"),
        ("after_history: 14d", "after_history: 14 d", "when/after_history"),
        ("last_day: true", "last_day: 1", "when/last_day"),
        ("feed: auditevents, action", "feed: audits, action", "steps/3"),
        ("by: administrator", "by: admin", "steps/3"),
        ("action: fill,", "action: fill, by: actor,", "steps/2"),
        ("[mfa_ok]", "[mfa_bad]", "actor/signs_in/0"),
        ("type: mfa_ok", "type: mfa", "steps/0"),
        ("every: active-day", "every: day", "steps/2"),
        ("client: desktop", "client: laptop", "steps/2"),
        ("    object_type: vault\n", "", "steps/4"),
        ("country_code: NO", "country_code: no", "steps/4"),
        ("vault: all", "vaults: all", "steps/1"),
    ],
)
def test_what_the_reader_refuses_the_schema_refuses_in_the_same_place(
    tmp_path: Path, old: str, new: str, where: str
) -> None:
    assert old in WHOLE
    assert wrong("scenario", read(tmp_path, WHOLE.replace(old, new, 1))) == [where]
    with pytest.raises(ScenarioError):
        load_scenario(tmp_path / "file.yaml")


@pytest.mark.parametrize(
    "value",
    [
        {"rule": "A rule"},
        {"rule": "A rule", "expectations": {"attacks/x": "signal in 15m"}},
        {"rule": "A rule", "expectations": {"attacks/x": {"noise": "why"}}},
        {"rule": "", "expectations": {}},
    ],
)
def test_expectations_that_are_none_break_the_schema(value: Any) -> None:
    assert len(wrong("expectations", value)) == 1


@pytest.mark.parametrize(
    "kind", [Scenario, Argument, Casting, Moment, ItemUsageStep, SignInStep, AuditStep, Client, Place]
)
def test_an_editor_can_say_something_of_every_field(kind: type) -> None:
    docs = field_docs(kind)
    assert set(docs) == set(kind.__struct_fields__)  # type: ignore[attr-defined]
    assert all(doc.endswith((".", "`.")) and "\n" not in doc for doc in docs.values())


def test_an_editor_shows_the_text_below_the_field_and_its_default() -> None:
    at = schema("scenario")["$defs"]["SignInStep"]["properties"]["at"]
    assert at["description"].startswith("How long after the incident begins")
    assert at["default"] == "0s"
