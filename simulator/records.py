"""Records of the 1Password Events API v2: all that anyone outside ever sees of the company.

Field names, their order and the letter case of identifiers are those of the API's objects
(https://developer.1password.com/docs/events-api/reference/). What only the accounts of managed
service providers carry (``account_uuid``, ``actor_type``, ``user_type`` and their kin) is left out.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

FEEDS: Final = ("itemusages", "signinattempts", "auditevents")
"""The feeds of the Events API: an endpoint each, and a file each of a dataset."""

Part = Mapping[str, object] | msgspec.Raw
"""An object inside a record (user, client, location): a mapping, or its JSON encoded beforehand."""

Record = dict[str, object]
"""One object of the API's ``items``, its keys in the API's order."""

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648, section 6
_UUID_LENGTH = 26
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000_000
_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"
_RFC3339 = re.compile(rf"(\d{{4}}-\d\d-\d\d)[Tt]{_CLOCK}:([0-5]\d)(?:\.(\d{{1,9}}))?(?:[Zz]|([+-]){_CLOCK})", re.ASCII)


def timestamp_text(ns: int) -> str:
    """Return *ns*, nanoseconds since the epoch, as the API writes it: Go's ``RFC3339Nano``.

    UTC with ``Z`` and 0 to 9 digits of a second, trailing zeros trimmed. Raise ValueError outside the
    years 1 to 9999, which RFC 3339 cannot name.

    >>> timestamp_text(1_767_225_600_120_000_000)
    '2026-01-01T00:00:00.12Z'
    """
    seconds, fraction = divmod(ns, _SECOND)
    try:
        text = (_EPOCH + timedelta(seconds=seconds)).isoformat()[:19]
    except OverflowError:
        raise ValueError(f"timestamp: found {ns} ns; legal: years 1 to 9999") from None
    return f"{text}.{fraction:09d}".rstrip("0") + "Z" if fraction else text + "Z"


def parse_timestamp(text: str) -> int:
    """Return nanoseconds since the epoch of an RFC 3339 time: 0 to 9 fraction digits, ``Z`` or an offset.

    Raise ValueError, one line with what was found and what is legal, for anything else.

    >>> parse_timestamp("2026-01-01T01:00:00.12+01:00")
    1767225600120000000
    """
    parts = _RFC3339.fullmatch(text)
    day = _ordinal(parts[1]) if parts else None
    if parts is None or day is None:
        raise ValueError(f"timestamp: found {text!r}; legal: RFC 3339 like 2026-01-31T09:30:00.25Z")
    offset = int(f"{parts[6]}1") * (int(parts[7]) * 60 + int(parts[8])) if parts[6] else 0
    minutes = day * 1440 + int(parts[2]) * 60 + int(parts[3]) - offset
    return (minutes * 60 + int(parts[4])) * _SECOND + int((parts[5] or "").ljust(9, "0"))


def _ordinal(text: str) -> int | None:
    """Return the days from the epoch to the date *text*, or None if the calendar has no such day."""
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH.toordinal()
    except ValueError:
        return None


def upper_uuid(a: int, b: int) -> str:
    """Return 26 characters of ``A-Z2-7`` for two 64-bit integers; different pairs give different texts.

    Upper case names events, users, sessions and accounts; see `lower_uuid` for the others. The 128 bits are
    padded at their end, as RFC 4648 has it.

    >>> upper_uuid(0, 1)
    'AAAAAAAAAAAAAAAAAAAAAAAAAE'
    """
    number = ((a << 64) | b) << 2
    return "".join(_BASE32[(number >> 5 * place) & 31] for place in reversed(range(_UUID_LENGTH)))


def lower_uuid(a: int, b: int) -> str:
    """Return `upper_uuid` in lower case: vaults, items, devices and groups are named so."""
    return upper_uuid(a, b).lower()


def item_usage(
    *,
    uuid: str,
    timestamp: int,
    used_version: int,
    vault_uuid: str,
    item_uuid: str,
    action: str,
    user: Part,
    client: Part,
    location: Part | None = None,
) -> Record:
    """Return an item of the ``itemusages`` feed; *timestamp* is in nanoseconds since the epoch.

    *user* is ``{uuid, name, email}``; *client* ``{app_name, app_version, platform_name,
    platform_version, os_name, os_version, ip_address}``; *location* ``{country, region, city,
    latitude, longitude}``, left out when None.
    """
    record: Record = {
        "uuid": uuid,
        "timestamp": timestamp_text(timestamp),
        "used_version": used_version,
        "vault_uuid": vault_uuid,
        "item_uuid": item_uuid,
        "action": action,
        "user": user,
        "client": client,
    }
    return record if location is None else record | {"location": location}


def sign_in(
    *,
    uuid: str,
    session_uuid: str,
    timestamp: int,
    category: str,
    type: str,  # noqa: A002 - the API's own name
    country: str,
    target_user: Part,
    client: Part,
    details: Part | None = None,
    location: Part | None = None,
) -> Record:
    """Return an item of the ``signinattempts`` feed; *timestamp* is in nanoseconds since the epoch.

    *country* is an ISO 3166 two-letter code; *details* stays as ``null`` when None, as the API has it;
    *location* is left out when None.
    """
    record: Record = {
        "uuid": uuid,
        "session_uuid": session_uuid,
        "timestamp": timestamp_text(timestamp),
        "category": category,
        "type": type,
        "country": country,
        "details": details,
        "target_user": target_user,
        "client": client,
    }
    return record if location is None else record | {"location": location}


def audit_event(
    *,
    uuid: str,
    timestamp: int,
    actor_uuid: str,
    actor_details: Part,
    action: str,
    object_type: str,
    object_uuid: str,
    session: Part,
    object_details: Part | None = None,
    aux_id: int | None = None,
    aux_uuid: str | None = None,
    aux_details: Part | None = None,
    aux_info: str | None = None,
    location: Part | None = None,
) -> Record:
    """Return an item of the ``auditevents`` feed; *timestamp* is in nanoseconds since the epoch.

    *session* is ``{uuid, login_time, device_uuid, ip}``, see `session`. What is None is left out.
    """
    record: Record = {
        "uuid": uuid,
        "timestamp": timestamp_text(timestamp),
        "actor_uuid": actor_uuid,
        "actor_details": actor_details,
        "action": action,
        "object_type": object_type,
        "object_uuid": object_uuid,
    }
    optional = {
        "object_details": object_details,
        "aux_id": aux_id,
        "aux_uuid": aux_uuid,
        "aux_details": aux_details,
        "aux_info": aux_info,
        "session": session,
        "location": location,
    }
    return record | {field: value for field, value in optional.items() if value is not None}


def session(*, uuid: str, login_time: int, device_uuid: str, ip: str) -> Record:
    """Return the session of an audit event; *login_time* is its sign-in's timestamp, in nanoseconds."""
    return {"uuid": uuid, "login_time": timestamp_text(login_time), "device_uuid": device_uuid, "ip": ip}


def encode(record: Mapping[str, object]) -> bytes:
    r"""Return *record* as one line of compact JSON.

    >>> encode({"uuid": "A", "details": None})
    b'{"uuid":"A","details":null}\n'
    """
    return msgspec.json.encode(record) + b"\n"
