"""Casting: what a stream shows of each actor, counted in one pass, and followed in a second."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import (
    BERLIN,
    CHROME,
    CLI,
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
    suspended,
    usage,
    user,
)

from scenarios.actor import Actor, Setting
from scenarios.apps import able, kind_of
from scenarios.cast import Cast, survey
from scenarios.trail import Trail, follow

ANA, BO = "ana@example.com", "bo@example.com"
IPHONE = client("1Password for iOS", platform_name="iPhone14,2", os_name="iOS")
WEEK = [
    *(usage("ana", day * DAY + 9 * HOUR, item=f"i{day}", used_version=day + 1) for day in range(5)),
    usage("ana", 2 * DAY + 22 * HOUR, "export", client=MAC),
    usage("bo", DAY, "reveal", vault_uuid="ops", client=CLI),
    signing_in("ana", 0),
    signing_in("ana", DAY, "T", category="credentials_failed", type="password_secret_bad", country="FR"),
    signing_in("ana", DAY + 1, "U", category="credentials_failed", type="password_secret_bad", country="FR"),
    audited("ana", MINUTE, "dlgsess", "dlgdsess"),
    suspended("bo", 3 * DAY),
]


def known(lines: list[bytes], name: str = "ana") -> Actor:
    return survey(lines).actors[f"{name}@example.com"]


def followed(*lines: bytes) -> Trail:
    return follow(lines, [ANA])[ANA]


def texts(**changes: Any) -> bytes:
    """A fill by ana as JSON, some of its fields changed; None leaves one out."""
    record = json.loads(usage("ana", 0)) | changes
    return json.dumps({name: value for name, value in record.items() if value is not None}).encode()


# The survey.


def test_a_survey_counts_what_each_actor_did() -> None:
    ana, bo = known(WEEK), known(WEEK, "bo")
    assert (ana.events, bo.events) == (6, 1)
    assert (ana.first, ana.last) == (START + 9 * HOUR, START + 4 * DAY + 9 * HOUR)
    assert {number - START // DAY: day.hours for number, day in ana.days.items()} == {
        0: 1 << 9,
        1: 1 << 9,
        2: 1 << 9 | 1 << 22,
        3: 1 << 9,
        4: 1 << 9,
    }
    third = ana.days[START // DAY + 2]
    assert (third.first, third.last) == (START + 2 * DAY + 9 * HOUR, START + 2 * DAY + 22 * HOUR)
    assert (ana.hours[9], ana.hours[22], sum(ana.hours)) == (5, 1, 6)
    assert (ana.habits["fill"].times, len(ana.habits["fill"].days)) == (5, 5)
    assert ana.habits["export"].began == START + 2 * DAY + 22 * HOUR
    assert (ana.vaults, bo.vaults) == ({"team": 6}, {"ops": 1})
    assert (ana.identity, ana.kinds, bo.kinds) == (user("ana"), {"browser", "desktop"}, {"command-line"})


def test_a_survey_knows_the_stream() -> None:
    cast = survey(WEEK)
    assert sorted(cast.actors) == [ANA, BO]
    assert (cast.first, cast.last) == (START + 9 * HOUR, START + 4 * DAY + 9 * HOUR)
    first_used = {f"i{day}": {day + 1: START + day * DAY + 9 * HOUR} for day in range(5)}
    first_used["i1"] |= {1: START + 2 * DAY + 22 * HOUR}  # exported in a version before
    assert cast.items == {"team": first_used, "ops": {"i1": {1: START + DAY}}}


def test_each_version_of_an_item_is_known_by_its_first_use() -> None:
    lines = [usage("ana", day * DAY, used_version=version) for day, version in ((3, 2), (1, 1), (2, 2), (2, 1))]
    assert survey(lines).items == {"team": {"i1": {1: START + DAY, 2: START + 2 * DAY}}}


def test_a_stream_shows_sign_ins_if_some_succeed() -> None:
    failed = signing_in("ana", 0, category="credentials_failed", type="password_secret_bad")
    assert [survey(lines).shows_sign_ins for lines in ([usage("ana", 0), failed], WEEK)] == [False, True]


def test_what_the_other_feeds_say_of_an_actor_is_what_they_say_most() -> None:
    cast = survey(WEEK)
    assert (cast.country(ANA), cast.sign_in_type(ANA), cast.device(ANA)) == ("DE", "mfa_ok", "d")
    assert (cast.country(BO), cast.sign_in_type(BO), cast.device(BO)) == (None, None, None)


@given(st.permutations(WEEK))
def test_the_order_of_the_lines_does_not_matter(lines: list[bytes]) -> None:
    assert survey(lines) == survey(WEEK)
    assert follow(lines, [ANA]) == follow(WEEK, [ANA])


def test_an_actor_is_named_as_in_their_first_usage() -> None:
    earlier = usage("ana", 0, user=user("ana") | {"name": "Ana Maiden"})
    assert known([*WEEK, earlier]).identity["name"] == "Ana Maiden"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json",
        b"[]",
        texts(timestamp="yesterday"),
        texts(timestamp=None),
        texts(used_version="1"),
        texts(user=None),
        texts(user="ana"),
        texts(user={"name": "Ana"}),
        texts(user={"email": 5}),
        texts(vault_uuid=None),
        texts().replace(b"1Password Browser Extension", b"\xff"),
        texts().replace(b'"Ana"', b'"\xff"'),
        audited("ana", 0, "suspend", "user", object_uuid=user("ana")["uuid"]).replace(
            b"2026-01-05T00", b"2026-01-05T99"
        ),
        json.dumps({"timestamp": "2026-01-05T00:00:00Z", "cursor": "x"}).encode(),
    ],
)
def test_what_cannot_be_read_is_passed_over(line: bytes) -> None:
    cast = survey([line, *WEEK])
    assert (cast.actors, cast.items, cast.first) == (survey(WEEK).actors, survey(WEEK).items, survey(WEEK).first)
    assert followed(line, *WEEK) == followed(*WEEK)


@pytest.mark.parametrize("kind", [dict[str, Any], None, str])
def test_records_without_client_or_place_count_as_those_of_a_person(kind: Any) -> None:
    bare = texts(client=None if kind is None else kind(), location=None)
    actor = known([bare])
    assert (actor.apps, actor.kinds, actor.has_screen) == ({""}, {None}, True)
    setting = followed(bare).usages[0].setting
    assert (setting.app, setting.details, setting.location) == ("", {}, b"")


def test_the_fields_of_managed_accounts_are_no_hindrance() -> None:
    line = texts(account_uuid="A", user=user("ana") | {"user_type": "user", "user_account_uuid": "A"})
    assert known([line]).identity == user("ana")


def test_memory_grows_with_people_and_not_with_events() -> None:
    def size(cast: Cast) -> list[int]:
        ana = cast.actors[ANA]
        return [len(part) for part in (cast.actors, cast.items["team"], ana.days, ana.habits["fill"].days, ana.apps)]

    busier = [usage("ana", day * DAY + 9 * HOUR + second, item=f"i{day}") for day in range(5) for second in range(50)]
    assert size(survey(WEEK + busier)) == size(survey(WEEK))


def test_a_stream_without_usages_has_no_cast() -> None:
    cast = survey([signing_in("ana", 0), audited("ana", 0, "create", "vault")])
    assert (cast.actors, cast.items, cast.first, cast.last) == ({}, {}, 0, 0)


# What an actor is.


@pytest.mark.parametrize(
    ("app", "kind"),
    [
        ("1Password Browser Extension", "browser"),
        ("1Password for Windows", "desktop"),
        ("1Password for Android", "phone"),
        ("1Password for Web", "web"),
        ("1Password Connect", "command-line"),
        ("", None),
        ("1Password for Toasters", None),
    ],
)
def test_an_app_is_of_one_kind(app: str, kind: str | None) -> None:
    assert kind_of(app) == kind


def test_only_a_desktop_app_exports_and_only_web_and_command_line_fetch() -> None:
    apps = [
        "1Password Browser Extension",
        "1Password for Mac",
        "1Password for iOS",
        "1Password for Web",
        "1Password CLI",
    ]
    assert [able(app, "export") for app in apps] == [False, True, False, False, False]
    assert [able(app, "server-create") for app in apps] == [False, True, True, True, True]
    assert [able(app, "server-fetch") for app in apps] == [False, False, False, True, True]
    assert [able(app, "fill") for app in apps] == [True, True, True, False, False]
    assert [able(app, "enter-item-edit-mode") for app in apps] == [False, True, True, False, False]
    assert [able(app, "reveal") for app in apps] == [True, True, True, True, False]


def test_the_weekdays_of_work_have_a_third_of_the_hours_of_the_fullest() -> None:
    """Three hours on Mondays, one on Tuesdays, and one on every second Wednesday."""
    monday = START // DAY % 7
    days = [(0, 3), (1, 1), (2, 1), (7, 3), (8, 1)]
    lines = [line for day, hours in days for line in at_work("ana", range(day, day + 1), range(9, 9 + hours))]
    assert known(lines).weekdays == {monday, (monday + 1) % 7}


def test_the_night_lies_opposite_to_the_day_at_work() -> None:
    assert known(at_work("ana", range(5))).night == {21, 22, 23, 0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    "line",
    [
        audited("ana", 0, "suspend", "user", object_uuid=user("bo")["uuid"]),
        audited("ana", 0, "create", "invite"),
        audited("ana", 0, "join", "gm", aux_uuid=user("bo")["uuid"]),
    ],
)
def test_an_administrator_is_who_manages_the_accounts_or_groups_of_others(line: bytes) -> None:
    cast = survey([usage("ana", 0), line])
    assert cast.administers(cast.actors[ANA])


@pytest.mark.parametrize(
    "line",
    [
        audited("ana", 0, "leave", "gm", aux_uuid=user("ana")["uuid"]),
        audited("ana", 0, "changenm", "user", object_uuid=user("ana")["uuid"]),
        audited("ana", 0, "grant", "uva", aux_uuid=user("bo")["uuid"]),
        audited("ana", 0, "create", "vault"),
        audited("bo", 0, "create", "invite"),
    ],
)
def test_who_looks_after_their_own_account_and_vaults_is_no_administrator(line: bytes) -> None:
    cast = survey([usage("ana", 0), line])
    assert not cast.administers(cast.actors[ANA])


def test_audit_events_that_name_their_actor_by_uuid_alone_count() -> None:
    record = json.loads(audited("ana", 0, "create", "invite"))
    del record["actor_details"]
    cast = survey([usage("ana", 0), json.dumps(record).encode()])
    assert (cast.administers(cast.actors[ANA]), cast.device(ANA)) == (True, "d")


def test_a_machine_administers_nothing() -> None:
    cast = survey([usage("ana", 0, client=CLI), audited("ana", 0, "create", "invite")])
    assert not cast.administers(cast.actors[ANA])


@pytest.mark.parametrize(
    ("changes", "spans"),
    [
        ([], []),
        ([("suspend", 1)], [(1, None)]),
        ([("suspend", 1), ("reactive", 3)], [(1, 3)]),
        ([("activate", 1), ("suspend", 2), ("suspend", 3), ("activate", 4), ("delete", 6)], [(2, 4), (6, None)]),
    ],
)
def test_an_actor_is_suspended_until_they_are_let_in_again(
    changes: list[tuple[str, int]], spans: list[tuple[int, int | None]]
) -> None:
    cast = survey([usage("bo", 0), *(suspended("bo", day * DAY, action) for action, day in reversed(changes))])
    expected = [(START + a * DAY, None if b is None else START + b * DAY) for a, b in spans]
    assert cast.suspensions(cast.actors[BO]) == expected


# Clients to borrow.


def test_a_client_is_borrowed_from_others_without_its_address() -> None:
    cast = survey([usage("ana", 0, client=MAC), usage("bo", 0, client=IPHONE)])
    expected = {"app_name": "1Password for iOS", "platform_name": "iPhone14,2", "os_name": "iOS"}
    assert cast.borrowed("phone", not_of=ANA) == expected
    assert cast.borrowed("phone", not_of=BO) is None
    assert cast.borrowed("web", not_of=ANA) is None


def test_a_borrowed_client_runs_on_the_same_system_if_one_does() -> None:
    windows = client("1Password CLI", os_name="Windows")
    cast = survey([usage("bo", 0, client=CLI), usage("bo", 1, client=windows)])
    systems = [cast.borrowed("command-line", not_of=ANA, os_name=name) for name in ("Windows", "MacOSX", "Linux")]
    assert [system and system["os_name"] for system in systems][:2] == ["Windows", "MacOSX"]
    assert systems[2] in systems[:2]


def test_a_borrowed_command_line_is_the_tool_that_a_person_types_at() -> None:
    lines = [
        usage("bo", k, "server-fetch", client=client(app)) for k, app in enumerate(("1Password SDK", "1Password CLI"))
    ]
    found = survey(lines).borrowed("command-line", not_of=ANA)
    assert found is not None
    assert found["app_name"] == "1Password CLI"
    assert survey(lines[:1]).borrowed("command-line", not_of=ANA) is None


@pytest.mark.parametrize(("day", "version"), [(0, "1"), (3, "1"), (6, "2"), (9, "2")])
def test_a_borrowed_client_is_of_the_version_in_use_at_the_time(day: int, version: str) -> None:
    old, new = client("1Password CLI", app_version="1"), client("1Password CLI", app_version="2")
    lines = [usage("bo", at * DAY, client=old) for at in (1, 3)] + [usage("cy", 5 * DAY, client=new)]
    found = survey(lines).borrowed("command-line", not_of=ANA, at=START + day * DAY)
    assert found is not None
    assert found["app_version"] == version


def test_a_borrowed_client_is_of_the_brand_if_one_is_and_then_of_the_system() -> None:
    sites = [
        client("1Password for Web", platform_name=name, os_name=system)
        for name, system in (("Edge", "Windows"), ("Chrome", "MacOSX"), ("Chrome", "Windows"))
    ]
    cast = survey([usage("bo", at, client=site) for at, site in enumerate(sites)])
    wanted = [("Edge", "MacOSX"), ("Chrome", "MacOSX"), ("Chrome", "Windows"), ("Safari", "Windows")]
    found = [cast.borrowed("web", not_of=ANA, brand=brand, os_name=system) or {} for brand, system in wanted]
    assert [(each["platform_name"], each["os_name"]) for each in found[:3]] == [
        ("Edge", "Windows"),
        ("Chrome", "MacOSX"),
        ("Chrome", "Windows"),
    ]
    assert found[3]["os_name"] == "Windows"


def test_groups_are_those_that_people_join_and_leave_and_who_is_named_there_comes_last() -> None:
    lines = [usage("ana", 0), usage("bo", 0)]
    for name, group in (("ana", "G1"), ("bo", "G2"), ("bo", "G3")):
        lines.append(audited("eve", 0, "join", "gm", object_uuid=group, aux_uuid=user(name)["uuid"]))
    cast = survey(lines)
    assert [cast.groups(ANA, seed)[-1] for seed in range(5)] == ["G1"] * 5
    assert {cast.groups(BO, seed)[0] for seed in range(5)} == {"G1"}
    assert {cast.groups(ANA, seed)[0] for seed in range(20)} == {"G2", "G3"}
    assert survey(WEEK).groups(ANA) == []


def test_the_hosts_of_a_stream_are_known() -> None:
    assert survey([usage("ana", 0), usage("bo", 1, client=IPHONE)]).clients_seen.hosts == {"host", "iPhone14,2"}


# The trail.


def test_a_trail_has_the_usages_and_sessions_of_those_followed_alone() -> None:
    trail = followed(*WEEK)
    assert [usage.at for usage in trail.usages] == sorted(
        [START + day * DAY + 9 * HOUR for day in range(5)] + [START + 2 * DAY + 22 * HOUR]
    )
    assert {usage.action for usage in trail.usages} == {"fill", "export"}
    assert trail.usages[0][1:4] == ("fill", "team", "i0")
    assert json.loads(trail.usages[0].setting.client) == CHROME
    assert json.loads(trail.usages[0].setting.location) == BERLIN
    assert [(each.at, each.uuid, each.country, each.device, each.type) for each in trail.sessions] == [
        (START, "S", "DE", "d", "mfa_ok")
    ]
    assert follow(WEEK, [ANA, "nobody@example.com"])["nobody@example.com"] == Trail()


def test_a_session_that_no_audit_event_names_has_no_device() -> None:
    assert [session.device for session in followed(signing_in("ana", 0)).sessions] == [None]


def test_survey_and_trail_agree() -> None:
    lines = at_work("ana", range(9)) + WEEK
    assert len(followed(*lines).usages) == known(lines).events


def test_audit_events_that_name_nobody_tell_the_device_of_a_session_too() -> None:
    record = json.loads(audited("ana", 0, "create", "invite"))
    del record["actor_details"]
    assert [each.device for each in followed(signing_in("ana", 0), json.dumps(record).encode()).sessions] == ["d"]


def test_a_session_is_the_latest_of_the_app_and_of_the_very_client_before_others() -> None:
    elsewhere = client(ip_address="192.0.2.9")
    lines = [
        signing_in("ana", 1, "A"),
        signing_in("ana", 2, "B", client=elsewhere),
        signing_in("ana", 3, "C", client=MAC),
        signing_in("ana", 9, "D"),
    ]
    trail = followed(*lines)
    chrome = trail.sessions[0].setting
    assert trail.session_at(START, chrome.app) is None
    assert [getattr(trail.session_at(START + 5, app), "uuid", None) for app in (chrome.app, MAC["app_name"], "x")] == [
        "B",
        "C",
        None,
    ]
    assert trail.session_at(START + 5, chrome.app, chrome.client) == trail.sessions[0]
    assert trail.session_at(START + 9, chrome.app, b"{}") == trail.sessions[3]


@given(st.integers(0, 59), st.integers(0, 10**9))
def test_an_anchored_begin_follows_the_nearest_usage_of_its_hour(minute: int, seed: int) -> None:
    trail = followed(usage("ana", 9 * HOUR), usage("ana", 9 * HOUR + 50 * MINUTE), usage("ana", 10 * HOUR))
    start = START + 9 * HOUR + minute * MINUTE
    nearest = START + 9 * HOUR + (50 * MINUTE if minute > 25 else 0)
    assert 2 * SECOND <= trail.anchored(start, seed) - nearest < 2 * MINUTE
    assert trail.anchored(start, seed) == trail.anchored(start, seed)


def test_a_begin_in_an_hour_without_a_usage_stays() -> None:
    assert followed(usage("ana", 9 * HOUR)).anchored(START + 10 * HOUR, 7) == START + 10 * HOUR


def test_the_active_days_begin_with_the_usage_in_whose_wake_the_incident_begins() -> None:
    times = [9 * HOUR, 10 * HOUR, DAY + 9 * HOUR, 4 * DAY, 4 * DAY + HOUR]
    days = followed(*(usage("ana", at) for at in times)).active_days_from(START + 10 * HOUR + MINUTE)
    assert [[each.at - START for each in day] for day in days] == [times[1:2], times[2:3], times[3:]]


def test_yesterdays_usage_makes_no_active_day_of_today() -> None:
    trail = followed(usage("ana", DAY - SECOND), usage("ana", 2 * DAY))
    assert [day[0].at - START for day in trail.active_days_from(START + DAY + SECOND)] == [2 * DAY]


def test_a_setting_whose_client_is_no_client_has_no_app() -> None:
    assert [Setting(text, b"").app for text in (b"", b'{"app_name":5}', b"{}")] == ["", "", ""]
