"""Scenario files: what loads, what is refused and in which words, and what the library promises."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

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
from scenarios.scenario import case_ids, cases, files, find, library, load_scenario
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
        ("    object_type: vault\n", "", "15: steps[2].object_type: found nothing; legal: account,"),
        ("    action: export\n", "    action: steal\n", "16: steps[2].action: found 'steal'; legal: activate, "),
        ("type: mfa_ok", "type: mfa", "13: steps[0].type: found 'mfa'; legal: all_blocked, "),
        ("#{pace}", "#{speed}", "14: steps[1].every: found #{speed}; legal: items, pace"),
        ("default: 10", "default: ten", "7: arguments.items.default: found 'ten'; legal: an integer"),
        ("default: 2s", "default: 2", "8: arguments.pace.default: found 2; legal: a duration like"),
        ("duration, default: 2s", 'string, default: "a,b"', "8: arguments.pace.default: found 'a,b'; legal: text w"),
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
    assert said == "case.yaml:3: document: found ':'; legal: ',' or ']'"


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


@given(st.integers(0, 10**18))
def test_a_duration_is_written_as_it_would_be_read(length: int) -> None:
    milliseconds = Duration(length // 10**12 * 10**6)
    assert Duration.parse(milliseconds.written) == milliseconds


def test_a_step_may_come_back_on_each_active_day(written: Path) -> None:
    written.write_text(WHOLE.replace('"#{pace}"', "active-day"), encoding="utf-8")
    assert load_scenario(written).steps[1].every == "active-day"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "hours: night",
            "last_day: true, within_first: 30d",
            "11: when.last_day: found within_first too; legal: at most one of within_first, last_day, after_absence,",
        ),
        ("hours: night", "within_history: 13d", "11: when.within_history: found less than after_history; legal: at"),
        ("hours: night", "within_first: 13d", "11: when.within_first: found less than joined and after_history"),
        ("hours: night", "together: 119m", "11: when.together: found 119m; legal: 2h or longer"),
        (
            "type: mfa_ok}",
            "by: administrator, device: strange}",
            "13: steps[0].by: found administrator on another machine or elsewhere; legal: actor",
        ),
        (
            "success, type: mfa_ok}",
            "credentials_failed, target: others, by: administrator}",
            "13: steps[0].by: found administrator with target: others; legal: actor",
        ),
        ("action: reveal", "action: reveal, by: administrator", "14: steps[1].by: found an unknown field; legal: a"),
        ("[export]", "[export], signs_in: [totp_bad]", "10: actor.signs_in[0]: found 'totp_bad'; legal: credentials"),
        ("[export]", "[export, fill]", "10: actor.never_did[1]: found 'fill'; legal: an action not in has_done or"),
        ("mfa_ok", "mfa_ok, place: {ip_address: 1.2.3}", "13: steps[0].place.country: found nothing; legal: text"),
        ('"#{items}"', "10001", "14: steps[1].repeat: found 10001; legal: an integer from 1 to 10,000"),
        ("default: 10", "default: 0", "14: steps[1].repeat: found 0; legal: an integer from 1 to 10,000"),
        ("count: 2", "cases: [{items: 3}, {item: 3}]", "9: cases[1].item: found 'item'; legal: items, pace"),
        ("count: 2", "cases: [{items: 3s}]", "9: cases[0].items: found '3s'; legal: an integer"),
        ("count: 2", "count: 2\ncount: 3", "10: document: found the key count a second time; legal: each key once"),
        ("kind: attack", "kind: \"#{kind}\"", "2: kind: found '#{kind}'; legal: attack, benign"),
    ],
)  # fmt: skip
def test_what_nobody_could_play_is_refused(written: Path, old: str, new: str, says: str) -> None:
    assert old in WHOLE
    assert complaint(written, WHOLE.replace(old, new, 1)).startswith(f"case.yaml:{says}")


def test_two_hours_are_enough_to_be_together(written: Path) -> None:
    written.write_text(WHOLE.replace("hours: night", "together: 2h"), encoding="utf-8")
    assert load_scenario(written).when.together == 120 * MINUTE


EARLIER = """\
name: Twice
kind: attack
story: Twice.
steps:
  - {feed: itemusages, action: export, earlier: benign}
  - {feed: itemusages, at: 7d, action: export}
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("at: 7d,", "at: 7d, earlier: attack,", "6: steps[1].earlier: found 'attack'; legal: benign, as in the other"),
        ("at: 7d,", "at: 7d, earlier: benign,", "5: steps[0].earlier: found all steps earlier; legal: at least one"),
    ],
)
def test_an_earlier_incident_is_one_of_one_kind_beside_the_incident_itself(
    written: Path, old: str, new: str, says: str
) -> None:
    assert complaint(written, EARLIER.replace(old, new)).startswith(f"case.yaml:{says}")
    written.write_text(EARLIER, encoding="utf-8")
    assert [step.earlier for step in load_scenario(written).steps] == ["benign", None]


PLACE = "{ip_address: IP, country: Ireland, country_code: NO, region: L, city: Oslo, latitude: LAT, longitude: 10.7}"


@pytest.mark.parametrize(
    ("ip", "latitude", "says"),
    [
        ("198.51.100.256", "59.9", "place.ip_address: found '198.51.100.256'; legal: an address like"),
        ("198.51.100.7", "99.9", "place.latitude: found 99.9; legal: from -90 to 90"),
    ],
)
def test_a_place_is_on_the_globe_and_has_an_address(written: Path, ip: str, latitude: str, says: str) -> None:
    place = PLACE.replace("IP", ip).replace("LAT", latitude)
    said = complaint(written, EARLIER.replace("at: 7d", f"at: 7d, place: {place}"))
    assert said.startswith(f"case.yaml:6: steps[1].{says}")


def test_the_code_of_norway_is_text(written: Path) -> None:
    place = PLACE.replace("IP", "2001:db8::7").replace("LAT", "59.9")
    written.write_text(EARLIER.replace("at: 7d", f"at: 7d, place: {place}"), encoding="utf-8")
    step = load_scenario(written).steps[1]
    assert step.place != "own"
    assert step.place.country_code == "NO"


def test_an_unknown_id_is_answered_with_those_that_are_like_it() -> None:
    with pytest.raises(ScenarioError, match=r"found 'attacks/bulk'; legal: all, an id like .*attacks/bulk-export"):
        find(["attacks/bulk"])


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("attacks/bulk-reveal[", "scenario: found 'attacks/bulk-reveal['; legal: id[name=value,...]"),
        ("attacks/bulk-reveal[]", "attacks/bulk-reveal[]: found ''; legal: name=value, each name once"),
        ("attacks/bulk-reveal[items]", "attacks/bulk-reveal[items]: found 'items'; legal: name=value, each"),
        ("attacks/bulk-reveal[items=1,items=2]", "attacks/bulk-reveal[items=1,items=2]: found 'items=2'; legal: name"),
        ("attacks/bulk-reveal[item=1]", "attacks/bulk-reveal[item=1]: found 'item'; legal: items"),
        ("attacks/bulk-reveal[items=many]", "arguments.items: found 'many'; legal: an integer"),
        ("attacks/bulk-reveal[items=0]", "attacks/bulk-reveal[items=0]: items: found 0; legal: an integer from 1 to"),
        (
            "attacks/bulk-reveal[items=-3]",
            "attacks/bulk-reveal[items=-3]: items: found -3; legal: an integer from 1 to",
        ),
        ("attacks/bulk-export[hours=noon]", "attacks/bulk-export[hours=noon]: hours: found 'noon'; legal: any, night"),
        ("gone/x.yaml", "gone/x.yaml: found no readable file"),
    ],
)
def test_a_reference_that_means_nothing_is_refused_in_one_line(reference: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(says)) as refused:
        find([reference])
    assert "\n" not in str(refused.value)


def test_arguments_in_a_reference_are_read_by_their_types_and_ordered_as_declared(written: Path) -> None:
    written.write_text(WHOLE, encoding="utf-8")
    ((case, scenario),) = find([f"{written}[pace=1m, items=03]"]).items()
    assert case == f"{written.parent.name}/case[items=3,pace=1m]"
    assert (scenario.count, scenario.steps[1].repeat, scenario.steps[1].every) == (2, 3, MINUTE)


def test_cases_are_the_defaults_as_often_as_the_file_says_then_those_of_the_file_once_each(written: Path) -> None:
    written.write_text(
        WHOLE.replace("count: 2", "count: 2\ncases: [{pace: 1m, items: 3}, {items: 4}]"), encoding="utf-8"
    )
    found, name = cases(str(written)), f"{written.parent.name}/case"
    assert list(found) == [name, f"{name}[items=3,pace=1m]", f"{name}[items=4]"]
    assert [(each.count, each.steps[1].repeat) for each in found.values()] == [(2, 10), (1, 3), (1, 4)]
    assert case_ids(name, found[name]) == list(found)[1:]


def test_a_reference_with_arguments_is_one_case(written: Path) -> None:
    written.write_text(WHOLE.replace("count: 2", "cases: [{items: 3}]"), encoding="utf-8")
    assert list(cases(f"{written}[items=7]")) == [f"{written.parent.name}/case[items=7]"]


def test_the_cases_of_all_begin_with_every_default() -> None:
    found = cases("all")
    assert found.keys() >= library().keys()
    assert {each.count for name, each in found.items() if "[" in name and each.when.together is None} == {1}


def test_a_directory_is_every_file_below_it_but_the_expectations(tmp_path: Path) -> None:
    for path in ("attacks/a.yaml", "benign/b.yml", "expectations/rule.yaml", "c.yaml", "notes.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(WHOLE, encoding="utf-8")
    assert list(find([str(tmp_path)])) == ["attacks/a", "benign/b", f"{tmp_path.name}/c"]


def test_a_file_of_the_library_is_the_scenario_of_that_id() -> None:
    path = library()["attacks/bulk-export"]
    assert find([str(path), "attacks/bulk-export"]) == find(["attacks/bulk-export"])


def test_two_files_of_one_id_are_refused(tmp_path: Path) -> None:
    (tmp_path / "attacks").mkdir()
    (tmp_path / "attacks/bulk-export.yaml").write_text(WHOLE, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"found attacks/bulk-export in .* and in .*; legal: one file of an id"):
        files(["all", str(tmp_path)])


@pytest.mark.parametrize("name", ["a b", "a#1", "a[b]", "a~earlier"])
def test_the_name_of_a_file_can_stand_in_a_case_id(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.yaml").write_text(WHOLE, encoding="utf-8")
    with pytest.raises(ScenarioError, match="as an id; legal: a name without"):
        files([str(tmp_path)])


def test_all_is_every_scenario_and_ids_pick_some_in_order() -> None:
    assert list(find(["all"])) == list(library())
    assert list(find(["benign/archive-export", "attacks/bulk-reveal"])) == [
        "attacks/bulk-reveal",
        "benign/archive-export",
    ]


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


def test_an_incident_names_the_administrator_who_acts_in_it_if_anybody_does(tmp_path: Path) -> None:
    helped = replace(INCIDENT, administrator="eve@example.com")
    (tmp_path / "incidents.ndjson").write_bytes(encode(INCIDENT) + encode(helped))
    assert b"administrator" not in encode(INCIDENT)
    assert [each.people for each in read_incidents(tmp_path / "incidents.ndjson")] == [
        ("ana@example.com",),
        ("ana@example.com", "eve@example.com"),
    ]


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
