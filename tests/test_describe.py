"""The verb `describe`, and how records are read for it: files, datasets, pipes in, figures out, mistakes in a line."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from calling import Ran, Run, caller

from harness.record_reader import RecordReader
from simulator.records import encode, item_usage, lower_uuid, timestamp_text, upper_uuid
from simulator.timeline import DAY, HOUR
from simulator.writers import DatasetWriter, Header, Period

MONDAY = 20_458 * DAY  # 2026-01-05


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command in this process, in a directory of its own."""
    return caller("describe", tmp_path, monkeypatch, capfd)


def line(number: int, at: int = 0, who: str = "ada", action: str = "fill", **changes: Any) -> bytes:
    record = item_usage(
        uuid=upper_uuid(number, 7),
        timestamp=MONDAY + at,
        used_version=1,
        vault_uuid=lower_uuid(1, 1),
        item_uuid=lower_uuid(2, 2),
        action=action,
        user={"uuid": upper_uuid(3, 3), "name": who, "email": f"{who}@example.com"},
        client={"app_name": "1Password for Mac", "ip_address": "192.0.2.7"},
    )
    return encode(record | changes)


def shown(ran: Ran) -> Any:
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


LOG = line(1) + line(2, HOUR, "Ada", "reveal") + line(3, DAY, "bob")


@pytest.mark.parametrize(
    "data",
    [
        LOG,
        gzip.compress(LOG, mtime=0),
        b"\n" + LOG + b"\n",
        b'{"cursor":"c","has_more":false,"items":[' + LOG.strip().replace(b"\n", b",") + b"]}\n",
        b"[" + LOG.strip().replace(b"\n", b",") + b"]",
        json.dumps([json.loads(each) for each in LOG.splitlines()], indent=2).encode(),
    ],
)
def test_records_are_read_in_every_form_that_the_api_has_them(run: Run, data: bytes) -> None:
    Path("log").write_bytes(data)
    for found in (shown(run("log", "--format", "json")), shown(run("-", "--format", "json", stdin=data))):
        assert (found["records"], found["people"], found["days"]) == (3, 2, 2)
        assert found["actions"]["reveal"] == pytest.approx(1 / 3)
        assert found["clients"] == {"1Password for Mac": 1.0}


def test_a_dataset_is_read_with_all_its_feeds(run: Run) -> None:
    header = Header(
        seed=1, parameters={}, period=Period("2026-01-05T00:00:00Z", "2026-01-07T00:00:00Z"), scenarios=(), versions={}
    )
    sign_in = {
        "uuid": "A",
        "session_uuid": "S",
        "timestamp": timestamp_text(MONDAY),
        "category": "success",
        "type": "mfa_ok",
    }
    with DatasetWriter(Path("company"), header) as dataset:
        dataset.write("itemusages", LOG.splitlines(keepends=True))
        dataset.write("signinattempts", [encode(sign_in)])
        dataset.write("auditevents", [encode({"uuid": "B", "action": "create", "object_type": "device"})])
    found = shown(run("company", "--format", "json"))
    assert found["records"] == 3
    assert found["sign_ins"] == {"records": 1, "shares": {"success/mfa_ok": 1.0}}
    assert found["audit_events"] == 1


def test_a_person_is_known_by_email_else_by_uuid(run: Run) -> None:
    users = [{"email": "a@example.com", "uuid": "U"}, {"email": "A@example.com"}, {"uuid": "V"}, {"uuid": "V"}]
    log = b"".join(line(number, user=user) for number, user in enumerate(users))
    assert shown(run("-", "--format", "json", stdin=log))["people"] == 2


def test_a_record_that_comes_again_is_counted_once(run: Run) -> None:
    found = shown(run("-", "--format", "json", stdin=line(1) + line(2) + line(1)))
    assert (found["records"], found["repeats"]) == (2, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"client": [1]},
        {"client": {"app_name": 7}},
        {"action": 7},
        {"uuid": 7},
        {"type": []},
        {"cursor": None, "target_user": "x"},
        {"items": 5},
        {"item_uuid": None},
        {"user": {"email": 7, "uuid": "U"}},
    ],
)
def test_what_is_optional_and_of_another_type_counts_as_absent(run: Run, changes: dict[str, Any]) -> None:
    found = shown(run("-", "--format", "json", stdin=line(1) + line(2, who="bob", **changes)))
    assert (found["records"], found["people"]) == (2, 2)


def test_an_action_or_a_client_of_another_type_is_no_other_one(run: Run) -> None:
    odd: dict[str, Any] = {"action": 7, "client": [1]}
    found = shown(run("-", "--format", "json", stdin=line(1) + line(2, **odd)))
    assert found["actions"]["other"] == 0.5
    assert found["clients"] == {"1Password for Mac": 0.5, "": 0.5}


@pytest.mark.parametrize("user", [None, [1], 7, {}, {"email": None}, {"email": 7}])
def test_who_is_not_named_is_nobody(user: object) -> None:
    reader = RecordReader()
    reader.read_lines([line(1), line(2, user=user), line(2, user=user)], "log")
    assert (reader.observation.records, reader.without_user) == (1, 1)
    assert reader.observation.humans().tolist() == [True]


def test_two_logs_are_described_side_by_side_with_their_distance(run: Run) -> None:
    Path("one").write_bytes(LOG)
    Path("other").write_bytes(line(1) + line(2))
    found = shown(run("one", "--against", "other", "--format", "json"))
    assert set(found) == {"first", "second", "distance"}
    assert found["distance"]["actions"] == pytest.approx(1 / 3)
    table = run("one", "--against", "other").out
    assert "TV 0.333" in table
    assert table.splitlines()[0].split() == ["figure", "first", "second", "distance"]


def test_a_table_says_each_figure_once(run: Run) -> None:
    ran = run("-", stdin=LOG)
    names = [row[:44].strip() for row in ran.out.splitlines()[2:]]
    assert ran.code == 0
    for name in ("people", "- reveal", "- 1Password for Mac", "at weekends", "first actions a person and month"):
        assert name in names
    assert "undefined" in ran.out  # a log of two days has no first times


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "log: found an empty file; legal: records, one a line, or pages of the API"),
        (b"{}\n", "log: found no item usages; legal: records of the Events API, some of them item usages"),
        (
            line(1) + b"{\n",
            "log:2: found no JSON (Input data was truncated); legal: a record of the Events API",
        ),
        (line(1) + b"7\n", "log:2: found 7; legal: a record of the Events API, a JSON object"),
        (b"[null]\n", "log:1: found null; legal: a record of the Events API, a JSON object"),
        (
            line(1) + line(2, timestamp=None),
            "log:2: timestamp: found 'null'; legal: RFC 3339, such as 2026-01-31T09:30:00.123456789Z",
        ),
        (
            b'{"item_uuid":"i","vault_uuid":"v"}\n',
            "log:1: timestamp: found nothing; legal: RFC 3339, such as 2026-01-31T09:30:00.123456789Z",
        ),
        (line(1, user=None), "log: found item usages without a user only; legal: some of a human"),
        (
            line(1) + line(2, timestamp="2026-02-30T00:00:00Z"),
            "log:2: timestamp: found '2026-02-30T00:00:00Z' (no day of the calendar); legal: RFC 3339,"
            " such as 2026-01-31T09:30:00.123456789Z",
        ),
        (
            b'{"items":[' + line(1).strip() + b"," + line(2, timestamp="soon").strip() + b"]}\n",
            "log:1: timestamp: found 'soon'; legal: RFC 3339, such as 2026-01-31T09:30:00.123456789Z",
        ),
        (
            line(1) + line(2) + line(3, 5_000 * DAY) + line(4),
            "log:3: timestamp: found records 5000 days apart; legal: up to 3653",
        ),
        (
            line(1, action="server-fetch", client={"app_name": "1Password SDK"}),
            "log: found item usages of machines only; legal: some of a human",
        ),
    ],
)
def test_a_mistake_is_told_in_one_line(run: Run, data: bytes, told: str) -> None:
    Path("log").write_bytes(data)
    assert run("log") == (2, "", f"vaultdrill: {told}\n")


def test_a_source_that_is_not_there_is_named(run: Run) -> None:
    assert run("absent") == (2, "", "vaultdrill: absent: cannot be read (No such file or directory)\n")
