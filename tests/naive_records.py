"""How the naive model reads a record: by looking, once for each question.

It shares no code with the detector, on purpose.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Tagged: TypeAlias = tuple[str, Any]
"""A JSON scalar with the name of its JSON type: 1, true and "1" are three values, 1 and 1.0 are one."""

SECOND = 10**9
OTHER_NAMES = {
    "evt.name": {"item": "action", "sign-in": "category", "audit": "action"},
    "usr.email": {"item": "user.email", "sign-in": "target_user.email", "audit": "actor_details.email"},
    "usr.name": {"item": "user.name", "sign-in": "target_user.name", "audit": "actor_details.name"},
    "usr.id": {"item": "user.uuid", "sign-in": "target_user.uuid", "audit": "actor_uuid"},
    "network.client.ip": {"item": "client.ip_address", "sign-in": "client.ip_address", "audit": "session.ip"},
}
EVENT_TYPES = {
    "item": "1password-item-usages",
    "sign-in": "1password-signin-attempts",
    "audit": "1password-audit-events",
}


def identity(record: Json) -> tuple[str, int]:
    """An event's uuid, and its timestamp in nanoseconds since the epoch."""
    if kind(record) == "log":
        return record["id"], nanoseconds(record["attributes"]["timestamp"])
    return record["uuid"], nanoseconds(record["timestamp"])


def kind(record: Json) -> str:
    if "item_uuid" in record and "vault_uuid" in record:
        return "item"
    if "object_type" in record:
        return "audit"
    return "sign-in" if "category" in record and "session_uuid" in record else "log"


def attribute(record: Json, name: str) -> Any:
    """A record's attribute by the name that Datadog has for it; None where there is none."""
    what, bare = kind(record), name.removeprefix("@")
    if what == "log":
        return log_attribute(record["attributes"], name)
    if name == "source":
        return "1password"
    if name == "@evt.type":
        return EVENT_TYPES[what]
    return at_path(record, OTHER_NAMES[bare][what] if bare in OTHER_NAMES else bare)


def log_attribute(attributes: Any, name: str) -> Any:
    if name.startswith("@"):
        return at_path(attributes, "attributes." + name[1:])
    if name in ("service", "host", "status", "message"):
        return at_path(attributes, name)
    tags = at_path(attributes, "tags")
    named = [tag for tag in (tags if isinstance(tags, list) else []) if str(tag).startswith(name + ":")]
    return named[0][len(name) + 1 :] if named else None


def at_path(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def tagged(value: Any) -> Tagged | None:
    if value is None or value == "" or isinstance(value, list | dict):
        return None
    if isinstance(value, bool):
        return "boolean", value
    return "string" if isinstance(value, str) else "number", value


def plain(found: Tagged | None) -> Any:
    if found is None:
        return None
    value = found[1]
    return int(value) if isinstance(value, float) and value == int(value) else value


def selects(query: str, record: Json) -> bool:
    """A small part of the search syntax: `field:word`, `field:(word OR word)`, `field:*`, `-term`; all are required."""
    return all(
        has_one_of(attribute(record, name), words.strip("()").split(" OR ")) != bool(minus)
        for minus, name, words in re.findall(r"(-?)([^\s:]+):(\([^)]*\)|\S+)", query)
    )


def has_one_of(value: Any, words: list[str]) -> bool:
    return tagged(value) is not None and ("*" in words or any(shown(value) == word for word in words))


def shown(value: Any) -> str:
    found = plain(tagged(value))
    return found if isinstance(found, str) else json.dumps(found)


def rendered(template: str, record: Json) -> str:
    def filled(place: re.Match[str]) -> str:
        value = attribute(record, place[1])
        return "" if tagged(value) is None else shown(value)

    return re.sub(r"\{\{(.*?)\}\}", filled, template)


def nanoseconds(text: str) -> int:
    """RFC 3339 to nanoseconds since the epoch."""
    parts = re.fullmatch(r"(.{19})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", text)
    assert parts is not None
    moment = datetime.fromisoformat(parts[1] + parts[3].replace("Z", "+00:00"))
    whole = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (whole.days * 86_400 + whole.seconds) * SECOND + int((parts[2] or "").ljust(9, "0"))


def rfc3339(instant: int) -> str:
    """Nanoseconds since the epoch to RFC 3339 in UTC, without the fraction's trailing zeros."""
    moment = datetime.fromtimestamp(instant // SECOND, UTC)
    fraction = f"{instant % SECOND:09d}".rstrip("0")
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "") + "Z"
