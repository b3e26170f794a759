"""Injection: who plays, when, with which records, and what becomes of the stream they are woven into."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.cast import Cast, survey
from scenarios.draws import draw
from scenarios.duration import Duration
from scenarios.injection import Addition, Plan, plan, weave
from scenarios.scenario import Casting, Moment, Scenario, find
from scenarios.step import AuditStep, Client, ItemUsageStep, Place, SignInStep, Step
from simulator.records import FEEDS, audit_event, encode, item_usage, parse_timestamp, session, sign_in

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
START = parse_timestamp("2026-01-05T00:00:00Z")  # a Monday
DAYS = 42
BERLIN = {"country": "Germany", "region": "Berlin", "city": "Berlin", "latitude": 52.5, "longitude": 13.4}
MAC = {
    "app_name": "1Password for Mac",
    "app_version": "81100042",
    "platform_name": "DE - ANA",
    "platform_version": "MacBookPro18,3",
    "os_name": "MacOSX",
    "os_version": "15.6.1",
    "ip_address": "192.0.2.20",
}
CHROME = MAC | {
    "app_name": "1Password Browser Extension",
    "platform_name": "Chrome",
    "ip_address": "192.0.2.21",
}


def user(name: str) -> dict[str, str]:
    return {"uuid": name.upper() * 8, "name": name.title(), "email": f"{name}@example.com"}


def usage(name: str, at: int, action: str = "fill", item: str = "i1", **changes: Any) -> bytes:
    facts: dict[str, Any] = {"uuid": f"{name}{at}", "timestamp": at, "used_version": 1, "vault_uuid": "team"}
    facts |= {"item_uuid": item, "action": action, "user": user(name), "client": CHROME, "location": BERLIN}
    return encode(item_usage(**facts | changes))


def working_day(name: str, day: int, second: int) -> Iterator[tuple[int, bytes]]:
    """Yield a fill every hour from 9 to 16; every day a reveal by bo, on day 3 an export by cyd."""
    for hour in range(9, 17):
        at = START + day * DAY + hour * HOUR + second * SECOND
        yield at, usage(name, at, item=f"i{hour}")
    if name == "bo":
        yield at + 1, usage(name, at + 1, "reveal")
    if name == "cyd" and day == 3:
        yield at + 1, usage(name, at + 1, "export", client=MAC)


def office() -> list[bytes]:
    """Return six weeks of ana, bo and cyd at work on weekdays, all in one vault, in order of time."""
    days = [day for day in range(DAYS) if day % 7 < 5]
    names = enumerate(("ana", "bo", "cyd"))
    return [line for _, line in sorted(e for second, name in names for d in days for e in working_day(name, d, second))]


OFFICE = office()
CAST = survey(OFFICE)
FIVE_REVEALS = ItemUsageStep(repeat=5, every=Duration(SECOND), action="reveal", item="each")


def scenario(*steps: Step, **fields: Any) -> Scenario:
    """Return an attack of *steps*, or of five reveals, fourteen days into the actor's history."""
    fields = {"when": Moment(after_history=Duration(14 * DAY))} | fields
    return Scenario(name="x", kind="attack", story="x", steps=steps or (FIVE_REVEALS,), **fields)


def records(made: Plan, feed: str) -> list[dict[str, Any]]:
    return [json.loads(addition.line) for addition in made.additions[feed]]


def actors(made: Plan) -> dict[str, str]:
    return {incident.run: incident.actor for incident in made.incidents}


# The cast.


def test_a_survey_counts_what_each_person_did() -> None:
    cast = survey(OFFICE)
    bo, cyd = cast.actors["bo@example.com"], cast.actors["cyd@example.com"]
    assert sorted(cast.actors) == ["ana@example.com", "bo@example.com", "cyd@example.com"]
    assert bo.events == 30 * 9
    assert bo.actions == {"fill": 240, "reveal": 30}
    assert bo.first == START + 9 * HOUR + SECOND
    assert bo.began["reveal"] == START + 16 * HOUR + SECOND + 1
    assert len(bo.days) == 30
    assert bo.hours == [0] * 9 + [30] * 7 + [60] + [0] * 7
    assert bo.setting.details == CHROME
    assert cyd.desktop is not None
    assert (cyd.setting.details, cyd.desktop.details) == (CHROME, MAC)
    assert set(cast.items["team"]) == {"i1", *(f"i{hour}" for hour in range(9, 17))}
    assert (cast.first, cast.last) == (START + 9 * HOUR, START + 39 * DAY + 16 * HOUR + 2 * SECOND)


def test_the_night_of_office_workers_lies_opposite_to_their_day() -> None:
    assert survey(OFFICE).actors["ana@example.com"].night == {21, 22, 23, 0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"not json\n",
        b"[]\n",
        b"{}\n",
        b"\xff\n",
        encode({"timestamp": "2026-01-05T09:00:00Z", "user": user("eve")}),
        usage("eve", START).replace(b'"2026-01-05T00:00:00Z"', b"1767571200"),
        usage("eve", START).replace(b"2026-01-05T", b"2026-02-31T"),
        usage("eve", START).replace(b'"i1"', b"[1]"),
        usage("eve", START, user="eve"),
        usage("eve", START, user={"name": "Eve"}),
    ],
)
def test_a_survey_passes_over_what_it_cannot_read(line: bytes) -> None:
    assert survey([line]) == Cast()


def test_a_usage_without_action_client_or_place_still_counts() -> None:
    bare = json.loads(usage("ana", START))
    lines = [encode({key: bare[key] for key in bare.keys() - {"action", "client", "location", "used_version"}})]
    actor = survey(lines).actors["ana@example.com"]
    assert (actor.events, dict(actor.actions), actor.setting.details) == (1, {}, {})


def test_a_survey_does_not_depend_on_the_order_of_the_stream() -> None:
    forward, backward = survey(OFFICE), survey(reversed(OFFICE))
    assert forward == backward


def test_of_an_item_the_latest_version_is_kept() -> None:
    lines = [usage("ana", START + k, used_version=version) for k, version in enumerate((1, 3, 2))]
    assert survey(lines).items == {"team": {"i1": 3}}


# The plan.


def test_draws_depend_on_where_one_text_ends_and_the_next_begins() -> None:
    assert draw("a", "bc") == draw("a", "bc") != draw("ab", "c")


def test_equal_seeds_give_equal_plans_and_others_differ() -> None:
    library = find(["all"])
    assert plan(library, CAST, 7) == plan(library, survey(OFFICE), 7)
    assert plan(library, CAST, 7).additions != plan(library, CAST, 8).additions


def test_nobody_plays_twice_even_if_scenarios_ask_for_more_than_there_are() -> None:
    made = plan({"attacks/a": scenario(count=2), "attacks/b": scenario(count=2)}, CAST, 1)
    assert sorted(actors(made)) == ["attacks/a#1", "attacks/a#2", "attacks/b#1"]
    assert len(set(actors(made).values())) == 3
    assert made.not_placed == [("attacks/b", "1 of 2 placed; the other actors: 2 playing in another scenario")]


@given(st.integers(0, 2**63))
def test_a_later_scenario_changes_nothing_about_an_earlier_one(seed: int) -> None:
    alone = plan({"attacks/a": scenario()}, CAST, seed)
    both = plan({"attacks/b": scenario(), "attacks/a": scenario()}, CAST, seed)
    assert both.incidents[:1] == alone.incidents
    assert set(alone.additions["itemusages"]) < set(both.additions["itemusages"])


@given(st.integers(0, 2**63))
def test_who_plays_has_done_and_never_did_what_the_scenario_says(seed: int) -> None:
    known = scenario(actor=Casting(has_done=("export",)))
    clean = scenario(actor=Casting(never_did=("reveal", "export")))
    made = plan({"attacks/known": known, "attacks/clean": clean}, CAST, seed)
    assert actors(made) == {"attacks/clean#1": "ana@example.com", "attacks/known#1": "cyd@example.com"}


def test_who_has_done_something_plays_only_after_they_first_did_it() -> None:
    late = START + 30 * DAY + 15 * HOUR
    cast = survey([*OFFICE, usage("ana", late, "share")])
    sharing = scenario(actor=Casting(has_done=("share",)), when=Moment(hours="any"))
    for seed in range(20):
        assert parse_timestamp(plan({"attacks/a": sharing}, cast, seed).incidents[0].started_at) > late


def test_a_scenario_that_nobody_fits_is_reported_with_the_reason() -> None:
    made = plan({"benign/x": scenario(actor=Casting(has_done=("share",), min_events=250))}, CAST, 1)
    assert made.incidents == []
    assert made.not_placed == [("benign/x", "0 of 1 placed; the other actors: 1 never did share, 2 not active enough")]


def test_a_stream_too_short_for_the_history_asked_for_gets_no_incident() -> None:
    week = OFFICE[: len(OFFICE) // 6]
    made = plan({"attacks/a": scenario()}, survey(week), 1)
    assert made.not_placed == [
        ("attacks/a", "0 of 1 placed; the other actors: 3 without a suitable time after their history")
    ]


def test_an_empty_stream_gets_no_incident() -> None:
    made = plan({"attacks/a": scenario()}, survey([]), 1)
    assert made.not_placed == [("attacks/a", "0 of 1 placed; the other actors: none")]


@given(st.integers(0, 2**63), st.sampled_from(["work", "night", "any"]), st.integers(0, 30))
def test_incidents_lie_in_the_stream_after_the_history_and_in_the_hours_asked_for(
    seed: int, hours: Any, history: int
) -> None:
    when = Moment(after_history=Duration(history * DAY), hours=hours)
    for incident in plan({"attacks/a": scenario(when=when, count=3)}, CAST, seed).incidents:
        begin, end = parse_timestamp(incident.started_at), parse_timestamp(incident.ended_at)
        actor = CAST.actors[incident.actor]
        assert actor.first + history * DAY <= begin < end <= CAST.last
        hour, weekday = begin % DAY // HOUR, datetime.fromtimestamp(begin // SECOND, UTC).weekday()
        assert hours != "work" or (9 <= hour <= 16 and weekday < 5)
        assert hours != "night" or hour in {21, 22, 23, 0, 1, 2, 3, 4}


@pytest.mark.parametrize("seed", range(30))
def test_on_the_last_day_too_an_incident_ends_before_the_stream(seed: int) -> None:
    day = survey(OFFICE[:25])  # 9 to 16 of one day
    (incident,) = plan({"attacks/a": scenario(when=Moment(hours="work"))}, day, seed).incidents
    assert parse_timestamp(incident.ended_at) <= day.last


@pytest.mark.parametrize("seed", range(10))
def test_a_long_scenario_begins_early_enough_to_end_within_the_stream(seed: int) -> None:
    later = ItemUsageStep(at=Duration(25 * DAY), action="fill")
    (incident,) = plan({"attacks/a": scenario(FIVE_REVEALS, later)}, CAST, seed).incidents
    assert parse_timestamp(incident.ended_at) <= CAST.last


def test_work_leaves_out_the_night_even_of_who_was_once_up_late() -> None:
    awake = [usage(name, START + day * DAY) for name in ("ana", "bo", "cyd") for day in range(30)]
    late = scenario(when=Moment(hours="work"))
    begins = [plan({"a": late}, survey([*OFFICE, *awake]), seed).incidents[0].started_at for seed in range(30)]
    assert all(9 <= parse_timestamp(begin) % DAY // HOUR <= 16 for begin in begins)


def test_placed_incidents_are_three_when_three_are_asked_for_and_fit() -> None:
    assert len(plan({"attacks/a": scenario(count=3)}, CAST, 1).incidents) == 3


# The records.


def test_repetitions_follow_each_other_by_every_and_less_than_jitter() -> None:
    step = ItemUsageStep(
        at=Duration(HOUR), repeat=9, every=Duration(SECOND), jitter=Duration(SECOND // 2), action="fill"
    )
    opening = SignInStep(category="success", type="mfa_ok")
    made = plan({"attacks/a": scenario(opening, step)}, CAST, 1)
    start = made.additions["signinattempts"][0].at
    delays = [at - start - HOUR - k * SECOND for k, (at, _) in enumerate(made.additions["itemusages"])]
    assert all(0 <= delay < SECOND // 2 for delay in delays)
    assert len(set(delays)) == 9


def test_each_uses_every_known_item_once_before_items_nobody_used() -> None:
    many = ItemUsageStep(repeat=20, every=Duration(SECOND), action="export", item="each")
    used = [record["item_uuid"] for record in records(plan({"a": scenario(many)}, CAST, 1), "itemusages")]
    assert len(set(used)) == 20
    assert set(used[:9]) == {"i1", *(f"i{hour}" for hour in range(9, 17))}
    assert all(len(item) == 26 for item in used[9:])


def test_any_uses_known_items_only() -> None:
    many = ItemUsageStep(repeat=50, every=Duration(SECOND), action="fill", item="any", vault="any")
    made = records(plan({"a": scenario(many)}, CAST, 1), "itemusages")
    assert {record["item_uuid"] for record in made} <= set(CAST.items["team"])


def test_an_actor_uses_their_own_client_and_place_and_the_latest_version() -> None:
    cast = survey([*OFFICE, *(usage(name, START + 33 * DAY, used_version=4) for name in ("ana", "bo", "cyd"))])
    every_item = ItemUsageStep(repeat=9, every=Duration(SECOND), action="reveal", item="each")
    made = records(plan({"a": scenario(every_item)}, cast, 1), "itemusages")
    assert all((record["client"], record["location"]) == (CHROME, BERLIN) for record in made)
    assert {record["used_version"] for record in made if record["item_uuid"] == "i1"} == {4}
    assert list(made[0]) == list(json.loads(OFFICE[0]))


def test_who_has_no_desktop_app_plays_no_part_that_needs_one() -> None:
    step = ItemUsageStep(action="export", client="desktop")
    made = plan({"a": scenario(step, count=3)}, CAST, 1)
    clients = {record["user"]["name"]: record["client"] for record in records(made, "itemusages")}
    assert clients == {"Cyd": MAC}
    assert made.not_placed == [("a", "1 of 3 placed; the other actors: 2 without a desktop app")]


def test_hands_are_at_an_app_with_a_screen_where_there_is_one() -> None:
    command_line = CHROME | {"app_name": "1Password CLI"}
    fetches = [usage("ana", START + number, client=command_line) for number in range(3)]
    ana = survey([*fetches, usage("ana", START + 9)]).actors["ana@example.com"]
    assert ana.setting.details == CHROME
    assert survey(fetches).actors["ana@example.com"].setting.details == command_line


def test_a_stranger_brings_client_address_and_place_into_every_feed() -> None:
    client = Client(
        app_name="1Password CLI", app_version="2320001", platform_name="box",
        platform_version="amd64", os_name="Linux", os_version="6.8.0",
    )  # fmt: skip
    place = Place(
        ip_address="203.0.113.9", country="Iceland", country_code="IS", region="Capital Region",
        city="Reykjavik", latitude=64.1, longitude=-21.9,
    )  # fmt: skip
    made = plan(
        {
            "a": scenario(
                SignInStep(category="success", type="credentials_ok", client=client, place=place),
                ItemUsageStep(action="server-fetch", client=client, place=place),
                AuditStep(action="create", object_type="device", client=client, place=place),
            )
        },
        CAST,
        1,
    )
    (used,), (opened,), (audited,) = (records(made, feed) for feed in FEEDS)
    assert opened["client"] == used["client"]
    assert used["client"]["app_name"] == "1Password CLI"
    assert opened["country"] == "IS"
    assert {opened["client"]["ip_address"], audited["session"]["ip"]} == {"203.0.113.9"}
    assert opened["location"] == used["location"] == audited["location"]
    assert "country_code" not in used["location"]
    assert audited["object_uuid"] == audited["session"]["device_uuid"]


def test_sign_in_and_audit_events_of_a_run_agree_on_the_session() -> None:
    bulk_export = find(["attacks/bulk-export"])["attacks/bulk-export"]
    anywhere = [msgspec.structs.replace(step, client="own") for step in bulk_export.steps]
    made = plan({"x": msgspec.structs.replace(bulk_export, steps=tuple(anywhere))}, CAST, 3)
    opened = {record["session_uuid"]: record["timestamp"] for record in records(made, "signinattempts")}
    audited = {record["session"]["uuid"]: record["session"]["login_time"] for record in records(made, "auditevents")}
    assert opened == audited
    assert len(opened) == 3


def test_a_failed_sign_in_opens_no_session() -> None:
    steps = (
        SignInStep(category="credentials_failed", type="password_secret_bad"),
        SignInStep(at=Duration(SECOND), category="success", type="credentials_ok"),
        AuditStep(at=Duration(2 * SECOND), action="export", object_type="vault"),
    )
    made = plan({"a": scenario(*steps)}, CAST, 1)
    failed, opened = records(made, "signinattempts")
    (audited,) = records(made, "auditevents")
    assert failed["session_uuid"] != opened["session_uuid"] == audited["session"]["uuid"]
    assert audited["session"]["login_time"] == opened["timestamp"]


def test_device_and_country_come_from_the_other_feeds_of_the_stream() -> None:
    visit = session(uuid="S", login_time=START, device_uuid="laptop", ip="192.0.2.21")
    others = []
    for name in ("ana", "bo", "cyd"):
        signed: dict[str, Any] = {
            "timestamp": START,
            "session_uuid": "S",
            "category": "success",
            "type": "mfa_ok",
        }
        others.append(encode(sign_in(uuid="1", country="DE", target_user=user(name), client=CHROME, **signed)))
        viewed: dict[str, Any] = {
            "timestamp": START,
            "actor_uuid": "U",
            "action": "view",
            "object_type": "items",
        }
        viewed |= {"actor_details": user(name), "object_uuid": "v", "session": visit}
        others.append(encode(audit_event(uuid="2", **viewed)))
    made = plan(find(["attacks/bulk-export"]), survey([*OFFICE, *others]), 1)
    assert {record["country"] for record in records(made, "signinattempts")} == {"DE"}
    assert {record["session"]["device_uuid"] for record in records(made, "auditevents")} == {"laptop"}


def test_an_audited_vault_is_the_one_whose_items_are_exported() -> None:
    made = plan(find(["attacks/bulk-export"]), CAST, 1)
    assert {record["object_uuid"] for record in records(made, "auditevents")} == {"team"}
    assert {record["vault_uuid"] for record in records(made, "itemusages")} == {"team"}


def test_a_session_not_opened_in_the_run_is_unlocked_when_it_starts() -> None:
    made = plan({"a": scenario(AuditStep(action="share", object_type="item"))}, CAST, 1)
    (shared,) = records(made, "auditevents")
    assert shared["session"]["login_time"] == shared["timestamp"]
    assert shared["object_uuid"] in CAST.items[shared["aux_uuid"]]


def test_labels_and_incidents_name_every_added_record_once() -> None:
    made = plan(find(["all"]), CAST, 5)
    added = [record["uuid"] for feed in made.additions for record in records(made, feed)]
    assert Counter(label.uuid for label in made.labels) == Counter(added)
    assert max(Counter(added).values()) == 1
    assert Counter(label.run for label in made.labels) == {i.run: i.events for i in made.incidents}


def test_nothing_of_a_label_stands_in_a_record() -> None:
    made = plan(find(["all"]), CAST, 5)
    lines = [line for additions in made.additions.values() for _, line in additions]
    secrets = [name.encode() for label in made.labels for name in (label.scenario, label.run)]
    assert [line for line in lines if any(secret in line for secret in secrets)] == []
    assert all(record.keys() == json.loads(OFFICE[0]).keys() for record in records(made, "itemusages"))


def test_additions_are_in_order_of_the_time_they_carry() -> None:
    for additions in plan(find(["all"]), CAST, 5).additions.values():
        times = [parse_timestamp(json.loads(line)["timestamp"]) for _, line in additions]
        assert times == [at for at, _ in additions] == sorted(times)


# Weaving.

TIMES = st.integers(START, START + 50)
ORIGINAL = st.lists(
    st.one_of(
        TIMES.map(lambda at: usage("ana", at)),
        st.sampled_from([b"\n", b"not json\n", b'{"timestamp":5}\n', b'{"timestamp":"soon"}\n', b"\xff\n"]),
    )
)
ADDED = st.lists(TIMES).map(lambda times: [Addition(at, f"+{k}\n".encode()) for k, at in enumerate(sorted(times))])


@given(ORIGINAL, ADDED)
def test_weaving_leaves_every_original_byte_in_its_order(original: list[bytes], added: list[Addition]) -> None:
    woven = list(weave(original, added))
    assert [line for line in woven if not line.startswith(b"+")] == original
    assert [line for line in woven if line.startswith(b"+")] == [line for _, line in added]


@given(st.lists(TIMES), ADDED)
def test_an_addition_stands_before_the_first_line_later_than_itself(times: list[int], added: list[Addition]) -> None:
    woven = list(weave([usage("ana", at) for at in times], added))
    for at, line in added:
        before = [each for each in woven[: woven.index(line)] if not each.startswith(b"+")]
        later = [k for k, time in enumerate(times) if time > at]
        assert len(before) == (later[0] if later else len(times))


def test_records_of_the_same_instant_keep_the_original_first() -> None:
    line = usage("ana", START)
    assert list(weave([line], [Addition(START, b"+\n")])) == [line, b"+\n"]


def test_a_last_line_without_newline_is_not_glued_to_what_follows() -> None:
    line = usage("ana", START).rstrip(b"\n")
    assert b"".join(weave([line], [Addition(START, b"+\n")])) == line + b"\n+\n"
    assert b"".join(weave([line], [])) == line


def test_the_library_woven_into_the_office_can_be_taken_out_again() -> None:
    made = plan(find(["all"]), CAST, 9)
    woven = list(weave(OFFICE, made.additions["itemusages"]))
    staged = {label.uuid for label in made.labels}
    times = [parse_timestamp(json.loads(line)["timestamp"]) for line in woven]
    assert [line for line in woven if json.loads(line)["uuid"] not in staged] == OFFICE
    assert times == sorted(times)
    assert len(woven) == len(OFFICE) + len(made.additions["itemusages"])
