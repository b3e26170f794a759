"""Records and rules for the detector's tests, built with only what a test cares about spelled out."""

import json
from base64 import b32encode
from hashlib import blake2b
from typing import Any, Final

from naive_records import SECOND, Json, rfc3339

START: Final = 1_767_571_200 * SECOND
"""2026-01-05T00:00:00Z, a Monday."""
ADA: Final = "ada@example.com"
BOB: Final = "bob@example.com"


def uuid_of(*facts: object) -> str:
    """26 characters of base32, the same for the same facts."""
    return b32encode(blake2b(repr(facts).encode(), digest_size=16).digest()).decode().rstrip("=")


def usage(at: int, action: Any = "reveal", by: Any = ADA, **fields: Any) -> Json:
    """An item usage, *at* nanoseconds after `START`; *fields* replace or join its own."""
    return {
        "uuid": uuid_of(at, action, by, fields),
        "timestamp": rfc3339(START + at),
        "vault_uuid": "vault",
        "item_uuid": "item",
        "action": action,
        "user": {"uuid": "U", "name": "Somebody", "email": by},
        "client": {"ip_address": "192.0.2.1"},
        **fields,
    }


def sign_in(at: int, category: Any = "success", by: Any = ADA, **fields: Any) -> Json:
    """A sign-in attempt, *at* nanoseconds after `START`."""
    return {
        "uuid": uuid_of(at, category, by, fields),
        "timestamp": rfc3339(START + at),
        "session_uuid": "session",
        "category": category,
        "target_user": {"uuid": "U", "name": "Somebody", "email": by},
        "client": {"ip_address": "192.0.2.1"},
        **fields,
    }


def audit(at: int, action: Any = "view", by: Any = ADA, **fields: Any) -> Json:
    """An audit event, *at* nanoseconds after `START`."""
    return {
        "uuid": uuid_of(at, action, by, fields),
        "timestamp": rfc3339(START + at),
        "actor_uuid": "U",
        "actor_details": {"uuid": "U", "name": "Somebody", "email": by},
        "action": action,
        "object_type": "vault",
        "object_uuid": "object",
        "session": {"uuid": "session", "ip": "192.0.2.1"},
        **fields,
    }


def log(at: int, action: Any = "reveal", by: Any = ADA, **fields: Any) -> Json:
    """The same as Datadog keeps it: a log of its v2 Logs Search API; *fields* are its attributes, `env` its tag."""
    named = [f"env:{fields['env']}"] if "env" in fields else []
    return {
        "id": uuid_of(at, action, by, fields),
        "type": "log",
        "attributes": {
            "timestamp": rfc3339(START + at),
            "tags": ["source:1password", *named],
            "attributes": {
                "evt": {"name": action},
                "usr": {"email": by},
                "network": {"client": {"ip": "192.0.2.1"}},
                **fields,
            },
        },
    }


def new_value_rule(
    *,
    query: str = "*",
    group_by: tuple[str, ...] = ("@usr.email",),
    metrics: tuple[str, ...] = ("@evt.name",),
    forget: int = 28,
    learn: int = 0,
    keep_alive: int = 0,
    longest: int = 86400,
    assumptions: dict[str, str] | None = None,
    query_fields: Json | None = None,
    new_value: Json | None = None,
    options: Json | None = None,
    **top: Any,
) -> Json:
    """A rule in Datadog's JSON; days for *forget* and *learn*, seconds for *keep_alive* and *longest*."""
    return {
        "name": "New action",
        "message": "{{@usr.email}} did {{@evt.name}}",
        "queries": [
            {
                "query": query,
                "aggregation": "new_value",
                "groupByFields": list(group_by),
                "metrics": list(metrics),
                **(query_fields or {}),
            }
        ],
        "options": {
            "detectionMethod": "new_value",
            "keepAlive": keep_alive,
            "maxSignalDuration": longest,
            "newValueOptions": {"forgetAfter": forget, "learningDuration": learn, **(new_value or {})},
            **(options or {}),
        },
        "cases": [{"name": "", "status": "medium"}],
        "assumptions": assumptions or {},
        **top,
    }


def line(record: Json) -> bytes:
    """The record as it stands in a file."""
    return json.dumps(record).encode()
