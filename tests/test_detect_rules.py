"""`detect` with several rules: the records are read once, and each rule's result is what it would be alone."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from builders import ADA, BOB, line, new_value_rule, usage
from calling import Run, caller
from naive_model import DAY

ENGINES = ("stream", "columnar")


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    records = [
        usage(day * DAY, action, person)
        for day in range(12)
        for person in (ADA, BOB)
        for action in (["fill", "export"] if day in (8, 10) else ["fill"])
    ]
    (tmp_path / "records.ndjson").write_bytes(b"".join(line(record) + b"\n" for record in records))
    for name, learn in (("quick", 1), ("slow", 9)):
        rule = new_value_rule(learn=learn, name=f"{name} rule")
        (tmp_path / f"{name}.json").write_text(json.dumps(rule))
    return caller("detect", tmp_path, monkeypatch, capsys)


def rules(*names: str) -> Sequence[str]:
    return [argument for name in names for argument in ("--rule", f"{name}.json")]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("emit", ["signals", "matches"])
def test_the_second_rules_results_follow_the_firsts(detect: Run, engine: str, emit: str) -> None:
    alone = [
        json.loads(row)
        for name in ("quick", "slow")
        for row in detect("records.ndjson", "--engine", "stream", "--emit", emit, *rules(name)).lines
    ]
    both = [
        json.loads(row)
        for row in detect("records.ndjson", "--engine", engine, "--emit", emit, *rules("quick", "slow")).lines
    ]
    told = [row.pop("rule") for row in both]
    for row in alone:
        row.pop("rule", None)
    assert both == alone
    assert told == sorted(told)
    assert set(told) == {"quick rule"}, "by the ninth day both people have exported; the slow rule learned it"


@pytest.mark.parametrize("engine", ENGINES)
def test_each_rule_has_a_summary_of_its_own(detect: Run, engine: str, tmp_path: Path) -> None:
    ran = detect("records.ndjson", "--engine", engine, "--summary", "summary.json", *rules("slow", "quick"))
    summaries = json.loads((tmp_path / "summary.json").read_text())
    assert [(one["rule"], one["engine"], one["matches"], one["events"]["read"]) for one in summaries] == [
        ("slow rule", engine, 0, 28),
        ("quick rule", engine, 2, 28),
    ]
    assert ran.err.index("slow rule") < ran.err.index("quick rule")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_unreadable_record_is_told_of_once_and_counted_for_each(detect: Run, engine: str, tmp_path: Path) -> None:
    with (tmp_path / "records.ndjson").open("ab") as records:
        records.write(b"nonsense\n")
    ran = detect(
        *("records.ndjson", "--engine", engine, "--on-error", "skip", "--summary", "summary.json"),
        *rules("quick", "slow"),
    )
    assert ran.code == 0
    assert ran.err.count("skipped: records.ndjson:29: ") == 1
    summaries = json.loads((tmp_path / "summary.json").read_text())
    assert [one["events"]["unreadable"] for one in summaries] == [1, 1]


@pytest.mark.parametrize("engine", ENGINES)
def test_each_rule_has_a_store_of_its_own(detect: Run, engine: str) -> None:
    stores = ("--store", "quick.db", "--store", "slow.db")
    first = detect("records.ndjson", "--engine", engine, *stores, *rules("quick", "slow"))
    again = detect("records.ndjson", "--engine", engine, *stores, *rules("quick", "slow"))
    assert (len(first.lines), again.lines) == (2, [])


def test_two_rules_need_two_stores(detect: Run) -> None:
    ran = detect("records.ndjson", "--store", "one.db", *rules("quick", "slow"))
    assert (ran.code, ran.err) == (2, "vaultdrill: --store: found 1; legal: one for each --rule (2)\n")


def test_rules_of_one_name_are_refused(detect: Run) -> None:
    ran = detect("records.ndjson", *rules("quick", "quick"))
    assert ran.code == 2
    assert (
        ran.err
        == "vaultdrill: --rule: found 'quick rule' twice; legal: rules of different names, which their signals bear\n"
    )


def test_a_pipe_cannot_be_read_once_a_rule(detect: Run) -> None:
    ran = detect("-", "--engine", "stream", *rules("quick", "slow"))
    assert ran.code == 2
    assert (
        ran.err == "vaultdrill: --engine: found a pipe, which stream cannot read for several rules; legal: columnar\n"
    )


def test_auto_reads_a_pipe_for_several_rules_by_columns(detect: Run, tmp_path: Path) -> None:
    records = (tmp_path / "records.ndjson").read_bytes()
    piped = detect("-", *rules("quick", "slow"), stdin=records)
    assert piped.lines == detect("records.ndjson", *rules("quick", "slow")).lines
