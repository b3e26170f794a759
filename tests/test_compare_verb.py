"""`vaultdrill compare`, as somebody uses it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from drills import Usage, write_drill

from detector.rules import shipped_path
from harness.cli import vaultdrill
from harness.report.columns import WIDTH

HABIT = [Usage(f"2026-01-{day:02d}T09:00:00Z", who, "fill") for day in (1, 5, 9, 13) for who in ("ada", "bob", "cy")]
USAGES = [
    *HABIT,
    Usage("2026-01-09T10:00:00Z", "ada", "share"),
    Usage("2026-01-15T10:00:00Z", "bob", "export", "attacks/x#1"),
    Usage("2026-01-16T09:00:00Z", "cy", "export", "benign/y#1"),
    Usage("2026-01-19T10:00:00Z", "ada", "share", "attacks/x#2"),  # ten days later: forgotten by a rule of seven
]


@pytest.fixture
def dataset(tmp_path: Path) -> str:
    return str(write_drill(tmp_path / "company", USAGES, "2026-01-20T00:00:00Z"))


@pytest.fixture
def forgetful(tmp_path: Path) -> str:
    """The shipped rule, but for its memory of a week."""
    document = json.loads(shipped_path().read_text("utf-8"))
    document["options"]["newValueOptions"]["forgetAfter"] = 7
    file = tmp_path / "forgetful.json"
    file.write_text(json.dumps(document), "utf-8")
    return str(file)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(vaultdrill, ["compare", *arguments])


def test_the_table_opens_with_the_conclusion_and_names_what_only_one_found(dataset: str, forgetful: str) -> None:
    result = run("shipped", forgetful, "--dataset", dataset)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("A and B cannot be told apart on these streams: ")
    assert "differ in  forget_after_days 28 | 7" in result.stdout
    assert "attack incidents found: 1 under both, 0 under A alone, 1 under B alone, 0 under neither" in result.stdout
    assert "under B alone: attacks/x#2" in result.stdout
    assert "look-alikes that raised a signal: 1 under both" in result.stdout


def test_the_table_is_no_wider_than_a_terminal(dataset: str, forgetful: str) -> None:
    rows = run("shipped", forgetful, "--dataset", dataset).stdout.splitlines()
    assert max(len(row) for row in rows if dataset not in row and forgetful not in row) <= WIDTH


def test_the_json_has_each_figure_by_name_with_its_counts(dataset: str, forgetful: str) -> None:
    told = json.loads(run("shipped", forgetful, "--dataset", dataset, "--format", "json").stdout)
    recall = told["figures"]["recall"]
    assert (recall["a"]["part"], recall["a"]["of"]) == (1, 2)
    assert (recall["b"]["part"], recall["b"]["of"]) == (2, 2)
    assert recall["difference"]["value"] == 0.5
    assert recall["difference"]["low"] < 0 < recall["difference"]["high"]
    assert recall["difference"]["is_distinguishable"] is False
    assert told["causes"]["attack"]["b"]["part"] == 2
    assert told["attacks"]["only_b"] == [f"attacks/x#2 ({dataset})"]
    assert told["differ_in"] == {"forget_after_days": [28, 7]}
    assert told["streams"] == {"datasets": [dataset]}


def test_the_markdown_is_a_table_that_a_pull_request_shows(dataset: str, forgetful: str) -> None:
    told = run("shipped", forgetful, "--dataset", dataset, "--format", "markdown").stdout
    assert told.startswith("**A and B cannot be told apart")
    assert "| figure " in told
    assert f"- B: {forgetful}" in told


def test_a_rule_beside_itself(dataset: str) -> None:
    told = run("shipped", "shipped", "--dataset", dataset).stdout
    assert told.startswith("A and B raise the same signals on these streams: nothing tells them apart.")
    assert "differ in  nothing that decides a verdict" in told


def test_over_companies_that_are_simulated(forgetful: str) -> None:
    small = ("--seeds", "2", "--profile", "startup-50", "--people", "15", "--days", "24")
    told = json.loads(run("shipped", forgetful, *small, "--scenario", "attacks/bulk-export", "--format", "json").stdout)
    assert told["streams"]["seeds"] == [1, 2]
    assert told["figures"]["load"]["a"]["value"] > 0


def test_the_same_words_give_the_same_text(dataset: str, forgetful: str) -> None:
    arguments = ("shipped", forgetful, "--dataset", dataset, "--format", "json")
    assert run(*arguments).stdout == run(*arguments).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shipped",), "Missing argument 'RULE_B'"),
        (("shipped", "shipped", "--seeds", "0"), "0 is not in the range"),
        (("shipped", "shipped", "--dataset", "DATASET", "--seeds", "3"), "--seeds: does nothing with --dataset"),
        (("shipped", "shipped", "--dataset", "DATASET", "--dataset", "DATASET"), "twice; legal: each dataset once"),
        (("shipped", "shipped", "--dataset", "DATASET", "--base-rate", "0"), "found 0; legal: a positive number"),
        (("shipped", "shipped", "--dataset", "no-such-place", "--base-rate", "inf"), "found inf; legal:"),
        (("shipped", "shipped", "--dataset", "no-such-place"), "no-such-place"),
        (("no-such-rule.yaml", "shipped", "--dataset", "DATASET"), "no-such-rule.yaml"),
    ],
)
def test_bad_input_is_told(arguments: tuple[str, ...], said: str, dataset: str) -> None:
    result = run(*(dataset if each == "DATASET" else each for each in arguments))
    assert result.exit_code != 0
    assert said in f"{result.output} {result.exception}"
