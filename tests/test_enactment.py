"""Enactment: the records that an incident leaves behind cannot be told from the stream's own."""

import json
import re
from collections import Counter, defaultdict
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from companies import START as COMPANY_START
from companies import company, written
from hypothesis import given
from hypothesis import strategies as st
from office import BERLIN, CHROME, DAY, HOUR, MAC, MINUTE, SECOND, START, audited, client, signing_in, usage, user

from scenarios.assignment import Assignment, assign
from scenarios.cast import survey
from scenarios.duration import Duration
from scenarios.enactment import Enactment
from scenarios.event import Event
from scenarios.host import another_host
from scenarios.injection import Plan, stage
from scenarios.scenario import Casting, Moment, Scenario, cases, library
from scenarios.step import AuditStep, Client, ItemUsageStep, Place, SignInStep, Step
from scenarios.trail import follow
from simulator.records import FEEDS, encode, parse_timestamp, session, timestamp_text

DAYS = range(10)
NIGHT = 3 * DAY + 2 * HOUR
"""When nobody is at work, in nanoseconds after `START`."""
PARIS = {"country": "France", "region": "Paris", "city": "Paris", "latitude": 48.9, "longitude": 2.4}
HOTEL = client(ip_address="192.0.2.9")
ANAS_MAC = client("1Password for Mac", platform_name="mac-ana-17", os_version="15.1")
BOS_CLI = client("1Password CLI", platform_name="mac-bo-23", os_version="15.2")
ICELAND = Place(
    ip_address="203.0.113.9", country="Iceland", country_code="IS", region="Capital Region", city="Reykjavik",
    latitude=64.1, longitude=-21.9,
)  # fmt: skip
BOX = Client(
    app_name="1Password CLI", app_version="2320001", platform_name="box", platform_version="amd64",
    os_name="Linux", os_version="6.8.0",
)  # fmt: skip
SIGN_IN = SignInStep(category="success")
REVEAL = ItemUsageStep(at=Duration(MINUTE), action="reveal")
AUDIT = AuditStep(at=Duration(MINUTE), action="view", object_type="vault")


def visit(name: str, at: int, uuid: str, device: str, *actions: str, **changes: Any) -> list[bytes]:
    """A sign-in at *at*, a delegated session a second later, and an item usage at the full minutes after it."""
    seen: dict[str, Any] = {"client": CHROME, "location": BERLIN, "country": "DE", "vault_uuid": "team"} | changes
    country, vault = seen.pop("country"), seen.pop("vault_uuid")
    there = session(uuid=uuid, login_time=START + at, device_uuid=device, ip=seen["client"]["ip_address"])
    return [
        signing_in(name, at, uuid, country=country, **seen),
        audited(name, at + SECOND, "dlgsess", "dlgdsess", session=there, location=seen["location"]),
        *(usage(name, at + k * MINUTE, it, f"i{k}", vault_uuid=vault, **seen) for k, it in enumerate(actions, 1)),
    ]


def office() -> list[bytes]:
    """Ten days of ana in her browser at 9 h, on day 5 in Paris, and of bo's command line and browser.

    Ana's Mac exports on day 2. The vault ``ops`` is bo's alone.
    """
    lines = []
    for day in DAYS:
        away = {"client": HOTEL, "location": PARIS, "country": "FR"} if day == 5 else {}
        lines += visit("ana", day * DAY + 9 * HOUR, f"A{day}", "chrome-ana", "fill", "fill", "fill", "reveal", **away)
        lines += visit("bo", day * DAY + 10 * HOUR, f"B{day}", "cli-bo", "server-fetch", client=BOS_CLI)
        lines += visit("bo", day * DAY + 11 * HOUR, f"C{day}", "chrome-bo", "fill", vault_uuid="ops")
    return [*lines, *visit("ana", 2 * DAY + 15 * HOUR, "M2", "mac-ana", "export", client=ANAS_MAC)]


OFFICE = office()
CAST = survey(OFFICE)


ABSENT = Moment(while_absent=Duration(0))
"""Begins when it is told to, not right after a usage."""


def played(
    *steps: Step,
    by: str = "ana",
    at: int = NIGHT,
    seed: int = 7,
    lines: list[bytes] = OFFICE,
    when: Moment = ABSENT,
    actor: Casting | None = None,
) -> list[Event]:
    """Return what somebody leaves behind who plays *steps* from *at*, counted from `START`; bo is the administrator."""
    cast = CAST if lines is OFFICE else survey(lines)
    scenario = Scenario(name="x", kind="attack", story="x", when=when, steps=steps, actor=actor or Casting())
    who, helper = cast.actors[f"{by}@example.com"], cast.actors.get("bo@example.com")
    part = Assignment("attacks/x", "attacks/x#1", scenario, who, START + at, helper)
    return Enactment(part, follow(lines, part.emails), cast, seed).events()


def records(events: list[Event], feed: str) -> list[dict[str, Any]]:
    """Return the records of a feed, without those that a session brings about by itself."""
    found = [json.loads(encode(event.record)) for event in events if event.feed == feed]
    return [record for record in found if record.get("object_type") != "dlgdsess"]


def used(*steps: Step, **more: Any) -> list[dict[str, Any]]:
    return records(played(*steps, **more), "itemusages")


def signed_in(*steps: Step, **more: Any) -> list[dict[str, Any]]:
    return records(played(*steps, **more), "signinattempts")


def logged(*steps: Step, **more: Any) -> list[dict[str, Any]]:
    return records(played(*steps, **more), "auditevents")


# Own client and place.


def test_an_own_client_is_that_of_the_day_with_its_address_and_place() -> None:
    (at_home,) = used(REVEAL, at=4 * DAY + 9 * HOUR + 5 * MINUTE)
    (away,) = used(REVEAL, at=5 * DAY + 9 * HOUR + 5 * MINUTE)
    assert (at_home["client"], at_home["location"]) == (CHROME, BERLIN)
    assert (away["client"], away["location"]) == (HOTEL, PARIS)


@pytest.mark.parametrize(
    ("by", "action", "app"),
    [
        ("ana", "export", "1Password for Mac"),
        ("ana", "fill", "1Password Browser Extension"),
        ("bo", "server-fetch", "1Password CLI"),
        ("bo", "secure-copy", "1Password Browser Extension"),
    ],
)
def test_an_own_client_is_one_that_can_do_the_action(by: str, action: Any, app: str) -> None:
    (record,) = used(ItemUsageStep(action=action), by=by)
    assert record["client"]["app_name"] == app


def test_a_sign_in_is_made_from_the_app_with_which_what_follows_is_done() -> None:
    export = ItemUsageStep(at=Duration(MINUTE), action="export")
    (opened,), (exported,) = signed_in(SIGN_IN, export), used(SIGN_IN, export)
    assert opened["client"] == exported["client"] == ANAS_MAC


def test_an_own_client_is_of_the_version_with_which_they_last_signed_in() -> None:
    later = ANAS_MAC | {"app_version": "2"}
    lines = [*OFFICE, signing_in("ana", 2 * DAY + 20 * HOUR, "M3", client=later, location=BERLIN)]
    (opened,) = signed_in(SignInStep(category="success", client="desktop"), lines=lines)
    assert opened["client"] == later


def test_a_client_unused_for_days_is_where_its_owner_is_by_now() -> None:
    export = ItemUsageStep(at=Duration(MINUTE), action="export")
    (opened,) = signed_in(SIGN_IN, export, at=5 * DAY + 9 * HOUR)
    assert opened["client"] == {**ANAS_MAC, "ip_address": HOTEL["ip_address"]}
    assert (opened["location"], opened["country"]) == (PARIS, "FR")


def test_a_kind_of_client_that_the_actor_lacks_is_borrowed_and_runs_on_their_own_computer() -> None:
    step = ItemUsageStep(at=Duration(SECOND), action="server-fetch", client="command-line")
    (record,) = used(SignInStep(category="success", client="command-line"), step)
    assert record["client"] == BOS_CLI | {"platform_name": "mac-ana-17", "os_version": "15.1"}


@pytest.mark.parametrize("own", [(), (BOS_CLI,)])
def test_all_that_names_a_host_is_on_one_computer_whatever_others_its_owner_has(
    own: tuple[dict[str, str], ...],
) -> None:
    """Ana has two Macs, in use by turns every other minute, and may have a command line on a third computer."""
    macs = [client("1Password for Mac", platform_name=f"mac-ana-{k}") for k in range(2)]
    lines = [usage("ana", DAY + k * MINUTE, client=macs[k % 2]) for k in range(60)]
    lines += [usage("ana", DAY + HOUR, "server-fetch", client=one) for one in own]
    lines += [usage("bo", DAY, "server-fetch", client=BOS_CLI), usage("bo", 9 * DAY)]
    thrice: dict[str, Any] = {"repeat": 3, "every": Duration(3 * MINUTE)}
    edit = ItemUsageStep(client="desktop", action="enter-item-edit-mode", **thrice)
    write = ItemUsageStep(at=Duration(7 * MINUTE), client="command-line", action="server-update", **thrice)
    acted = [each["client"] for each in used(edit, write, at=DAY + 5 * MINUTE, lines=lines)]
    assert {each["app_name"] for each in acted} == {"1Password for Mac", "1Password CLI"}
    assert {each["platform_name"] for each in acted} == {"mac-ana-1"}


def test_on_another_day_another_computer_may_act() -> None:
    macs = [client("1Password for Mac", platform_name=f"mac-ana-{k}") for k in range(2)]
    lines = [usage("ana", day * DAY, client=macs[day // 5]) for day in DAYS]
    step = ItemUsageStep(action="export", client="desktop", repeat=2, every=Duration(6 * DAY))
    acted = [each["client"]["platform_name"] for each in used(step, at=DAY + HOUR, lines=lines)]
    assert acted == ["mac-ana-0", "mac-ana-1"]


LENT = [
    client("1Password for Mac", platform_name=host, platform_version=model, os_version=version, app_version=version)
    for host, model, version in (("mac-cy-41", "Mac14,2", "1"), ("mac-di-52", "Mac16,1", "2"))
]
"""Two Macs that others use, the second one later."""


def borrowing(*own: dict[str, str], client: Any = "desktop") -> list[dict[str, Any]]:
    """The clients of a sign-in on the second day and of one a week later, by ana, who has only those *own* ones."""
    lines = [usage("ana", day * DAY + 9 * HOUR, client=one) for day in DAYS for one in own]
    for (first, last), lent in zip(((0, 4), (5, 9)), LENT, strict=True):
        lines += [usage("cy", day * DAY, client=lent) for day in (first, last)]
    steps = [
        SignInStep(category="success", client=client, earlier="attack"),
        SignInStep(at=Duration(7 * DAY), category="success", client=client),
    ]
    return [each["client"] for each in signed_in(*steps, at=DAY, lines=lines)]


def test_a_borrowed_client_is_on_one_host_all_through_and_of_the_version_of_the_day() -> None:
    early, late = borrowing(CHROME)
    assert [early[name] for name in ("app_version", "os_version")] == ["1", "1"]
    assert [late[name] for name in ("app_version", "os_version")] == ["2", "2"]
    assert early["platform_name"] == late["platform_name"] not in {"mac-cy-41", "mac-di-52"}
    assert early["platform_version"] == late["platform_version"] == "Mac14,2"


def test_a_borrowed_client_stays_on_the_own_computer_on_which_it_began() -> None:
    """Ana's command line is on two computers, of which one is used only until the fifth day."""
    tools = [client("1Password CLI", platform_name=host, os_version="15") for host in ("mac-old-1", "mac-new-2")]
    lines = [usage("ana", DAY, client=tools[0]), usage("ana", 8 * DAY, client=tools[1])]
    lines += [usage("cy", day * DAY, client=LENT[0]) for day in DAYS]
    steps = [SignInStep(at=Duration(at), category="success", client="desktop") for at in (0, 6 * DAY)]
    opened = [each["client"] for each in signed_in(*steps, at=DAY, lines=lines)]
    assert [(each["platform_name"], each["os_version"]) for each in opened] == [("mac-old-1", "15")] * 2


def test_a_borrowed_phone_is_one_phone_all_through() -> None:
    phones = [client("1Password for iOS", platform_name=name, os_name="iOS") for name in ("iPhone14,2", "iPhone15,3")]
    lines = [usage("ana", day * DAY) for day in DAYS]
    lines += [usage("cy", day * DAY, client=phones[day > 4]) for day in DAYS]
    steps = [SignInStep(at=Duration(at), category="success", client="phone") for at in (0, 6 * DAY)]
    opened = [each["client"]["platform_name"] for each in signed_in(*steps, at=DAY, lines=lines)]
    assert opened == ["iPhone14,2", "iPhone14,2"]


def test_a_strange_browser_runs_on_the_same_system() -> None:
    systems = ("Windows", "Linux", "MacOSX")
    others = [client(platform_name="Edge extension", os_name=system) for system in systems]
    lines = [usage("cy", 3 * DAY, client=other) for other in others]
    step = SignInStep(category="success", client="browser", device="strange")
    for system, other in zip(systems, others, strict=True):
        own = [usage("ana", day * DAY, client=client(os_name=system)) for day in DAYS]
        assert [each["client"] for each in signed_in(step, lines=lines + own)] == [other]


def test_each_kind_of_strange_client_is_a_device_of_its_own() -> None:
    lines = [*OFFICE, usage("bo", DAY, client=client("1Password for Web", platform_name="Firefox"))]
    kinds: list[Any] = ["web", "desktop", "web"]
    steps: list[Step] = []
    for at, kind in enumerate(kinds):
        times: dict[str, Any] = {"at": Duration(at * MINUTE), "client": kind, "device": "strange"}
        steps += [SignInStep(category="success", **times), AuditStep(action="create", object_type="device", **times)]
    devices = [each["object_uuid"] for each in logged(*steps, lines=lines)]
    assert (devices[0], len(set(devices))) == (devices[2], 2)


def test_a_strange_device_is_a_host_that_nobody_has_and_looks_like_one() -> None:
    steps: list[Step] = [
        SignInStep(category="success", client="desktop", device="strange"),
        AuditStep(action="create", object_type="device", client="desktop", device="strange", at=Duration(SECOND)),
    ]
    (opened,), (registered,) = signed_in(*steps), logged(*steps)
    host = opened["client"]["platform_name"]
    assert host.startswith("mac-ana-")
    assert host[-2:].isdigit()
    assert host not in {"mac-ana-17", "mac-bo-23"}
    assert opened["client"] | {"platform_name": "mac-ana-17"} == ANAS_MAC
    assert registered["object_uuid"] == registered["session"]["device_uuid"] not in {"mac-ana", "chrome-ana"}


@given(st.text("0123456789abcdefABCDEFxyz-", min_size=1), st.integers(0, 9))
def test_another_host_is_always_one_that_is_free(name: str, seed: int) -> None:
    taken = {name, another_host(name, {name}, seed)}
    assert another_host(name, taken, seed) not in taken


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("C02AD4584E92", "C02AD4[0-9A-F]{6}"),
        ("runner-0ba3c45f4", "runner-0ba[0-9a-f]{6}"),
        ("build-7", "build-[0-9]"),
        ("anas-laptop", "anas-laptop-2"),
    ],
)
def test_another_host_keeps_the_form_of_the_name(name: str, form: str) -> None:
    assert re.fullmatch(form, another_host(name, {name}, 1))


def test_a_client_and_place_that_are_spelt_out_are_in_every_feed() -> None:
    steps: list[Step] = [
        SignInStep(category="success", client=BOX, place=ICELAND),
        ItemUsageStep(at=Duration(SECOND), action="server-fetch", client=BOX, place=ICELAND),
        AuditStep(at=Duration(SECOND), action="create", object_type="device", client=BOX, place=ICELAND),
    ]
    (opened,), (fetched,), (registered,) = signed_in(*steps), used(*steps), logged(*steps)
    assert opened["client"] == fetched["client"]
    assert opened["client"]["platform_name"] == "box"
    assert {opened["client"]["ip_address"], registered["session"]["ip"]} == {"203.0.113.9"}
    assert opened["location"] == fetched["location"] == registered["location"]
    assert list(opened["location"]) == list(BERLIN)
    assert opened["country"] == "IS"


def test_where_the_stream_never_says_where_people_are_no_record_does() -> None:
    lines = [usage("ana", day * DAY, location=None) for day in DAYS]
    for step in (REVEAL, ItemUsageStep(action="reveal", place=ICELAND)):
        (record,) = used(step, lines=lines)
        assert list(record) == list(json.loads(lines[0]))


@pytest.mark.parametrize("missing", ["client", "location", "action", "used_version"])
def test_a_stream_may_leave_fields_out(missing: str) -> None:
    full = [json.loads(usage("ana", day * DAY)) for day in DAYS]
    lines = [encode({name: value for name, value in record.items() if name != missing}) for record in full]
    assert played(SIGN_IN, REVEAL, AUDIT, lines=lines)[0].feed == "signinattempts"


# Sessions.


def test_a_sign_in_that_succeeds_opens_the_session_of_what_follows() -> None:
    (opened,), (viewed,) = signed_in(SIGN_IN, AUDIT), logged(SIGN_IN, AUDIT)
    assert viewed["session"] == {
        "uuid": opened["session_uuid"],
        "login_time": opened["timestamp"],
        "device_uuid": "chrome-ana",
        "ip": opened["client"]["ip_address"],
    }


def test_without_a_sign_in_audit_events_lie_in_the_session_that_the_stream_shows() -> None:
    (viewed,) = logged(AUDIT, at=5 * DAY + 9 * HOUR + 10 * MINUTE)
    login = timestamp_text(START + 5 * DAY + 9 * HOUR)
    assert viewed["session"] == {"uuid": "A5", "login_time": login, "device_uuid": "chrome-ana", "ip": "192.0.2.9"}
    assert viewed["location"] == PARIS
    assert signed_in(AUDIT, at=5 * DAY + 9 * HOUR + 10 * MINUTE) == []


def test_who_has_no_session_open_signs_in_first() -> None:
    for step in (REVEAL, AUDIT, ItemUsageStep(action="fill", client="desktop")):
        (opened,) = signed_in(step)
        assert 2 * SECOND <= played(step)[-1].at - parse_timestamp(opened["timestamp"]) < 11 * SECOND
        assert (opened["category"], opened["type"]) == ("success", "mfa_ok")


def test_who_signs_in_first_does_so_with_the_app_that_can_do_it() -> None:
    steps: list[Step] = [ItemUsageStep(action="export"), ItemUsageStep(at=Duration(HOUR), action="fill")]
    assert [each["client"]["app_name"] for each in signed_in(*steps)] == ["1Password for Mac"]
    assert [each["client"]["app_name"] for each in used(*steps)] == ["1Password for Mac", "1Password for Mac"]


def test_a_stream_without_sign_ins_gets_none_that_no_scenario_speaks_of() -> None:
    lines = [line for line in OFFICE if b"session_uuid" not in line]
    assert signed_in(REVEAL, AUDIT, lines=lines) == []


def test_a_failed_sign_in_opens_no_session_and_has_one_of_its_own() -> None:
    failed = SignInStep(category="credentials_failed", type="password_secret_bad", repeat=3, every=Duration(SECOND))
    later = SignInStep(at=Duration(10 * SECOND), category="success")
    attempts, (viewed,) = signed_in(failed, later, AUDIT), logged(failed, later, AUDIT)
    assert len({attempt["session_uuid"] for attempt in attempts}) == 4
    assert viewed["session"]["uuid"] == attempts[-1]["session_uuid"]


def test_an_own_sign_in_succeeds_as_the_actors_do_and_in_the_country_where_they_are() -> None:
    assert [(each["type"], each["country"]) for each in signed_in(SIGN_IN)] == [("mfa_ok", "DE")]
    assert [each["country"] for each in signed_in(SIGN_IN, at=5 * DAY + 9 * HOUR)] == ["FR"]


@pytest.mark.parametrize(("at", "entry"), [(2 * DAY, "mfa_ok"), (NIGHT, "mfa_ok"), (8 * DAY, "federated")])
def test_an_own_sign_in_is_of_the_type_of_the_one_nearest_to_it(at: int, entry: str) -> None:
    """On the last three days ana signs in through an identity provider, on the seven before with a second factor."""
    later = [signing_in("ana", day * DAY + 9 * HOUR + 1, f"F{day}", type="federated") for day in (7, 8, 9)]
    lines = [line for line in OFFICE if not any(b'"A%d"' % day in line for day in (7, 8, 9))] + later
    assert [each["type"] for each in signed_in(SIGN_IN, at=at, lines=lines)] == [entry]


def test_who_is_asked_to_sign_in_so_does_it_so() -> None:
    lines = [*OFFICE, signing_in("ana", NIGHT - HOUR, "F", type="federated")]
    castings = Casting(), Casting(signs_in=("mfa_ok",)), Casting(signs_in=("credentials_ok",))
    for casting, entry in zip(castings, ("federated", "mfa_ok", "mfa_ok"), strict=True):
        assert [each["type"] for each in signed_in(SIGN_IN, lines=lines, actor=casting)] == [entry]


def test_where_no_sign_in_is_shown_people_have_a_password() -> None:
    assert [each["type"] for each in signed_in(SIGN_IN, lines=[usage("ana", 0)], at=0)] == ["credentials_ok"]


def test_sign_ins_of_others_name_other_people_each_once() -> None:
    people = [f"p{k}" for k in range(5)]
    lines = [*OFFICE, *(usage(name, day * DAY) for name in people for day in DAYS)]
    spray = SignInStep(category="credentials_failed", target="others", repeat=6, every=Duration(SECOND), place=ICELAND)
    attempts = signed_in(spray, lines=lines)
    assert {attempt["target_user"]["email"] for attempt in attempts} == {user(n)["email"] for n in ("bo", *people)}
    assert {attempt["client"]["ip_address"] for attempt in attempts} == {"203.0.113.9"}


def test_what_a_session_brings_about_by_itself_follows_a_sign_in_as_in_the_stream() -> None:
    delegated = [event for event in played(SIGN_IN) if event.record.get("object_type") == "dlgdsess"]
    (opened,) = signed_in(SIGN_IN)
    assert 1 <= len(delegated) <= 4
    assert {json.loads(encode(event.record))["session"]["uuid"] for event in delegated} == {opened["session_uuid"]}
    bare = [line for line in OFFICE if b"dlgsess" not in line]
    assert [event.feed for event in played(SIGN_IN, lines=bare)] == ["signinattempts"]


# Times.


def test_repetitions_follow_each_other_by_every_and_less_than_jitter() -> None:
    step = ItemUsageStep(at=Duration(HOUR), repeat=9, every=Duration(MINUTE), jitter=Duration(SECOND), action="fill")
    lines = [*OFFICE, usage("ana", 9 * DAY + 1)]  # from which the stream is known to tell nanoseconds
    begin = START + NIGHT + HOUR
    at = [event.at for event in played(step, lines=lines) if event.feed == "itemusages"]
    delays = [each - begin - k * MINUTE for k, each in enumerate(at)]
    assert all(0 <= delay < SECOND for delay in delays)
    assert len(set(delays)) == 9


@pytest.mark.parametrize("seed", range(5))
def test_what_begins_with_failures_to_sign_in_begins_when_it_is_told_to(seed: int) -> None:
    spray = SignInStep(category="credentials_failed", type="password_secret_bad", repeat=3, every=Duration(SECOND))
    success = SignInStep(at=Duration(MINUTE), category="success")
    at = 3 * DAY + 9 * HOUR + 30 * MINUTE  # in an hour in which ana is at work
    events = played(spray, success, ItemUsageStep(at=Duration(HOUR), action="reveal"), at=at, seed=seed, when=Moment())
    assert events[0].at == START + at


@pytest.mark.parametrize("seed", range(5))
def test_what_begins_in_a_session_begins_right_after_a_usage_with_an_app_that_suits(seed: int) -> None:
    lines = [*OFFICE, usage("ana", 2 * DAY + 15 * HOUR + 40 * MINUTE)]  # her browser, nearer to the start
    export, allowed = ItemUsageStep(action="export"), AuditStep(action="join", object_type="gm", by="administrator")
    for steps in ([export], [allowed, export]):
        events = played(*steps, at=2 * DAY + 15 * HOUR + 50 * MINUTE, seed=seed, lines=lines, when=Moment())
        (at,) = (event.at for event in events if event.feed == "itemusages")
        assert 2 * SECOND <= at - START - 2 * DAY - 15 * HOUR - MINUTE <= 2 * MINUTE


def test_times_are_no_finer_than_the_streams() -> None:
    assert all(event.at % SECOND == 0 for event in played(SIGN_IN, REVEAL, AUDIT))


def test_each_active_day_brings_one_repetition_after_a_usage_of_that_day() -> None:
    step = ItemUsageStep(at=Duration(30 * SECOND), repeat=4, every="active-day", action="reveal")
    at = [event.at - START for event in played(step, at=3 * DAY)]
    assert [each // DAY for each in at] == [3, 4, 5, 6]
    assert {each % DAY - 9 * HOUR for each in at} <= {k * MINUTE + 30 * SECOND for k in range(1, 5)}


def test_what_would_come_after_the_end_of_the_stream_is_left_out() -> None:
    step = ItemUsageStep(repeat=10, every=Duration(DAY), action="reveal")
    events = played(step, at=8 * DAY)
    assert [event.at for event in events if event.feed == "itemusages"] == [START + 8 * DAY, START + 9 * DAY]


# Vaults and items.


@pytest.mark.parametrize(
    ("which", "by", "vaults"),
    [("busiest", "ana", {"team"}), ("foreign", "ana", {"ops"}), ("all", "bo", {"ops", "team"})],
)
def test_a_vault_is_chosen_from_those_that_the_stream_shows(which: Any, by: str, vaults: set[str]) -> None:
    step = ItemUsageStep(repeat=4, every=Duration(SECOND), action="other", vault=which)
    assert {record["vault_uuid"] for record in used(step, by=by)} == vaults


def test_the_largest_vault_is_the_one_with_the_most_items() -> None:
    lines = [*OFFICE, *(usage("bo", DAY + k, item=f"i{k}", vault_uuid="big") for k in range(8))]
    assert [
        each["vault_uuid"] for each in used(ItemUsageStep(action="other", vault="largest"), by="bo", lines=lines)
    ] == ["big"]


def test_each_takes_the_known_items_once_and_then_others_as_far_as_a_vault_goes() -> None:
    lines = [*OFFICE, *(usage("bo", DAY + k, item=f"i{k}", used_version=7, vault_uuid="big") for k in range(6))]
    step = ItemUsageStep(repeat=9, every=Duration(SECOND), action="reveal", item="each")
    items = [record["item_uuid"] for record in used(step, lines=lines)]
    assert sorted(items[:4]) == ["i1", "i2", "i3", "i4"]
    assert len(set(items)) == len(items) == 6  # what the largest vault has
    assert all(len(item) == 26 for item in items[4:])


def test_items_that_nobody_used_are_of_versions_that_the_vault_has() -> None:
    lines = [usage("ana", day * DAY, item=f"i{day}", used_version=3 + day % 2) for day in DAYS]
    lines += [usage("bo", DAY + k, item=f"i{k}", vault_uuid="big") for k in range(30)]
    step = ItemUsageStep(repeat=30, every=Duration(SECOND), action="reveal", item="each")
    assert {record["used_version"] for record in used(step, lines=lines)} == {3, 4}


@pytest.mark.parametrize(("at", "version"), [(2 * DAY, 3), (4 * DAY, 3), (6 * DAY, 5), (8 * DAY, 5)])
def test_an_item_is_of_the_version_that_the_stream_had_by_then(at: int, version: int) -> None:
    times = [(DAY, 3), (5 * DAY, 5), (9 * DAY, 8), (9 * DAY + 1, 2)]
    lines = [usage("ana", day, used_version=number) for day, number in times]
    assert [record["used_version"] for record in used(REVEAL, at=at, lines=lines)] == [version]


def test_an_incident_that_lasts_takes_the_version_of_each_day() -> None:
    lines = [usage("ana", day * DAY, used_version=day + 1) for day in DAYS]
    step = ItemUsageStep(at=Duration(HOUR), repeat=4, every=Duration(DAY), action="reveal")
    assert [record["used_version"] for record in used(step, at=2 * DAY, lines=lines)] == [3, 4, 5, 6]


def test_items_that_the_stream_shows_later_come_last_and_in_their_first_version() -> None:
    lines = [usage("ana", day * DAY, item=f"i{day}", used_version=day + 1) for day in DAYS]
    each = ItemUsageStep(repeat=10, every=Duration(SECOND), action="reveal", item="each")
    taken = [(record["item_uuid"], record["used_version"]) for record in used(each, at=4 * DAY + 1, lines=lines)]
    assert {item for item, _ in taken[:5]} == {f"i{day}" for day in range(5)}
    assert sorted(taken) == [(f"i{day}", day + 1) for day in DAYS]
    anything = ItemUsageStep(repeat=30, every=Duration(SECOND), action="reveal")
    assert {record["item_uuid"] for record in used(anything, at=4 * DAY + 1, lines=lines)} == {
        f"i{day}" for day in range(5)
    }


def test_items_that_nobody_used_are_of_no_version_that_comes_later() -> None:
    lines = [usage("ana", day * DAY, used_version=3 + day) for day in DAYS]
    lines += [usage("bo", DAY + k, item=f"i{k}", vault_uuid="big") for k in range(5)]
    step = ItemUsageStep(repeat=5, every=Duration(SECOND), action="reveal", item="each")
    assert [record["used_version"] for record in used(step, at=2 * DAY + 1, lines=lines)] == [5, 3, 3, 3, 3]


def test_own_items_are_those_that_the_actor_used() -> None:
    step = ItemUsageStep(repeat=20, every=Duration(SECOND), action="fill", item="own")
    assert {record["item_uuid"] for record in used(step, by="bo", lines=OFFICE)} == {"i1"}


def test_an_item_that_is_created_is_none_that_there_was() -> None:
    step = ItemUsageStep(repeat=20, every=Duration(SECOND), action="server-create", client="command-line")
    made = used(SignInStep(category="success", client="command-line"), step, by="bo")
    assert len({record["item_uuid"] for record in made} - {f"i{k}" for k in range(9)}) == 20
    assert {record["used_version"] for record in made} == {1}


# Audit events.

ANA = user("ana")


@pytest.mark.parametrize(
    ("object_type", "named"),
    [
        ("vault", {"object_uuid": "team"}),
        ("items", {"object_uuid": "team"}),
        ("device", {"object_uuid": "chrome-ana", "aux_uuid": ANA["uuid"], "aux_details": ANA}),
        ("uva", {"object_uuid": "team", "aux_uuid": ANA["uuid"], "aux_details": ANA}),
        ("gm", {"aux_uuid": ANA["uuid"], "aux_details": ANA}),
        ("user", {"object_uuid": ANA["uuid"], "object_details": ANA}),
        ("item", {"aux_uuid": "team"}),
        ("satoken", {}),
    ],
)
def test_an_audit_event_names_what_it_is_about_as_the_api_does(object_type: Any, named: dict[str, Any]) -> None:
    (record,) = logged(AuditStep(action="create", object_type=object_type), at=4 * DAY + 9 * HOUR + 5 * MINUTE)
    about = {
        name: record[name] for name in ("object_uuid", "object_details", "aux_uuid", "aux_details") if name in record
    }
    assert about == {"object_uuid": record["object_uuid"]} | named
    assert record["actor_details"] == ANA


def test_a_membership_is_in_a_group_that_the_stream_shows_if_any() -> None:
    named = [audited("bo", k, "join", "gm", object_uuid="g1", aux_uuid=user("bo")["uuid"]) for k in range(2)]
    steps = [
        AuditStep(action="join", object_type="gm", by="administrator"),
        AuditStep(at=Duration(SECOND), action="leave", object_type="gm", by="administrator"),
    ]
    assert [each["object_uuid"] for each in logged(*steps, at=BOS_DAY, lines=[*OFFICE, *named])] == ["g1", "g1"]
    (drawn,) = {each["object_uuid"] for each in logged(*steps, at=BOS_DAY)}
    assert re.fullmatch("[a-z2-7]{26}", drawn)
    grant = AuditStep(action="grant", object_type="gva")
    assert [each["aux_uuid"] for each in logged(grant, at=BOS_DAY, lines=[*OFFICE, *named])] == ["g1"]


def test_an_audited_item_is_the_one_that_is_used() -> None:
    steps: list[Step] = [
        ItemUsageStep(repeat=3, every=Duration(MINUTE), action="share", item="each"),
        AuditStep(at=Duration(SECOND), repeat=3, every=Duration(MINUTE), action="share", object_type="item"),
    ]
    assert [each["object_uuid"] for each in logged(*steps)] == [each["item_uuid"] for each in used(*steps)]


@pytest.mark.parametrize(("items", "vaults"), [(1, ["ops"]), (2, ["ops", "team"]), (9, ["ops", "team", "web"])])
def test_an_export_of_all_vaults_is_one_audit_event_for_each_that_is_exported(items: int, vaults: list[str]) -> None:
    counts = {"ops": 5, "team": 4, "web": 3}
    lines = [
        usage("ana", day * DAY + k, item=f"{vault}{k}", vault_uuid=vault, client=MAC)
        for vault, count in counts.items()
        for day in DAYS
        for k in range(count)
    ]
    steps: list[Step] = [
        AuditStep(
            action="export", object_type="vault", vault="all", client="desktop", repeat=7, every=Duration(SECOND)
        ),
        ItemUsageStep(at=Duration(MINUTE), action="export", vault="all", item="each", client="desktop", repeat=items),
    ]
    exported = used(*steps, lines=lines)
    assert [each["object_uuid"] for each in logged(*steps, lines=lines)] == vaults
    assert (len(exported), {each["vault_uuid"] for each in exported}) == (items, set(vaults))


def test_an_audit_event_of_all_vaults_without_usages_is_one_for_each_of_theirs() -> None:
    lines = [usage("ana", day * DAY, vault_uuid=vault) for day in DAYS for vault in ("team", "ops")]
    step = AuditStep(action="view", object_type="vault", vault="all")
    assert sorted(each["object_uuid"] for each in logged(step, lines=lines)) == ["ops", "team"]


# By an administrator.

BO = user("bo")
ENTRY = SignInStep(category="success", by="administrator")
SUSPENDING = AuditStep(at=Duration(MINUTE), action="suspend", object_type="user", by="administrator")
JOINING = AuditStep(at=Duration(MINUTE), action="join", object_type="gm", by="administrator")
BOS_DAY = 4 * DAY + 11 * HOUR + 2 * MINUTE
"""When bo is in their browser, ten minutes after a sign-in of theirs."""


def test_an_administrator_acts_in_their_own_name_upon_the_actor() -> None:
    suspended, joined = logged(SUSPENDING, JOINING, at=BOS_DAY)
    assert (suspended["actor_uuid"], suspended["actor_details"]) == (BO["uuid"], BO)
    assert (joined["actor_uuid"], joined["actor_details"]) == (BO["uuid"], BO)
    assert (suspended["object_uuid"], suspended["object_details"]) == (ANA["uuid"], ANA)
    assert "aux_uuid" not in suspended
    assert (joined["aux_uuid"], joined["aux_details"]) == (ANA["uuid"], ANA)
    assert joined["object_uuid"] != ANA["uuid"]


def test_an_administrator_acts_in_the_session_that_the_stream_shows_of_them() -> None:
    assert signed_in(SUSPENDING, at=BOS_DAY) == []
    (suspended,) = logged(SUSPENDING, at=BOS_DAY)
    login = timestamp_text(START + 4 * DAY + 11 * HOUR)
    assert suspended["session"] == {"uuid": "C4", "login_time": login, "device_uuid": "chrome-bo", "ip": "192.0.2.1"}


def test_an_administrator_without_a_session_signs_in_first() -> None:
    (opened,), (suspended,) = signed_in(SUSPENDING), logged(SUSPENDING)
    assert (opened["target_user"], opened["type"], opened["country"]) == (BO, "mfa_ok", "DE")
    assert suspended["session"]["uuid"] == opened["session_uuid"]


def test_each_signs_in_for_themself() -> None:
    steps: list[Step] = [ENTRY, SIGN_IN, SUSPENDING, AUDIT]
    for order in (steps, [SIGN_IN, ENTRY, SUSPENDING, AUDIT]):
        opened = {each["target_user"]["name"]: each["session_uuid"] for each in signed_in(*order)}
        logs = {each["actor_details"]["name"]: each["session"]["uuid"] for each in logged(*order)}
        assert len(signed_in(*order)) == 2
        assert logs == opened


def test_an_administrator_acts_from_where_they_are() -> None:
    """On day 5 ana is in Paris, and bo at home."""
    (opened,) = signed_in(ENTRY, SUSPENDING, at=5 * DAY + 9 * HOUR + 30 * MINUTE)
    assert (opened["location"], opened["client"]) == (BERLIN, CHROME)


def test_what_a_session_brings_about_by_itself_bears_the_name_of_who_opened_it() -> None:
    delegated = [event.record for event in played(ENTRY, SUSPENDING) if event.record.get("object_type") == "dlgdsess"]
    assert delegated
    assert {json.loads(encode(record))["actor_details"]["name"] for record in delegated} == {"Bo"}


@pytest.mark.parametrize("seed", range(5))
def test_a_session_brings_about_nothing_after_the_last_that_its_owner_does(seed: int) -> None:
    later = ItemUsageStep(at=Duration(50 * MINUTE), action="reveal")
    events = played(SIGN_IN, ENTRY, SUSPENDING, later, seed=seed)
    times = {"Ana": NIGHT + 50 * MINUTE, "Bo": NIGHT + MINUTE}
    for event in events:
        if event.record.get("object_type") == "dlgdsess":
            last = times[json.loads(encode(event.record))["actor_details"]["name"]]
            assert event.at <= START + last + SECOND


def test_an_administrator_signs_in_as_they_always_do() -> None:
    lines = [*OFFICE, signing_in("bo", 2 * DAY + 23 * HOUR, "F", type="federated")]
    assert [each["type"] for each in signed_in(SIGN_IN, ENTRY, lines=lines)] == ["mfa_ok", "federated"]


def test_a_device_that_an_administrator_removes_is_the_actors() -> None:
    removed = AuditStep(action="delete", object_type="device", by="administrator")
    (record,) = logged(removed, at=BOS_DAY)
    assert (record["object_uuid"], record["aux_uuid"]) == ("chrome-ana", ANA["uuid"])


# 1Password.com.


def test_the_web_is_borrowed_like_any_other_kind_of_client() -> None:
    site = client("1Password for Web", platform_name="Firefox", ip_address="192.0.2.23")
    lines = [*OFFICE, usage("bo", DAY, client=site)]
    reveal = ItemUsageStep(at=Duration(MINUTE), action="reveal", client="web")
    (opened,), (record,) = (
        kind(SignInStep(category="success", client="web"), reveal, lines=lines) for kind in (signed_in, used)
    )
    assert opened["client"] == record["client"] == site | {"ip_address": CHROME["ip_address"]}


def test_a_borrowed_site_is_opened_in_the_browser_of_the_own_extension() -> None:
    own = client(platform_name="Edge extension", platform_version="144.7", os_version="14")
    sites = [
        client("1Password for Web", platform_name=name, platform_version="1", os_name="Windows", app_version="2090")
        for name in ("Chrome", "Edge")
    ]
    lines = [usage("ana", day * DAY, client=own) for day in DAYS]
    lines += [usage("bo", day * DAY + k, client=site) for day in DAYS for k, site in enumerate(sites)]
    (opened,) = signed_in(SignInStep(category="success", client="web"), lines=lines)
    assert opened["client"] == sites[1] | {"platform_version": "144.7", "os_name": "MacOSX", "os_version": "14"}


# All of it, in a company.


@cache
def background() -> dict[str, list[bytes]]:
    """A company of 120 people for 60 days, by feed."""
    files = written(company("midsize-1000", 120, 60, 3, COMPANY_START))
    return {feed: files[feed].splitlines(keepends=True) for feed in FEEDS}


@cache
def library_played() -> tuple[list[Assignment], Plan]:
    """Every case of the library that can be played there, and what it leaves behind."""
    lines = [line for feed in FEEDS for line in background()[feed]]
    cast = survey(lines)
    assigned, _ = assign({name: each for known in library() for name, each in cases(known).items()}, cast, 1)
    trails = follow(lines, {email for part in assigned for email in part.emails})
    return assigned, stage(assigned, trails, cast, 1)


def original(feed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in background()[feed]]


def added(feed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for _, line in library_played()[1].additions[feed]]


def opened() -> dict[str, dict[str, Any]]:
    """Every sign-in that succeeded, staged or not, by its session."""
    attempts = [*original("signinattempts"), *added("signinattempts")]
    succeeded = {"success", "firewall_reported_success"}
    return {attempt["session_uuid"]: attempt for attempt in attempts if attempt["category"] in succeeded}


def test_much_of_the_library_is_played() -> None:
    assert len(library_played()[1].incidents) >= 30


def test_every_staged_audit_event_lies_in_a_session_that_a_sign_in_opened() -> None:
    sessions, devices = opened(), defaultdict(set)
    for event in original("auditevents"):
        devices[event["session"]["uuid"]].add(event["session"]["device_uuid"])
    for event in added("auditevents"):
        sign_in = sessions[event["session"]["uuid"]]
        assert sign_in["timestamp"] == event["session"]["login_time"] <= event["timestamp"]
        assert sign_in["target_user"] == event["actor_details"]
        assert sign_in["location"] == event["location"]
        assert sign_in["client"]["ip_address"] == event["session"]["ip"]
        devices[event["session"]["uuid"]].add(event["session"]["device_uuid"])
    assert {len(found) for found in devices.values()} == {1}


def test_every_staged_item_usage_follows_a_sign_in_with_its_client_from_its_place() -> None:
    since: dict[tuple[str, str], list[int]] = defaultdict(list)
    for sign_in in opened().values():
        key = (sign_in["target_user"]["email"], json.dumps([sign_in["client"], sign_in["location"]]))
        since[key].append(parse_timestamp(sign_in["timestamp"]))
    for record in added("itemusages"):
        at = parse_timestamp(record["timestamp"])
        before = since[record["user"]["email"], json.dumps([record["client"], record["location"]])]
        assert any(at - DAY < each <= at for each in before)


@pytest.mark.parametrize("feed", FEEDS)
def test_staged_records_have_exactly_the_fields_of_the_streams_own(feed: str) -> None:
    def shape(record: dict[str, Any]) -> Any:
        kind = (record.get("action"), record.get("object_type")) if feed == "auditevents" else ()
        inner = (tuple(value) for value in record.values() if isinstance(value, dict))
        return kind, tuple(record), tuple(inner), len(record["timestamp"].partition(".")[2]) > 4

    shapes = Counter(shape(record) for record in original(feed))
    kinds = {found[0] for found in shapes}
    assert {shape(each) for each in added(feed) if shape(each)[0] in kinds} <= shapes.keys()


def test_no_staged_usage_is_of_a_version_that_the_stream_had_not_yet() -> None:
    first: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for record in original("itemusages"):
        versions = first[record["vault_uuid"], record["item_uuid"]]
        at, version = record["timestamp"], record["used_version"]
        versions[version] = min(at, versions.get(version, at))
    known = [
        (each, first[key]) for each in added("itemusages") if (key := (each["vault_uuid"], each["item_uuid"])) in first
    ]
    assert len(known) > 500
    for record, versions in known:
        seen = [version for version, at in versions.items() if at <= record["timestamp"]]
        assert record["used_version"] == max(seen, default=min(versions))


def test_staged_records_lie_within_the_stream_and_have_uuids_of_their_own() -> None:
    lines = [line for feed in FEEDS for line in background()[feed]]
    cast = survey(lines)
    staged = [record for feed in FEEDS for record in added(feed)]
    assert all(cast.first <= parse_timestamp(record["timestamp"]) <= cast.last for record in staged)
    uuids = Counter(record["uuid"] for feed in FEEDS for record in [*original(feed), *added(feed)])
    assert max(uuids.values()) == 1


def test_no_address_is_other_than_the_trail_shows_around_that_day_unless_a_scenario_says_so() -> None:
    shown: dict[tuple[str, int], set[str]] = defaultdict(set)
    for record in original("itemusages"):
        day = parse_timestamp(record["timestamp"]) // DAY
        for near in (day - 1, day, day + 1):
            shown[record["user"]["email"], near].add(record["client"]["ip_address"])
    steps = [step for part in library_played()[0] for step in part.scenario.steps]
    placed = [ip_network(step.place.ip_address) for step in steps if isinstance(step.place, Place)]
    for record in added("itemusages"):
        around = shown[record["user"]["email"], parse_timestamp(record["timestamp"]) // DAY]
        address = record["client"]["ip_address"]
        assert address in around or not around or any(ip_address(address) in network for network in placed)
