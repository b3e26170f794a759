"""Records carry exactly the fields of the Events API, and their times and identifiers its forms."""

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import records

USER = {"uuid": "U", "name": "Ada", "email": "ada@example.com"}
CLIENT = {"app_name": "1Password CLI", "ip_address": "192.0.2.1"}
PLACE = {"country": "Canada"}
WORD = st.integers(0, 2**64 - 1)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000000001Z"),
        (120_000_000, "1970-01-01T00:00:00.12Z"),
        (86_399_999_999_999, "1970-01-01T23:59:59.999999999Z"),
        (-500_000_000, "1969-12-31T23:59:59.5Z"),
        (10 * 10**9, "1970-01-01T00:00:10Z"),
    ],
)
def test_times_are_written_as_go_writes_rfc3339nano(ns: int, text: str) -> None:
    assert records.timestamp_text(ns) == text
    assert records.parse_timestamp(text) == ns


@pytest.mark.parametrize("text", ["2024-02-29T12:00:00-03:00", "2024-02-29T15:00:00+00:00", "2024-02-29t15:00:00.0z"])
def test_offsets_and_lower_case_name_the_same_instant(text: str) -> None:
    assert records.parse_timestamp(text) == records.parse_timestamp("2024-02-29T15:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-01-01",
        "2024-01-01T00:00:00",
        "2024-01-01 00:00:00Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00.0123456789Z",
        "2023-02-29T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:60Z",
        "2024-01-01T00:00:00+24:00",
        "2024-01-01T00:00:00+0100",
        "0000-01-01T00:00:00Z",
        "٢٠٢٤-01-01T00:00:00Z",
        "2024-01-01T00:00:00Z\n",
    ],
)
def test_anything_else_is_refused_in_one_line_that_quotes_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"\Atimestamp: found .*; legal: RFC 3339 .*\Z") as refused:
        records.parse_timestamp(text)
    assert repr(text) in str(refused.value)


@pytest.mark.parametrize("ns", [-(2**67), 2**68])
def test_times_outside_the_calendar_are_refused(ns: int) -> None:
    with pytest.raises(ValueError, match="legal: years 1 to 9999"):
        records.timestamp_text(ns)


@given(st.integers(-62_135_596_800 * 10**9, 253_402_300_800 * 10**9 - 1))
def test_a_written_time_reads_back_as_itself(ns: int) -> None:
    text = records.timestamp_text(ns)
    assert records.parse_timestamp(text) == ns
    assert not re.search(r"\.(\d*0)?Z$", text)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001
def test_reading_agrees_with_the_standard_library(moment: datetime) -> None:
    whole = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // (moment.resolution) * 1000
    assert records.parse_timestamp(moment.isoformat()) == whole


@given(WORD, WORD, WORD, WORD)
def test_different_pairs_have_different_identifiers(a: int, b: int, c: int, d: int) -> None:
    assert (records.upper_uuid(a, b) == records.upper_uuid(c, d)) == ((a, b) == (c, d))
    assert re.fullmatch("[A-Z2-7]{26}", records.upper_uuid(a, b))
    assert records.lower_uuid(a, b) == records.upper_uuid(a, b).lower()


def test_an_item_usage_has_the_fields_of_the_api_in_its_order() -> None:
    record = records.item_usage(
        uuid="E", timestamp=0, used_version=3, vault_uuid="v", item_uuid="i", action="fill",
        user=USER, client=CLIENT, location=PLACE,
    )  # fmt: skip
    assert list(record) == [
        "uuid", "timestamp", "used_version", "vault_uuid", "item_uuid", "action", "user", "client",
        "location",
    ]  # fmt: skip
    assert record["timestamp"] == "1970-01-01T00:00:00Z"


def test_a_sign_in_has_the_fields_of_the_api_in_its_order_and_details_stay_null() -> None:
    record = records.sign_in(
        uuid="E", session_uuid="S", timestamp=0, category="success", type="credentials_ok", country="CA",
        target_user=USER, client=CLIENT, location=PLACE,
    )  # fmt: skip
    assert list(record) == [
        "uuid", "session_uuid", "timestamp", "category", "type", "country", "details", "target_user",
        "client", "location",
    ]  # fmt: skip
    assert record["details"] is None


def test_an_audit_event_has_the_fields_of_the_api_in_its_order() -> None:
    record = records.audit_event(
        uuid="E", timestamp=0, actor_uuid="U", actor_details=USER, action="create", object_type="device",
        object_uuid="d", object_details=USER, aux_id=1, aux_uuid="U", aux_details=USER, aux_info="x",
        session=records.session(uuid="S", login_time=0, device_uuid="d", ip="192.0.2.1"), location=PLACE,
    )  # fmt: skip
    assert list(record) == [
        "uuid", "timestamp", "actor_uuid", "actor_details", "action", "object_type", "object_uuid",
        "object_details", "aux_id", "aux_uuid", "aux_details", "aux_info", "session", "location",
    ]  # fmt: skip
    assert record["session"] == {
        "uuid": "S", "login_time": "1970-01-01T00:00:00Z", "device_uuid": "d", "ip": "192.0.2.1",
    }  # fmt: skip


def test_optional_parts_not_given_are_left_out() -> None:
    usage = records.item_usage(
        uuid="E",
        timestamp=0,
        used_version=0,
        vault_uuid="v",
        item_uuid="i",
        action="fill",
        user=USER,
        client=CLIENT,
    )
    audit = records.audit_event(
        uuid="E", timestamp=0, actor_uuid="U", actor_details=USER, action="export", object_type="vault",
        object_uuid="v", session={},
    )  # fmt: skip
    assert "location" not in usage
    assert not {"aux_id", "aux_uuid", "aux_info", "aux_details", "object_details", "location"} & set(audit)


def test_a_record_is_one_line_of_compact_json() -> None:
    line = records.encode({"name": "Zoë\n", "n": 1})
    assert line == '{"name":"Zoë\\n","n":1}\n'.encode()
    assert json.loads(line) == {"name": "Zoë\n", "n": 1}
