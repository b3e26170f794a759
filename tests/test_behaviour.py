"""A company's working weeks look like people at work, and its three feeds tell one story."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.behaviour import act, first_uses
from simulator.company import Company, simulate
from simulator.habits import habits_of
from simulator.lines import merge
from simulator.population import Person, Population, build_population
from simulator.profile import ACTIONS
from simulator.records import FEEDS, encode, parse_timestamp
from simulator.rendering import Renderer

PEOPLE, DAYS, SEED = 120, 28, 7
START = date(2026, 3, 2)  # clocks go forward in America and Europe within the period, and back in Australia in April
Feeds = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def company() -> Population:
    return build_population(PEOPLE, SEED)


@pytest.fixture(scope="module")
def feeds() -> Feeds:
    found: Feeds = {feed: [] for feed in FEEDS}
    for block in simulate(Company(PEOPLE, DAYS, SEED, START)):
        for feed, lines in block.lines.items():
            found[feed] += map(json.loads, lines)
    return found


def local_times(company: Population, feeds: Feeds) -> Iterator[tuple[Person, datetime]]:
    people = {person.email: person for person in company.people}
    for usage in feeds["itemusages"]:
        person = people[usage["user"]["email"]]
        moment = parse_timestamp(usage["timestamp"]) // 10**9
        yield person, datetime.fromtimestamp(moment, ZoneInfo(person.office.timezone))


def share(moments: list[datetime], chosen: Callable[[datetime], bool]) -> float:
    return sum(map(chosen, moments)) / len(moments)


# Rhythm


def test_weekends_and_nights_are_rare_but_not_unknown(company: Population, feeds: Feeds) -> None:
    moments = [moment for _, moment in local_times(company, feeds)]
    assert 0.005 < share(moments, lambda moment: moment.weekday() >= 5) < 0.15
    assert 0.001 < share(moments, lambda moment: moment.hour >= 22 or moment.hour < 6) < 0.1


def test_people_work_by_their_own_clock_on_both_sides_of_daylight_saving(company: Population, feeds: Feeds) -> None:
    toronto = [at for person, at in local_times(company, feeds) if person.office.city == "Toronto"]
    for summer_time in (timedelta(0), timedelta(hours=1)):
        season = [moment for moment in toronto if moment.dst() == summer_time]
        assert len(season) > 200
        assert share(season, lambda moment: 8 <= moment.hour < 18) > 0.75
        assert share(season, lambda moment: moment.hour < 8) < 0.06


def test_an_ordinary_day_has_few_events_and_a_few_people_have_many(company: Population, feeds: Feeds) -> None:
    counts = Counter(person.email for person, _ in local_times(company, feeds))
    ranked = sorted(counts.values(), reverse=True)
    assert 0.2 < ranked[PEOPLE // 2] / 20 < 6
    assert sum(ranked[: PEOPLE // 10]) / sum(ranked) > 0.25


def test_everybody_fills_and_most_never_export_or_share(feeds: Feeds) -> None:
    who: dict[str, set[str]] = defaultdict(set)
    for usage in feeds["itemusages"]:
        who[usage["action"]].add(usage["user"]["email"])
    assert set(who) <= set(ACTIONS)
    assert len(who["fill"]) > 0.9 * PEOPLE
    assert 0.3 * PEOPLE < len(who["reveal"]) < 0.7 * PEOPLE
    assert len(who["export"] | who["share"]) < 0.25 * PEOPLE


def test_a_person_keeps_to_their_habits_vaults_and_favourites(company: Population, feeds: Feeds) -> None:
    people = {person.email: person for person in company.people}
    vaults = {vault.uuid: vault for vault in company.vaults}
    items: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for usage in feeds["itemusages"]:
        person = people[usage["user"]["email"]]
        assert person.propensity[ACTIONS.index(usage["action"])] > 0
        assert person.index in vaults[usage["vault_uuid"]].members
        items[person.email, usage["vault_uuid"]][usage["item_uuid"]] += 1
    busy = [counts for counts in items.values() if counts.total() >= 40]
    assert busy
    assert all(counts.most_common(1)[0][1] / counts.total() > 0.06 for counts in busy)


# One story in three feeds


def test_every_item_usage_lies_inside_a_session_that_an_earlier_sign_in_opened(feeds: Feeds) -> None:
    opened: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for sign_in in feeds["signinattempts"]:
        if sign_in["category"] == "success":
            opened[_origin(sign_in, "target_user")].append(parse_timestamp(sign_in["timestamp"]))
    longest = 3 * 3600 * 10**9 + 5 * 10**9
    for usage in feeds["itemusages"]:
        moment = parse_timestamp(usage["timestamp"])
        assert any(0 < moment - start < longest for start in opened[_origin(usage, "user")])


def _origin(record: dict[str, Any], user: str) -> tuple[str, str, str]:
    return json.dumps(record[user]), json.dumps(record["client"]), json.dumps(record["location"])


def test_every_audit_event_belongs_to_a_session_of_its_actor(feeds: Feeds) -> None:
    sign_ins = {sign_in["session_uuid"]: sign_in for sign_in in feeds["signinattempts"]}
    for event in feeds["auditevents"]:
        sign_in, session = sign_ins[event["session"]["uuid"]], event["session"]
        assert sign_in["category"] == "success"
        assert sign_in["timestamp"] == session["login_time"]
        assert sign_in["target_user"] == event["actor_details"]
        assert sign_in["client"]["ip_address"] == session["ip"]
        assert sign_in["location"] == event["location"]
        assert parse_timestamp(event["timestamp"]) > parse_timestamp(session["login_time"])


def test_a_mistyped_password_is_followed_by_a_success_within_a_minute(feeds: Feeds) -> None:
    successes = defaultdict(list)
    failures = []
    for sign_in in feeds["signinattempts"]:
        moment, origin = parse_timestamp(sign_in["timestamp"]), _origin(sign_in, "target_user")
        if sign_in["category"] == "success":
            assert sign_in["type"] in {"credentials_ok", "mfa_ok"}
            successes[origin].append(moment)
        else:
            assert (sign_in["category"], sign_in["type"]) == ("credentials_failed", "password_secret_bad")
            failures.append((moment, origin))
    assert 0.01 < len(failures) / len(feeds["signinattempts"]) < 0.06
    for moment, origin in failures:
        assert any(0 < success - moment < 60 * 10**9 for success in successes[origin])


def test_each_session_is_delegated_once_and_a_token_is_verified_rarely(feeds: Feeds) -> None:
    kinds = Counter((event["action"], event["object_type"]) for event in feeds["auditevents"])
    successes = sum(sign_in["category"] == "success" for sign_in in feeds["signinattempts"])
    assert kinds["dlgsess", "dlgdsess"] == successes
    assert 0 < kinds["ssotknv", "ssotkn"] < 0.05 * successes


def test_a_device_is_created_once_in_the_first_session_it_is_used_in(company: Population, feeds: Feeds) -> None:
    first: dict[str, str] = {}
    created = {}
    for event in feeds["auditevents"]:
        session = event["session"]
        if parse_timestamp(session["login_time"]) < parse_timestamp(
            first.get(session["device_uuid"], "9999-01-01T00:00:00Z")
        ):
            first[session["device_uuid"]] = session["login_time"]
        if event["action"] == "create":
            assert event["object_uuid"] == session["device_uuid"] not in created
            assert event["aux_uuid"] == event["actor_uuid"] == event["aux_details"]["uuid"]
            created[event["object_uuid"]] = session["login_time"]
    assert created == first
    assert set(created) <= {device.uuid for person in company.people for device in person.devices}


def test_every_share_is_audited_right_after_with_its_item_and_vault(feeds: Feeds) -> None:
    shared = [usage for usage in feeds["itemusages"] if usage["action"] == "share"]
    audited = [event for event in feeds["auditevents"] if event["action"] == "share"]
    assert len(shared) == len(audited) > 0
    for event in audited:
        assert any(
            (event["actor_uuid"], event["object_uuid"], event["aux_uuid"])
            == (usage["user"]["uuid"], usage["item_uuid"], usage["vault_uuid"])
            and 0 < parse_timestamp(event["timestamp"]) - parse_timestamp(usage["timestamp"]) < 10**9
            for usage in shared
        )


def test_a_vault_export_is_rare_and_follows_an_export_from_that_vault(feeds: Feeds) -> None:
    exports = {
        (usage["user"]["uuid"], usage["vault_uuid"]) for usage in feeds["itemusages"] if usage["action"] == "export"
    }
    audited = [event for event in feeds["auditevents"] if event["action"] == "export"]
    assert exports
    assert len(audited) < 0.01 * len(feeds["auditevents"])
    assert {(event["actor_uuid"], event["object_uuid"]) for event in audited} <= exports


# The form of records

UPPER, LOWER = "[A-Z2-7]{26}", "[a-z2-7]{26}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z"
USER = {"uuid": UPPER, "name": r"\w+ \w+", "email": r"[a-z.0-9]+@example\.com"}
CLIENT = dict.fromkeys(
    (
        "app_name", "app_version", "platform_name", "platform_version", "os_name", "os_version", "ip_address",
    ), ".+",
)  # fmt: skip
PLACE = {"country": ".{4,}", "region": ".+", "city": ".+", "latitude": float, "longitude": float}
SESSION = {"uuid": UPPER, "login_time": TIME, "device_uuid": LOWER, "ip": ".+"}
SHAPES: dict[str, dict[str, Any]] = {
    "itemusages": {
        "uuid": UPPER, "timestamp": TIME, "used_version": int, "vault_uuid": LOWER, "item_uuid": LOWER,
        "action": "|".join(ACTIONS), "user": USER, "client": CLIENT, "location": PLACE,
    },
    "signinattempts": {
        "uuid": UPPER, "session_uuid": UPPER, "timestamp": TIME, "category": "success|credentials_failed",
        "type": "credentials_ok|mfa_ok|password_secret_bad", "country": "[A-Z]{2}", "details": type(None),
        "target_user": USER, "client": CLIENT, "location": PLACE,
    },
    "auditevents": {
        "uuid": UPPER, "timestamp": TIME, "actor_uuid": UPPER, "actor_details": USER, "action": "[a-z]+",
        "object_type": "[a-z]+", "object_uuid": f"{UPPER}|{LOWER}", "session": SESSION, "location": PLACE,
    },
}  # fmt: skip
OPTIONAL = {"aux_uuid": f"{UPPER}|{LOWER}", "aux_details": USER}


def has_shape(value: object, shape: Any) -> bool:
    if isinstance(shape, dict):
        assert isinstance(value, dict)
        required = [key for key in value if key not in OPTIONAL]
        return required == list(shape) and all(has_shape(part, (shape | OPTIONAL)[key]) for key, part in value.items())
    if isinstance(shape, str):
        return isinstance(value, str) and re.fullmatch(shape, value) is not None
    return type(value) is shape


@pytest.mark.parametrize("feed", FEEDS)
def test_every_record_has_the_shape_the_api_documents(feeds: Feeds, feed: str) -> None:
    assert feeds[feed]
    assert [record for record in feeds[feed] if not has_shape(record, SHAPES[feed])] == []


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_is_in_order_of_time_within_the_period_and_repeats_no_identifier(feeds: Feeds, feed: str) -> None:
    times = [parse_timestamp(record["timestamp"]) for record in feeds[feed]]
    period = Company(PEOPLE, DAYS, SEED, START).period
    assert times == sorted(times)
    assert period.begin <= times[0] <= times[-1] < period.end
    assert len({record["uuid"] for record in feeds[feed]}) == len(times)


def test_times_have_the_digits_of_a_real_clock(feeds: Feeds) -> None:
    fine = [parse_timestamp(record["timestamp"]) % 1000 for records in feeds.values() for record in records]
    assert len(set(fine)) == 1000


def test_addresses_are_the_persons_home_or_office(company: Population, feeds: Feeds) -> None:
    places = {person.email: {person.home_ip, person.office.ip} for person in company.people}
    used: dict[str, set[str]] = defaultdict(set)
    for sign_in in feeds["signinattempts"]:
        used[sign_in["target_user"]["email"]].add(str(ip_address(sign_in["client"]["ip_address"])))
    assert all(ips <= places[email] for email, ips in used.items())
    assert sum(len(ips) == 2 for ips in used.values()) > 0.5 * PEOPLE


# One person alone


def test_one_person_worked_out_alone_does_the_same(company: Population, feeds: Feeds) -> None:
    parameters = Company(PEOPLE, DAYS, SEED, START)
    habits, someone = habits_of(company), company.people[17]
    alone = np.array([someone.index])
    days, period = parameters.local_days, parameters.period
    first = first_uses(habits, SEED, alone, days, period)
    lines = Renderer(company).render(act(habits, SEED, alone, days, period, first))
    for feed, user in zip(FEEDS, ("user", "target_user", "actor_details"), strict=True):
        theirs = [encode(record) for record in feeds[feed] if record[user]["uuid"] == someone.uuid]
        assert merge([lines[feed]]).text == theirs != []
