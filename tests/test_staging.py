"""Staging: what follows what, with which app, from which address, and by whom."""

import json
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from office import (
    BERLIN,
    CHROME,
    DAY,
    HOUR,
    MAC,
    MINUTE,
    SECOND,
    START,
    at_work,
    audited,
    client,
    signing_in,
    usage,
    user,
)

from harness.log_record import LogError, LogReader
from harness.report.timeline import timeline
from scenarios.address import address_in
from scenarios.assignment import Assignment, assign
from scenarios.cast import survey
from scenarios.document import ScenarioError
from scenarios.duration import Duration
from scenarios.enactment import Enactment
from scenarios.event import Event
from scenarios.lint import lint
from scenarios.opening import openings
from scenarios.persons import Persons
from scenarios.scenario import Moment, Scenario, load_scenario
from scenarios.schedule import slots
from scenarios.step import AuditStep, ItemUsageStep, Place, SignInStep, Step
from scenarios.trail import follow
from simulator.records import encode, parse_timestamp

PHONE = client("1Password for iOS", platform_name="iPhone")
RIGA: dict[str, Any] = {
    "country": "Latvia", "country_code": "LV", "region": "Riga", "city": "Riga", "latitude": 57.0, "longitude": 24.1,
}  # fmt: skip
OFFICE = at_work("ana", range(10)) + at_work("bo", range(10))
ABSENT = Moment(while_absent=Duration(0))
"""Begins when it is told to, not right after a usage."""


def played(*steps: Step, lines: list[bytes] = OFFICE, at: int = 3 * DAY + 20 * HOUR, seed: int = 7) -> list[Event]:
    """What ana leaves behind who plays *steps* from *at*, counted from `START`."""
    cast = survey(lines)
    scenario = Scenario(name="x", kind="attack", story="x", when=ABSENT, steps=steps)
    part = Assignment("attacks/x", "attacks/x#1", scenario, cast.actors["ana@example.com"], START + at)
    return Enactment(part, follow(lines, part.emails), cast, seed).events()


def of_step(events: list[Event], number: int) -> list[Any]:
    return [event for event in events if event.step == number and event.record.get("object_type") != "dlgdsess"]


# What follows the step before it.


SHARE = ItemUsageStep(at=Duration(MINUTE), repeat=3, every=Duration(9 * SECOND), action="share", item="each")
LOGGED = AuditStep(
    after="previous", at=Duration(SECOND), jitter=Duration(SECOND), repeat=3, action="share", object_type="item"
)


@pytest.mark.parametrize("seed", range(5))
def test_each_repetition_follows_the_same_one_of_the_step_before(seed: int) -> None:
    events = played(SHARE, LOGGED, seed=seed)
    shared, told = of_step(events, 1), of_step(events, 2)
    assert len(shared) == len(told) == 3
    assert all(SECOND <= row.at - it.at < 2 * SECOND for it, row in zip(shared, told, strict=True))


def test_what_follows_goes_on_from_one_step_to_the_next_even_on_active_days() -> None:
    daily = ItemUsageStep(at=Duration(MINUTE), repeat=2, every="active-day", action="share")
    again = AuditStep(after="previous", at=Duration(SECOND), repeat=2, action="view", object_type="vault")
    events = played(daily, again, again)
    times = [[event.at for event in of_step(events, number)] for number in (1, 2, 3)]
    assert [len(each) for each in times] == [2, 2, 2]
    assert times[0][1] // DAY == times[0][0] // DAY + 1
    for first, second, third in zip(*times, strict=True):
        assert SECOND <= second - first <= SECOND + 1_000_000
        assert SECOND <= third - second <= SECOND + 1_000_000


def test_the_kth_audit_event_names_the_kth_item_of_the_usage_that_it_follows() -> None:
    first = ItemUsageStep(repeat=2, every=Duration(MINUTE), action="share", item="each", earlier="benign")
    told = AuditStep(after="previous", repeat=2, action="share", object_type="item", earlier="benign")
    events = played(first, told, SHARE, LOGGED)
    for number in (1, 3):
        used = [event.record["item_uuid"] for event in of_step(events, number)]
        assert [event.record["object_uuid"] for event in of_step(events, number + 1)] == used


def test_an_audit_event_names_items_of_its_own_incident_and_action_alone() -> None:
    at = Duration(2 * MINUTE)
    steps: list[Step] = [
        ItemUsageStep(action="share", item="each", earlier="benign"),
        ItemUsageStep(at=at, repeat=4, action="reveal", item="each"),
        ItemUsageStep(at=at, repeat=2, every=Duration(SECOND), action="share"),
        AuditStep(at=at, repeat=2, every=Duration(SECOND), action="share", object_type="item"),
    ]
    events = played(*steps)
    shared = [event.record["item_uuid"] for event in of_step(events, 3)]
    assert [event.record["object_uuid"] for event in of_step(events, 4)] == shared


def test_what_follows_a_usage_in_any_of_all_vaults_names_that_one() -> None:
    lines = [*OFFICE, *(usage("ana", day * DAY, item="o1", vault_uuid="ops") for day in range(10))]
    share = ItemUsageStep(repeat=4, every=Duration(SECOND), action="share", item="each", vault="all")
    told = AuditStep(after="previous", repeat=4, action="share", object_type="item", vault="all")
    events = played(share, told, lines=lines)
    used = [(event.record["vault_uuid"], event.record["item_uuid"]) for event in of_step(events, 1)]
    assert {vault for vault, _ in used} == {"team", "ops"}
    assert [(event.record["aux_uuid"], event.record["object_uuid"]) for event in of_step(events, 2)] == used


def test_where_a_vault_has_fewer_items_what_follows_happens_less_often_too() -> None:
    many = ItemUsageStep(repeat=20, every=Duration(SECOND), action="share", item="each")
    told = AuditStep(after="previous", repeat=20, action="share", object_type="item")
    events = played(many, told)
    assert len(of_step(events, 1)) == len(of_step(events, 2)) == 8  # the items of ana's working day


def test_what_follows_a_usage_lies_in_the_session_of_its_app() -> None:
    lines = [*OFFICE]
    for day in range(10):
        lines += [signing_in("ana", day * DAY + 18 * HOUR, f"M{day}", client=MAC, location=BERLIN)]
        lines += [usage("ana", day * DAY + 18 * HOUR + MINUTE, "share", client=MAC)]
        lines += [signing_in("ana", day * DAY + 19 * HOUR, f"C{day}", client=CHROME, location=BERLIN)]
        lines += [usage("ana", day * DAY + 19 * HOUR + MINUTE)]
        lines += [audited("ana", day * DAY + 19 * HOUR + MINUTE, "view", "vault")]
    share = ItemUsageStep(action="share")
    events = played(share, AuditStep(after="previous", action="share", object_type="item"), lines=lines)
    assert of_step(events, 1)[0].record["client"] == MAC
    assert of_step(events, 2)[0].record["session"]["uuid"] in {
        "M3", *(event.record["session_uuid"] for event in events if event.feed == "signinattempts")
    }  # fmt: skip


def test_a_schedule_adds_up_what_follows() -> None:
    again = AuditStep(after="previous", at=Duration(5), jitter=Duration(7), action="view", object_type="vault")
    assert [(slot.at, slot.jitter, slot.every) for slot in slots([SHARE, again, again])] == [
        (MINUTE, 0, 9 * SECOND),
        (MINUTE + 5, 7, 9 * SECOND),
        (MINUTE + 10, 14, 9 * SECOND),
    ]


@pytest.mark.parametrize(("days", "places"), [(1, 1), (12, 0)])
def test_an_incident_is_as_long_as_what_follows_takes(days: int, places: int) -> None:
    cast = survey(OFFICE)
    told = AuditStep(after="previous", at=Duration(days * DAY), action="view", object_type="vault")
    scenario = Scenario(name="x", kind="attack", story="x", steps=(ItemUsageStep(action="reveal"), told))
    assert len(list(openings(scenario, cast.actors["ana@example.com"], cast))[:1]) == places


def test_a_timeline_says_what_follows_what() -> None:
    assert [when for when, _ in timeline([SHARE, LOGGED])] == ["+1 min", "+1 s after that"]


SCENARIO = """\
name: x
kind: attack
story: x
steps:
  - {feed: itemusages, repeat: 3, every: 2s, action: share}
  - FOLLOWER
"""


@pytest.mark.parametrize(
    ("follower", "says"),
    [
        ("repeat: 2", "6: steps[1].repeat: found 2; legal: 3, as in the step that it follows"),
        ("repeat: 3, every: 2s", "6: steps[1].every: found 2s; legal: no every, for it follows the step before it"),
        ("repeat: 3, earlier: benign", "6: steps[1].earlier: found benign; legal: nothing, as in the step"),
        ("repeat: 3, after: next", "6: steps[1].after: found 'next'; legal: "),
    ],
)
def test_what_cannot_follow_is_refused_with_its_line(follower: str, says: str, tmp_path: Path) -> None:
    after = "" if "after" in follower else ", after: previous"
    step = f"{{feed: auditevents, action: share, object_type: item, {follower}{after}}}"
    file = tmp_path / "x.yaml"
    file.write_text(SCENARIO.replace("FOLLOWER", step))
    with pytest.raises(ScenarioError) as refusal:
        load_scenario(file)
    assert str(refusal.value).startswith(f"{file}:{says}")


def test_the_first_step_follows_none(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("name: x\nkind: attack\nstory: x\nsteps:\n  - {feed: itemusages, after: previous, action: share}\n")
    with pytest.raises(ScenarioError, match=r":5: steps\[0\].after: found 'previous'; legal: start"):
        load_scenario(file)


# Which app.


def phones_last(name: str) -> list[bytes]:
    """A fill on the phone every day, after work."""
    return [usage(name, day * DAY + 19 * HOUR, client=PHONE) for day in range(10)]


@pytest.mark.parametrize(
    ("shown_on", "shared_with"),
    [(None, PHONE), (CHROME, CHROME), (PHONE, PHONE), (client("1Password CLI"), PHONE)],
)
def test_an_own_client_is_of_a_kind_with_which_the_stream_shows_the_action(
    shown_on: dict[str, str] | None, shared_with: dict[str, str]
) -> None:
    lines = [*OFFICE, *phones_last("ana")]
    if shown_on is not None:
        lines.append(usage("bo", DAY, "share", client=shown_on))
    (shared,) = of_step(played(ItemUsageStep(action="share"), lines=lines), 1)
    assert shared.record["client"] == shared_with


def test_what_somebody_did_with_an_app_they_may_do_with_it_again() -> None:
    lines = [*OFFICE, *phones_last("ana"), usage("bo", DAY, "share"), usage("ana", DAY, "share", client=PHONE)]
    (shared,) = of_step(played(ItemUsageStep(action="share"), lines=lines), 1)
    assert shared.record["client"] == PHONE


def test_who_has_no_app_with_which_the_stream_shows_an_action_does_not_do_it() -> None:
    lines = [*at_work("ana", range(10), client=PHONE), *at_work("bo", range(10)), usage("bo", DAY, "share")]
    scenario = Scenario(name="x", kind="attack", story="x", count=2, steps=(ItemUsageStep(action="share"),))
    made, missing = assign({"attacks/x": scenario}, survey(lines), 7)
    assert [each.actor.email for each in made] == ["bo@example.com"]
    assert "1 without a client that can share" in missing[0][1]


# Which address.


def test_a_network_gives_an_address_in_it_that_is_the_same_for_the_incident_and_another_by_seed() -> None:
    place = Place(ip_address="198.51.100.0/24", **RIGA)
    steps: list[Step] = [
        SignInStep(category="success", place=place),
        ItemUsageStep(at=Duration(MINUTE), action="fill", place=place),
    ]
    drawn = [
        {json.loads(encode(event.record))["client"]["ip_address"] for event in played(*steps, seed=seed)}
        for seed in range(6)
    ]
    assert all(len(each) == 1 for each in drawn)
    assert all(ip_address(it) in ip_network("198.51.100.0/24") for each in drawn for it in each)
    assert len(set[str]().union(*drawn)) > 3


def test_an_address_is_none_that_the_stream_has_as_far_as_there_are_others() -> None:
    neighbour = usage("bo", DAY, client=client(ip_address="198.51.100.5"))
    place = Place(ip_address="198.51.100.4/30", **RIGA)
    step = ItemUsageStep(action="fill", place=place)
    for seed in range(4):
        (filled,) = of_step(played(step, lines=[*OFFICE, neighbour], seed=seed), 1)
        assert filled.record["client"]["ip_address"] == "198.51.100.6"
    assert address_in("198.51.100.5/32", {"198.51.100.5"}, 7) == "198.51.100.5"
    assert ip_address(address_in("2001:db8::/32", set(), 7)) in ip_network("2001:db8::/32")


@pytest.mark.parametrize("written", ["198.51.100.7/24", "198.51.100.0/33", "198.51.100"])
def test_what_is_no_network_is_refused_with_its_line(written: str, tmp_path: Path) -> None:
    place = (
        f"{{ip_address: {written}, country: L, country_code: LV, region: R, city: R, latitude: 1.0, longitude: 1.0}}"
    )
    file = tmp_path / "x.yaml"
    file.write_text(SCENARIO.replace("FOLLOWER", f"{{feed: itemusages, action: fill, place: {place}}}"))
    with pytest.raises(ScenarioError) as refusal:
        load_scenario(file)
    says = f"{file}:6: steps[1].place.ip_address: found '{written}'; legal: an address like 198.51.100.7, or a network"
    assert str(refusal.value).startswith(says)


def test_a_timeline_says_that_an_address_is_one_of_a_network() -> None:
    ((_, told),) = timeline([ItemUsageStep(action="fill", place=Place(ip_address="198.51.100.0/24", **RIGA))])
    assert "from Riga, Latvia (an address in 198.51.100.0/24)" in told


# Which person.


def spelt(name: str, email: str, uuid: str) -> Callable[[int], bytes]:
    return lambda at: usage(name, at, user=user(name) | {"email": email, "uuid": uuid})


@pytest.mark.parametrize(
    ("others", "uuid"),
    [("ANA@example.com", user("ana")["uuid"]), ("ANA@example.com", ""), ("a.na@example.com", user("ana")["uuid"])],
)
def test_who_plays_plays_no_second_part_under_another_spelling(others: str, uuid: str) -> None:
    again = spelt("ana", others, uuid)
    lines = [
        *at_work("ana", range(10)),
        *(again(day * DAY + hour * HOUR) for day in range(10) for hour in range(9, 17)),
    ]
    cast = survey(lines)
    assert sorted(cast.actors) == sorted({"ana@example.com", others})
    one = Scenario(name="x", kind="attack", story="x", count=2, steps=(ItemUsageStep(action="fill"),))
    made, missing = assign({"attacks/x": one, "attacks/y": one}, cast, 7)
    assert len(made) == 1
    assert len(missing) == 2


def test_persons_are_told_apart_by_uuid_and_email() -> None:
    cast = survey([usage("ana", DAY), usage("bo", DAY), spelt("bo", "BO@example.com", "")(DAY)])
    persons = Persons(cast.actors.values())
    assert persons.emails({"bo@example.com"}) == {"bo@example.com", "BO@example.com"}
    assert persons.emails({"ana@example.com", "eve@example.com"}) == {"ana@example.com", "eve@example.com"}


# Which bytes.


def test_logs_that_are_not_utf_8_are_refused_with_their_line() -> None:
    good = usage("ana", DAY, uuid="A" * 26)
    bad = good.replace(b'"Ana"', b'"An\xe4"')
    assert good != bad
    for wrong in (bad, b'{"items":[' + bad.strip() + b"]}"):
        with pytest.raises(LogError, match=r"^logs\.json:6: .*'utf-8' codec can't decode byte 0xe4") as refusal:
            LogReader().read([good, wrong], "logs.json", 5)
        assert "\n" not in str(refusal.value)
    (record,) = LogReader().read([good.replace(b'"Ana"', '"Anä"'.encode())], "logs.json", 1)
    assert record.at == parse_timestamp("2026-01-06T00:00:00Z")
    assert encode({"name": "Anä"}).strip() == '{"name":"Anä"}'.encode()


# What a reviewer says.


REVIEWED = """\
# yaml-language-server: $schema=../scenario.schema.json
name: Links of items sent to a supplier
kind: benign
story: |
  Somebody sends a supplier what the contract covers, each entry as a link that expires. A defender sees a usage and an
  audit event for each of the items, within the hour, from the person's own machine.
references:
  - https://support.1password.com/share-items/
steps:
  - {feed: itemusages, at: 2m, action: share, item: each}
  - {feed: auditevents, after: previous, at: 20ms, action: share, object_type: item}
  - {feed: itemusages, at: NEXT, action: share, item: each, place: {ip_address: NETWORK, country: Latvia,
     country_code: LV, region: Riga, city: Riga, latitude: 57.0, longitude: 24.1}}
  - {feed: auditevents, after: previous, at: 20ms, action: share, object_type: item}
"""


@pytest.mark.parametrize(
    ("begins", "network", "codes"),
    [
        ("2m", "198.51.100.0/24", []),
        ("2m", "2001:db8:7::/48", []),
        ("1m", "198.51.100.0/24", ["step-order"]),
        ("2m", "198.51.100.0/23", ["real-address"]),
        ("2m", "2001:db8::/31", ["real-address"]),
        ("2m", "10.0.0.0/24", ["real-address"]),
    ],
)
def test_a_reviewer_sees_in_which_order_steps_begin_and_whose_a_network_is(
    begins: str, network: str, codes: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "benign" / "links.yaml"
    file.parent.mkdir()
    file.write_text(REVIEWED.replace("NEXT", begins).replace("NETWORK", network))
    assert [finding.code for finding in lint([("benign/links", file)])] == codes
