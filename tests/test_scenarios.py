"""Scenario files: what loads, what is refused and in which words, and what the library promises."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.document import ScenarioError
from scenarios.duration import Duration
from scenarios.ground_truth import (
    GroundTruthError,
    Incident,
    Label,
    encode,
    read_incidents,
    read_labels,
)
from scenarios.scenario import find, library, load_scenario
from scenarios.step import AuditStep, ItemUsageStep, SignInStep

MINUTE = 60_000_000_000

WHOLE = """\
name: Ten reveals
kind: attack
story: Ten items are revealed.
tactics: [TA0006]
techniques: [T1555.005]
arguments:
  items: {type: integer, default: 10, description: how many}
  pace: {type: duration, default: 2s, description: how fast}
count: 2
actor: {has_done: [fill], never_did: [export], min_events: 5}
when: {after_history: 14d, hours: night}
steps:
  - {feed: signinattempts, category: success, type: mfa_ok}
  - {feed: itemusages, at: 1m, repeat: "#{items}", every: "#{pace}", jitter: 300ms, action: reveal}
  - feed: auditevents
    action: export
    object_type: vault
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "case.yaml"


def complaint(path: Path, text: str) -> str:
    """Return the one line with which loading *text* is refused, without the directory."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        load_scenario(path)
    assert "\n" not in str(refused.value)
    return str(refused.value).removeprefix(f"{path.parent}/")


def test_a_scenario_file_becomes_typed_steps_with_durations_in_nanoseconds(written: Path) -> None:
    written.write_text(WHOLE, encoding="utf-8")
    scenario = load_scenario(written)
    sign_in, reveals, export = scenario.steps
    assert sign_in == SignInStep(category="success", type="mfa_ok")
    assert reveals == ItemUsageStep(
        at=Duration(MINUTE),
        repeat=10,
        every=Duration(2_000_000_000),
        jitter=Duration(300_000_000),
        action="reveal",
    )
    assert export == AuditStep(action="export", object_type="vault")
    assert scenario.when.after_history == 14 * 24 * 60 * MINUTE
    assert scenario.length == MINUTE + 9 * 2_000_000_000 + 300_000_000


def test_given_arguments_replace_the_defaults_wherever_they_are_named(written: Path) -> None:
    written.write_text(WHOLE, encoding="utf-8")
    reveals = load_scenario(written, {"items": 3, "pace": "1m"}).steps[1]
    assert (reveals.repeat, reveals.every) == (3, MINUTE)


def test_a_placeholder_inside_a_sentence_is_written_out(written: Path) -> None:
    written.write_text(WHOLE.replace("Ten items are revealed.", '"#{items} items in a row"'), encoding="utf-8")
    assert load_scenario(written, {"items": 7}).story == "7 items in a row"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("kind: attack", "kind: atack", "2: kind: found 'atack'; legal: attack, benign"),
        ("count: 2", "count: 0", "9: count: found 0; legal: an integer of at least 1"),
        ("count: 2", "counts: 2", "9: counts: found an unknown field; legal: a mapping of name, kind,"),
        ("[T1555.005]", "[T1555.5]", "5: techniques[0]: found 'T1555.5'; legal: an ATT&CK technique"),
        ("has_done: [fill]", "has_done: [fil]", "10: actor.has_done[0]: found 'fil'; legal: enter-"),
        ("after_history: 14d", "after_history: 14", "11: when.after_history: found 14; legal: a duration"),
        ("at: 1m", "at: 1 minute", "14: steps[1].at: found '1 minute'; legal: a duration like"),
        ("feed: auditevents", "feed: audits", "15: steps[2].feed: found 'audits'; legal: itemusages,"),
        ("    object_type: vault\n", "", "15: steps[2].object_type: found nothing; legal: text"),
        ("type: mfa_ok", "type: mfa", "13: steps[0].type: found 'mfa'; legal: all_blocked, "),
        ("#{pace}", "#{speed}", "14: steps[1].every: found #{speed}; legal: items, pace"),
        ("default: 10", "default: ten", "7: arguments.items.default: found 'ten'; legal: an integer"),
        ("default: 2s", "default: 2", "8: arguments.pace.default: found 2; legal: a duration like"),
        ("type: integer", "type: float", "7: arguments.items.type: found 'float'; legal: duration, "),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_file_line_field_found_and_legal(
    written: Path, old: str, new: str, says: str
) -> None:
    assert old in WHOLE
    assert complaint(written, WHOLE.replace(old, new, 1)).startswith(f"case.yaml:{says}")


def test_malformed_yaml_names_file_and_line(written: Path) -> None:
    said = complaint(written, "name: x\nkind: [attack\nstory: y\n")
    assert re.fullmatch(r"case\.yaml:3: document: found .+; legal: YAML", said)


@pytest.mark.parametrize("text", ["", "- a list\n", "just text\n", "name: 2026-02-31\n", "1: one\n"])
def test_a_file_that_is_no_scenario_is_refused_in_one_line(written: Path, text: str) -> None:
    assert complaint(written, text).startswith("case.yaml:1: ")


def test_a_file_that_is_missing_or_not_text_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"gone\.yaml: found no readable file"):
        load_scenario(tmp_path / "gone.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"name: \xff\xfe")
    with pytest.raises(ScenarioError, match=r"bytes\.yaml: found bytes that are not text"):
        load_scenario(tmp_path / "bytes.yaml")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"item": 3}, "6: arguments: found 'item'; legal: items, pace"),
        ({"items": "3"}, "7: arguments.items: found '3'; legal: an integer"),
        ({"pace": 3}, "8: arguments.pace: found 3; legal: a duration like"),
    ],
)
def test_an_argument_must_be_declared_and_of_its_type(
    written: Path, arguments: dict[str, int | str], says: str
) -> None:
    written.write_text(WHOLE, encoding="utf-8")
    with pytest.raises(ScenarioError, match=re.escape(f"{written}:{says}")):
        load_scenario(written, arguments)


@given(st.integers(0, 999_999_999), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_durations_scale_with_their_unit(number: int, unit: str) -> None:
    assert Duration.parse(f"{number}{unit}") == number * Duration.parse(f"1{unit}")


@pytest.mark.parametrize("text", ["", "5", "-1s", "1.5h", "1w", "1 s", "s", "\u0661s", 5, None])
def test_anything_but_a_whole_number_with_a_unit_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="legal: a duration"):
        Duration.parse(text)


def test_an_unknown_id_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ScenarioError, match=r"found 'attacks/none'; legal: all, attacks/bulk-export, .*benign/"):
        find(["attacks/none"])


def test_all_is_every_scenario_and_ids_pick_some_in_order() -> None:
    assert list(find(["all"])) == list(library())
    assert list(find(["benign/archive-export", "attacks/bulk-reveal"])) == [
        "attacks/bulk-reveal",
        "benign/archive-export",
    ]


@pytest.mark.parametrize("scenario_id", library())
def test_a_shipped_scenario_says_in_its_folder_and_fields_what_it_is(scenario_id: str) -> None:
    scenario = find([scenario_id])[scenario_id]
    assert scenario_id.startswith({"attack": "attacks/", "benign": "benign/"}[scenario.kind])
    assert bool(scenario.techniques) == bool(scenario.tactics) == (scenario.kind == "attack")
    assert scenario.references


@pytest.mark.parametrize("scenario_id", library())
def test_a_shipped_scenario_has_a_twin_of_the_other_kind_that_points_back(scenario_id: str) -> None:
    everything = find(["all"])
    scenario = everything[scenario_id]
    assert scenario.twin is not None
    twin = everything[scenario.twin]
    assert twin.twin == scenario_id
    assert {scenario.kind, twin.kind} == {"attack", "benign"}


@pytest.mark.parametrize("path", library().values(), ids=library())
def test_scenarios_know_nothing_of_what_a_detector_remembers(path: Path) -> None:
    words = re.findall(r"[a-z]+", path.read_text(encoding="utf-8").lower())
    forbidden = re.compile(r"new(ness|ly)?|learn.*|forg[eo]t.*|baselines?|detect.*|unseen|novel.*")
    assert [word for word in words if forbidden.fullmatch(word)] == []


@pytest.mark.parametrize("path", library().values(), ids=library())
def test_every_argument_of_a_shipped_scenario_is_used(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [name for name in load_scenario(path).arguments if f"#{{{name}}}" not in text] == []


LABEL = Label(uuid="A" * 26, scenario="attacks/x", run="attacks/x#1", step=1, kind="attack")
INCIDENT = Incident(
    run="attacks/x#1",
    scenario="attacks/x",
    kind="attack",
    actor="ana@example.com",
    started_at="2026-01-05T22:00:00Z",
    ended_at="2026-01-05T22:01:00.5Z",
    techniques=("T1555.005",),
    events=12,
)


def test_labels_and_incidents_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "labels.ndjson").write_bytes(encode(LABEL) * 2)
    (tmp_path / "incidents.ndjson").write_bytes(encode(INCIDENT) + b"\n")
    assert read_labels(tmp_path / "labels.ndjson") == [LABEL, LABEL]
    assert read_incidents(tmp_path / "incidents.ndjson") == [INCIDENT]


def test_a_label_is_one_line_of_json_with_the_fields_of_the_contract() -> None:
    assert encode(LABEL) == (
        b'{"uuid":"AAAAAAAAAAAAAAAAAAAAAAAAAA","scenario":"attacks/x","run":"attacks/x#1","step":1,"kind":"attack"}\n'
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", ":2: document: found .*; legal: a JSON object"),
        (b"\xff", ":2: document: found .*; legal: a JSON object"),
        (b"[]", r":2: document: found \[\]; legal: a mapping of uuid, scenario, run, step, kind"),
        (encode(LABEL).replace(b'"attack"', b'"bad"'), ":2: kind: found 'bad'; legal: attack, benign"),
        (encode(LABEL).replace(b'"step":1,', b""), ":2: step: found nothing; legal: an integer"),
    ],
)
def test_a_broken_label_names_file_line_field_found_and_legal(tmp_path: Path, line: bytes, says: str) -> None:
    path = tmp_path / "labels.ndjson"
    path.write_bytes(encode(LABEL) + line)
    with pytest.raises(GroundTruthError, match=rf"labels\.ndjson{says}"):
        read_labels(path)


def test_a_missing_labels_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GroundTruthError, match=r"labels\.ndjson: found no readable file"):
        read_labels(tmp_path / "labels.ndjson")
