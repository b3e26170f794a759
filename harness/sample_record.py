"""Records by the fields that matter: what a test writes down, laid over a small record of its kind."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from harness.record_fields import unknown_field
from simulator.records import FEEDS, encode, lower_uuid, upper_uuid

_ITEM, _VAULT = lower_uuid(1, 1), lower_uuid(2, 2)
_SMALLEST: Final[Mapping[str, Mapping[str, Any]]] = {
    "itemusages": {"used_version": 1, "vault_uuid": _VAULT, "item_uuid": _ITEM},
    "signinattempts": {"session_uuid": upper_uuid(3, 3), "category": "success", "type": "credentials_ok"},
    "auditevents": {"actor_uuid": upper_uuid(4, 4), "object_type": "item", "object_uuid": _ITEM},
}
"""What makes a record one of its feed; nothing that tells who did what."""
_TELLING: Final = {"object_type": "auditevents", "category": "signinattempts", "session_uuid": "signinattempts"}
"""Fields that only records of one feed have."""
_BESIDE_LOG: Final = ("uuid", "service", "host", "status", "message", "tags")
_LOG_ATTRIBUTES: Final = {"evt": {"type": "1password-item-usages"}, "vault_uuid": _VAULT, "item_uuid": _ITEM}


class FieldError(ValueError):
    """A field that no record can have so: the field, what was found there and what is legal."""

    def __init__(self, field: str, found: str, legal: str) -> None:
        super().__init__(f"{field}: found {found}; legal: {legal}")
        self.field, self.found, self.legal = field, found, legal


def sample_record(fields: Mapping[str, Any], number: int, timestamp: str) -> bytes:
    """One line of JSON: the *number*-th record of a test, made at *timestamp*, with *fields* as they stand.

    A field is given by its dotted path or nested. `feed` says which of the feeds it belongs to; without it that is an
    item usage, unless another feed's own field is given. `log` holds the attributes of a Datadog log instead; beside it
    may stand the log's own fields, such as `tags`. Raises `FieldError`, also for a field that no record of the feed
    has: it would leave the rule nothing to see, and nobody would know why.

    >>> msgspec.json.decode(sample_record({"user.email": "ana@example.com"}, 1, "2026-01-05T09:00:00Z"))["user"]
    {'email': 'ana@example.com'}
    """
    if "log" in fields:
        return encode(_log(fields, number, timestamp))
    own = {name: value for name, value in fields.items() if name != "feed"}
    feed = _feed(fields)
    record: dict[str, Any] = {"uuid": upper_uuid(0, number), "timestamp": timestamp, **_SMALLEST[feed]}
    _lay(record, own)
    unknown = unknown_field(record, feed)
    if unknown is not None:
        found, near = unknown
        raise FieldError(found, f"no field of {feed}", near)
    return encode(record)


def _feed(fields: Mapping[str, Any]) -> str:
    feed = fields.get("feed", next((_TELLING[name] for name in fields if name in _TELLING), FEEDS[0]))
    if feed not in _SMALLEST:
        raise FieldError("feed", repr(feed), ", ".join(FEEDS))
    return str(feed)


def _log(fields: Mapping[str, Any], number: int, timestamp: str) -> dict[str, Any]:
    """A Datadog log as its search returns it; by default of an item usage."""
    if not isinstance(fields["log"], dict):
        raise FieldError("log", repr(fields["log"]), "a mapping of attributes")
    foreign = next((name for name in fields if name not in ("log", *_BESIDE_LOG)), None)
    if foreign is not None:
        raise FieldError(foreign, "a field of a record", f"beside log: {', '.join(_BESIDE_LOG)}")
    attributes: dict[str, Any] = {"timestamp": timestamp, "tags": ["source:1password"]}
    inner: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(_LOG_ATTRIBUTES))
    _lay(attributes, {name: value for name, value in fields.items() if name not in ("log", "uuid")})
    _lay(inner, fields["log"], "log.")
    log_id = fields.get("uuid", f"sample-{number}")
    return {"id": log_id, "type": "log", "attributes": {**attributes, "attributes": inner}}


def _lay(record: dict[str, Any], fields: Mapping[str, Any], under: str = "") -> None:
    """Lay *fields* over *record*: objects are joined, everything else is replaced."""
    for path, value in fields.items():
        *parents, name = path.split(".")
        inside = record
        for depth, parent in enumerate(parents, 1):
            inside = _inside(inside, parent, under + ".".join(parents[:depth]))
        if isinstance(value, dict):
            _lay(_inside(inside, name, under + path), value, f"{under}{path}.")
        else:
            inside[name] = value


def _inside(record: dict[str, Any], name: str, path: str) -> dict[str, Any]:
    inside = record.setdefault(name, {})
    if not isinstance(inside, dict):
        raise FieldError(path, repr(inside), "a mapping, since fields inside it are given too")
    return inside
