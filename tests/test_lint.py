"""Lint: a file that a reviewer has nothing to say of, and one blemish on it at a time."""

from pathlib import Path

import pytest

from scenarios.attack import TACTICS, TECHNIQUES
from scenarios.document import ScenarioError
from scenarios.lint import CODES, UNREADABLE, lint, reviewed_files
from scenarios.scenario import files, library

ATTACK = """\
# yaml-language-server: $schema=../scenario.schema.json
name: A thief reveals
kind: attack
story: |
  A thief has the password of somebody in Ireland, signs in from a machine of their own and reveals what they
  find. A defender sees a sign-in, a device and then many reveals within minutes.
tactics: [TA0006]
techniques: [T1555.005]
references:
  - https://attack.mitre.org/techniques/T1555/005/
  - https://support.1password.com/export/
arguments:
  items: {type: integer, default: 10, description: how many}
cases: [{items: 3}, {items: 300}]
twin: benign/look
count: 2
actor: {often: [fill], never_did: [export]}
when: {after_history: 14d}
steps:
  - {feed: signinattempts, category: success, device: strange, client: browser}
  - {feed: auditevents, at: 20s, action: create, object_type: device, device: strange, client: browser}
  - {feed: itemusages, at: 1m, repeat: "#{items}", every: 2s, action: reveal, device: strange, client: browser}
"""

LOOK_ALIKE = """\
# yaml-language-server: $schema=../scenario.schema.json
name: A traveller reveals
kind: benign
story: |
  Somebody has a phone that is not old, and many things to look up while they wait for a train in a city that
  is not theirs. A defender sees the same as after a theft, in the person's own working hours.
references: [https://support.1password.com/export/]
twin: attacks/theft
steps:
  - {feed: itemusages, repeat: 10, every: 2s, action: reveal}
"""


def found(directory: Path, attack: str = ATTACK, look_alike: str = LOOK_ALIKE, name: str = "theft.yaml") -> list[str]:
    """What lint says of both, without the directory."""
    for path, text in ((f"attacks/{name}", attack), ("benign/look.yaml", look_alike)):
        (directory / path).parent.mkdir(exist_ok=True)
        (directory / path).write_text(text, encoding="utf-8")
    return [str(each).removeprefix(f"{directory}/") for each in lint(files([str(directory)]).items())]


def test_a_reviewer_has_nothing_to_say_of_a_clean_pair(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_a_reviewer_has_nothing_to_say_of_the_library() -> None:
    assert lint(library().items()) == []


BLEMISHES = [
    ("techniques: [T1555.005]\n", "", {"attack-without-technique", "stray-reference", "tactic-without-technique"}),
    ("{items: 300}", "{items: 0}", {"broken-case"}),
    ("{items: 300}", "{items: 10}", {"equal-case"}),
    ("{items: 300}", "{items: 3}", {"equal-case"}),
    ("many reveals", "reveals they have never\n  seen", {"detector-word"}),
    ("count: 2", "count: 2  # so that the rule has learned it", {"detector-word"}),
    ("client: browser}\n", "client: command-line}\n", set()),
    ("  - https://support.1password.com/export/\n", "", {"no-reference"}),
    ("  - https://support", "  - https://support.1password.com/export/\n  - https://support", {"repeated-reference"}),
    ("T1555/005/", "T1078/004/", {"stray-reference"}),
    ("# yaml-language-server: $schema=../scenario.schema.json\n", "", {"no-schema"}),
    ("twin: benign/look", "twin: benign/gone", {"no-such-twin", "one-sided-twin"}),
    ("often: [fill]", "has_done: [fill], often: [fill]", {"pointless-field"}),
    ("count: 2", "count: 1", set()),
    ("when: {after_history: 14d}", "when: {after_history: 14d, together: 2d}", set()),
    ("every: 2s, action", "every: 2s, place: {ip_address: 8.8.8.8, country: Ireland, country_code: IE, region: L,"
     " city: Dublin, latitude: 53.3, longitude: -6.2}, action", {"real-address"}),
    ("every: 2s, action", "every: 2s, place: {ip_address: '2001:db8::7', country: Ireland, country_code: IE, region: L,"
     " city: Dublin, latitude: 53.3, longitude: -6.2}, action", set()),
    ("in Ireland", "at ana@victim.org, www.victim.org", {"real-domain"}),
    ("in Ireland", "at mail.example.com or 1password.com", set()),
    ("count: 2", "count: 2  # from 8.8.4.4 or 2606:4700::1", {"real-address"}),
    ("count: 2", "count: 2  # at 10:30:00, with version 8.10.56", set()),
    ("A thief reveals", "A thief reveals.", {"long-name"}),
    ("  - {feed: auditevents", "  - {feed: signinattempts, category: success, device: strange, client: browser}\n"
     "  - {feed: auditevents", {"repeated-step"}),
    ("at: 20s", "at: 2m", {"step-order"}),
    ("device: strange, client: browser}\n  - {feed: itemusages",
     "device: strange, client: browser}\n  - {feed: itemusages, at: 5m, action: export, client: phone}\n"
     "  - {feed: itemusages", {"impossible-client", "step-order"}),
    ("client: browser}\n  - {feed: auditevents", "client: browser}\n  - {feed: itemusages, action: fill, client: "
     "command-line}\n  - {feed: auditevents", {"impossible-client"}),
    ("category: success,", "category: success, type: totp_bad,", {"impossible-sign-in"}),
    ("category: success,", "category: mfa_failed,", {"impossible-sign-in", "unsigned-device"}),
    ("category: success,", "category: success, target: others,", {"impossible-sign-in"}),
    ("action: create,", "action: update,", {"unregistered-device"}),
    ('repeat: "#{items}", ', "", {"pointless-field", "unused-argument"}),
    ("[TA0006]", "[TA0006, TA0010]", {"tactic-without-technique"}),
    ("[TA0006]", "[TA0010]", {"tactic-without-technique", "technique-without-tactic"}),
    ("[TA0006]", "[TA0006, TA9999]", {"unknown-attack-id"}),
    ("[T1555.005]", "[T1555.005, T9999]", {"unknown-attack-id"}),
    ("kind: attack", "kind: benign", {"wrong-folder", "benign-with-technique", "twin-of-same-kind"}),
    ("kind: attack", "kind: theft", {UNREADABLE, "no-such-twin"}),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "codes"), BLEMISHES)
def test_a_blemish_is_found_and_nothing_else(tmp_path: Path, old: str, new: str, codes: set[str]) -> None:
    assert old in ATTACK
    said = found(tmp_path, ATTACK.replace(old, new, 1))
    assert {line.split(": ")[1] for line in said} == codes


@pytest.mark.parametrize(
    ("attack", "look_alike", "says"),
    [
        (
            ATTACK.replace("count: 2\n", "").replace("cases:", "count: 2\ncases:"),
            LOOK_ALIKE,
            "attacks/theft.yaml:14: field-order: legal: name, kind, story,",
        ),
        (
            ATTACK.replace("count: 2\n", "").replace("14d}", "14d, together: 2d}"),
            LOOK_ALIKE,
            "attacks/theft.yaml:17: pointless-field: one incident is together with nobody",
        ),
        (
            ATTACK,
            LOOK_ALIKE.replace("twin: attacks/theft\n", ""),
            "attacks/theft.yaml:15: one-sided-twin: benign/look names nobody as its twin",
        ),
        (
            ATTACK,
            LOOK_ALIKE[: LOOK_ALIKE.index("  Somebody")] + "  Short.\n" + LOOK_ALIKE[LOOK_ALIKE.index("references") :],
            "benign/look.yaml:4: short-story: 6 characters;",
        ),
        (
            ATTACK,
            LOOK_ALIKE.replace("kind: benign", "kind: none"),
            "benign/look.yaml:3: unreadable: kind: found 'none'; legal: attack, benign",
        ),
        (ATTACK, "a: {", "benign/look.yaml:1: unreadable: document: found "),
    ],
)
def test_a_finding_says_where_of_what_sort_and_what(tmp_path: Path, attack: str, look_alike: str, says: str) -> None:
    assert any(line.startswith(says) for line in found(tmp_path, attack, look_alike))


def test_a_name_of_a_file_is_lower_case_with_dashes(tmp_path: Path) -> None:
    said = found(tmp_path, name="The_theft.yaml")
    assert (
        "attacks/The_theft.yaml:1: file-name: found The_theft.yaml; legal: lower-case words with dashes, .yaml" in said
    )


def test_a_file_whose_name_can_be_no_id_is_a_finding_among_the_others(tmp_path: Path) -> None:
    (tmp_path / "my things").mkdir()
    for name in ("my things/theft.yaml", "the theft.yaml", "fine.yaml"):
        (tmp_path / name).write_text(ATTACK.replace("twin: benign/look\n", ""))
    said = [str(each).removeprefix(f"{tmp_path}/") for each in lint(reviewed_files([str(tmp_path)]))]
    assert said == [
        "my things/theft.yaml:1: file-name: found the id 'my things/theft'; legal: one without space or any of [],#~=",
        "the theft.yaml:1: file-name: found the theft.yaml; legal: lower-case words with dashes, .yaml",
    ]
    alone = lint(reviewed_files([str(tmp_path / "the theft.yaml"), "attacks/bulk-export"]))
    assert [each.code for each in alone] == ["file-name"]


def test_what_names_nothing_is_refused_all_the_same() -> None:
    with pytest.raises(ScenarioError, match="found 'nowhere'"):
        reviewed_files(["nowhere"])


def test_a_day_of_theirs_is_a_choice_even_for_a_single_event(tmp_path: Path) -> None:
    step = "  - {feed: itemusages, repeat: 10, every: 2s, action: reveal}"
    assert (
        found(tmp_path, look_alike=LOOK_ALIKE.replace(step, step.replace("repeat: 10, every: 2s", "every: active-day")))
        == []
    )
    (line,) = found(tmp_path, look_alike=LOOK_ALIKE.replace(step, step.replace("repeat: 10, every: 2s", "every: 2s")))
    assert line.endswith("pointless-field: nothing is repeated")


DETECTORS = """
learns|Learned|forgets|forgot|the rule has forgotten|baselines|novelty|newness|unseen|new value|new
  values|never seen|never before seen|first seen|first-seen|seen before|detectors
"""
ANYBODYS = """
a new phone|a forgotten password|who forgot their password|forgot the account password|benign/forgotten-password
|a value|sees before|renewed|https://learn.microsoft.com/unseen|she first saw it|detected
"""


@pytest.mark.parametrize("words", DETECTORS.strip().split("|"))
def test_the_words_of_a_detector_are_not_those_of_a_scenario(tmp_path: Path, words: str) -> None:
    (line,) = found(tmp_path, ATTACK.replace("many reveals", f"many reveals, {words}"))
    assert line.startswith("attacks/theft.yaml:6: detector-word: found ")


@pytest.mark.parametrize("words", ANYBODYS.strip().split("|"))
def test_plain_words_are_anybodys(tmp_path: Path, words: str) -> None:
    said = found(tmp_path, ATTACK.replace("many reveals", f"many reveals, {words.strip()}"))
    assert [line for line in said if "detector-word" in line] == []


def test_every_code_that_lint_knows_is_shown_by_a_blemish() -> None:
    shown = set().union(*(codes for _, _, codes in BLEMISHES))
    assert shown | {"field-order", "file-name", "short-story"} == CODES.keys()


def test_findings_come_in_order_of_file_and_line(tmp_path: Path) -> None:
    said = found(tmp_path, ATTACK.replace("TA0006", "TA0010").replace("A thief reveals", "A thief."), "a: {")
    assert [line.split(": ")[0] for line in said] == [
        "attacks/theft.yaml:2",
        "attacks/theft.yaml:7",
        "attacks/theft.yaml:8",
        "attacks/theft.yaml:15",
        "benign/look.yaml:1",
    ]


def test_the_twin_of_a_file_that_is_looked_at_alone_is_looked_for_beside_it(tmp_path: Path) -> None:
    assert found(tmp_path) == []
    alone = [tmp_path / "attacks" / "theft.yaml"]
    assert lint(reviewed_files(map(str, alone))) == []
    (tmp_path / "benign" / "look.yaml").unlink()
    (finding,) = lint(reviewed_files(map(str, alone)))
    assert finding.code == "no-such-twin"


def test_a_directory_without_files_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r": found no YAML file in it; legal: a directory with scenarios$"):
        reviewed_files([str(tmp_path)])


def test_twins_are_looked_for_in_the_library_too(tmp_path: Path) -> None:
    said = found(tmp_path, ATTACK.replace("benign/look", "benign/archive-export"))
    assert "attacks/theft.yaml:15: one-sided-twin: benign/archive-export names attacks/bulk-export as its twin" in said


def test_techniques_serve_tactics_that_exist() -> None:
    assert {tactic for each in TECHNIQUES.values() for tactic in each.tactics} <= TACTICS.keys()
    parents = {name.partition(".")[0] for name in TECHNIQUES}
    assert parents <= TECHNIQUES.keys() | {"T1021"}
    for name, each in TECHNIQUES.items():
        parent = TECHNIQUES[name.partition(".")[0]]
        assert each.name.startswith(parent.name)
