"""The command `scenarios`: what it lists, shows, finds and prints, and how it ends."""

import io
import json
import sys
from pathlib import Path

import pytest
from calling import Run, caller

from harness.report.findings import findings_github
from harness.report.timeline import casting_text, moment_text, timeline
from scenarios.lints.page import Finding
from scenarios.scenario import find, library
from scenarios.schema import schema

SCENARIO = """\
# yaml-language-server: $schema=../scenario.schema.json
name: Ten reveals
kind: attack
story: |
  A thief has the password of somebody, signs in from a machine of their own and reveals what they find.
  A defender sees a sign-in, a device and then many reveals within minutes.
tactics: [TA0006]
techniques: [T1555.005]
references: [https://support.1password.com/export/]
arguments:
  items: {type: integer, default: 10, description: how many}
cases: [{items: 3}]
count: 2
actor: {often: [fill], never_did: [export], min_events: 20}
when: {after_history: 14d, hours: night}
steps:
  - {feed: signinattempts, category: success, type: mfa_ok, client: browser, device: strange,
     place: {ip_address: 198.51.100.7, country: Norway, country_code: NO, region: O, city: Oslo, latitude: 59.9,
             longitude: 10.7}}
  - {feed: auditevents, at: 20s, action: create, object_type: device, client: browser, device: strange}
  - {feed: itemusages, at: 110s, repeat: "#{items}", every: 120ms, jitter: 90ms, action: reveal, item: each}
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command in this process, in a directory with `attacks/ten.yaml`."""
    ran = caller("scenarios", tmp_path, monkeypatch, capfd)
    (tmp_path / "attacks").mkdir()
    (tmp_path / "attacks/ten.yaml").write_text(SCENARIO, encoding="utf-8")
    return ran


def test_the_list_has_a_line_for_each_scenario_of_the_library(run: Run) -> None:
    out = run("list").out
    lines = out.splitlines()[2:]
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == list(library())
    assert [line for line in lines if len(line) > 100] == []
    words = set(out.split())
    assert all(set(each.name.split()) | {each.kind, *each.techniques} <= words for each in find(["all"]).values())


def test_the_list_in_json_has_cases_and_twins_too(run: Run) -> None:
    assert json.loads(run("list", "attacks", "--format", "json").out) == [
        {
            "id": "attacks/ten",
            "kind": "attack",
            "name": "Ten reveals",
            "tactics": ["TA0006"],
            "techniques": ["T1555.005"],
            "cases": ["attacks/ten[items=3]"],
            "twin": None,
        }
    ]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (["id=attacks/t*"], ["attacks/ten"]),
        (["technique=T1555"], ["attacks/ten"]),
        (["technique=t1555.005", "kind=ATTACK"], ["attacks/ten"]),
        (["tactic=TA0006", "kind=attack"], ["attacks/ten"]),
    ],
)
def test_all_filters_must_hold(run: Run, filters: list[str], ids: list[str]) -> None:
    options = [word for each in filters for word in ("--filter", each)]
    assert [each["id"] for each in json.loads(run("list", "attacks", "--format", "json", *options).out)] == ids


@pytest.mark.parametrize("chosen", ["table", "json"])
def test_a_filter_that_leaves_nothing_is_a_mistake(run: Run, chosen: str) -> None:
    filters = ("--filter", "technique=T1555.005", "--filter", "kind=benign")
    line = "vaultdrill: --filter: found no scenario that it fits; legal: see `vaultdrill scenarios list`\n"
    assert run("list", "attacks", *filters, "--format", chosen) == (2, "", line)


def test_a_scenario_is_shown_with_its_story_and_its_timeline(run: Run) -> None:
    assert run("show", "attacks/ten.yaml").out == (
        "attacks/ten: Ten reveals (attack)\n"
        "\n"
        "A thief has the password of somebody, signs in from a machine of their own and reveals what they\n"
        "find. A defender sees a sign-in, a device and then many reveals within minutes.\n"
        "\n"
        "  who        a person who often did fill before and never does export; at least 20 item usages; 2 of\n"
        "             them\n"
        "  when       at least 14 d after their first item usage; in their night\n"
        "  tactics    TA0006 Credential Access\n"
        "  technique  T1555.005 Credentials from Password Stores: Password Managers\n"
        "  case       attacks/ten[items=3]\n"
        "\n"
        "Arguments\n"
        "  items  10  how many\n"
        "\n"
        "Timeline\n"
        "  +0 s    sign-in: success (mfa_ok), browser, strange machine, from Oslo, Norway (198.51.100.7)\n"
        "  +20 s   audit event: create device, browser, strange machine\n"
        "  +110 s  10 x reveal, 120 ms apart, up to 90 ms later, each item of their busiest vault\n"
        "\n"
        "References\n"
        "  https://support.1password.com/export/\n"
    )


def test_a_scenario_is_shown_with_the_arguments_it_is_given(run: Run) -> None:
    shown = run("show", "attacks/ten.yaml[items=3]").out
    assert shown.startswith("attacks/ten[items=3]: Ten reveals (attack)\n")
    assert "+110 s  3 x reveal" in shown


def test_yaml_is_the_file_as_it_is_written(run: Run) -> None:
    assert run("show", "attacks/ten.yaml", "--format", "yaml").out == SCENARIO


def test_json_spells_out_every_field(run: Run) -> None:
    shown = json.loads(run("show", "attacks/ten.yaml[items=3]", "--format", "json").out)
    assert shown["id"] == "attacks/ten[items=3]"
    assert shown["when"]["after_history"] == "14d"
    assert shown["steps"][2]["repeat"] == 3
    assert (shown["steps"][2]["every"], shown["steps"][2]["place"]) == ("120ms", "own")


@pytest.mark.parametrize("name", library())
def test_every_scenario_of_the_library_can_be_put_into_words(name: str) -> None:
    scenario = find([name])[name]
    told = timeline(scenario.steps)
    assert len(told) == len(scenario.steps)
    assert all(when.startswith("+") and what for when, what in told)
    assert casting_text(scenario.actor, scenario.count)
    assert moment_text(scenario.when)


def test_lint_of_the_library_finds_nothing(run: Run) -> None:
    assert run("lint") == (0, "", "")


LINE = "attacks/ten.yaml:2: long-name: at most 72 characters, without a full stop\n"


@pytest.mark.parametrize(
    ("chosen", "out"),
    [
        ("text", LINE),
        (
            "github",
            "::error file=attacks/ten.yaml,line=2,title=long-name::at most 72 characters, without a full stop\n",
        ),
    ],
)
def test_lint_ends_with_1_where_it_finds_something(run: Run, chosen: str, out: str) -> None:
    Path("attacks/ten.yaml").write_text(SCENARIO.replace("Ten reveals", "Ten reveals."), encoding="utf-8")
    assert run("lint", "attacks", "--format", chosen) == (1, out, "")


def test_lint_in_json_is_a_list(run: Run) -> None:
    Path("attacks/ten.yaml").write_text(SCENARIO.replace("Ten reveals", "Ten reveals."), encoding="utf-8")
    assert json.loads(run("lint", str(Path.cwd()), "--format", "json").out) == [
        {
            "path": "attacks/ten.yaml",
            "line": 2,
            "code": "long-name",
            "message": "at most 72 characters, without a full stop",
        }
    ]
    Path("attacks/ten.yaml").write_text(SCENARIO, encoding="utf-8")
    assert run("lint", "attacks", "--format", "json") == (0, "[]\n", "")


def test_an_annotation_escapes_what_github_would_read() -> None:
    finding = Finding(Path("a,b:c.yaml"), 3, "unreadable", "found 100%: a,\nb")
    assert findings_github([finding]) == "::error file=a%2Cb%3Ac.yaml,line=3,title=unreadable::found 100%25: a,%0Ab"


def test_lint_ends_with_2_where_a_file_cannot_be_read_and_goes_on_with_the_others(run: Run) -> None:
    Path("attacks/ten.yaml").write_text(SCENARIO.replace("Ten reveals", "Ten reveals."), encoding="utf-8")
    Path("attacks/zero.yaml").write_bytes(b"\xff")
    code, out, _ = run("lint", "attacks")
    assert code == 2
    assert out == LINE + "attacks/zero.yaml:1: unreadable: found bytes that are not text; legal: YAML in UTF-8\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("show attacks/none", "scenario: found 'attacks/none'; legal: all, an id like "),
        ("show attacks/ten.yaml[item=1]", "attacks/ten.yaml[item=1]: found 'item'; legal: items"),
        ("list gone.yaml", "gone.yaml: found no readable file (No such file or directory); legal: a YAML file"),
        ("lint nowhere", "scenario: found 'nowhere'; legal: all, an id like "),
        ("list --filter colour=red", "--filter: found 'colour=red'; legal: KEY=VALUE"),
        ("schema --of rule", "Invalid value for '--of'"),
    ],
)
def test_a_mistake_is_one_line_and_ends_with_2(run: Run, arguments: str, says: str) -> None:
    code, out, err = run(*arguments.split())
    assert (code, out) == (2, "")
    assert err.startswith(f"vaultdrill: {says}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["scenario", "expectations"])
def test_the_schema_is_printed(run: Run, name: str) -> None:
    assert json.loads(run("schema", "--of", name).out) == schema(name)


PLAIN = "attacks/ten: Ten reveals (attack)"
BOLD = "\x1b[1mattacks/ten: Ten reveals\x1b[0m (attack)"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("environment", "title"), [({}, BOLD), ({"NO_COLOR": ""}, BOLD), ({"NO_COLOR": "1"}, PLAIN)])
def test_a_terminal_has_colour_unless_nobody_wants_it(
    monkeypatch: pytest.MonkeyPatch, run: Run, environment: dict[str, str], title: str
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    run("show", "attacks/ten.yaml")
    assert terminal.getvalue().startswith(title)
