"""What a rule sees of a record: its attributes as Datadog names them, or the reason why it sees nothing."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.event import Event
from detector.instant import instant_text, parse_instant
from detector.onepassword import Kind, Projection
from detector.rules import NewValueRule, shipped_rule
from detector.selection import NO_GROUP, NO_VALUE, NOT_MATCHED, RecordError, Selector
from detector.token import scalars

WHO = {"uuid": "U" * 26, "name": "Ada Lovelace", "email": "ada@example.com"}
WHERE = {"country": "Canada", "region": "Ontario", "city": "Toronto", "latitude": 43.7, "longitude": -79.4}
CLIENT = {"app_name": "1Password CLI", "ip_address": "192.0.2.7"}
USAGE: dict[str, Any] = {
    "uuid": "A" * 26,
    "timestamp": "2026-01-05T09:00:00.123456789Z",
    "used_version": 3,
    "vault_uuid": "vault",
    "item_uuid": "item",
    "action": "reveal",
    "user": WHO,
    "client": CLIENT,
    "location": WHERE,
}
SIGN_IN: dict[str, Any] = {
    "uuid": "B" * 26,
    "session_uuid": "S" * 26,
    "timestamp": "2026-01-05T09:00:00Z",
    "category": "success",
    "type": "credentials_ok",
    "country": "CA",
    "details": None,
    "target_user": WHO,
    "client": CLIENT,
    "location": WHERE,
}
AUDIT: dict[str, Any] = {
    "uuid": "C" * 26,
    "timestamp": "2026-01-05T09:00:00Z",
    "actor_uuid": "U" * 26,
    "actor_details": WHO,
    "action": "export",
    "object_type": "vault",
    "object_uuid": "vault",
    "aux_id": 7,
    "session": {"uuid": "S" * 26, "device_uuid": "device", "ip": "192.0.2.7"},
    "location": WHERE,
}
LOG: dict[str, Any] = {
    "id": "log-1",
    "type": "log",
    "attributes": {
        "timestamp": "2026-01-05T09:00:00Z",
        "service": "events",
        "host": "collector",
        "status": "info",
        "message": "Vault exported",
        "tags": ["source:1password", "env:staging", "env:prod"],
        "attributes": {"evt": {"name": "reveal"}, "usr": {"email": "ada@example.com"}, "item_uuid": "item"},
    },
}


def seen_by(rule: NewValueRule, record: Mapping[str, Any]) -> Event | None:
    return Selector(rule).select(json.dumps(record).encode())


def watching(*metrics: str, **changes: Any) -> NewValueRule:
    """A rule that sees everything, without groups, and watches *metrics*."""
    return replace(shipped_rule(), query="*", group_by=(), metrics=metrics, **changes)


def value_of(field: str, record: Mapping[str, Any]) -> Any:
    """What *field* is to a rule that watches it; None where it is absent."""
    event = seen_by(watching(field), record)
    return None if event is None else scalars(event.values[0], 1)[0]


def selects(query: str, record: Mapping[str, Any]) -> bool:
    return seen_by(replace(watching("source"), query=query), record) is not None


@pytest.mark.parametrize(
    ("field", "usage", "sign_in", "audit"),
    [
        ("source", "1password", "1password", "1password"),
        ("@evt.type", "1password-item-usages", "1password-signin-attempts", "1password-audit-events"),
        ("@evt.name", "reveal", "success", "export"),
        ("@usr.email", *["ada@example.com"] * 3),
        ("@usr.name", *["Ada Lovelace"] * 3),
        ("@usr.id", *["U" * 26] * 3),
        ("@network.client.ip", *["192.0.2.7"] * 3),
        ("@location.country", *["Canada"] * 3),
        ("@location.latitude", *[43.7] * 3),
        ("@item_uuid", "item", None, None),
        ("@vault_uuid", "vault", None, None),
        ("@used_version", 3, None, None),
        ("@action", "reveal", None, "export"),
        ("@client.app_name", "1Password CLI", "1Password CLI", None),
        ("@type", None, "credentials_ok", None),
        ("@country", None, "CA", None),
        ("@details", None, None, None),
        ("@object_type", None, None, "vault"),
        ("@aux_id", None, None, 7),
        ("@session.device_uuid", None, None, "device"),
        ("@user.email", "ada@example.com", None, None),
        ("@user", None, None, None),
        ("@nothing.at.all", None, None, None),
    ],
)
def test_attributes_have_datadogs_names_and_raw_fields_their_own(
    field: str, usage: Any, sign_in: Any, audit: Any
) -> None:
    assert [value_of(field, record) for record in (USAGE, SIGN_IN, AUDIT)] == [usage, sign_in, audit]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("@evt.name", "reveal"),
        ("@item_uuid", "item"),
        ("source", "1password"),
        ("env", "staging"),
        ("service", "events"),
        ("host", "collector"),
        ("status", "info"),
        ("message", "Vault exported"),
        ("@message", None),
        ("team", None),
    ],
)
def test_a_datadog_log_has_its_attributes_its_reserved_fields_and_its_tags(field: str, value: Any) -> None:
    assert value_of(field, LOG) == value


def test_an_event_carries_uuid_time_group_and_value() -> None:
    event = seen_by(shipped_rule(), USAGE)
    assert event is not None
    assert (event.uuid, event.group, event.values) == ("A" * 26, "ada@example.com", ("reveal",))
    assert event.timestamp == 1_767_603_600_123_456_789


def test_the_uuid_of_a_log_is_its_id_and_need_not_be_base32() -> None:
    event = seen_by(watching("@evt.name"), LOG)
    assert event is not None
    assert event.uuid == "log-1"


@pytest.mark.parametrize("record", [USAGE, SIGN_IN, AUDIT, LOG])
def test_marks_decide_the_kind_whatever_they_hold(record: dict[str, Any]) -> None:
    odd = {name: None for name in ("item_uuid", "object_type", "category", "session_uuid") if name in record}
    assert seen_by(watching("source"), record | odd) is not None


def test_an_item_usage_of_an_old_client_has_no_action() -> None:
    old = {name: value for name, value in USAGE.items() if name != "action"}
    assert value_of("@evt.name", old) is None
    assert value_of("@evt.type", old) == "1password-item-usages"


@pytest.mark.parametrize(
    ("query", "record", "selected"),
    [
        ("lovelace", USAGE, True),
        ("LOVELACE reveal", USAGE, True),
        ("love", USAGE, False),
        ("email", USAGE, False),
        ('"Ada Lovelace"', USAGE, True),
        ('"Lovelace ada"', USAGE, False),
        ("lovelace?ada", USAGE, False),
        ("*:canada", USAGE, True),
        ("*:can", USAGE, False),
        ("*:3", USAGE, True),
        ("exported", LOG, True),
        ("collector", LOG, False),
        ("*:collector", LOG, True),
        ("CIDR(@network.client.ip,192.0.2.0/24)", AUDIT, True),
        ("@location.latitude:[43 TO 44]", USAGE, True),
        ("@location.longitude:<-79", USAGE, True),
        ("env:staging", LOG, True),
        ("-env:*", USAGE, True),
    ],
)
def test_queries_search_records_as_datadog_would(query: str, record: dict[str, Any], *, selected: bool) -> None:
    assert selects(query, record) is selected


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (USAGE | {"action": "other"}, NOT_MATCHED),
        (SIGN_IN, NOT_MATCHED),
        (AUDIT, NOT_MATCHED),
        (USAGE | {"user": {}}, NO_GROUP),
        (USAGE | {"user": None}, NO_GROUP),
        (USAGE | {"user": {"email": ""}}, NO_GROUP),
        (USAGE | {"user": {"email": ["ada@example.com"]}}, NO_GROUP),
    ],
)
def test_what_the_shipped_rule_does_not_see_is_counted_by_reason(record: dict[str, Any], reason: str) -> None:
    selector = Selector(shipped_rule())
    assert selector.select(json.dumps(record).encode()) is None
    assert (selector.read, dict(selector.ignored)) == (1, {reason: 1})


@pytest.mark.parametrize("value", [None, "", [], ["x"], {}, {"x": 1}])
def test_an_absent_watched_field_means_the_event_is_not_seen(value: Any) -> None:
    selector = Selector(watching("@action"))
    assert selector.select(json.dumps(USAGE | {"action": value}).encode()) is None
    assert dict(selector.ignored) == {NO_VALUE: 1}


def test_of_several_watched_fields_a_tuple_needs_all_and_any_needs_one() -> None:
    record = json.dumps(USAGE | {"vault_uuid": None}).encode()
    together, apart = watching("@action", "@vault_uuid"), watching("@action", "@vault_uuid", multi_value="any")
    assert Selector(together).select(record) is None
    event = Selector(apart).select(record)
    assert event is not None
    assert event.values == ("0:reveal",)
    nothing = json.dumps(USAGE | {"vault_uuid": None, "action": None}).encode()
    assert Selector(apart).select(nothing) is None


def test_an_optional_group_by_field_that_is_absent_is_not_available() -> None:
    groups = ("@usr.email", "@client.app_name")
    lacking = USAGE | {"client": {}}
    strict = replace(shipped_rule(), group_by=groups)
    assert seen_by(strict, lacking) is None
    event = seen_by(replace(strict, optional_group_by=True), lacking)
    assert event is not None
    assert scalars(event.group, 2) == ["ada@example.com", "N/A"]


def test_without_group_by_fields_everybody_is_one_group() -> None:
    one, other = (seen_by(watching("@action"), USAGE | {"user": {"email": email}}) for email in ("a", "b"))
    assert one is not None
    assert other is not None
    assert one.group == other.group


def test_values_keep_their_json_type() -> None:
    values = [1, 1.0, "1", True, "true", 0, False, "\u0000" + "1"]
    events = [seen_by(watching("@used_version"), USAGE | {"used_version": value}) for value in values]
    keys = [event.values for event in events if event is not None]
    assert keys[0] == keys[1]
    assert len(set(keys)) == len(values) - 1


def test_filters_require_and_exclude() -> None:
    rule = replace(shipped_rule(), required=("@client.app_name:*CLI",), excluded=("@usr.email:bo@*",))
    assert seen_by(rule, USAGE) is not None
    assert seen_by(rule, USAGE | {"client": {"app_name": "1Password for Mac"}}) is None
    assert seen_by(rule, USAGE | {"user": {"email": "bo@example.com"}}) is None


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (USAGE | {"uuid": "a-b"}, "uuid: found 'a-b'; legal: 26 characters of base32 (A-Z, 2-7)"),
        (LOG | {"id": ""}, "id: found ''; legal: a non-empty string"),
        (LOG | {"id": 5}, "id: found 5; legal: a non-empty string"),
        (LOG | {"attributes": 5}, "attributes.timestamp: found nothing; legal: text in RFC 3339"),
        (USAGE | {"timestamp": ["x" * 80]}, f"timestamp: found ['{'x' * 55}...; legal: text in RFC 3339"),
    ],
)
def test_a_malformed_record_is_an_error_and_not_counted_as_read(record: dict[str, Any], message: str) -> None:
    selector = Selector(shipped_rule())
    with pytest.raises(RecordError) as refused:
        selector.select(json.dumps(record).encode())
    assert str(refused.value) == message
    assert (selector.read, dict(selector.ignored)) == (0, {})


def test_uuids_are_legal_in_either_case() -> None:
    assert seen_by(shipped_rule(), USAGE | {"uuid": "abcdefghijklmnopqrstuvwx27"}) is not None


@given(st.integers(-(10**18), 8 * 10**18), st.integers(-1439, 1439))
def test_timestamps_are_kept_to_the_nanosecond_whatever_their_digits_and_offset(instant: int, offset: int) -> None:
    event = seen_by(shipped_rule(), USAGE | {"timestamp": instant_text(instant)})
    assert event is not None
    assert event.timestamp == instant
    local = instant_text(instant + offset * 60 * 10**9).removesuffix("Z")
    zone = f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"
    event = seen_by(shipped_rule(), USAGE | {"timestamp": f"{local}{zone}"})
    assert event is not None
    assert event.timestamp == instant


@given(st.integers(0, 10**9 - 1), st.integers(0, 9))
def test_a_fraction_has_up_to_nine_digits_and_each_counts(nanoseconds: int, digits: int) -> None:
    fraction = f"{nanoseconds:09d}"[:digits]
    text = f"1970-01-01T00:00:00{'.' if digits else ''}{fraction}Z"
    assert parse_instant(text) == int(fraction.ljust(9, "0"))


oddities: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", 5, True, [], {}, {"email": "bo@example.com"}, {"email": 5}]
)
odd_times = st.sampled_from(
    ["2026-01-05T09:00:00Z", "2026-01-05T10:00:00.5+01:00", "2026-02-30T09:00:00.5Z", "2026-01-05", "", None, 7]
    + ["2026-01-05T09:00:00.\u0661Z", "2026-01-05T09:00:00.123456789Z"] * 2
)
usages = st.fixed_dictionaries(
    {},
    optional={
        "action": st.sampled_from(["reveal", "fill", "other", "", None, 5]),
        "user": oddities,
        "timestamp": odd_times,
        "uuid": st.sampled_from(["b" * 26, "B" * 25, "1" * 26, "\u00c4" * 26, None, 5]),
        "vault_uuid": st.sampled_from(["v", None]),
    },
).map(lambda changes: json.dumps(USAGE | changes).encode())
others = st.sampled_from([json.dumps(SIGN_IN).encode(), json.dumps(LOG).encode(), b"", b"{}", b"[]", b"{", b"\xff"])


@given(st.lists(st.one_of(usages, usages, others), min_size=1, max_size=6) | st.lists(usages, min_size=1, max_size=6))
def test_many_lines_at_once_are_selected_exactly_as_one_by_one(lines: list[bytes]) -> None:
    at_once, one_by_one = Selector(shipped_rule()), Selector(shipped_rule())
    events = at_once.select_usages(lines)
    if events is None:
        assert (at_once.read, dict(at_once.ignored)) == (0, {})
        return
    expected = [event for event in map(one_by_one.select, lines) if event is not None]
    assert [(e.uuid, e.timestamp, e.group, e.values) for e in events] == [
        (e.uuid, e.timestamp, e.group, e.values) for e in expected
    ]
    assert (at_once.read, dict(at_once.ignored)) == (one_by_one.read, dict(one_by_one.ignored))


def test_ordinary_lines_are_selected_at_once() -> None:
    lines = [json.dumps(USAGE | {"action": action}).encode() for action in ("reveal", "other", "fill")]
    selector = Selector(shipped_rule())
    events = selector.select_usages(lines)
    assert events is not None
    assert [event.values for event in events] == [("reveal",), ("fill",)]
    assert (selector.read, dict(selector.ignored)) == (3, {NOT_MATCHED: 1})


@pytest.mark.parametrize("odd", ["", "\0", "\x005"])
def test_a_column_of_strings_keeps_the_empty_and_the_odd_ones_apart(odd: str) -> None:
    lines = [json.dumps(USAGE | {"user": {"email": email}}).encode() for email in ("ada@example.com", odd)]
    one_by_one, at_once = Selector(shipped_rule()), Selector(shipped_rule())
    expected = [event for line in lines if (event := one_by_one.select(line)) is not None]
    events = at_once.select_usages(lines)
    assert events is not None
    assert [event.group for event in events] == [event.group for event in expected]
    assert at_once.ignored == one_by_one.ignored


def test_a_category_without_a_session_is_no_sign_in() -> None:
    record = {name: value for name, value in SIGN_IN.items() if name != "session_uuid"}
    with pytest.raises(RecordError, match="legal: an item usage, sign-in, audit event or Datadog log"):
        Selector(shipped_rule()).select(json.dumps(record).encode())


def test_a_tag_is_known_by_its_whole_name() -> None:
    projection = Projection(["env"])
    tags = {"tags": ["environment:prod", "env:staging"]}
    record = projection.decode(json.dumps(LOG | {"attributes": tags}).encode())
    assert projection.getter("env", Kind.LOG)(record) == "staging"
