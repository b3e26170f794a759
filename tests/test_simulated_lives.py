"""Lives at a simulated company: who comes, goes, is away or is on duty does what is to be expected, and only then."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import numpy as np
import pytest
from companies import DAY, HOUR, START, Feed, Log, company, parsed, written
from numpy.typing import NDArray

from simulator.activity import PROCESSES
from simulator.careers import CONNECT, SERVICE
from simulator.draws import Floats, Ints
from simulator.profile_file import load_profile

MIDSIZE = load_profile("midsize-1000")
NO_MACHINES: dict[str, Any] = {"service_accounts": 0.0, "connect_servers": 0.0}
MUCH_CHANGE: dict[str, Any] = {
    "growth": 1.5,
    "leavers": 0.8,
    "leaver_takes": 0.6,
    "role_changes": 0.5,
    "parental_leaves": 0.8,
    "first_cli": 0.5,
    "legacy_clients": 0.4,
    "upgrade_days": 30.0,
    "sso_roll_outs": 100.0,
    "migrations": 20.0,
}
"""Figures with which half a year holds as much change as many years of a real company."""

SLACK_BEFORE, SLACK_AFTER = 60 * 10**9, 4 * HOUR
"""How long before a session a sign-in fails, and how long a session lasts, at most."""

WEEKEND_ADMINISTRATION = 0.1  # were every day alike it would be 0.29
NIGHT = [22, 23, 0, 1, 2, 3, 4, 5]
LONG_LEAVE = 30  # days
REGULAR_A_WEEK = 20  # item usages: chance alone leaves no week without any
SYSTEMS = ("Mac", "Windows", "Linux", "iOS", "Android")
OLD = ("1Password Browser Extension", *(f"1Password for {system}" for system in SYSTEMS))
"""Applications that may be older than 8.4.0."""


@pytest.fixture(scope="module")
def log() -> Log:
    return parsed("midsize-1000", 80, 200, 7, START, **NO_MACHINES, **MUCH_CHANGE)


@pytest.fixture(scope="module")
def calm() -> Log:
    """A quarter as it usually is, without long leaves, which are silent too."""
    return parsed("midsize-1000", 160, 91, 7, START, **NO_MACHINES, sso_roll_outs=0.0, parental_leaves=0.0)


def everything(log: Log) -> Iterator[Feed]:
    yield from log.feeds.values()


def joiners(log: Log) -> Ints:
    """Return who joined within the period, and not on its last days."""
    hired = log.staff.hired
    return np.flatnonzero(log.human & (hired > log.days.start) & (hired < log.days.stop - 14))


def leavers(log: Log) -> Ints:
    return np.flatnonzero(log.human & (log.staff.left < log.days.stop))


# Coming and going


def test_nobody_leaves_a_record_before_the_first_day_or_after_the_last(log: Log) -> None:
    assert len(joiners(log)) > 40
    assert len(leavers(log)) > 20
    for feed in everything(log):
        assert (feed.local >= log.staff.hired[feed.person] * DAY - SLACK_BEFORE).all()
        assert (feed.local < log.staff.left[feed.person] * DAY + SLACK_AFTER).all()


def test_sessions_begin_on_days_of_employment(log: Log) -> None:
    success = log.feeds["signinattempts"]
    success = success.where(success.what == "success")
    assert (success.day >= log.staff.hired[success.person]).all()
    assert (success.day < log.staff.left[success.person]).all()


def test_a_joiner_sets_up_a_client_on_the_first_day(log: Log) -> None:
    audit = log.feeds["auditevents"]
    created = audit.where((audit.what == "create") & (audit.about == "device"))
    first_day = created.person[created.day == log.staff.hired[created.person]]
    assert np.isin(joiners(log), first_day).mean() > 0.9


def test_most_joiners_are_invited_and_most_leavers_suspended(log: Log) -> None:
    audit = log.feeds["auditevents"]
    invited = ((audit.what == "create") & (audit.about == "invite")).sum()
    suspended = ((audit.what == "suspend") & (audit.about == "user")).sum()
    assert 0.6 < invited / len(joiners(log)) < 1.2
    assert 0.6 < suspended / len(leavers(log)) < 1.2


def test_people_begin_and_are_seen_to_on_working_days(log: Log) -> None:
    """Hardly anybody has a first day, or an administrator at work for it, on a Saturday or a Sunday."""
    audit = log.feeds["auditevents"]
    seen_to = np.isin(audit.about, ("gm", "invite", "user"))
    assert audit.weekend[seen_to].mean() < WEEKEND_ADMINISTRATION
    assert ((log.staff.hired[joiners(log)] + 3) % 7 >= 5).mean() < WEEKEND_ADMINISTRATION


def test_some_leavers_export_what_is_theirs_within_their_last_week(log: Log) -> None:
    usages = log.usages
    taken = usages.where(usages.cause == "leaver")
    assert (taken.what == "export").mean() > 0.15
    before = log.staff.left[taken.person] - taken.day
    assert (before > 0).all()
    assert (before <= 7).all()
    assert 0.2 < len(np.unique(taken.person)) / len(leavers(log)) < 0.9


def first_uses(log: Log) -> list[Floats]:
    """Return for each joiner who stays 90 days the days from the first to the first time of each action."""
    usages, found = log.usages, []
    for person in joiners(log):
        hired, stays = log.staff.hired[person], min(log.staff.left[person], log.days.stop)
        if stays - hired >= 90:
            own = usages.where(usages.person == person)
            _, first = np.unique(own.what[np.argsort(own.time)], return_index=True)
            found.append(np.sort(own.local)[first] / DAY - hired)
    return found


def test_the_curve_of_first_uses_rises_and_flattens(log: Log) -> None:
    """Cumulative number of actions that joiners have done by then: most in the first days, hardly any after months."""
    uses = first_uses(log)
    assert len(uses) > 20
    after = {days: float(np.mean([np.count_nonzero(each < days) for each in uses])) for days in (1, 7, 30, 90)}
    assert 0.8 <= after[1] <= 2.5
    assert 2.0 <= after[90] <= 6.0
    a_day = [after[1], (after[7] - after[1]) / 6, (after[30] - after[7]) / 23, (after[90] - after[30]) / 60]
    assert a_day == sorted(a_day, reverse=True)
    assert a_day[-1] > 0
    assert after[90] < 1.5 * after[30]


# Being away


def absences(log: Log) -> Floats:
    """Return how many days those had not been seen who are back from parental leave, and were seen before."""
    success = log.feeds["signinattempts"]
    days = []
    for person in np.unique(success.person[success.cause == "parental-leave"]):
        own = success.where(success.person == person)
        # Back from leave, their first sessions of all may be those of a trip, a call or an errand.
        back = own.time[own.cause == "parental-leave"].min()
        settling = back - MIDSIZE.settling_days * DAY
        times = np.sort(own.time[own.time <= back])
        if times[0] < settling:
            days.append(np.diff(times)[times[1:] >= settling].max() / DAY)
    return np.array(days)


def test_parental_leave_is_weeks_or_months_of_silence(log: Log) -> None:
    days = absences(log)
    least, _ = MIDSIZE.parental_days
    assert len(days) > 5
    assert days.min() >= least - 1
    assert (days > LONG_LEAVE).sum() > 2


def test_who_travels_is_seen_in_other_towns_and_nobody_else_is(log: Log) -> None:
    destinations = [place.city for place in MIDSIZE.destinations]
    offices = [office.city for office in MIDSIZE.offices]
    usages = log.usages
    travels = usages.cause == "trip"
    assert travels.any()
    assert set(usages.city[travels]) <= set(destinations)
    assert set(usages.city[usages.cause == ""]) <= set(offices)


def test_vacations_are_whole_weeks_of_silence(calm: Log) -> None:
    """Of those who do something nearly every working day, some weeks are empty."""
    weeks = np.zeros((len(calm.staff), len(calm.days) // 7 + 2), dtype=np.int64)
    np.add.at(weeks, (calm.usages.person, (calm.usages.day - calm.days.start) // 7 + 1), 1)
    here = (calm.staff.hired <= calm.days.start) & (calm.staff.left >= calm.days.stop)
    regular = weeks[here & (np.median(weeks, axis=1) >= REGULAR_A_WEEK), 1:-1]
    assert len(regular) > 20
    assert 0.4 * MIDSIZE.weeks_away < (regular == 0).mean() < 2 * MIDSIZE.weeks_away


# Being on duty


def test_calls_come_at_night_too(log: Log) -> None:
    usages = log.usages
    at_night = np.isin(usages.hour, NIGHT)
    assert at_night[usages.cause == "on-call"].mean() > 0.2
    assert at_night[usages.cause == ""].mean() < 0.05


def test_secrets_are_rotated_in_the_first_weeks_of_a_quarter(log: Log) -> None:
    usages = log.usages
    rotated = usages.where(usages.cause == "rotation")
    quarters = [(date(2026, month, 1) - date(1970, 1, 1)).days for month in (4, 7)]
    into = np.array([min(abs(day - quarter) for quarter in quarters) for day in rotated.day.tolist()])
    assert len(into) > 50
    assert (into <= 14).all()
    assert np.isin(rotated.what, ("enter-item-edit-mode", "server-update", "reveal", "other")).all()


# Change of clients and company


def test_old_clients_say_other_until_they_are_upgraded_and_then_what_is_done(log: Log) -> None:
    usages = log.usages
    usages = usages.where(np.isin(usages.app, OLD))
    upgraded = 0
    for person in np.unique(usages.person[usages.what == "other"]):
        own = usages.where(usages.person == person)
        is_other = own.what[np.argsort(own.time)] == "other"
        assert (np.diff(is_other.astype(np.int64)) <= 0).all()
        upgraded += not is_other.all()
    assert upgraded > 10


def test_only_old_clients_of_those_who_were_there_before_say_other(log: Log) -> None:
    other = log.usages.where(log.usages.what == "other")
    assert set(other.app) <= set(OLD)
    assert (log.staff.hired[other.person] < log.days.start).all()


@pytest.mark.parametrize("process", PROCESSES)
def test_every_process_brings_something_about(log: Log, process: str) -> None:
    assert sum(int((feed.cause == process).sum()) for feed in everything(log)) > 10


def test_most_of_what_happens_is_habit_even_so(calm: Log) -> None:
    assert 0.75 < (calm.usages.cause == "").mean() < 0.99


def test_a_roll_out_of_single_sign_on_makes_providers_a_habit(log: Log) -> None:
    usages = log.usages
    selected = usages.what == "select-sso-provider"
    begins = usages.time[usages.cause == "sso-roll-out"].min()
    ends = begins + MIDSIZE.sso_days * DAY
    before, after = usages.time < begins, usages.time > ends
    assert len(np.unique(usages.person[selected & after])) > 2 * len(np.unique(usages.person[selected & before]))
    assert selected[after].mean() > 2 * selected[before].mean()


# Clocks

STANDARD = {
    "America/Toronto": "Etc/GMT+5",
    "America/Los_Angeles": "Etc/GMT+8",
    "Europe/Berlin": "Etc/GMT-1",
    "Australia/Melbourne": "Etc/GMT-10",
}
"""Each zone's standard time all the year round; the names' signs are POSIX's."""

SUMMER = {
    "America/Toronto": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/Los_Angeles": (date(2026, 3, 8), date(2026, 11, 1)),
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "Australia/Melbourne": (date(2026, 10, 4), date(2026, 4, 5)),
}
"""First and last Sunday of daylight saving time; in Australia it is the other way round."""


def is_summer(zone: str, day: Ints) -> NDArray[np.bool_]:
    first, last = ((sunday - date(1970, 1, 1)).days for sunday in SUMMER[zone])
    return (day >= first) & (day < last) if first < last else (day >= first) | (day < last)


def at_home(log: Log) -> NDArray[np.bool_]:
    """Which item usages are those of people who do not travel: travellers keep the hours of another place."""
    trips, usages = log.company.world().trips, log.usages
    around = [trips.at(usages.person, usages.day + late) < 0 for late in (-2, -1, 0, 1, 2)]
    return np.asarray(np.logical_and.reduce(around))


@pytest.mark.parametrize("start", [START, date(2026, 9, 21)], ids=["spring", "autumn"])
def test_people_follow_their_clocks_into_daylight_saving_time_and_out_of_it(start: date) -> None:
    """In summer all that a person does is an hour earlier than it would be without, and in winter at the same time."""
    with_it = parsed("midsize-1000", 40, 60, 7, start, **NO_MACHINES)
    fixed = tuple(msgspec.structs.replace(office, timezone=STANDARD[office.timezone]) for office in MIDSIZE.offices)
    without = parsed("midsize-1000", 40, 60, 7, start, **NO_MACHINES, offices=fixed)
    ours, theirs = with_it.usages.where(at_home(with_it)), without.usages
    _, at, there = np.intersect1d(ours.uuid, theirs.uuid, return_indices=True)
    assert len(at) > 0.98 * len(ours)  # the others crossed an end of the period
    earlier = theirs.time[there] - ours.time[at]
    zones = np.array([office.timezone for office in MIDSIZE.offices])[with_it.staff.office[ours.person[at]]]
    for zone, sundays in SUMMER.items():
        day = ours.day[at][zones == zone]
        changes = np.isin(day, [(sunday - date(1970, 1, 1)).days + late for sunday in sundays for late in (0, 1)])
        expected = np.where(is_summer(zone, day), HOUR, 0)
        assert len(set(expected[~changes].tolist())) == 2
        assert (earlier[zones == zone][~changes] == expected[~changes]).all()


# Machines

READS_AN_HOUR, WRITES_AN_HOUR = 10_000, 1_000
"""What a token may do: https://developer.1password.com/docs/service-accounts/rate-limits/"""


@pytest.fixture(scope="module")
def machines() -> Log:
    """A week of machines at the highest rates that are shipped."""
    return parsed("enterprise-20000", 40, 7, 7, START, service_accounts=25.0, connect_servers=10.0)


def hours_of(log: Log, row: int) -> Ints:
    """Return the item usages of a row of the staff in each hour of the period."""
    time = log.usages.time[log.usages.person == row]
    return np.bincount((time - log.days.start * DAY) // HOUR, minlength=24 * len(log.days))


def test_connect_servers_work_around_the_clock(machines: Log) -> None:
    servers = np.flatnonzero(machines.staff.machine == CONNECT)
    assert len(servers) == 4
    for server in servers.tolist():
        # The first and the last hour are cut where the period is.
        assert (hours_of(machines, server)[2:-2] > 0).mean() > 0.9


def test_service_accounts_work_by_night_and_at_weekends_as_well(machines: Log) -> None:
    usages = machines.usages.where(machines.staff.machine[machines.usages.person] == SERVICE)
    assert 0.12 < np.isin(usages.hour, NIGHT).mean() < len(NIGHT) / 24
    assert 0.1 < usages.weekend.mean() < 0.3


def test_machines_only_fetch_and_stay_within_what_a_token_may_do(machines: Log) -> None:
    usages = machines.usages.where(~machines.human[machines.usages.person])
    assert set(usages.what) == {"server-fetch"}
    busiest = max(hours_of(machines, row).max() for row in np.flatnonzero(~machines.human).tolist())
    assert 10 < busiest <= READS_AN_HOUR


def test_a_server_asked_for_more_stops_at_what_a_token_may_do() -> None:
    asked = 3.0 * READS_AN_HOUR
    server: dict[str, Any] = {"service_accounts": 0.0, "connect_servers": 10.0, "connect_fetches": (asked, asked)}
    lines = written(company("midsize-1000", 10, 1, 7, START, **server))
    hours = re.findall(rb'"timestamp":"([-0-9]*T[0-9]*)[^}]*"action":"server-fetch"', lines["itemusages"])
    _, counts = np.unique(hours, return_counts=True)
    # The server's hours are not quite those of the clock.
    assert READS_AN_HOUR * 0.9 < counts.max() < READS_AN_HOUR * 1.02
