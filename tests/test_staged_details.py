"""Staged details: the items, times and sessions of an incident in streams so small that they can be counted by hand."""

import json
from collections import Counter
from typing import Any

import pytest
from office import BERLIN, CHROME, DAY, HOUR, MAC, MINUTE, SECOND, START, audited, signing_in, usage

from scenarios.assignment import Assignment
from scenarios.cast import survey
from scenarios.duration import Duration
from scenarios.enactment import Enactment
from scenarios.event import Event
from scenarios.scenario import Moment, Scenario
from scenarios.step import AuditStep, ItemUsageStep, SignInStep, Step
from scenarios.trail import follow
from simulator.records import encode, session

DAYS = range(10)
NIGHT = 3 * DAY + 2 * HOUR
"""When nobody is at work, in nanoseconds after `START`."""
MORNING = 4 * DAY + 9 * HOUR + 5 * MINUTE
"""When ana is at work, five minutes after she signed in."""
SIGN_IN = SignInStep(category="success")
REVEAL = ItemUsageStep(at=Duration(MINUTE), action="reveal")
VIEW = AuditStep(at=Duration(MINUTE), action="view", object_type="vault")


def played(*steps: Step, lines: list[bytes], at: int = NIGHT, seed: int = 7) -> list[Event]:
    """Return what ana leaves behind who plays *steps* from *at* on, counted from `START`, in the stream of *lines*."""
    cast = survey(lines)
    scenario = Scenario(name="x", kind="attack", story="x", when=Moment(while_absent=Duration(0)), steps=steps)
    ana = cast.actors["ana@example.com"]
    part = Assignment("attacks/x", "attacks/x#1", scenario, ana, START + at, None)
    return Enactment(part, follow(lines, [ana.email]), cast, seed).events()


def records(events: list[Event], feed: str) -> list[dict[str, Any]]:
    return [json.loads(encode(event.record)) for event in events if event.feed == feed]


def day_of_ana(day: int, app: dict[str, str] = CHROME, *, in_log: bool = True) -> list[bytes]:
    """A sign-in at 9 h, a fill five minutes later and, if the audit log tells of it, a delegated session."""
    at, uuid = day * DAY + 9 * HOUR, f"{app['app_name']} {day}"
    there = session(uuid=uuid, login_time=START + at, device_uuid="d", ip="192.0.2.1")
    delegated = audited("ana", at + SECOND, "dlgsess", "dlgdsess", session=there)
    lines = [signing_in("ana", at, uuid, client=app, location=BERLIN), usage("ana", at + 5 * MINUTE, client=app)]
    return [*lines, delegated] if in_log else lines


OFFICE = [*(line for day in DAYS for line in day_of_ana(day)), *(usage("bo", day * DAY) for day in DAYS)]
THREE_VAULTS = [
    usage("ana", day * DAY + k, item=f"{vault}{k}", vault_uuid=vault)
    for day in DAYS
    for vault, count in (("busy", 3), ("less", 2), ("idle", 1))
    for k in range(count)
]
"""Of every day: three usages in one vault, two in another, one in the third, each of an item of its own."""


class TestVaultsAndItems:
    @pytest.mark.parametrize(
        ("repeat", "turns"),
        [
            (1, {"busy": 1}),
            (2, {"busy": 1, "less": 1}),
            (3, {"busy": 1, "less": 1, "idle": 1}),
            (7, {"busy": 3, "less": 2, "idle": 2}),
            (8, {"busy": 3, "less": 3, "idle": 2}),
        ],
    )
    def test_repetitions_over_all_vaults_fall_to_them_as_evenly_as_they_can(
        self, repeat: int, turns: dict[str, int]
    ) -> None:
        step = ItemUsageStep(repeat=repeat, every=Duration(SECOND), action="other", vault="all")
        taken = [record["vault_uuid"] for record in records(played(step, lines=THREE_VAULTS), "itemusages")]
        assert Counter(taken) == turns
        assert list(dict.fromkeys(taken)) == list(turns)  # the busiest first, one after the other

    def test_an_audit_event_about_all_vaults_comes_once_for_each_the_busiest_first(self) -> None:
        step = AuditStep(repeat=3, every=Duration(SECOND), action="export", object_type="vault", vault="all")
        logged = records(played(step, lines=THREE_VAULTS), "auditevents")
        assert [record["object_uuid"] for record in logged] == ["busy", "less", "idle"]

    def test_an_audit_event_about_an_item_of_each_vault_names_the_one_that_was_used_there(self) -> None:
        steps: list[Step] = [
            ItemUsageStep(repeat=3, every=Duration(MINUTE), action="share", vault="all", item="each"),
            AuditStep(
                at=Duration(SECOND), repeat=3, every=Duration(MINUTE), action="share", object_type="item", vault="all"
            ),
        ]
        events = played(*steps, lines=THREE_VAULTS)
        shared = [(record["vault_uuid"], record["item_uuid"]) for record in records(events, "itemusages")]
        logged = [(record["aux_uuid"], record["object_uuid"]) for record in records(events, "auditevents")]
        assert logged == shared
        assert len(set(shared)) == 3

    @pytest.mark.parametrize("seed", range(5))
    @pytest.mark.parametrize(
        "before",
        [
            ItemUsageStep(repeat=10, every=Duration(SECOND), action="reveal", item="each"),
            ItemUsageStep(repeat=10, every=Duration(SECOND), action="share", item="each", earlier="attack"),
        ],
        ids=["another action", "an earlier incident"],
    )
    def test_an_audited_item_is_one_with_which_the_same_is_done_whatever_else_was_done_before(
        self, before: Step, seed: int
    ) -> None:
        """Ana has one item of the vault to herself; the other nine are cy's."""
        lines = [usage("ana", day * DAY, item="mine") for day in DAYS]
        lines += [usage("cy", DAY + k, item=f"i{k}") for k in range(9)]
        steps: list[Step] = [
            before,
            ItemUsageStep(at=Duration(MINUTE), action="share", item="own"),
            AuditStep(at=Duration(MINUTE), action="share", object_type="item"),
        ]
        (logged,) = records(played(*steps, lines=lines, seed=seed), "auditevents")
        assert logged["object_uuid"] == "mine"


class TestTimes:
    @pytest.mark.parametrize("seed", range(5))
    def test_a_sign_in_that_no_scenario_speaks_of_is_at_a_time_no_finer_than_the_streams(self, seed: int) -> None:
        """Its usages are told to the nanosecond, its sign-ins to the second."""
        lines = [*OFFICE, usage("ana", 9 * DAY + 10 * HOUR + 1)]
        (opened,) = (event.at for event in played(REVEAL, lines=lines, seed=seed) if event.feed == "signinattempts")
        assert opened % SECOND == 0

    def test_nothing_of_an_incident_comes_before_its_start_though_the_day_has_begun(self) -> None:
        """Ana uses an item once a day, at 9 h; the incident begins a minute later on one of the days."""
        lines = [usage("ana", day * DAY + 9 * HOUR) for day in DAYS]
        step = ItemUsageStep(at=Duration(10 * SECOND), repeat=3, every="active-day", action="reveal")
        at = [event.at - START for event in played(step, at=4 * DAY + 9 * HOUR + MINUTE, lines=lines)]
        usual = 9 * HOUR + 10 * SECOND
        assert at == [4 * DAY + usual + MINUTE, 5 * DAY + usual, 6 * DAY + usual]


class TestSessions:
    def test_who_signs_in_to_the_account_of_another_goes_on_in_their_own_session(self) -> None:
        entry = SignInStep(category="success", target="others")
        events = played(entry, VIEW, lines=OFFICE, at=MORNING)
        (opened,), (viewed,) = records(events, "signinattempts"), records(events, "auditevents")
        assert opened["target_user"]["email"] == "bo@example.com"
        assert viewed["session"]["uuid"] == "1Password Browser Extension 4"

    def test_who_signs_in_to_their_own_account_goes_on_in_the_session_that_this_opens(self) -> None:
        events = played(SIGN_IN, VIEW, lines=OFFICE, at=MORNING)
        (opened,) = records(events, "signinattempts")
        assert {record["session"]["uuid"] for record in records(events, "auditevents")} == {opened["session_uuid"]}

    @pytest.mark.parametrize("seed", range(10))
    def test_a_session_brings_about_nothing_by_itself_after_its_first_hour(self, seed: int) -> None:
        """Though its owner does something in it on the evening of the day as well."""
        evening = ItemUsageStep(at=Duration(20 * HOUR), action="reveal")
        events = played(SIGN_IN, REVEAL, evening, lines=OFFICE, seed=seed)
        (opened,) = (event.at for event in events if event.feed == "signinattempts")
        delegated = [event.at for event in events if event.feed == "auditevents"]
        assert delegated
        assert all(opened <= at <= opened + HOUR + SECOND for at in delegated)

    @pytest.mark.parametrize(("known", "brings"), [(0, False), (1, False), (5, False), (6, True), (10, True)])
    def test_it_brings_about_delegated_sessions_if_the_audit_log_tells_of_most_sessions(
        self, known: int, *, brings: bool
    ) -> None:
        """Of the ten sessions that the stream shows, so many are in the log."""
        lines = [line for day in DAYS for line in day_of_ana(day, in_log=day < known)]
        delegated = records(played(SIGN_IN, lines=lines), "auditevents")
        assert ({record["object_type"] for record in delegated} == {"dlgdsess"}) is brings

    def test_the_sessions_of_another_app_tell_nothing_about_this_one(self) -> None:
        """Those of her browser are all in the log, those of her Mac are not, and they are fewer."""
        lines = [line for day in DAYS for line in day_of_ana(day)]
        lines += [line for day in (1, 2) for line in day_of_ana(day, MAC, in_log=False)]
        for kind, feeds in (("browser", {"signinattempts", "auditevents"}), ("desktop", {"signinattempts"})):
            step = SignInStep(category="success", client=kind)  # type: ignore[arg-type]
            assert {event.feed for event in played(step, lines=lines)} == feeds
