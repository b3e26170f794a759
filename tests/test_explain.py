"""The command `explain`: what it prints, for whom, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import ADA, START, line, usage
from calling import Ran, caller
from naive_model import DAY
from naive_records import SECOND, Json, rfc3339

Run = Callable[..., Ran]
FILL, SHARE = usage(0, "fill"), usage(DAY, "share")
EXPORT = usage(20 * DAY, "export")
OTHER = usage(21 * DAY, "create")
STREAM = [FILL, SHARE, EXPORT, FILL, OTHER]
NDJSON = b"\n".join(map(line, STREAM))


@pytest.fixture
def explain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.delenv("NO_COLOR", raising=False)
    run = caller("explain", tmp_path, monkeypatch, capfd)
    (tmp_path / "records").write_bytes(NDJSON)
    return run


def told(ran: Ran) -> list[Json]:
    assert (ran.code, ran.err) == (0, "")
    found: list[Json] = json.loads(ran.out)
    return found


MATCH = f"""\
NEW  `export` from {ADA} at 2026-01-25T00:00:00Z
why       `export` was new from {ADA}: never seen in the 20 d since they were first seen
          (2026-01-05T00:00:00Z).
signal    opened SIGNAL

event     {EXPORT["uuid"]}, item usage, 2026-01-25T00:00:00Z
          field        value                  read for
          @usr.email   ada@example.com        group, message
          @evt.name    export                 watched, query, message
          source       1password              query
          @evt.type    1password-item-usages  query
          @item_uuid   item                   message
          @vault_uuid  vault                  message

learning  over since 2026-01-12T00:00:00Z: 7 d from the rule's start
          rule started 2026-01-05T00:00:00Z, group first seen 2026-01-05T00:00:00Z
memory    a value is forgotten 28 d after it was last seen
rests on  learningScope rule, forgetMode sliding

What the rule knew of {ADA} when the event arrived: 2 values
    value    first seen         last seen          ago    forgotten at
    share    2026-01-06T00:00Z  2026-01-06T00:00Z  19 d   2026-02-03T00:00Z
    fill     2026-01-05T00:00Z  2026-01-05T00:00Z  20 d   2026-02-02T00:00Z
"""


def test_a_match_is_told_on_one_screen(explain: Run) -> None:
    (found,) = told(explain("records", "--uuid", EXPORT["uuid"], "--format", "json"))
    assert explain("records", "--uuid", EXPORT["uuid"]).out == MATCH.replace("SIGNAL", found["signal"]["id"])


def test_standard_input_is_explained_as_a_file_is(explain: Run) -> None:
    ran = explain("-", "--uuid", EXPORT["uuid"], stdin=NDJSON)
    assert ran.code == 0
    assert ran.out == explain("records", "--uuid", EXPORT["uuid"]).out


def test_each_arrival_of_each_asked_event_is_explained_in_order(explain: Run) -> None:
    ran = explain("records", "--uuid", OTHER["uuid"], "--uuid", FILL["uuid"], "--format", "json")
    found = [(each["uuid"], each["arrival"], each["verdict"]) for each in told(ran)]
    assert found == [(FILL["uuid"], 1, "learned"), (FILL["uuid"], 2, "known"), (OTHER["uuid"], 1, "ignored")]
    assert ", arrival 2 of 2\n" in explain("records", "--uuid", FILL["uuid"]).out


def test_an_ignored_event_is_an_answer_that_names_the_part_of_the_query(explain: Run) -> None:
    (found,) = told(explain("records", "--uuid", OTHER["uuid"], "--format", "json"))
    (obstacle,) = found["ignored"]["obstacles"]
    assert (obstacle["kind"], obstacle["holds"]) == ("query", {"@evt.name": "create"})
    assert found["ignored"]["reason"] == "not_matched"
    assert (found["signal"], found["values"]) == (None, [])


def test_json_has_the_whole_baseline_with_times_in_rfc_3339(explain: Run) -> None:
    (found,) = told(explain("records", "--uuid", EXPORT["uuid"], "--format", "json"))
    assert found["baseline"][1] == {
        "value": {"@evt.name": "fill"},
        "first_seen": rfc3339(START),
        "last_seen": rfc3339(START),
        "forgotten_at": rfc3339(START + 28 * DAY),
        "forgotten": False,
    }
    assert found["learning"] == {
        "active": False,
        "until": rfc3339(START + 7 * DAY),
        "enabled_at": None,
        "rule_start": rfc3339(START),
        "group_first_seen": rfc3339(START),
    }
    assert found["signal"]["fate"] == "opened"
    assert found["assumptions"] == {"learningScope": "rule", "forgetMode": "sliding", "multiValue": "tuple"}


def test_the_knobs_and_the_time_of_enabling_are_those_of_detect(explain: Run) -> None:
    knobs = ["--learning-scope", "group", "--forget-mode", "fixed", "--multi-value", "any"]
    (found,) = told(
        explain("records", "--uuid", SHARE["uuid"], "--format", "json", "--enabled-at", "2026-01-07", *knobs)
    )
    assert found["verdict"] == "not_seen"
    assert found["assumptions"] == {"learningScope": "group", "forgetMode": "fixed", "multiValue": "any"}


def test_a_long_baseline_is_cut_and_says_so(explain: Run, tmp_path: Path) -> None:
    rule = {"metrics": ["@item_uuid"], "query": "*", "aggregation": "new_value", "groupByFields": []}
    options = {"detectionMethod": "new_value", "newValueOptions": {"forgetAfter": 28, "learningDuration": 7}}
    cases = [{"status": "low", "name": ""}]
    (tmp_path / "rule.json").write_text(
        json.dumps({"name": "r", "queries": [rule], "options": options, "cases": cases})
    )
    stream = [usage(at * SECOND, item_uuid=f"{'long' * 10}{at:03}") for at in range(100)]
    (tmp_path / "many").write_bytes(b"\n".join(map(line, stream)))
    ran = explain("many", "--rule", "rule.json", "--uuid", stream[-1]["uuid"])
    assert ran.out.endswith("   and 59 values more; --format json has them all\n")
    assert max(map(len, ran.lines)) <= 100
    (found,) = told(explain("many", "--rule", "rule.json", "--uuid", stream[-1]["uuid"], "--format", "json"))
    assert len(found["baseline"]) == 99


def test_what_a_record_holds_cannot_steer_the_terminal(explain: Run, tmp_path: Path) -> None:
    record = usage(0, "fill", "ada\x1b[2J\n@example.com")
    (tmp_path / "hostile").write_bytes(line(record))
    ran = explain("hostile", "--uuid", record["uuid"])
    assert r'"ada\x1b[2J\n@example.com"' in ran.out
    assert "\x1b" not in ran.out


def test_colour_is_for_terminals_that_want_it(explain: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_: False)
    assert "\x1b[" in explain("records", "--uuid", EXPORT["uuid"]).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in explain("records", "--uuid", EXPORT["uuid"]).out


def test_an_event_that_is_not_there_is_refused_in_one_line(explain: Run) -> None:
    ran = explain("records", "--uuid", EXPORT["uuid"], "--uuid", "absent")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "vaultdrill: --uuid: found no absent among 5 records; legal: the uuid of one of them\n"


def test_an_empty_uuid_is_refused_before_anything_is_read(explain: Run) -> None:
    ran = explain("absent", "--uuid", "")
    assert (ran.code, ran.err) == (2, "vaultdrill: --uuid: found ''; legal: the uuid of a record\n")


def test_a_store_is_gone_on_from_and_left_as_it_was(
    explain: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    caller("detect", tmp_path, monkeypatch, capfd)("records", "--store", "state.db")
    store = tmp_path / "state.db"
    before = store.read_bytes()
    ran = caller("explain", tmp_path, monkeypatch, capfd)("records", "--uuid", EXPORT["uuid"], "--store", "state.db")
    assert "\nKNOWN  `export`" in ran.out
    assert ran.out.count("before this run") == 3
    assert (store.read_bytes(), list(tmp_path.glob("state*"))) == (before, [store])


def test_a_store_that_is_not_there_is_refused_and_not_made(explain: Run, tmp_path: Path) -> None:
    missing = explain("records", "--uuid", FILL["uuid"], "--store", "state.db")
    assert (missing.code, list(tmp_path.glob("state*"))) == (2, [])
    assert missing.err.startswith("vaultdrill: state.db: no such store")


def test_an_unreadable_record_stops_it_or_is_told_last(explain: Run, tmp_path: Path) -> None:
    broken = {**OTHER, "timestamp": "yesterday"}
    (tmp_path / "broken").write_bytes(line(broken) + b"\n" + NDJSON)
    asked = ["broken", "--uuid", broken["uuid"]]
    stopped = explain(*asked)
    assert (stopped.code, stopped.out) == (2, "")
    assert stopped.err.startswith("vaultdrill: broken:1: timestamp: found 'yesterday'")
    skipped = explain(*asked, "--on-error", "skip")
    assert skipped.code == 0
    assert "IGNORED  a record that cannot be read\nwhy       broken:1: timestamp: found 'yesterday'" in skipped.out
