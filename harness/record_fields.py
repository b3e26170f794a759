"""The fields that records of the Events API have, by their dotted paths.

Source: the objects ItemUsage, SignInAttempt and AuditEvent of versions 1 and 2,
https://developer.1password.com/docs/events-api/reference/.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

_CLIENT = "app_name app_version platform_name platform_version os_name os_version ip_address"
_LOCATION = "country region city latitude longitude"
_PERSON = "uuid name email"
_ACCOUNT = "account_uuid"


def _inside(parent: str, names: str) -> list[str]:
    return [f"{parent}.{name}" for name in names.split()]


_COMMON: Final = ("uuid", "timestamp", _ACCOUNT, *_inside("location", _LOCATION))
FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "itemusages": frozenset(
        [
            *_COMMON,
            *("used_version", "vault_uuid", "item_uuid", "action"),
            *_inside("user", f"{_PERSON} user_type"),
            *_inside("client", _CLIENT),
        ]
    ),
    "signinattempts": frozenset(
        [
            *_COMMON,
            *("session_uuid", "category", "type", "country", "details.value"),
            *_inside("target_user", f"{_PERSON} user_type"),
            *_inside("client", _CLIENT),
        ]
    ),
    "auditevents": frozenset(
        [
            *_COMMON,
            *("actor_uuid", "actor_type", "actor_account_uuid", "action", "object_type", "object_uuid"),
            *("aux_id", "aux_uuid", "aux_info"),
            *_inside("actor_details", f"{_PERSON} user_type"),
            *_inside("object_details", f"{_PERSON} user_type"),
            *_inside("aux_details", f"{_PERSON} user_type"),
            *_inside("session", "uuid login_time device_uuid ip"),
        ]
    ),
}
"""Every field that is no object, of the records of each feed."""


def unknown_field(record: Mapping[str, object], feed: str) -> tuple[str, str] | None:
    """Return the first field of *record* that no record of *feed* has, and the nearest that it may have; else None.

    >>> unknown_field({"user": {"emial": "ana@example.com"}}, "itemusages")
    ('user.emial', 'user.email')
    """
    for path in _leaves(record):
        if path in FIELDS[feed] or any(field.startswith(f"{path}.") for field in FIELDS[feed]):
            continue
        near = get_close_matches(path, sorted(FIELDS[feed]), n=1, cutoff=0.6)
        return path, near[0] if near else ", ".join(sorted({field.partition(".")[0] for field in FIELDS[feed]}))
    return None


def _leaves(record: Mapping[str, object], under: str = "") -> list[str]:
    """The paths of all values; an object stands for itself only where it is empty."""
    paths = []
    for name, value in record.items():
        inner = _leaves(value, f"{under}{name}.") if isinstance(value, dict) and value else [f"{under}{name}"]
        paths += inner
    return paths
