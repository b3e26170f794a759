"""The fields that 1Password's records can have, by Datadog's names.

Source: the reference of the Events API, version 1.4.1 (https://developer.1password.com/docs/events-api/reference/).
"""

from typing import Final

from detector.onepassword import Kind

RECORD_KINDS: Final = (Kind.ITEM_USAGE, Kind.SIGN_IN, Kind.AUDIT_EVENT)
"""The kinds of the Events API; a Datadog log may hold anything besides."""


def _under(parent: str, names: str) -> list[str]:
    return [f"{parent}.{name}" for name in names.split()]


_CLIENT: Final = _under("client", "app_name app_version platform_name platform_version os_name os_version ip_address")
_USER: Final = "uuid name email user_type user_account_uuid"
_EVERY: Final = [
    *("uuid", "timestamp", "account_uuid", "evt.name", "evt.type", "network.client.ip"),
    *_under("usr", "email name id"),
    *_under("location", "country region city latitude longitude"),
]
_OWN: Final = {
    Kind.ITEM_USAGE: ["used_version", "vault_uuid", "item_uuid", "action", *_under("user", _USER), *_CLIENT],
    Kind.SIGN_IN: [
        *("session_uuid", "category", "type", "country", "details.value"),
        *_under("target_user", _USER),
        *_CLIENT,
    ],
    Kind.AUDIT_EVENT: [
        *("action", "object_type", "object_uuid", "aux_id", "aux_uuid", "aux_info"),
        *("actor_uuid", "actor_type", "actor_account_uuid"),
        *_under("actor_details", _USER),
        *_under("object_details", "uuid name email"),
        *_under("aux_details", "uuid name email"),
        *_under("session", "uuid login_time device_uuid ip"),
    ],
}
_FIELDS: Final = {kind: {"source", *(f"@{name}" for name in (*_EVERY, *own))} for kind, own in _OWN.items()}


def record_fields(kind: Kind) -> set[str]:
    """The fields that records of the kind can have.

    >>> "@item_uuid" in record_fields(Kind.ITEM_USAGE), "@item_uuid" in record_fields(Kind.SIGN_IN)
    (True, False)
    """
    return _FIELDS[kind]
