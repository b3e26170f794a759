"""`detect` with several rules: the records are read once, and each rule's result is what it would be alone."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from builders import ADA, BOB, line, new_value_rule, usage
from calling import Run, caller
from naive_model import DAY

from detector.rules import load_rule, parse_rule
from detector.stores.base import StoreError
from detector.stores.memory import MemoryStore
from harness.order import Order, Post
from harness.streaming_run import StreamingRun

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


@pytest.mark.parametrize("other", ["one.db", "./one.db", "sqlite:///one.db", "link.db"])
@pytest.mark.parametrize("there", ["new", "old"])
def test_two_rules_do_not_share_a_store_under_any_of_its_names(
    detect: Run, tmp_path: Path, other: str, there: str
) -> None:
    (tmp_path / "link.db").symlink_to("one.db")
    if there == "old":
        assert detect("records.ndjson", "--store", "one.db", *rules("quick")).code == 0
    ran = detect("records.ndjson", "--store", "one.db", "--store", other, *rules("quick", "slow"))
    legal = "which are one store; legal: one for each --rule"
    assert (ran.code, ran.err) == (2, f"vaultdrill: --store: found one.db and {other}, {legal}\n")


def test_two_rules_may_both_forget(detect: Run) -> None:
    ran = detect("records.ndjson", "--store", "memory:", "--store", "memory:", *rules("quick", "slow"))
    assert (ran.code, len(ran.lines)) == (0, 2)


@pytest.mark.parametrize("engine", ENGINES)
def test_of_several_stores_the_one_that_belongs_to_another_rule_is_named(detect: Run, engine: str) -> None:
    stores = ("--store", "quick.db", "--store", "sqlite:///slow.db")
    assert detect("records.ndjson", *stores, *rules("quick", "slow")).code == 0
    changed = detect("records.ndjson", *stores, *rules("slow", "quick"), "--engine", engine)
    assert changed.code == 2
    assert changed.err.startswith("vaultdrill: --store: quick.db: it belongs to another rule: ")
    third = ("--store", "another.db", "--store", "sqlite:///slow.db")
    ran = detect("records.ndjson", *third, *rules("slow", "quick"), "--engine", engine)
    assert ran.err.startswith("vaultdrill: --store: sqlite:///slow.db: it belongs to another rule: ")


def test_the_store_that_is_refused_is_named_without_its_password(tmp_path: Path) -> None:
    asked = [parse_rule(json.dumps(new_value_rule(name=name)), "rule.json") for name in ("quick", "slow")]
    posts = [Post(rule, MemoryStore(), "redis", f"redis://ada:secret@{rule.name}/0?store=a") for rule in asked]
    order = Order(sources=[str(tmp_path)], posts=posts)
    with pytest.raises(StoreError) as refusal, order.opening(posts[1]):
        raise StoreError("--store: it is damaged")
    assert str(refusal.value) == "--store: redis://slow/0?store=a: it is damaged"


@pytest.mark.parametrize("emit", ["signals", "matches"])
def test_a_table_names_the_rule_of_each_row_where_there_are_several(detect: Run, emit: str) -> None:
    options = ("records.ndjson", "--format", "table", "--emit", emit)
    header, _, *rows = detect(*options, *rules("quick", "slow")).lines
    assert header.split()[0] == "rule"
    assert [row.split("  ")[0] for row in rows] == ["quick rule", "quick rule"]
    assert "rule" not in detect(*options, *rules("quick")).lines[0]


def test_progress_counts_each_record_once(detect: Run, tmp_path: Path) -> None:
    asked = [load_rule(tmp_path / f"{name}.json") for name in ("quick", "slow")]
    posts = [Post(rule, MemoryStore(), "memory") for rule in asked]
    run = StreamingRun(Order(sources=[str(tmp_path / "records.ndjson")], posts=posts))
    assert list(run.decided())
    assert run.read == 28


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


def test_a_pipe_by_its_name_is_a_pipe(detect: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    ran = detect("pipe", "--engine", "stream", *rules("quick", "slow"))
    assert ran.err.startswith("vaultdrill: --engine: found a pipe, which stream cannot read for several rules; ")


def test_auto_reads_a_pipe_for_several_rules_by_columns(detect: Run, tmp_path: Path) -> None:
    records = (tmp_path / "records.ndjson").read_bytes()
    piped = detect("-", *rules("quick", "slow"), "--summary", "summary.json", stdin=records)
    assert [one["engine"] for one in json.loads((tmp_path / "summary.json").read_bytes())] == ["columnar", "columnar"]
    assert piped.lines == detect("records.ndjson", *rules("quick", "slow")).lines
