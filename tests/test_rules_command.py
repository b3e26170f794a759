"""The command `rules`: what it tells of a rule, what it finds in it, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import line, new_value_rule, sign_in, usage
from calling import Run, caller

from detector.rules import parse_rule, shipped_path, shipped_rule

EXAMPLE = shipped_path().with_name("elastic-new-action.toml")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    return caller("rules", tmp_path, monkeypatch, capfd)


def written(folder: Path, **changes: Any) -> str:
    """The name of a file with a rule of which there is nothing to say, but for the changes."""
    sound = {"query": "@evt.type:1password-item-usages", "learn": 7, "keep_alive": 3600}
    (folder / "rule.json").write_text(json.dumps(new_value_rule(**{**sound, **changes})), "utf-8")
    return "rule.json"


def test_the_shipped_rule_is_shown_where_none_is_given(run: Run) -> None:
    shown = run("show")
    assert (shown.code, shown.err) == (0, "")
    assert shown.lines[0] == shipped_rule().name
    assert "events from before" in shown.out
    assert max(map(len, shown.lines)) <= 100


def test_what_was_imported_is_told_apart_from_warnings(run: Run) -> None:
    told = json.loads(run("show", str(EXAMPLE), "--format", "json").out)["words"]
    assert "warnings" not in told
    assert len(told["imported"]) == 5


def test_elastics_rule_becomes_datadogs_with_the_same_meaning(run: Run) -> None:
    shown = run("show", str(EXAMPLE), "--format", "datadog").out
    assert parse_rule(shown, "x.json").meaning() == parse_rule(EXAMPLE.read_text("utf-8"), "x.toml").meaning()


def test_lint_is_silent_on_the_shipped_rule(run: Run) -> None:
    assert run("lint") == (0, "", "")


def test_lint_ends_with_one_if_there_is_something_to_say(run: Run, tmp_path: Path) -> None:
    ran = run("lint", written(tmp_path, forget=7))
    assert ran.code == 1
    assert ran.lines == [
        "rule.json:1: forget-within-learning: forgetAfter 7 d, learningDuration 7 d: values can be forgotten",
        "    before learning ends",
    ]


def test_lint_ends_with_two_if_a_file_is_no_rule_and_tells_of_the_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("name: x", "utf-8")
    ran = run("lint", "broken.yaml", "none.yaml", written(tmp_path, forget=7))
    assert ran.code == 2
    assert ran.lines[0].startswith("rule.json:1: forget-within-learning: ")
    assert "broken.yaml" not in ran.out
    assert ran.err == (
        "vaultdrill: broken.yaml:1: queries: found nothing; legal: a list with exactly 1 mapping\n"
        "vaultdrill: none.yaml: No such file or directory\n"
    )


def test_in_json_a_file_that_is_no_rule_is_a_finding_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("name: x", "utf-8")
    ran = run("lint", "broken.yaml", "none.yaml", "--format", "json")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 2
    assert json.loads(ran.out)["findings"] == [
        {
            "path": "broken.yaml",
            "line": 1,
            "code": "unreadable",
            "message": "queries: found nothing; legal: a list with exactly 1 mapping",
        },
        {"path": "none.yaml", "line": 1, "code": "unreadable", "message": "No such file or directory"},
    ]


def test_a_file_that_is_not_there_is_one_line(run: Run) -> None:
    ran = run("lint", "none.yaml")
    assert (ran.code, ran.out, ran.err) == (2, "", "vaultdrill: none.yaml: No such file or directory\n")


def test_no_line_is_wider_than_a_terminal(run: Run, tmp_path: Path) -> None:
    name = "@" + "x" * 20
    ran = run(
        "lint", written(tmp_path, suppressionQuery=" OR ".join(f"{name}:{n}" for n in range(9)) + " OR source:1*")
    )
    assert ran.code == 1
    assert max(map(len, ran.lines)) <= 100


def names(value: object) -> set[str]:
    """The names of all members in JSON."""
    if isinstance(value, list):
        return set().union(*map(names, value))
    return set(value).union(*map(names, value.values())) if isinstance(value, dict) else set()


def test_in_json_the_names_of_a_rule_have_no_blanks(run: Run) -> None:
    told = json.loads(run("show", "--format", "json").out)
    assert [name for name in names(told) if not name.isidentifier()] == []
    assert {"sees", "leaves_out", "new_is", "rests_on"} <= set(told["words"])
    assert told["assumptions"] == shipped_rule().assumptions()
    assert told["meaning"]["group_by"] == ["@usr.email"]
    assert "learning_scope" not in told["meaning"]


@pytest.mark.parametrize("verb", ["show", "lint"])
def test_help_tells_of_every_name_in_json(run: Run, tmp_path: Path, verb: str) -> None:
    (tmp_path / "records.ndjson").write_bytes(line(usage(0)))
    also = ["--on", "records.ndjson"] if verb == "lint" else []
    told = json.loads(run(verb, written(tmp_path, forget=7), *also, "--format", "json").out)
    told.pop("meaning", None)
    help_text = run(verb, "--help").out
    assert [name for name in names(told) if " " not in name and name not in help_text] == []


def test_on_records_lint_counts_the_keys_of_each_rule(run: Run, tmp_path: Path) -> None:
    (tmp_path / "records.ndjson").write_bytes(b"\n".join(map(line, [usage(0), usage(1, "share")])))
    ran = run("lint", str(shipped_path()), written(tmp_path), "--on", "records.ndjson")
    assert ran.code == 0
    assert [text for text in ran.lines if text.startswith("keys ")] == [
        "keys            2         a group with a value: what the rule remembers"
    ] * 2


def test_findings_and_counts_in_json(run: Run, tmp_path: Path) -> None:
    (tmp_path / "records.ndjson").write_bytes(line(sign_in(0)))
    ran = run("lint", written(tmp_path), "--on", "records.ndjson", "--format", "json")
    told = json.loads(ran.out)
    assert ran.code == 1
    assert [finding["code"] for finding in told["findings"]] == ["selects-none-here"]
    assert told["statistics"][0]["ignored"] == {"does not match the query": 1}
    assert (told["statistics"][0]["growth"], told["statistics"][0]["path"]) == (0, "rule.json")


def test_of_one_key_it_speaks_in_the_singular(run: Run, tmp_path: Path) -> None:
    (tmp_path / "records.ndjson").write_bytes(line(usage(0)))
    told = run("lint", written(tmp_path), "--on", "records.ndjson").out
    assert "1 of 1 key\n" in told
    assert "1 value " in told
    assert "0.00" not in told


def test_records_that_cannot_be_read_are_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "records.ndjson").write_text("{}\n", "utf-8")
    ran = run("lint", "--on", "records.ndjson")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("vaultdrill: records.ndjson:1: found '{}'")
