"""Every record of a simulated company is one that the Events API could have sent, and names nobody who exists."""

import re
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

import msgspec
import pytest
from companies import PROFILES, START, company, written
from record_schema import check

from simulator.delivery import Delivery
from simulator.records import FEEDS

DOCUMENTATION = tuple(
    map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))  # RFC 5737, RFC 3849
)
DOMAINS = {"example.com"}  # RFC 2606
CHANGE: dict[str, Any] = {
    "leavers": 2.0,
    "growth": 2.0,
    "role_changes": 1.0,
    "legacy_clients": 0.3,
    "sso_roll_outs": 9.0,
}
"""Figures of a profile with which every kind of record is there after a month."""

FEW_MACHINES: dict[str, Any] = {
    "service_accounts": 4.0,
    "service_sessions": (1.0, 9.0),
    "connect_servers": 2.0,
    "connect_fetches": (1.0, 9.0),
}

_ADDRESSES = re.compile(rb'"(?:ip|ip_address)":"([^"]*)"')
_DOMAINS = re.compile(rb"@([^\"\s]*)")


@cache
def files(profile: str) -> dict[str, bytes]:
    """Return what a company with much change and few machines leaves behind, delivered as its profile has it."""

    return written(company(profile, 50, 30, 7, START, delivery=Delivery.of, **CHANGE, **FEW_MACHINES))


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_record_keeps_to_the_schema(profile: str, feed: str) -> None:
    lines = files(profile)[feed].splitlines()
    assert len(lines) > 1000
    wrong = {complaint for line in lines for complaint in check(feed, msgspec.json.decode(line))}
    assert wrong == set()


@pytest.mark.parametrize("profile", PROFILES)
def test_every_address_is_reserved_for_documentation(profile: str) -> None:
    found = {text.decode() for feed in FEEDS for text in _ADDRESSES.findall(files(profile)[feed])}
    assert len(found) > 10
    assert [text for text in found if not any(ip_address(text) in network for network in DOCUMENTATION)] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_every_domain_is_reserved_for_examples(profile: str) -> None:
    assert {text.decode() for feed in FEEDS for text in _DOMAINS.findall(files(profile)[feed])} == DOMAINS


@pytest.mark.parametrize("profile", PROFILES)
def test_no_two_records_share_an_identifier_unless_one_came_twice(profile: str) -> None:
    for feed in FEEDS:
        lines = files(profile)[feed].splitlines()
        assert len({msgspec.json.decode(line)["uuid"] for line in lines}) == len(set(lines))


@pytest.mark.parametrize("profile", PROFILES)
def test_an_audit_event_belongs_to_a_session_that_somebody_signed_in_to(profile: str) -> None:
    signed_in = {
        record["session_uuid"]: (record["timestamp"], record["target_user"]["uuid"])
        for record in map(msgspec.json.decode, files(profile)["signinattempts"].splitlines())
        if "success" in record["category"]
    }
    for line in files(profile)["auditevents"].splitlines():
        record = msgspec.json.decode(line)
        session = record["session"]
        assert signed_in[session["uuid"]] == (session["login_time"], record["actor_uuid"])
