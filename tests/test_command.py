"""The command `detect`, and what every verb owes its user: results whole or not at all, mistakes told in one line."""

import errno
import gzip
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from drills import Usage, write_drill
from processes import started

from detector.rules import shipped_rule
from harness.cli import VERBS, main
from harness.injecting import Injected
from harness.verbs.inject import report

Run = Callable[..., "Ran"]
COMMAND = [sys.executable, "-m", "harness"]
ACTIONS = ["fill", "fill", "reveal", "export"]
SIGNAL_FIELDS = ["id", "rule", "severity", "group", "opened_at", "last_match_at", "title", "message", "matches"]
LEGAL_TIME = "legal: RFC 3339, such as 2026-01-31T09:30:00.123456789Z"
LEGAL_UUID = "legal: 26 characters of base32 (A-Z, 2-7)"


class Ran(NamedTuple):
    code: int
    out: bytes
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """The command in this process, in a directory of its own, with bytes on its standard input."""
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["vaultdrill", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin))))
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfdbinary.readouterr()
        return Ran(int(end.value.code or 0), out, err.decode())

    return ran


def record(number: int, day: int, action: str, who: str = "ada@example.com") -> dict[str, Any]:
    digits = "".join("ABCDEFGHIJ"[int(digit)] for digit in f"{number:026d}")
    return {
        "uuid": digits,
        "timestamp": f"2026-01-{day:02d}T09:00:00.000000001Z",
        "used_version": 1,
        "vault_uuid": "vault",
        "item_uuid": "item",
        "action": action,
        "user": {"uuid": "U", "name": "Ada", "email": who},
    }


DAYS = {"fill": 1, "reveal": 10, "export": 20}
RECORDS = [record(number, DAYS[action], action) for number, action in enumerate(ACTIONS)]
"""`fill` is learned on the first day and known on it again; `reveal` and `export` are new on days 10 and 20."""
NDJSON = "".join(f"{json.dumps(each)}\n" for each in RECORDS).encode()
GOOD = json.dumps(RECORDS[0])


def uuids(ran: Ran) -> list[str]:
    return [match["uuid"] for match in ran.rows]


MATCHED = [RECORDS[2]["uuid"], RECORDS[3]["uuid"]]


def test_signals_come_one_a_line_and_the_summary_on_standard_error(run: Run) -> None:
    ran = run("detect", "-", stdin=NDJSON)
    assert ran.code == 0
    assert [list(row) for row in ran.rows] == [SIGNAL_FIELDS, SIGNAL_FIELDS]
    assert [row["matches"][0]["uuid"] for row in ran.rows] == MATCHED
    assert ran.err.startswith("4 events read, 4 selected, 0 ignored\n2 matches, 2 signals; ")
    assert re.search(r"; [\d,]+ events/s, \d+\.\d\d s\n$", ran.err)


def test_matches_come_in_order_where_they_are_asked_for(run: Run) -> None:
    ran = run("detect", "-", "--emit", "matches", stdin=NDJSON)
    assert ran.rows[0] == {
        "uuid": MATCHED[0],
        "timestamp": "2026-01-10T09:00:00.000000001Z",
        "group": {"@usr.email": "ada@example.com"},
        "value": {"@evt.name": "reveal"},
        "item_uuid": "item",
        "vault_uuid": "vault",
    }
    assert uuids(ran) == MATCHED


@pytest.mark.parametrize(
    "data",
    [
        NDJSON,
        gzip.compress(NDJSON, mtime=0),
        json.dumps(RECORDS).encode(),
        json.dumps({"cursor": "c", "has_more": False, "items": RECORDS}, indent=2).encode(),
    ],
)
def test_every_form_of_input_gives_the_same_bytes_from_a_file_and_from_a_pipe(run: Run, data: bytes) -> None:
    expected = run("detect", "-", stdin=NDJSON).out
    Path("events").write_bytes(data)
    assert run("detect", "events").out == expected
    assert run("detect", "-", stdin=data).out == expected


def test_json_is_one_array_of_the_same_rows(run: Run) -> None:
    rows = run("detect", "-", stdin=NDJSON).rows
    ran = run("detect", "-", "--format", "json", stdin=NDJSON)
    assert json.loads(ran.out) == rows
    assert ran.out.endswith(b"]\n")
    assert json.loads(run("detect", "-", "--format", "json", stdin=GOOD.encode()).out) == []


@pytest.mark.parametrize(
    ("emit", "headers"),
    [("signals", "opened severity group new values matches"), ("matches", "time group new value uuid")],
)
def test_a_table_has_a_line_for_each_row(run: Run, emit: str, headers: str) -> None:
    lines = run("detect", "-", "--format", "table", "--emit", emit, stdin=NDJSON).out.decode().splitlines()
    assert lines[0].split() == headers.split()
    assert len(lines) == 4
    assert "reveal" in lines[2]
    assert "export" in lines[3]


def test_a_result_without_rows_is_empty_and_no_error(run: Run) -> None:
    ran = run("detect", "-", stdin=GOOD.encode())
    assert (ran.code, ran.out) == (0, b"")


def test_an_empty_page_is_no_error(run: Run) -> None:
    ran = run("detect", "-", stdin=b'{"cursor":"c","has_more":false,"items":[]}')
    assert (ran.code, ran.out) == (0, b"")
    assert ran.err.startswith("0 events read, 0 selected, 0 ignored\n0 matches, 0 signals; no events")


def test_out_takes_the_place_of_standard_output(run: Run) -> None:
    expected = run("detect", "-", stdin=NDJSON).out
    Path("signals").write_text("old")
    ran = run("detect", "-", "--out", "signals", stdin=NDJSON)
    assert ran.out == b""
    assert Path("signals").read_bytes() == expected
    assert [path.name for path in Path().iterdir()] == ["signals"]


@pytest.mark.parametrize("option", [["--format", "json"], ["--emit", "matches"], []])
def test_a_run_that_fails_leaves_files_as_they_were(run: Run, option: list[str]) -> None:
    Path("old").write_text("old")
    for target in ("old", "absent"):
        ran = run("detect", "-", "--out", target, "--summary", "summary", *option, stdin=NDJSON + b"?")
        assert (ran.code, ran.out) == (2, b"")
    assert {path.name: path.read_text() for path in Path().iterdir()} == {"old": "old"}


def test_the_summary_file_has_the_counts_and_the_throughput(run: Run) -> None:
    odd = [record(7, 21, "other"), record(8, 21, "share") | {"user": None}]
    data = NDJSON + "".join(f"{json.dumps(each)}\n" for each in odd).encode() + b"?\n"
    ran = run("detect", "-", "--summary", "summary", "--on-error", "skip", stdin=data)
    summary = json.loads(Path("summary").read_bytes())
    assert (summary["matches"], summary["signals"]) == (2, 2)
    assert summary["events"] == {
        "read": 6,
        "selected": 4,
        "ignored": {"does not match the query": 1, "a group-by field is absent": 1},
        "late": 0,
        "unreadable": 1,
    }
    assert summary["assumptions"] == {"learningScope": "rule", "forgetMode": "sliding", "multiValue": "tuple"}
    assert summary["throughput"]["events_per_second"] > 0
    assert "6 events read, 4 selected, 2 ignored (" in ran.err


def test_skipping_shows_the_first_faults_and_counts_them_all(run: Run) -> None:
    ran = run("detect", "-", "--on-error", "skip", stdin=b"?\n" * 12 + NDJSON)
    assert ran.code == 0
    assert len(ran.rows) == 2
    lines = ran.err.splitlines()
    assert [line.partition(": found")[0] for line in lines[:10]] == [f"skipped: -:{number}" for number in range(1, 11)]
    assert lines[10] == "skipped: further records that cannot be read are only counted"
    assert "12 unreadable records were skipped" in lines


@pytest.mark.parametrize("cut", range(len(RECORDS) + 1))
@pytest.mark.parametrize("url", ["state.db", "sqlite:///state.db"])
def test_a_store_carries_what_was_learned_from_one_run_to_the_next(run: Run, url: str, cut: int) -> None:
    whole = run("detect", "-", "--emit", "matches", stdin=NDJSON).out
    lines = NDJSON.splitlines(keepends=True)
    parts = [b"".join(lines[:cut]) or b"[]", b"".join(lines[cut:]) or b"[]"]
    assert b"".join(run("detect", "-", "--emit", "matches", "--store", url, stdin=part).out for part in parts) == whole


def test_a_failed_run_leaves_no_trace_in_the_store(run: Run) -> None:
    options = ("detect", "-", "--emit", "matches", "--store", "state.db")
    lines = NDJSON.splitlines(keepends=True)
    run(*options, stdin=lines[0])
    assert run(*options, stdin=b"".join(lines[1:]) + b"?").code == 2
    assert uuids(run(*options, stdin=b"".join(lines[1:]))) == MATCHED


@pytest.mark.parametrize("engine", ["stream", "columnar"])
@pytest.mark.parametrize("arguments", ["absent", "broken", "events --out nowhere/x", "events --rule broken"])
def test_a_first_run_that_fails_leaves_no_store_behind(run: Run, arguments: str, engine: str) -> None:
    Path("events").write_bytes(NDJSON)
    Path("broken").write_bytes(NDJSON + b"?")
    assert run("detect", *arguments.split(), "--store", "new.db", "--engine", engine).code == 2
    assert sorted(path.name for path in Path().iterdir()) == ["broken", "events"]


def test_help_describes_every_option(run: Run) -> None:
    shown = run("detect", "--help").out.decode()
    described = re.findall(r"^  (--[a-z-]+)[^\n]*?(?:\s{2,}|\n\s{10,})(\S.*)$", shown, re.MULTILINE)
    assert len(described) == len(re.findall(r"^  (?:-h, )?--", shown, re.MULTILINE)) - 1
    assert not [option for option, text in described if text.startswith("[default")]
    assert "vaultdrill[columnar]" in shown
    assert "in the order in which they closed" in " ".join(shown.split())


def test_a_store_serves_one_rule(run: Run) -> None:
    run("detect", "-", "--store", "state.db", stdin=NDJSON)
    ran = run("detect", "-", "--store", "state.db", "--forget-mode", "fixed", stdin=NDJSON)
    assert ran.code == 2
    assert ran.err == (
        "vaultdrill: --store: it belongs to another rule: forget_mode: found 'fixed'; legal: 'sliding'\n"
    )


def test_sort_undoes_disorder(run: Run) -> None:
    expected = run("detect", "-", stdin=NDJSON).out
    lines = NDJSON.splitlines(keepends=True)
    reverse = b"".join(reversed(lines))
    assert run("detect", "-", stdin=reverse).out != expected
    assert run("detect", "-", "--sort", stdin=reverse).out == expected


def test_enabled_at_hides_what_was_before_it(run: Run) -> None:
    for moment in ("2026-01-10", "2026-01-10T00:00:00Z", "2026-01-10T01:00:00+01:00"):
        ran = run("detect", "-", "--emit", "matches", "--enabled-at", moment, stdin=NDJSON)
        assert uuids(ran) == [MATCHED[1]]
        assert "2 ignored (2 before the rule was enabled)" in ran.err


def test_the_learning_scope_decides_whose_clock_counts(run: Run) -> None:
    bo = [record(7, 10, "fill", "bo@example.com"), record(8, 11, "reveal", "bo@example.com")]
    data = NDJSON + "".join(f"{json.dumps(each)}\n" for each in bo).encode()
    options = ("detect", "-", "--emit", "matches")
    assert uuids(run(*options, stdin=data)) == [*MATCHED, bo[0]["uuid"], bo[1]["uuid"]]
    assert uuids(run(*options, "--learning-scope", "group", stdin=data)) == MATCHED


def test_the_forget_mode_decides_whether_seeing_again_refreshes(run: Run) -> None:
    moments = [record(1, 1, "fill"), record(2, 20, "fill"), record(3, 30, "fill")]
    data = "".join(f"{json.dumps(each)}\n" for each in moments).encode()
    options = ("detect", "-", "--emit", "matches")
    assert uuids(run(*options, stdin=data)) == []
    assert uuids(run(*options, "--forget-mode", "fixed", stdin=data)) == [moments[2]["uuid"]]


RULE = """\
name: Two fields
isEnabled: false
queries:
  - {query: "*", aggregation: new_value, groupByFields: ["@usr.email"], metrics: ["@evt.name", "@vault_uuid"]}
options:
  detectionMethod: new_value
  newValueOptions: {forgetAfter: 28, learningMethod: threshold, learningThreshold: 1}
cases: [{status: high}]
"""


@pytest.mark.parametrize(
    ("multi_value", "value"),
    [("tuple", {"@evt.name": "reveal", "@vault_uuid": "vault"}), ("any", {"@evt.name": "reveal"})],
)
def test_a_rule_of_ones_own_runs_with_its_warnings(run: Run, multi_value: str, value: dict[str, str]) -> None:
    Path("rule.yaml").write_text(RULE)
    ran = run("detect", "-", "--rule", "rule.yaml", "--emit", "matches", "--multi-value", multi_value, stdin=NDJSON)
    assert ran.rows[0]["value"] == value
    assert ran.err.startswith("warning: ")
    assert ": the rule is disabled (isEnabled: false); it runs all the same, to be tested\n" in ran.err


def test_both_engines_give_the_same_bytes(run: Run) -> None:
    assert (
        run("detect", "-", "--engine", "auto", stdin=NDJSON).out
        == run("detect", "-", "--engine", "stream", stdin=NDJSON).out
    )


def with_(**changes: Any) -> bytes:
    return json.dumps(RECORDS[0] | changes).encode()


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (
            f"{GOOD}\n{GOOD[:60]}".encode(),
            f"events:2: found '{GOOD[:50]}'..., which is not JSON (Input data was truncated); legal: one JSON object",
        ),
        (with_(uuid="12-34"), f"events:1: uuid: found '12-34'; {LEGAL_UUID}"),
        (with_(timestamp="yesterday"), f"events:1: timestamp: found 'yesterday'; {LEGAL_TIME}"),
        (
            with_(timestamp="2026-02-30T09:00:00Z"),
            f"events:1: timestamp: found '2026-02-30T09:00:00Z' (no day of the calendar); {LEGAL_TIME}",
        ),
        (
            b"\x7fELF\x02\x01\x01\0",
            "events:1: found binary data b'\\x7fELF\\x02\\x01\\x01\\x00', which is not JSON "
            "(JSON is malformed: invalid character (byte 0)); legal: one JSON object",
        ),
        (b"", "events: found an empty file; legal: records, one a line, or pages of the API"),
        (
            gzip.compress(NDJSON, mtime=0)[:40],
            "events: not readable as gzip (Compressed file ended before the end-of-stream marker was reached)",
        ),
    ],
)
def test_input_that_cannot_be_read_is_one_line_and_exit_code_2(run: Run, data: bytes, line: str) -> None:
    Path("events").write_bytes(data)
    assert run("detect", "events") == Ran(2, b"", f"vaultdrill: {line}\n")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("detect absent", "absent: cannot be read (No such file or directory)"),
        ("detect folder", "folder: found a directory without manifest.json; legal: a dataset, or files"),
        ("detect", "Missing argument 'FILE...|DIR|-'."),
        ("detect events --rule absent", "absent: No such file or directory"),
        ("detect events --rule folder", "Invalid value for '--rule': File 'folder' is a directory."),
        (
            "detect events --rule broken",
            "broken:7: options.newValueOptions.forgetAfter: found 77; legal: an integer from 1 to 30",
        ),
        ("detect events --rule events", "events: found [] "),
        ("detect events --enabled-at noon", f"Invalid value for '--enabled-at': found 'noon'; {LEGAL_TIME}, or a date"),
        ("detect events --out nowhere/x", "nowhere/x: cannot be written (No such file or directory)"),
        ("detect events --out folder", "Invalid value for '--out': File 'folder' is a directory."),
        ("detect events --summary nowhere/x", "nowhere/x: cannot be written (No such file or directory)"),
        ("detect events --store gopher://x:secret@y", "--store: found the scheme 'gopher'; legal: "),
        ("detect events --store broken", "broken: cannot be used as a store (file is not a database)"),
        ("detect events --store nowhere/x", "nowhere/x: cannot be used as a store (No such file or directory)"),
        ("detect events --format xml", "Invalid value for '--format': 'xml' is not one of 'ndjson', 'json', 'table'."),
        ("detect events --windy", "No such option '--windy'."),
        ("simulate --people 0 --out new", "people: found 0; legal: 1 to 10000000"),
        ("simulate --days -3 --out new", "days: found -3; legal: 1 to 36525"),
        ("simulate --days many --out new", "Invalid value for '--days': 'many' is not a valid integer."),
        ("simulate --workers 0 --out new", "workers: found 0; legal: 1 or more"),
        ("simulate --start 2026-02-30 --out new", "--start: found 2026-02-30; legal: a day like 2026-01-31"),
        ("simulate --start 20260105 --out new", "--start: found 20260105; legal: a day like 2026-01-31"),
        ("simulate --start soon --out new", "--start: found soon; legal: a day like 2026-01-31"),
        ("simulate --start 1969-01-01 --out new", "start: found 1969-01-01; legal: 1970-01-03 to "),
        ("simulate --scenario nope --out new", "scenario: found 'nope'; legal: all, an id like attacks/"),
        ("simulate --people 1 --days 1 --out .", ".: found something there; legal: an empty or absent directory"),
        ("simulate", "Missing option '--out'."),
        ("inject --into folder --scenario all --out new", "folder: found no file with content; legal: a dataset, or "),
        ("inject --into absent --scenario all --out new", "absent: found nothing there; legal: a dataset, or "),
        ("inject --into events --scenario all --out new", "events: found no records; legal: records of the 1Password "),
        ("inject --into - --scenario all --out new", "-: found standard input; legal: files, or a directory of them"),
        ("inject --into events broken --scenario all --out new", "--into: found broken without an --into of its own; "),
        ("inject --into events folder --scenario all --out new", "--into: found folder without an --into of its own; "),
        ("inject --into events --scenario nope --out new", "scenario: found 'nope'; legal: all, an id like attacks/"),
        ("inject --into events --out new", "Missing option '--scenario'."),
        ("score --signals events --dataset folder", "folder/manifest.json: not found; legal: a directory that"),
        ("score --signals events --dataset events", "events: found a file; legal: a directory that vaultdrill wrote"),
        ("score --signals absent --dataset folder", "folder/manifest.json: not found; legal: a directory that"),
        ("demo --people 0", "people: found 0; legal: 1 to 10000000"),
        ("demo --days -1", "days: found -1; legal: 1 to 36525"),
        ("frobnicate", "No such command 'frobnicate'."),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2_and_nothing_is_written(run: Run, arguments: str, line: str) -> None:
    Path("folder").mkdir()
    Path("events").write_text("[]")
    Path("broken").write_text(RULE.replace("forgetAfter: 28", "forgetAfter: 77"))
    before = sorted(Path().rglob("*"))
    ran = run(*arguments.split())
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.splitlines()[-1].startswith(f"vaultdrill: {line.strip()}")
    assert "Traceback" not in ran.err
    assert "secret" not in ran.err
    assert sorted(Path().rglob("*")) == before


def test_the_command_alone_shows_its_help_and_exits_with_2(run: Run) -> None:
    ran = run()
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.startswith("Usage: vaultdrill ")


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_goes_to_standard_output(run: Run, verb: str) -> None:
    ran = run(*filter(None, [verb]), "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(b"Usage: vaultdrill ")
    assert b"\\b" not in ran.out


def test_the_version_is_that_of_the_distribution(run: Run) -> None:
    assert run("--version").out.endswith(b"version 0.1.0\n")


def test_an_interruption_ends_with_130_and_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.verbs.detect.write_rows", interrupted)
    ran = run("detect", "-", "--out", "signals", stdin=NDJSON)
    assert (ran.code, ran.out, list(Path().iterdir())) == (130, b"", [])
    assert "Traceback" not in ran.err


def test_want_of_memory_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("harness.run.write_company", greedy)
    ran = run("simulate", "--out", "company")
    line = "vaultdrill: not enough memory for this; legal: fewer people, or a smaller profile\n"
    assert ran == Ran(2, b"", line)


def test_simulate_says_in_one_line_what_it_wrote(run: Run) -> None:
    ran = run("simulate", "--people", "20", "--days", "2", "--out", "company")
    feeds = ("itemusages", "signinattempts", "auditevents")
    records = sum(Path(f"company/{feed}.ndjson").read_bytes().count(b"\n") for feed in feeds)
    assert ran == Ran(0, b"", f"company: {records:,} records, 20 people on the first day, 2 days\n")
    alone = run("simulate", "--people", "1", "--days", "1", "--out", "alone")
    assert alone.err.endswith(", 1 person on the first day, 1 day\n")


def test_a_single_incident_is_told_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    runs = ("attacks/a#1", "attacks/a#1~earlier", "attacks/b[items=5]#1", "attacks/b[items=5]#2")
    incidents: Any = [SimpleNamespace(run=run) for run in runs]
    report(Injected(incidents, []))
    assert capsys.readouterr().err == "attacks/a: 1 incident\nattacks/b[items=5]: 2 incidents\n"


@pytest.mark.parametrize("options", ["", "--scenario all"])
def test_a_disk_that_refuses_is_told_of_what_the_user_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    def refused(path: Path | str, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr("os.mkdir", refused)
    ran = run("simulate", "--people", "1", "--days", "1", "--out", "company", *options.split())
    assert ran == Ran(2, b"", "vaultdrill: company: Read-only file system\n")


def test_a_disk_to_read_only_names_the_file_for_the_results(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    rule = shipped_rule()
    monkeypatch.setattr("harness.rule_options.shipped_rule", lambda: rule)  # so that only the results are opened
    monkeypatch.setattr("pathlib.Path.open", refused)
    monkeypatch.setattr("pathlib.Path.unlink", refused)
    ran = run("detect", "-", "--out", "signals", stdin=NDJSON)
    assert ran == Ran(2, b"", "vaultdrill: signals: cannot be written (Read-only file system)\n")


def test_a_limit_to_files_names_the_dataset_on_any_number_of_workers(tmp_path: Path) -> None:
    for workers in ("1", "2"):
        simulate = f"{' '.join(COMMAND)} simulate --people 20 --days 20 --workers {workers} --out company"
        line = f"ulimit -f 100; {simulate}"
        ran = subprocess.run(["bash", "-c", line], capture_output=True, cwd=tmp_path, timeout=120, check=False)
        assert (ran.returncode, ran.stderr) == (2, b"vaultdrill: company: File too large\n")
        assert list(tmp_path.iterdir()) == []


def test_parquet_in_a_pipe_is_told_to_need_a_file(run: Run) -> None:
    line = "vaultdrill: -: found Parquet in a pipe; legal: Parquet in a file, given by its name\n"
    for verb in ("detect", "describe"):
        assert run(verb, "-", stdin=b"PAR1\x15\x04") == Ran(2, b"", line)


def test_signals_in_parquet_are_refused(run: Run, tmp_path: Path) -> None:
    write_drill(tmp_path / "drill", [Usage("2026-01-01T09:00:00Z", "ada", "fill")], "2026-01-10T00:00:00Z")
    Path("signals").write_bytes(b"PAR1\xff\xff")
    legal = "signals as `vaultdrill detect` writes them, NDJSON or JSON"
    ran = run("score", "--signals", "signals", "--dataset", "drill")
    assert ran == Ran(2, b"", f"vaultdrill: signals: found Parquet; legal: {legal}\n")


def test_inject_tells_a_feed_that_is_missing_from_one_that_cannot_be_read(run: Run, tmp_path: Path) -> None:
    write_drill(tmp_path / "drill", [Usage("2026-01-01T09:00:00Z", "ada", "fill")], "2026-01-10T00:00:00Z")
    path = Path("drill/manifest.json")
    whole = path.read_text()
    for changed, says in (
        ("itemusages.parquet", "drill/itemusages.parquet: cannot be read (No such file or directory)"),
        ("x.ndjson", "drill: itemusages.ndjson: not found among the manifest's files; legal: all three feeds"),
    ):
        path.write_text(whole.replace("itemusages.ndjson", changed))
        ran = run("inject", "--into", "drill", "--scenario", "all", "--out", "new")
        assert ran == Ran(2, b"", f"vaultdrill: {says}\n")


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(("how", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_to_end_leaves_nothing_half_written(tmp_path: Path, how: str, code: int, workers: str) -> None:
    simulate = [*COMMAND, "simulate", "--days", "3000", "--workers", workers, "--out", "company"]
    with started(simulate, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        until = time.monotonic() + 60
        while not any(tmp_path.glob(".company.*.partial/itemusages.ndjson")) and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(getattr(signal, how))
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (code, b"", b"")
    assert list(tmp_path.iterdir()) == []


def test_whoever_ignores_a_closed_terminal_goes_on() -> None:
    line = f"trap '' HUP; {' '.join(COMMAND)} detect - --emit matches"
    with started(["bash", "-c", line], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(NDJSON)
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        process.stdin.close()
        assert process.wait(30) == 0


def test_a_fault_of_our_own_is_not_hidden(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a fault")

    monkeypatch.setattr("harness.verbs.detect.write_rows", broken)
    with pytest.raises(ValueError, match="a fault"):
        run("detect", "-", stdin=NDJSON)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events whose matches by far outgrow a pipe."""
    path = tmp_path_factory.mktemp("many") / "events"
    people = [record(number, 1, "fill", f"p{number}@example.com") for number in range(3_000)]
    later = [record(3_000 + number, 20, "export", f"p{number}@example.com") for number in range(3_000)]
    path.write_text("".join(f"{json.dumps(each)}\n" for each in people + later))
    return path


@pytest.mark.parametrize("options", ["", "--store state.db", "--format json", "--format table", "--emit matches"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_early_ends_the_command_quietly(
    tmp_path: Path, many: Path, options: str, unbuffered: str
) -> None:
    line = f'{sys.executable} -m harness detect "{many}" {options} | head -1; echo "${{PIPESTATUS[0]}}"'
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    ran = subprocess.run(
        ["bash", "-c", line], capture_output=True, cwd=tmp_path, env=environment, timeout=30, check=True
    )
    first, code = ran.stdout.splitlines()
    assert first
    assert (code, ran.stderr) == (b"0", b"")


def test_a_reader_that_leaves_early_leaves_the_store_untouched(tmp_path: Path, many: Path) -> None:
    detect = [*COMMAND, "detect", str(many), "--store", "state.db"]
    with started(detect, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) == 0
    again = subprocess.run(detect, capture_output=True, cwd=tmp_path, timeout=30, check=True)
    assert len(again.stdout.splitlines()) == 3_000


def test_signals_of_a_pipe_arrive_while_it_is_open() -> None:
    detect = [*COMMAND, "detect", "-", "--emit", "matches"]
    with started(detect, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(NDJSON)
        process.stdin.flush()
        assert [json.loads(process.stdout.readline())["uuid"] for _ in MATCHED] == MATCHED
        process.stdin.close()
        assert process.wait(30) == 0


def test_a_person_at_a_terminal_gets_a_table_without_colours(tmp_path: Path) -> None:
    (tmp_path / "events").write_bytes(NDJSON)
    ours, theirs = pty.openpty()
    environment = os.environ | {"NO_COLOR": "1", "TERM": "xterm-256color"}
    detect = [*COMMAND, "detect", "events"]
    ran = subprocess.run(
        detect, stdout=theirs, stderr=subprocess.PIPE, cwd=tmp_path, env=environment, timeout=30, check=True
    )
    os.close(theirs)
    text = os.read(ours, 65_536).decode()
    os.close(ours)
    assert text.splitlines()[0].split() == ["opened", "severity", "group", "new", "values", "matches"]
    assert "\x1b" not in text + ran.stderr.decode()


def test_the_command_itself_tells_a_mistake_in_one_line(tmp_path: Path) -> None:
    ran = subprocess.run([*COMMAND, "detect", "absent"], capture_output=True, cwd=tmp_path, timeout=30, check=False)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert ran.stderr == b"vaultdrill: absent: cannot be read (No such file or directory)\n"


def test_results_may_go_to_a_pipe_by_its_name(tmp_path: Path) -> None:
    days = [Usage(f"2026-01-{day:02d}T09:00:00Z", "ada", "fill") for day in range(1, 10)]
    exported = Usage("2026-01-10T09:00:00Z", "ada", "export")
    dataset = write_drill(tmp_path / "d", [*days, exported], "2026-01-11T00:00:00Z")
    command = f"{sys.executable} -m harness detect {dataset} --out /dev/stdout | cat"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    assert ran.stdout.startswith(b'{"id":')
    assert b"cannot" not in ran.stderr


@pytest.mark.parametrize(
    ("closed", "says"), [("<&-", b"standard input is closed"), (">&-", b"standard output is closed")]
)
def test_a_closed_stream_is_told_in_one_line(closed: str, says: bytes) -> None:
    source = "-" if closed == "<&-" else "/dev/null"
    command = f"{sys.executable} -m harness detect {source} {closed}"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert ran.stderr.count(b"\n") == 1
