"""Records become events in arrival order, whatever they are packed in; what cannot be read is told by its place."""

import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.reading import PART, Reader
from detector.rules import shipped_rule
from detector.selection import Selector
from detector.source import SourceError

LEGAL_TIME = "legal: RFC 3339, such as 2026-01-31T09:30:00.123456789Z"


def uuid(number: int) -> str:
    """26 characters of base32 that sort as their numbers do."""
    digits = "ABCDEFGHIJ"
    return "".join(digits[int(digit)] for digit in f"{number:026d}")


def usage(number: int, second: int = 0, **changes: Any) -> dict[str, Any]:
    record = {
        "uuid": uuid(number),
        "timestamp": f"2026-01-05T09:00:{second:02d}.000000001Z",
        "item_uuid": "item",
        "vault_uuid": "vault",
        "action": "reveal",
        "user": {"email": "ada@example.com"},
    }
    return record | changes


def reader(complaints: list[str] | None = None) -> Reader:
    def stop(line: str) -> None:
        raise SourceError(line)

    return Reader(Selector(shipped_rule()), stop if complaints is None else complaints.append)


def written(folder: Path, data: bytes | str, name: str = "events") -> str:
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return str(folder / name)


def ndjson(records: Iterable[object]) -> str:
    return "".join(f"{json.dumps(record)}\n" for record in records)


def read(*names: str, complaints: list[str] | None = None) -> list[str]:
    return [event.uuid for batch in reader(complaints).batches(names) for event in batch]


def dataset(folder: Path, **feeds: list[dict[str, Any]]) -> str:
    files = {}
    for name in ("itemusages", "signinattempts", "auditevents"):
        records = feeds.get(name, [])
        written(folder, ndjson(records), f"{name}.ndjson")
        files[f"{name}.ndjson"] = {"records": len(records), "sha256": ""}
    manifest = {"format": "vaultdrill/dataset", "version": 1, "files": files}
    written(folder, json.dumps(manifest), "manifest.json")
    return str(folder)


THREE = [usage(1), usage(2), usage(3)]


@pytest.mark.parametrize(
    "text",
    [
        ndjson(THREE),
        ndjson(THREE).rstrip("\n"),
        ndjson(THREE).replace("\n", "\r\n"),
        ndjson(THREE).replace("\n", "\n\n"),
        json.dumps(THREE),
        json.dumps(THREE, indent=2),
        json.dumps({"cursor": "c", "has_more": False, "items": THREE}),
        json.dumps({"items": THREE}, indent="\t"),
        ndjson([{"cursor": "c", "has_more": True, "items": THREE[:2]}, {"cursor": "d", "items": THREE[2:]}]),
        ndjson([THREE[0], [THREE[1]], {"cursor": "c", "items": THREE[2:]}]),
        "".join(json.dumps({"cursor": "c", "items": [record]}, indent=1) for record in THREE),
        ndjson([{"cursor": "c", "items": []}, *THREE, {"cursor": "c", "items": None}, []]),
    ],
)
@pytest.mark.parametrize("packed", [str.encode, lambda text: gzip.compress(text.encode())])
def test_lines_pages_and_arrays_plain_or_gzip_are_the_same_records(
    tmp_path: Path, text: str, packed: Callable[[str], bytes]
) -> None:
    assert read(written(tmp_path, packed(text))) == [uuid(1), uuid(2), uuid(3)]


def test_records_of_v1_and_v2_are_the_same_events(tmp_path: Path) -> None:
    v1 = usage(1)
    v2 = usage(2, account_uuid="A" * 26)
    v2["user"] |= {"user_type": "user", "user_account_uuid": "A" * 26}
    assert read(written(tmp_path, ndjson([v1, v2]))) == [uuid(1), uuid(2)]


def test_a_page_of_datadogs_log_search_is_read_by_its_data(tmp_path: Path) -> None:
    log = {
        "id": "log-1",
        "type": "log",
        "attributes": {
            "timestamp": "2026-01-05T09:00:00Z",
            "tags": ["source:1password"],
            "attributes": {
                "evt": {"type": "1password-item-usages", "name": "reveal"},
                "usr": {"email": "ada@example.com"},
            },
        },
    }
    assert read(written(tmp_path, json.dumps({"data": [log], "meta": {}}))) == ["log-1"]


def test_sources_are_read_one_after_the_other_in_the_order_given(tmp_path: Path) -> None:
    first = written(tmp_path, ndjson([usage(2, 5)]), "first")
    second = written(tmp_path, ndjson([usage(1, 1)]), "second")
    assert read(first, second) == [uuid(2), uuid(1)]
    assert read(second, first) == [uuid(1), uuid(2)]


def test_a_dataset_gives_its_feeds_merged_by_time_each_in_its_own_order(tmp_path: Path) -> None:
    sign_in = {"category": "success", "session_uuid": "S", "target_user": {"email": "ada@example.com"}}
    sign_in |= {"uuid": uuid(9), "timestamp": "2026-01-05T09:00:20Z"}
    folder = dataset(tmp_path, itemusages=[usage(1, 10), usage(2, 5), usage(3, 30)], signinattempts=[sign_in])
    everything = Reader(Selector(replace(shipped_rule(), query="*")), pytest.fail)
    found = [event.uuid for batch in everything.batches([folder]) for event in batch]
    assert found == [uuid(1), uuid(2), uuid(9), uuid(3)]


def test_a_dataset_never_reads_its_labels(tmp_path: Path) -> None:
    folder = dataset(tmp_path, itemusages=[usage(1)])
    written(tmp_path, "not even json", "labels.ndjson")
    written(tmp_path, "not even json", "incidents.ndjson")
    assert read(folder) == [uuid(1)]


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (
            lambda folder: (folder / "manifest.json").unlink(),
            "{0}: found a directory without manifest.json; legal: a dat",
        ),
        (
            lambda folder: (folder / "auditevents.ndjson").unlink(),
            "{0}/auditevents.ndjson: the dataset lacks this feed",
        ),
        (lambda folder: written(folder, "{", "manifest.json"), "{0}/manifest.json: not a dataset's manifest ("),
        (lambda folder: written(folder, "[]", "manifest.json"), "{0}/manifest.json: not a dataset's manifest ("),
        (
            lambda folder: written(folder, '{"format": "x", "version": 2, "files": {}}', "manifest.json"),
            "{0}/manifest.json: found the format 'x 2'; legal: 'vaultdrill/dataset 1'",
        ),
    ],
)
def test_a_directory_that_is_no_dataset_is_refused(tmp_path: Path, spoil: Callable[[Path], object], line: str) -> None:
    folder = dataset(tmp_path, itemusages=[usage(1)])
    spoil(tmp_path)
    with pytest.raises(SourceError) as refused:
        read(folder)
    assert str(refused.value).startswith(line.format(folder))
    assert "\n" not in str(refused.value)


GOOD = json.dumps(usage(1))


@pytest.mark.parametrize(
    ("text", "number", "line"),
    [
        (
            f"{GOOD}\n{GOOD[:40]}",
            2,
            f"found '{GOOD[:40]}', which is not JSON (Input data was truncated); legal: one JSON",
        ),
        ("\x7fELF\0\1", 1, "found binary data b'\\x7fELF\\x00\\x01', which is not JSON ("),
        ("5\n", 1, "found '5' (Expected `object`, got `int`); legal: one JSON object a record"),
        ("null", 1, "found 'null' (Expected `object`, got `null`); legal: one JSON object a record"),
        ('{"a": 1}', 1, "found '{\"a\": 1}'; legal: an item usage, sign-in, audit event or Datadog log"),
        ('{"error": {}}', 1, "found '{\"error\": {}}'; legal: an item usage, sign-in, audit event or Datadog log"),
        ("{}", 1, "found '{}'; legal: an item usage, sign-in, audit event or Datadog log"),
        (ndjson([usage(1), usage(2, uuid="x")]), 2, "uuid: found 'x'; legal: 26 characters of base32 (A-Z, 2-7)"),
        (ndjson([usage(1, uuid=None)]), 1, "uuid: found None; legal: 26 characters of base32 (A-Z, 2-7)"),
        (ndjson([usage(1, uuid=7)]), 1, "uuid: found 7; legal: 26 characters of base32 (A-Z, 2-7)"),
        (
            ndjson([usage(1, uuid="A" * 25 + "1")]),
            1,
            f"uuid: found '{'A' * 25}1'; legal: 26 characters of base32 (A-Z, 2-7)",
        ),
        (
            ndjson([usage(1, uuid="A" * 26 + "\n")]),
            1,
            f"uuid: found '{'A' * 26}\\n'; legal: 26 characters of base32 (A-Z, ",
        ),
        (ndjson([usage(1, timestamp="today")]), 1, f"timestamp: found 'today'; {LEGAL_TIME}"),
        (ndjson([usage(1, timestamp=1_767_600_000)]), 1, "timestamp: found 1767600000; legal: text in RFC 3339"),
        (ndjson([usage(1, timestamp=None)]), 1, "timestamp: found None; legal: text in RFC 3339"),
        (
            ndjson([{"item_uuid": "i", "vault_uuid": "v"}]),
            1,
            "uuid: found nothing; legal: 26 characters of base32 (A-Z, 2-7)",
        ),
        (
            ndjson([usage(1, timestamp="2026-02-30T09:00:00Z")]),
            1,
            f"timestamp: found '2026-02-30T09:00:00Z' (no day of the calendar); {LEGAL_TIME}",
        ),
        (
            ndjson([usage(1, timestamp="2026-01-05T24:00:00Z")]),
            1,
            f"timestamp: found '2026-01-05T24:00:00Z'; {LEGAL_TIME}",
        ),
        (
            ndjson([usage(1, timestamp="2026-01-05T09:00:00.1234567890Z")]),
            1,
            f"timestamp: found '2026-01-05T09:00:00.1234567890Z'; {LEGAL_TIME}",
        ),
        (
            ndjson([usage(1, timestamp="2026-01-05T09:00:00")]),
            1,
            f"timestamp: found '2026-01-05T09:00:00'; {LEGAL_TIME}",
        ),
        (
            ndjson([usage(1, timestamp="9999-01-05T09:00:00Z")]),
            1,
            f"timestamp: found '9999-01-05T09:00:00Z' (int64 nanoseconds hold the years 1678 to 2261); {LEGAL_TIME}",
        ),
        (
            json.dumps({"items": [usage(1), 5]}),
            1,
            "items[1]: found '5' (Expected `object`, got `int`); legal: one JSON obj",
        ),
        (
            json.dumps({"cursor": "c", "items": [usage(1), usage(2, uuid="x")]}, indent=1),
            14,
            "items[1]: uuid: found 'x'; legal: 26 characters of base32 (A-Z, 2-7)",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line_with_file_line_field_found_and_legal(
    tmp_path: Path, text: str, number: int, line: str
) -> None:
    name = written(tmp_path, text)
    with pytest.raises(SourceError) as refused:
        read(name)
    assert str(refused.value).startswith(f"{name}:{number}: {line}")
    assert "\n" not in str(refused.value)


def test_reading_goes_on_behind_what_could_not_be_read(tmp_path: Path) -> None:
    page = {"cursor": "c", "items": [usage(2), usage(3, uuid="?"), usage(4)]}
    name = written(tmp_path, f"{json.dumps(usage(1))}\n{{\n{json.dumps(page)}\n7\n{json.dumps(usage(5))}\n")
    complaints: list[str] = []
    assert read(name, complaints=complaints) == [uuid(1), uuid(2), uuid(4), uuid(5)]
    assert [complaint.partition(": ")[0] for complaint in complaints] == [f"{name}:{number}" for number in (2, 3, 4)]


@pytest.mark.parametrize(
    "odd",
    [
        {"user": None},
        {"user": "ada"},
        {"user": []},
        {"user": {"email": None}},
        {"user": {"email": {"at": 1}}},
        {"client": 5, "location": [], "used_version": "nine"},
        {"action": None},
        {"action": ["reveal"]},
        {"item_uuid": None, "vault_uuid": 3},
    ],
)
def test_optional_objects_that_are_absent_or_oddly_typed_are_no_errors(tmp_path: Path, odd: dict[str, Any]) -> None:
    record = usage(1) | odd
    seen = (record["user"], record["action"]) == (usage(1)["user"], "reveal")
    assert read(written(tmp_path, ndjson([record]))) == ([uuid(1)] if seen else [])


@pytest.mark.parametrize("count", [PART - 1, PART, 2 * PART + 1])
def test_a_long_dataset_comes_in_batches_without_loss(tmp_path: Path, count: int) -> None:
    folder = dataset(tmp_path, itemusages=[usage(number) for number in range(count)])
    sizes = [len(batch) for batch in reader().batches([folder])]
    assert sum(sizes) == count
    assert max(sizes) == min(count, PART)


def test_a_fault_in_a_long_file_has_its_own_line_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [json.dumps(usage(number)) for number in range(5_000)]
    lines[3_210] = "?"
    complaints: list[str] = []
    found = read(written(tmp_path, "\n".join(lines)), complaints=complaints)
    assert found == [uuid(number) for number in range(5_000) if number != 3_210]
    assert [complaint.partition(": ")[0] for complaint in complaints] == [f"{tmp_path}/events:3211"]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=12))
def test_sorted_is_by_timestamp_then_uuid_over_all_sources(
    tmp_path_factory: pytest.TempPathFactory, stamps: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("sorted")
    records = [usage(number, second) for second, number in stamps] or [usage(0)]
    first = written(folder, ndjson(records[: len(records) // 2]) or "[]", "first")
    second = written(folder, ndjson(records[len(records) // 2 :]), "second")
    found = [(event.timestamp, event.uuid) for batch in reader().sorted([first, second]) for event in batch]
    assert found == sorted(found)
    assert sorted(uuid for _, uuid in found) == sorted(record["uuid"] for record in records)
