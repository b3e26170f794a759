"""Parquet read in bulk is what its lines are: the same events, the same counts, the same complaints."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from builders import ADA, BOB, START
from parquet_tables import UUIDS, by_lines, cut_small, in_bulk, parts, usages, written

TEXT = pa.string()


def dictionary(*values: Any, indices: Any = None) -> Any:
    return pa.array(values).dictionary_encode().cast(pa.dictionary(indices or pa.int32(), TEXT))


ORDINARY: dict[str, dict[str, Any]] = {
    "strings": {},
    "nulls among the groups": {"user.email": [ADA, None]},
    "no such field at all": {"user.email": None},
    "large strings": {"action": pa.array(["fill", "reveal"], pa.large_string())},
    "string views": {"action": pa.array(["fill", None], pa.string_view())},
    "a dictionary": {"action": dictionary("fill", None)},
    "a dictionary of small codes": {"action": dictionary("fill", "fill", indices=pa.int8())},
    "empty strings and NUL": {"action": ["", "\0a"]},
    "integers": {"action": [1, None]},
    "unsigned integers": {"action": pa.array([2**64 - 1, 0], pa.uint64())},
    "whole floats and minus zero": {"action": [1.0, -0.0]},
    "floats that JSON has not": {"action": [float("nan"), float("inf")]},
    "narrow floats": {"action": pa.array([0.1, 1e30], pa.float32())},
    "truth": {"action": [True, None]},
    "nothing": {"action": pa.nulls(2)},
    "a struct": {"user.email": None, "user": [{"email": ADA}, None]},
    "a struct of nulls": {"user.email": None, "user": [{"email": None}, {"email": BOB}]},
    "a text for a parent": {"user.email": None, "user": ["ada", "bob"]},
    "an odd type that nobody asks for": {"fee": [Decimal("1.5"), None]},
    "a dictionary of uuids": {"uuid": dictionary(*UUIDS[:2])},
    "microseconds": {"timestamp_ns": None},
    "nanoseconds": {"timestamp_ns": None, "timestamp": pa.array([START + 1, START + 2], pa.timestamp("ns", "UTC"))},
    "text of a time": {"timestamp_ns": None, "timestamp": ["2026-01-05T09:00:00Z", "2026-01-05T10:00:00.5+01:00"]},
    "sign-ins": {
        **dict.fromkeys(("item_uuid", "vault_uuid", "user.email", "action")),
        "category": ["success", "failed"],
        "session_uuid": ["s", "s"],
        "target_user.email": [ADA, BOB],
    },
    "audit events": {
        **dict.fromkeys(("item_uuid", "vault_uuid", "user.email")),
        "object_type": ["vault", "item"],
        "actor_details.email": [ADA, BOB],
    },
    "half of the marks of a usage": {"vault_uuid": None, "object_type": ["vault", "item"]},
}
UNUSUAL: dict[str, dict[str, Any]] = {
    "two kinds": {"item_uuid": ["i", None], "object_type": [None, "vault"]},
    "no kind": {"item_uuid": None},
    "a kind's mark in parts": {"item_uuid": None, "item_uuid.x": ["i", "i"]},
    "no uuid": {"uuid": None},
    "a null for a uuid": {"uuid": [UUIDS[0], None]},
    "a short uuid": {"uuid": [UUIDS[0], "A"]},
    "uuids of even length together": {"uuid": [UUIDS[0] + "A", UUIDS[1][1:]]},
    "a uuid with an 8": {"uuid": [UUIDS[0], UUIDS[1][:25] + "8"]},
    "a number for a uuid": {"uuid": [1, 2]},
    "a list of uuids": {"uuid": [[UUIDS[0]], [UUIDS[1]]]},
    "no time": {"timestamp": None, "timestamp_ns": None},
    "a null for a time": {"timestamp_ns": [START, None]},
    "nanoseconds alone": {"timestamp": None},
    "a number for a time": {"timestamp_ns": None, "timestamp": [START, START]},
    "the year 1677": {"timestamp_ns": [START, -(2**63) + 1]},
    "the year 2262": {"timestamp_ns": [START, 2**63 - 1]},
    "a time without a zone": {"timestamp_ns": None, "timestamp": pa.array([START // 1000] * 2, pa.timestamp("us"))},
    "nanoseconds without a zone": {"timestamp_ns": None, "timestamp": pa.array([START, 1], pa.timestamp("ns"))},
    "another zone": {"timestamp_ns": None, "timestamp": pa.array([START // 1000] * 2, pa.timestamp("us", "+02:00"))},
    "the year 3000": {"timestamp_ns": None, "timestamp": [datetime(3000, 1, 5, tzinfo=UTC)] * 2},
    "a day for a time": {"timestamp_ns": None, "timestamp": [date(2026, 1, 5)] * 2},
    "no day of the calendar": {"timestamp_ns": None, "timestamp": ["2026-02-30T00:00:00Z", "2026-01-05T09:00:00Z"]},
    "decimals": {"action": [Decimal("1.5"), None]},
    "bytes": {"action": [b"fill", b"\xff"]},
    "lists": {"action": [["fill"], []]},
    "days": {"action": [date(2026, 1, 5), None]},
    "a field with nanoseconds beside it": {"action_ns": [1, 2]},
    "names that differ in case": {"Action": ["export", "export"]},
    "a struct where a text is asked for": {"action": [{"x": 1}, None]},
    "a column and its parent": {"user": [{"email": BOB}, {"name": "Bob"}]},
    "a column in a text": {"action.x": ["a", "b"]},
    "a column in a number, told first": {"user": None, "x.y": [1, 2], "x": [1, 2]},
}


@pytest.mark.parametrize("columns", ORDINARY.values(), ids=ORDINARY)
def test_what_is_ordinary_goes_by_columns_and_is_what_its_lines_are(tmp_path: Path, columns: dict[str, Any]) -> None:
    path = written(tmp_path / "f", usages(**columns))
    assert parts(path) == ["Columns"]
    assert in_bulk(path) == by_lines(path)


@pytest.mark.parametrize("columns", UNUSUAL.values(), ids=UNUSUAL)
def test_what_is_unusual_goes_by_lines(tmp_path: Path, columns: dict[str, Any]) -> None:
    path = written(tmp_path / "f", usages(**columns))
    read = in_bulk(path)
    assert read == by_lines(path)
    assert read.complaints or parts(path) == ["Chunk"]


def test_an_unusual_batch_is_numbered_lines_between_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_small(monkeypatch, 2)
    bad = [*UUIDS[:3], "A"]
    path = written(tmp_path / "f", usages(4, uuid=bad), row_group_size=2)
    assert parts(path) == ["Columns", "Chunk"]
    assert in_bulk(path).complaints == [f"{path}:4: uuid: found 'A'; legal: 26 characters of base32 (A-Z, 2-7)"]
    assert in_bulk(path) == by_lines(path)
