"""Sessions: how many there are, how much is done in them, on what and from where; a person's and a machine's."""

from collections import Counter, defaultdict
from datetime import date

import numpy as np
import pytest
from stories import Bools, Story, calm, everyone, told

from simulator.careers import CONNECT, HUMAN, SERVICE
from simulator.clients import SLOTS, unpack
from simulator.episodes import FIRST_NUMBER
from simulator.places import CLOUD_BASE, HOME_BASE
from simulator.profile_rules import READS_AN_HOUR
from simulator.sessions import MOST_USAGES
from simulator.timeline import HOUR, MS, epoch_day

PEOPLE, DAYS = 100, 45
START = date(2026, 3, 16)  # clocks change in Europe and Australia within the period, and Easter is kept
EPOCH = epoch_day(date(2024, 1, 1))  # the day of the first release


# Places


@pytest.fixture(scope="module")
def story() -> Story:
    """A company of joiners and travellers with machines."""
    figures = {"growth": 1.5, "leavers": 1.5, "role_trips": everyone(calm(), 6.0), "connect_servers": 2.0}
    return told(calm(**figures), PEOPLE, DAYS, start=START)


def test_people_are_in_their_office_at_home_or_in_a_hotel_and_machines_in_their_data_centre(story: Story) -> None:
    sessions, offices = story.activity.sessions, len(story.company.profile.offices)
    person, place = sessions.person, sessions.place
    office, home, cloud = (
        place == story.world.staff.office[person],
        place == HOME_BASE + person,
        place == CLOUD_BASE + person,
    )
    hotel = (place >= offices) & (place < HOME_BASE)
    assert (office | home | cloud | hotel).all()
    assert (cloud == ~story.human).all()
    assert (hotel == (story.world.trips.at(person, sessions.day) >= 0)).all()
    in_office = office[story.human & ~hotel]
    assert 0.3 < in_office.mean() < 0.6
    weekend = (sessions.day + 3) % 7 >= 5
    assert not office[weekend].any()


def test_a_person_goes_to_one_office_on_a_day_or_to_none_and_from_there_home(story: Story) -> None:
    sessions = story.activity.sessions
    people = np.flatnonzero(story.human & (sessions.number < FIRST_NUMBER))
    days: dict[tuple[int, int], list[tuple[int, bool]]] = defaultdict(list)
    for row in people[np.argsort(sessions.start[people])]:
        there = sessions.place[row] < len(story.company.profile.offices)
        days[int(sessions.person[row]), int(sessions.day[row])].append((int(sessions.start[row]), bool(there)))
    mixed = [visits for visits in days.values() if len({there for _, there in visits}) == 2]
    # Ten hours after the start of work they are home: nobody is in the office then.
    assert all(max(time for time, there in visits if there) - visits[0][0] < 24 * HOUR for visits in mixed)
    assert len(mixed) < 0.5 * len(days)


# Machines


@pytest.fixture(scope="module")
def automated() -> Story:
    return told(calm(service_accounts=30.0, connect_servers=30.0, project_days=(5, 10)), 20, 14)


def test_a_connect_servers_sessions_are_an_hour_each_around_the_clock(automated: Story) -> None:
    sessions = automated.activity.sessions
    connect = automated.world.staff.machine[sessions.person] == CONNECT
    for person in np.unique(sessions.person[connect]):
        starts = np.sort(sessions.start[connect & (sessions.person == person)])
        assert np.diff(starts // MS).min() >= 0
        assert 24 * 14 - 30 < len(starts) <= 24 * 14 + 1
    assert set((sessions.length[connect]).tolist()) == {HOUR - MS}


def test_machines_fetch_at_their_rate_and_within_the_cap_of_reads(automated: Story) -> None:
    usages, staff = automated.activity.item_usages, automated.world.staff
    theirs = usages.where(staff.machine[automated.person(usages)] != HUMAN)
    hourly = Counter(zip(automated.person(theirs).tolist(), (theirs.time // HOUR).tolist(), strict=True))
    assert max(hourly.values()) < READS_AN_HOUR
    sessions = automated.activity.sessions
    jobs = staff.machine[sessions.person] == SERVICE
    assert sessions.usages[jobs].mean() == pytest.approx(automated.company.profile.service_fetches, rel=0.05)
    table = automated.company.profile.connect_fetches
    connect = staff.machine[sessions.person] == CONNECT
    assert sessions.usages[connect].max() <= 1.5 * table[-1] + 1
    for person in np.unique(sessions.person[connect]):
        mean = automated.world.habits.usages[person]
        assert table[0] <= mean <= table[-1]
        assert sessions.usages[connect & (sessions.person == person)].mean() == pytest.approx(mean, rel=0.1, abs=0.2)


def test_even_the_busiest_connect_server_keeps_within_the_cap() -> None:
    of = told(calm(connect_servers=10.0, connect_fetches=(10_000.0, 10_000.0), project_days=(1, 2)), 10, 2)
    connect = of.world.staff.machine[of.activity.sessions.person] == CONNECT
    assert of.activity.sessions.usages[connect].max() == READS_AN_HOUR


def test_some_service_accounts_run_around_the_clock_and_others_with_office_hours(automated: Story) -> None:
    sessions = automated.activity.sessions
    jobs = automated.world.staff.machine[sessions.person] == SERVICE
    weekend = []
    for person in np.unique(sessions.person[jobs]):
        days = sessions.day[jobs & (sessions.person == person)]
        weekend.append(((days + 3) % 7 >= 5).mean())
    shares = np.array(weekend)
    assert (shares > 0.2).any()
    assert (shares < 0.18).any()


# How much


def test_people_use_as_many_items_a_session_as_the_mean_says_and_never_too_many() -> None:
    of = told(calm(events_a_session=3.0, vault_exports=0.0), PEOPLE, DAYS)
    sessions = of.activity.sessions
    usages = sessions.usages[of.human & (sessions.number < FIRST_NUMBER)]
    assert usages.mean() == pytest.approx(3.0, rel=0.03)
    assert (usages == 0).mean() == pytest.approx(1 / 4, rel=0.05)  # a geometric count with mean 3
    assert usages.max() <= MOST_USAGES
    long = told(calm(events_a_session=50.0), 20, DAYS)
    assert long.activity.sessions.usages.max() == MOST_USAGES


def test_roles_are_busy_by_their_factors_on_the_week_and_on_its_end() -> None:
    """Everybody at the same rate otherwise: engineers twice as often as others, sales four times at weekends."""
    even = everyone(calm(), 1.0)
    figures = {"role_activity": even | {"engineer": 2.0}, "role_weekend": even | {"sales": 4.0}, "weekdays": (1.0,) * 7}
    of = told(calm(**figures, events_a_day=(4.0, 4.0), weeks_away=0.0, project_days=(20, 40)), 2 * PEOPLE, 35)
    sessions, roles = of.activity.sessions, list(of.company.profile.role_share)
    of_habit = of.human & (sessions.number < FIRST_NUMBER)
    weekend = (sessions.day + 3) % 7 >= 5
    role = of.world.staff.role[: 2 * PEOPLE]

    def a_head(name: str, *, on: Bools) -> float:
        theirs = of_habit & on & (of.world.staff.role[sessions.person] == roles.index(name))
        return float(theirs.sum() / (role == roles.index(name)).sum())

    others = a_head("support", on=~weekend)
    assert a_head("engineer", on=~weekend) / others == pytest.approx(2.0, rel=0.1)
    assert a_head("sales", on=~weekend) / others == pytest.approx(1.0, rel=0.1)
    assert a_head("sales", on=weekend) / a_head("support", on=weekend) == pytest.approx(4.0, rel=0.15)


def test_nobody_works_on_their_weeks_away_and_hardly_on_holidays() -> None:
    away = told(calm(weeks_away=1.0, project_days=(5, 10)), 20, 20)
    sessions = away.activity.sessions
    assert (sessions.number[away.human] >= FIRST_NUMBER).all()
    free = told(calm(holiday_activity=0.0), PEOPLE, DAYS, start=START)
    sessions = free.activity.sessions
    holiday = free.world.holidays[free.world.staff.office[sessions.person], sessions.day - free.world.days.start]
    assert not (holiday & free.human & (sessions.number < FIRST_NUMBER)).any()
    assert holiday.any()  # machines know none


def test_the_clients_of_a_person_are_used_by_their_weight() -> None:
    owned = {"extension": 1.0, "desktop": 1.0, "mobile": 1.0, "web": 0.0, "second_computer": 0.0}
    nobody = everyone(calm(), 0.0)
    weights = {"extension": 1.0, "desktop": 0.5, "mobile": 0.5, "cli": 1.0, "web": 1.0, "second": 1.0}
    of = told(calm(**owned, client_sessions=weights, role_command_line=nobody), PEOPLE, DAYS)
    sessions = of.activity.sessions
    slot = unpack(sessions.client)[1][of.human & (sessions.number < FIRST_NUMBER)]
    found = np.bincount(slot, minlength=len(SLOTS)) / len(slot)
    assert found.tolist() == pytest.approx([0.5, 0.25, 0.25, 0, 0, 0, 0, 0], abs=0.02)


def test_updates_come_later_than_releases_and_for_some_later_than_for_others() -> None:
    of = told(calm(update_days=20.0, release_days=10), PEOPLE, DAYS)
    sessions = of.activity.sessions
    release = unpack(sessions.client)[3]
    current = (sessions.day - EPOCH) // 10  # since 2024-01-01
    lag = (current - release)[of.human]
    assert lag.min() == 0
    assert lag.mean() == pytest.approx(2.0, rel=4 / np.sqrt(PEOPLE))
    assert len(set(lag.tolist())) > 4


def test_whose_updates_come_at_once_runs_the_latest_release() -> None:
    of = told(calm(update_days=0.0, release_days=10), 20, 60)
    sessions = of.activity.sessions
    release = unpack(sessions.client)[3]
    assert (release == (sessions.day - EPOCH) // 10).all()
