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
    assert "what came before" in shown.out
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
        "rule.json:1: forget-within-learning: forgetAfter 7 d, learningDuration 7 d:"
        " values can be forgotten before learning ends"
    ]


def test_lint_ends_with_two_if_a_file_is_no_rule_and_tells_of_the_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("name: [", "utf-8")
    ran = run("lint", "broken.yaml", written(tmp_path, forget=7))
    assert ran.code == 2
    assert [text.split(": ")[1] for text in ran.lines] == ["unreadable", "forget-within-learning"]


def test_a_file_that_is_not_there_is_one_line(run: Run) -> None:
    ran = run("lint", "none.yaml")
    assert (ran.code, ran.out, ran.err) == (2, "", "vaultdrill: none.yaml: No such file or directory\n")


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
    assert told["statistics"][0]["growth"] == 0


def test_records_that_cannot_be_read_are_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "records.ndjson").write_text("{}\n", "utf-8")
    ran = run("lint", "--on", "records.ndjson")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("vaultdrill: records.ndjson:1: found '{}'")
