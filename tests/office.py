"""Streams of a few people at work, record by record, for tests of casting."""

from typing import Any, Final

from simulator.records import audit_event, encode, item_usage, parse_timestamp, session, sign_in

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 3600 * SECOND
DAY: Final = 24 * HOUR
START: Final = parse_timestamp("2026-01-05T00:00:00Z")
"""Midnight before a Monday."""
BERLIN: Final = {"country": "Germany", "region": "Berlin", "city": "Berlin", "latitude": 52.5, "longitude": 13.4}


def client(app: str = "1Password Browser Extension", **changes: str) -> dict[str, str]:
    """The client of that app, on a Mac of which nothing is said but its address."""
    return {"app_name": app, "platform_name": "host", "os_name": "MacOSX", "ip_address": "192.0.2.1"} | changes


CHROME: Final = client()
MAC: Final = client("1Password for Mac")
CLI: Final = client("1Password CLI")


def user(name: str) -> dict[str, str]:
    return {"uuid": name.upper() * 8, "name": name.title(), "email": f"{name}@example.com"}


def usage(name: str, at: int, action: str = "fill", item: str = "i1", **changes: Any) -> bytes:
    """An item usage *at* nanoseconds after `START`."""
    facts: dict[str, Any] = {"uuid": f"{name}{at}", "timestamp": START + at, "used_version": 1, "vault_uuid": "team"}
    facts |= {"item_uuid": item, "action": action, "user": user(name), "client": CHROME, "location": BERLIN}
    return encode(item_usage(**facts | changes))


def signing_in(name: str, at: int, uuid: str = "S", **changes: Any) -> bytes:
    """A sign-in that succeeds *at* nanoseconds after `START` and opens session *uuid*."""
    facts: dict[str, Any] = {"uuid": f"in{name}{at}", "session_uuid": uuid, "timestamp": START + at}
    facts |= {"category": "success", "type": "mfa_ok", "country": "DE", "target_user": user(name), "client": CHROME}
    return encode(sign_in(**facts | changes))


def audited(name: str, at: int, action: str, object_type: str, **changes: Any) -> bytes:
    """An audit event *at* nanoseconds after `START`, of session S on device d."""
    facts: dict[str, Any] = {"uuid": f"log{name}{at}", "timestamp": START + at, "actor_uuid": user(name)["uuid"]}
    facts |= {"actor_details": user(name), "action": action, "object_type": object_type, "object_uuid": "O"}
    facts |= {"session": session(uuid="S", login_time=START + at, device_uuid="d", ip="192.0.2.1")}
    return encode(audit_event(**facts | changes))


def suspended(name: str, at: int, action: str = "suspend") -> bytes:
    """The audit event of eve's that suspends *name*, *at* nanoseconds after `START`, or does what *action* says."""
    return audited("eve", at, action, "user", object_uuid=user(name)["uuid"], object_details=user(name))


def at_work(name: str, days: range, hours: range = range(9, 17), **changes: Any) -> list[bytes]:
    """A fill at the full hours of each of those days."""
    return [usage(name, day * DAY + hour * HOUR, item=f"i{hour}", **changes) for day in days for hour in hours]
