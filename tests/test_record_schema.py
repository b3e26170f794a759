"""The schema accepts what `simulator.records` builds and nothing that the Events API would not send."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_schema import AUDIT_ACTIONS, CATEGORIES, COUNTRIES, ITEM_ACTIONS, OBJECT_TYPES, TYPES, check

from simulator import records
from simulator.activity import AUDIT_KINDS, OUTCOMES
from simulator.profile import ACTIONS
from simulator.records import lower_uuid, upper_uuid

NOON = 1_767_268_800_120_000_000
ADA = {"uuid": upper_uuid(1, 1), "name": "Ada Ng", "email": "ada.ng@example.com"}
BOB = {"uuid": upper_uuid(2, 2), "name": "Bob Li", "email": "bob.li@example.com"}
CLIENT = {
    "app_name": "1Password CLI", "app_version": "2320001", "platform_name": "build-7", "platform_version": "arm64",
    "os_name": "MacOSX", "os_version": "26.2", "ip_address": "2001:db8::1",
}  # fmt: skip
TORONTO = {"country": "Canada", "region": "Ontario", "city": "Toronto", "latitude": 43.6532, "longitude": -79.3832}
SESSION = records.session(uuid=upper_uuid(3, 3), login_time=NOON, device_uuid=lower_uuid(4, 4), ip="192.0.2.1")
ABSENT = object()

BARE: dict[str, records.Record] = {
    "itemusages": records.item_usage(
        uuid=upper_uuid(5, 5), timestamp=NOON, used_version=3, vault_uuid=lower_uuid(6, 6), item_uuid=lower_uuid(7, 7),
        action="fill", user=ADA, client=CLIENT,
    ),
    "signinattempts": records.sign_in(
        uuid=upper_uuid(5, 5), session_uuid=upper_uuid(3, 3), timestamp=NOON, category="success", type="mfa_ok",
        country="CA", target_user=ADA, client=CLIENT,
    ),
    "auditevents": records.audit_event(
        uuid=upper_uuid(5, 5), timestamp=NOON, actor_uuid=ADA["uuid"], actor_details=ADA, action="export",
        object_type="vault", object_uuid=lower_uuid(6, 6), session=SESSION,
    ),
}  # fmt: skip
FULL: dict[str, records.Record] = {
    "itemusages": BARE["itemusages"] | {"location": TORONTO},
    "signinattempts": records.sign_in(
        uuid=upper_uuid(5, 5), session_uuid=upper_uuid(3, 3), timestamp=NOON, category="firewall_failed",
        type="continent_blocked", country="CA", target_user=ADA, client=CLIENT, details={"value": "Europe"},
        location=TORONTO,
    ),
    "auditevents": records.audit_event(
        uuid=upper_uuid(5, 5), timestamp=NOON, actor_uuid=ADA["uuid"], actor_details=ADA, action="suspend",
        object_type="user", object_uuid=BOB["uuid"], object_details=BOB, aux_id=1, aux_uuid=ADA["uuid"],
        aux_details=ADA, aux_info="{}", session=SESSION, location=TORONTO,
    ),
}  # fmt: skip


def decoded(record: records.Record) -> Any:
    return json.loads(records.encode(record))


def altered(record: records.Record, path: str, value: object) -> Any:
    """Return a copy of *record* with *value* at *path*, or without it."""
    copy = decoded(record)
    *parents, last = path.split(".")
    inner = copy
    for parent in parents:
        inner = inner[parent]
    if value is ABSENT:
        del inner[last]
    else:
        inner[last] = value
    return copy


@pytest.mark.parametrize("feed", records.FEEDS)
def test_what_the_simulator_builds_is_legal_with_and_without_what_is_optional(feed: str) -> None:
    assert check(feed, decoded(BARE[feed])) == []
    assert check(feed, decoded(FULL[feed])) == []


@pytest.mark.parametrize(
    ("feed", "path", "value"),
    [
        ("itemusages", "account_uuid", upper_uuid(9, 9)),
        ("itemusages", "user.user_type", "external_user"),
        ("itemusages", "user.user_account_uuid", upper_uuid(9, 9)),
        ("signinattempts", "account_uuid", upper_uuid(9, 9)),
        ("auditevents", "actor_type", "user"),
        ("auditevents", "actor_account_uuid", upper_uuid(9, 9)),
        ("auditevents", "account_uuid", upper_uuid(9, 9)),
        ("itemusages", "timestamp", "2026-01-01T12:00:00Z"),
        ("itemusages", "timestamp", "2024-02-29T23:59:59.999999999Z"),
        ("itemusages", "location.latitude", -90),
    ],
)
def test_what_the_reference_allows_beyond_that_is_legal(feed: str, path: str, value: object) -> None:
    assert check(feed, altered(FULL[feed], path, value)) == []


@pytest.mark.parametrize("feed", records.FEEDS)
def test_every_field_is_asked_for_unless_it_is_optional(feed: str) -> None:
    for name in BARE[feed]:
        assert check(feed, altered(BARE[feed], name, ABSENT)) == [f"{name}: found None; legal: given"]


@pytest.mark.parametrize(
    ("feed", "path", "value"),
    [
        ("itemusages", "uuid", upper_uuid(5, 5).lower()),
        ("itemusages", "uuid", upper_uuid(5, 5)[:-1]),
        ("itemusages", "uuid", "1" * 26),
        ("itemusages", "uuid", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("itemusages", "vault_uuid", upper_uuid(6, 6)),
        ("itemusages", "item_uuid", upper_uuid(7, 7)),
        ("itemusages", "item_uuid", None),
        ("itemusages", "timestamp", "2026-01-01T12:00:00.120Z"),
        ("itemusages", "timestamp", "2026-01-01T12:00:00.Z"),
        ("itemusages", "timestamp", "2026-01-01T12:00:00+00:00"),
        ("itemusages", "timestamp", "2026-01-01T12:00:00.1234567891Z"),
        ("itemusages", "timestamp", "2026-02-30T12:00:00Z"),
        ("itemusages", "timestamp", NOON),
        ("itemusages", "used_version", "3"),
        ("itemusages", "used_version", True),
        ("itemusages", "used_version", 3.0),
        ("itemusages", "action", "copy"),
        ("itemusages", "action", None),
        ("itemusages", "user", "Ada"),
        ("itemusages", "user.email", "ada"),
        ("itemusages", "user.name", ""),
        ("itemusages", "user.user_type", "api"),
        ("itemusages", "client.ip", "192.0.2.1"),
        ("itemusages", "client.ip_address", "192.0.2"),
        ("itemusages", "client.ip_address", "2001:DB8::1"),
        ("itemusages", "client.app_version", 2320001),
        ("itemusages", "client.os_version", None),
        ("itemusages", "location", None),
        ("itemusages", "location.country", "CA"),
        ("itemusages", "location.latitude", 90.5),
        ("itemusages", "location.longitude", -181),
        ("itemusages", "location.longitude", "43.6"),
        ("itemusages", "session_uuid", upper_uuid(3, 3)),
        ("signinattempts", "category", "failure"),
        ("signinattempts", "type", "u2f_timout"),
        ("signinattempts", "country", "Canada"),
        ("signinattempts", "country", "UK"),
        ("signinattempts", "details.value", ""),
        ("signinattempts", "details", "Europe"),
        ("signinattempts", "session_uuid", lower_uuid(3, 3)),
        ("auditevents", "action", "suspended"),
        ("auditevents", "object_type", "vaults"),
        ("auditevents", "aux_id", "1"),
        ("auditevents", "aux_uuid", "x"),
        ("auditevents", "aux_info", {}),
        ("auditevents", "client", CLIENT),
        ("auditevents", "session.device_uuid", upper_uuid(4, 4)),
        ("auditevents", "session.login_time", ""),
        ("auditevents", "object_details.user_type", "user"),
    ],
)
def test_what_the_api_would_not_send_is_named(feed: str, path: str, value: object) -> None:
    (wrong,) = check(feed, altered(FULL[feed], path, value))
    assert wrong.startswith(f"{path}: found {value!r}; legal: ")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("actor_details.uuid", BOB["uuid"]),
        ("object_details.uuid", ADA["uuid"]),
        ("aux_details.uuid", BOB["uuid"]),
        ("object_uuid", BOB["uuid"].lower()),
        ("session.login_time", "2026-01-01T12:00:00.120000001Z"),
    ],
)
def test_the_parts_of_an_audit_event_must_agree(path: str, value: str) -> None:
    wrong = check("auditevents", altered(FULL["auditevents"], path, value))
    assert any(value in line for line in wrong)


def test_only_a_user_has_object_details_and_a_vaults_name_is_in_lower_case() -> None:
    record = altered(FULL["auditevents"], "object_type", "vault")
    assert [line.partition(":")[0] for line in check("auditevents", record)] == ["object_details", "object_uuid"]


def test_all_that_is_wrong_is_told() -> None:
    record = altered(altered(FULL["itemusages"], "action", "copy"), "user.name", "")
    assert [line.partition(":")[0] for line in check("itemusages", record)] == ["action", "user.name"]


@given(st.integers(0, 253_402_300_799 * 10**9))
def test_every_time_the_simulator_writes_is_legal(ns: int) -> None:
    assert check("itemusages", altered(BARE["itemusages"], "timestamp", records.timestamp_text(ns))) == []


def test_every_word_the_simulator_uses_is_the_apis() -> None:
    assert set(ACTIONS) == ITEM_ACTIONS
    assert {outcome.category for outcome in OUTCOMES} <= CATEGORIES
    assert {outcome.type for outcome in OUTCOMES} <= TYPES
    assert {kind.action for kind in AUDIT_KINDS} <= AUDIT_ACTIONS
    assert {kind.object_type for kind in AUDIT_KINDS} <= OBJECT_TYPES


def test_the_lists_are_as_long_as_the_references() -> None:
    assert [len(words) for words in (ITEM_ACTIONS, CATEGORIES, TYPES, COUNTRIES)] == [11, 7, 31, 249]
