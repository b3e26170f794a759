"""Twelve harmless processes bring about what is out of the ordinary, and every event of theirs says so.

Each alone in a company in which nothing else happens, at a rate at which it cannot be missed.
"""

from datetime import date
from typing import Any

import numpy as np
import pytest
from stories import FIRST_DAY, Story, built, calm, everyone, near, told

from simulator.activity import PROCESSES
from simulator.careers import HUMAN
from simulator.clients import LEGACY, LEGACY_SLOTS, SLOTS, unpack
from simulator.draws import Ints
from simulator.episodes import FIRST_NUMBER
from simulator.places import HOME_BASE
from simulator.profile import ACTIONS, HABITS
from simulator.timeline import DAY, HOUR, YEAR, epoch_day, weekday
from simulator.turns import CLI, JOINER, PARENTAL, PHONE, ROLE, SSO, UPGRADE

ROLES = calm()
FIGURES: dict[str, dict[str, Any]] = {
    "joiner": {"growth": 3.0},
    "leaver": {"leavers": 2.0, "leaver_takes": 1.0, "vacancy_days": 36_525},
    "role-change": {"role_changes": 4.0},
    "first-cli": {"first_cli": 4.0},
    "phone-replaced": {"phones": 4.0},
    "trip": {"role_trips": everyone(ROLES, 10.0)},
    "sso-roll-out": {"sso_roll_outs": 200.0},
    "client-upgrade": {"legacy_clients": 1.0},
    "rotation": {"role_rotation": everyone(ROLES, 1.0)},
    "on-call": {"role_on_call": everyone(ROLES, 20.0)},
    "parental-leave": {"parental_leaves": 3.0, "parental_days": (31, 60)},
    "migration": {"migrations": 40.0},
}
PEOPLE, DAYS = 60, 120
SETTLING = ROLES.settling_days
EDITS = ("enter-item-edit-mode", "server-update")


def story(process: str, **more: Any) -> Story:
    """Return the story of a company in which one process happens and no other."""
    return told(calm(**FIGURES[process], **more), PEOPLE, DAYS)


def actions(of: Story, process: str) -> set[str]:
    return {ACTIONS[action] for action in np.unique(of.caused(process).action).tolist()}


def slots(of: Story, session: Ints) -> Ints:
    return unpack(of.activity.sessions.client)[1][session]


def since(of: Story, process: int, session: Ints) -> Ints:
    """Return how many days before each session a process last began a chapter of the person's."""
    sessions = of.activity.sessions
    chapter = of.world.chapters.at(sessions.person, sessions.day)
    days: Ints = sessions.day - of.world.chapters.since[chapter, process]
    return days[session]


def begun(of: Story, process: int) -> int:
    """Return how many chapters a process begins in the period."""
    chapters = of.world.chapters
    return int(((chapters.since[:, process] == chapters.begin) & (chapters.begin >= FIRST_DAY)).sum())


# All of them


def test_nothing_happens_where_every_rate_is_0() -> None:
    quiet = told(calm(), PEOPLE, DAYS)
    assert quiet.processes() == set()
    assert quiet.world.episodes.cause.max() < 0
    assert len(quiet.activity.item_usages.time) > 10_000


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_happens_alone_where_only_its_rate_is_not_0(process: str) -> None:
    alone = story(process)
    replaced = {"joiner"} if process == "leaver" else set()  # a seat stays empty for a century on average only
    assert {process} <= alone.processes() <= {process} | replaced
    assert len(alone.caused(process).time) > 10


def test_every_process_has_a_rate() -> None:
    assert tuple(FIGURES) == PROCESSES


def test_whom_no_process_meets_does_what_they_would_do_without_any() -> None:
    rare = dict.fromkeys(("leavers", "growth", "role_changes", "first_cli", "phones", "parental_leaves"), 0.3)
    quiet, busy = told(calm(), PEOPLE, DAYS), told(calm(**rare, role_trips=everyone(ROLES, 1.0)), PEOPLE, DAYS)
    chapters, trips, episodes = busy.world.chapters, busy.world.trips, busy.world.episodes
    lives = np.bincount(chapters.person, minlength=PEOPLE)[:PEOPLE]
    met = {*trips.person.tolist(), *episodes.person.tolist(), *quiet.world.episodes.person.tolist()}
    alone = [person for person in np.flatnonzero(lives == 1).tolist() if person not in met]
    stay = [person for person in alone if busy.world.staff.left[person] >= FIRST_DAY + DAYS]
    assert len(stay) > 5
    for person in stay:
        assert acts(quiet, person) == acts(busy, person) != []


def acts(of: Story, person: int) -> list[tuple[int, ...]]:
    usages = of.activity.item_usages
    rows = np.flatnonzero(of.person(usages) == person)
    return [(int(usages.time[row]), int(usages.action[row]), int(usages.item_high[row])) for row in rows]


# Each of them


def test_a_joiners_first_days_are_all_theirs_and_later_ones_habit() -> None:
    of = story("joiner")
    usages = of.activity.item_usages
    person, day = of.person(usages), of.day(usages)
    caused = usages.cause == PROCESSES.index("joiner")
    fresh = (of.world.staff.machine[person] == HUMAN) & (day - of.world.staff.hired[person] < SETTLING)
    assert (caused == fresh).all()
    joiners = of.world.staff.hired > FIRST_DAY
    assert near(joiners.sum(), PEOPLE * 3.0 * DAYS / YEAR)
    assert set(person[caused].tolist()) <= set(np.flatnonzero(joiners).tolist())
    assert begun(of, JOINER) == joiners.sum()


def test_a_leaver_takes_items_by_the_dozen_in_the_last_days() -> None:
    of = story("leaver", desktop=1.0)
    taken = of.caused("leaver")
    person, day = of.person(taken), of.day(taken)
    before = of.world.staff.left[person] - day
    leavers = np.flatnonzero(of.world.staff.left < FIRST_DAY + DAYS)
    assert near(len(leavers), PEOPLE * (1 - np.exp(-2.0 * (DAYS - 14) / YEAR)))
    assert before.min() >= 1
    assert before.max() <= 5  # one of the last three days, on Friday instead of a weekend
    assert len(np.unique(person)) > 0.8 * len(leavers)
    assert actions(of, "leaver") == {"export", "reveal", "secure-copy"}
    assert (taken.action == ACTIONS.index("export")).mean() == pytest.approx(0.7, abs=0.1)
    counts = np.bincount(person)[np.unique(person)]
    assert counts.mean() == pytest.approx(of.company.profile.leaver_exports, rel=0.25)
    assert len(set(zip(person.tolist(), taken.item_high.tolist(), strict=True))) == len(person)


@pytest.mark.parametrize("process", ["leaver", "rotation", "migration"])
def test_the_items_of_one_vault_are_gone_through_one_after_the_other(process: str) -> None:
    of = story(process)
    caused = of.caused(process)
    caused = caused.where(np.lexsort((caused.number, caused.session)))
    for session in np.unique(caused.session):
        usages = caused.where(caused.session == session)
        assert len(np.unique(usages.vault_high)) == 1
        assert len(np.unique(usages.item_high)) == len(usages.time)
        assert (np.diff(usages.time) > 0).all()


def test_leavers_take_nothing_where_none_does() -> None:
    of = told(calm(leavers=2.0, leaver_takes=0.0, vacancy_days=36_525), PEOPLE, DAYS)
    assert len(of.caused("leaver").time) == 0
    assert len(of.audited("suspend", "user").time) > 5


def test_a_changed_role_brings_actions_and_a_team_vault_that_the_role_before_had_not() -> None:
    of = story("role-change")
    usages = of.caused("role-change")
    assert begun(of, ROLE) == pytest.approx(PEOPLE * 4.0 * DAYS / YEAR, rel=0.35)
    assert since(of, ROLE, usages.session).max() < SETTLING
    world, person = of.world, of.person(usages)
    chapter = world.chapters.at(person, of.day(usages))
    changed = world.chapters.role[chapter] != world.chapters.earlier_role[chapter]
    assert changed.all()
    team = world.habits.vaults[chapter, 2]
    of_team = usages.vault_high == world.vaults.vault_words(team, world.vaults.generation(team, of.day(usages)))[0]
    gained = world.habits.gained[chapter, np.minimum(usages.action, len(HABITS) - 1)]
    assert (gained | of_team).all()
    assert gained.any()
    assert (of_team & ~gained).any()


def test_a_gained_action_was_never_done_in_the_role_before() -> None:
    of = told(calm(role_changes=1.0), 200, DAYS)
    usages = of.activity.item_usages
    first: dict[tuple[int, int], int] = {}
    person, day = of.person(usages), of.day(usages)
    for row in np.argsort(usages.time):
        first.setdefault((int(person[row]), int(usages.action[row])), int(day[row]))
    caused = of.caused("role-change")
    chapter = of.world.chapters.at(of.person(caused), of.day(caused))
    gained = of.world.habits.gained[chapter, caused.action]
    # Of people whose role changed once: who changes twice may have done it two roles ago.
    once = np.bincount(of.world.chapters.person)[of.person(caused)] == 2
    rows = np.flatnonzero(gained & once)
    changed = of.world.chapters.begin[chapter]
    assert len(rows) > 20
    assert all(first[int(of.person(caused)[row]), int(caused.action[row])] >= changed[row] for row in rows)


def test_a_command_line_that_comes_with_a_role_is_the_roles_doing() -> None:
    """Who could fetch from the server with nothing before does so for the first time."""
    of = told(calm(role_changes=2.0), 200, DAYS)
    usages, chapters = of.activity.item_usages, of.world.chapters
    chapter = chapters.at(of.person(usages), of.day(usages))
    before = np.maximum(chapter - 1, 0)
    came = (chapters.person[before] == of.person(usages)) & chapters.command_line[chapter]
    came &= ~chapters.command_line[before] & (slots(of, usages.session) == SLOTS.index("cli"))
    early = came & (since(of, ROLE, usages.session) < SETTLING)
    assert early.sum() > 50
    assert (usages.cause[early] == PROCESSES.index("role-change")).all()


def test_the_first_command_line_is_where_its_events_are() -> None:
    of = story("first-cli")
    caused = of.caused("first-cli")
    assert (slots(of, caused.session) == SLOTS.index("cli")).all()
    assert since(of, CLI, caused.session).max() < SETTLING
    assert actions(of, "first-cli") <= {"server-fetch", "server-create", "server-update"}
    usages = of.activity.item_usages
    cli = usages.where(slots(of, usages.session) == SLOTS.index("cli"))
    settled = since(of, CLI, cli.session) >= SETTLING
    assert (cli.cause[settled] == -1).all()
    assert (cli.cause[~settled] == PROCESSES.index("first-cli")).all()


def test_a_replaced_telephone_is_another_device_from_that_day_on() -> None:
    of = story("phone-replaced", mobile=1.0)
    sessions, caused = of.activity.sessions, of.caused("phone-replaced")
    assert (slots(of, caused.session) == SLOTS.index("mobile")).all()
    assert since(of, PHONE, caused.session).max() < SETTLING
    assert near(begun(of, PHONE), PEOPLE * 4.0 * (DAYS + 2) / YEAR)
    _, slot, generation, _ = unpack(sessions.client)
    mobile = slot == SLOTS.index("mobile")
    assert (generation[~mobile] == 0).all()
    for person in range(PEOPLE):
        rows = np.flatnonzero(mobile & (sessions.person == person))
        rows = rows[np.argsort(sessions.start[rows])]
        assert (np.diff(generation[rows]) >= 0).all()
    high, _ = of.world.directory.device_words(sessions.client[mobile])
    assert len(np.unique(high)) == len({*zip(sessions.person[mobile], generation[mobile], strict=True)})


def test_a_trips_events_are_all_at_its_destination_and_nobody_else_is_there() -> None:
    of = story("trip")
    sessions, profile = of.activity.sessions, of.company.profile
    abroad = (sessions.place >= len(profile.offices)) & (sessions.place < HOME_BASE)
    of_habit = sessions.number < FIRST_NUMBER
    assert (abroad == (sessions.cause == PROCESSES.index("trip")))[of_habit].all()
    usages = of.activity.item_usages
    assert ((usages.cause == PROCESSES.index("trip")) == abroad[usages.session]).all()
    trips, (least, most) = of.world.trips, profile.trip_days
    assert near(len(trips.begin), PEOPLE * (DAYS + 2) * 10.0 / (YEAR + 10.0 * (most + 2)))
    assert np.unique(trips.end - trips.begin - 2).tolist() == list(range(least, most + 1))  # and two of travel
    same = trips.person[1:] == trips.person[:-1]
    assert (trips.begin[1:] >= trips.end[:-1])[same].all()
    places = {of.world.directory.place(int(code))[0] for code in np.unique(sessions.place[abroad])}
    assert places <= set(profile.destinations)
    assert len(places) == len(profile.destinations)


def test_trips_are_as_many_as_the_role_makes() -> None:
    rates = {"sales": 20.0, "executive": 5.0}
    world = built(calm(role_trips=rates, trip_days=(1, 1)), 600, 200)
    roles = [list(ROLES.role_share)[role] for role in world.staff.role[world.trips.person]]
    for role, rate in rates.items():
        people = (world.staff.role[:600] == list(ROLES.role_share).index(role)).sum()
        assert near(roles.count(role), people * rate * 202 / (YEAR + rate * 2))
    assert set(roles) == set(rates)


def test_a_roll_out_makes_people_select_the_provider_within_its_days() -> None:
    of = story("sso-roll-out", single_sign_on=0.0)
    caused = of.caused("sso-roll-out")
    chapters = of.world.chapters
    moved = chapters.begin[(chapters.since[:, SSO] == chapters.begin)]
    assert len(moved) == PEOPLE
    assert moved.max() - moved.min() < of.company.profile.sso_days
    assert actions(of, "sso-roll-out") == {"select-sso-provider"}
    assert since(of, SSO, caused.session).min() >= 0
    assert since(of, SSO, caused.session).max() < SETTLING
    usages = of.activity.item_usages
    selects = usages.action == ACTIONS.index("select-sso-provider")
    before = of.day(usages) < moved.min()
    who = [len(np.unique(of.person(usages)[selects & when])) for when in (before, ~before)]
    assert who[0] < 0.4 * PEOPLE
    assert who[1] > 0.7 * PEOPLE


def test_old_clients_say_other_until_they_are_upgraded_and_then_what_is_done() -> None:
    of = story("client-upgrade")
    usages = of.activity.item_usages
    human = of.world.staff.machine[of.person(usages)] == HUMAN
    slot, release = (each[usages.session] for each in unpack(of.activity.sessions.client)[1::2])
    other = usages.action == len(ACTIONS) - 1
    assert (other == (release == LEGACY)).all()
    chapter = of.world.chapters.at(of.person(usages), of.day(usages))
    can = np.isin(slot, [SLOTS.index(name) for name in LEGACY_SLOTS])
    assert (other == (of.world.chapters.legacy[chapter] & can)).all()
    assert other[human].mean() > 0.2
    caused = of.caused("client-upgrade")
    assert "other" not in actions(of, "client-upgrade")
    assert since(of, UPGRADE, caused.session).min() >= 0
    assert since(of, UPGRADE, caused.session).max() < SETTLING
    recent = since(of, UPGRADE, usages.session) < SETTLING
    assert (usages.cause[recent & ~other] == PROCESSES.index("client-upgrade")).all()


def test_clients_change_their_release_with_the_upgrade_and_never_go_back() -> None:
    of = story("client-upgrade")
    sessions = of.activity.sessions
    person, slot, _, release = unpack(sessions.client)
    human = of.world.staff.machine[person] == HUMAN
    for name in LEGACY_SLOTS:
        rows = np.flatnonzero(human & (slot == SLOTS.index(name)))
        rows = rows[np.lexsort((sessions.start[rows], person[rows]))]
        assert (np.diff(release[rows]) >= 0)[np.diff(person[rows]) == 0].all()


@pytest.mark.parametrize("start", [date(2026, 3, 2), date(2028, 2, 21)])  # 2028-04-01 is a Saturday
def test_secrets_are_rotated_in_the_first_two_weeks_of_a_quarter(start: date) -> None:
    of = told(calm(**FIGURES["rotation"], parental_leaves=0.0), PEOPLE, DAYS, start=start)
    caused = of.caused("rotation")
    quarter = epoch_day(date(start.year, 4, 1))
    day, person = of.day(caused), of.person(caused)
    assert day.min() >= quarter
    assert day.max() < quarter + 14
    assert weekday(day).max() < 5
    assert len(np.unique(person)) > 0.9 * PEOPLE
    assert actions(of, "rotation") <= {*EDITS, "reveal"}
    assert np.isin(caused.action, [ACTIONS.index(action) for action in EDITS]).mean() > 0.7
    sizes = np.unique(caused.session, return_counts=True)[1]
    assert sizes.mean() == pytest.approx(of.company.profile.rotation_edits, rel=0.15)


def test_a_rotation_under_way_on_the_first_day_goes_on() -> None:
    of = told(calm(**FIGURES["rotation"]), PEOPLE, 20, start=date(2026, 4, 6))
    assert len(of.caused("rotation").time) > 20


def test_secrets_are_rotated_by_the_share_of_a_role() -> None:
    world = built(calm(role_rotation={"engineer": 0.5}), 600, 60)
    episodes = world.episodes
    rotates = np.unique(episodes.person[episodes.cause == PROCESSES.index("rotation")])
    engineers = np.flatnonzero(world.staff.role[:600] == list(ROLES.role_share).index("engineer"))
    assert set(rotates.tolist()) <= set(engineers.tolist())
    assert near(len(rotates), 0.5 * len(engineers))


def test_people_on_call_are_called_at_any_hour() -> None:
    of = story("on-call")
    caused, sessions = of.caused("on-call"), of.activity.sessions
    assert actions(of, "on-call") == {"reveal", "secure-copy", "fill"}
    called = np.flatnonzero(sessions.cause == PROCESSES.index("on-call"))
    weeks = PEOPLE * (DAYS // 7 + 1) * 20 * 7 / 365.25
    assert near(len(called), weeks * of.company.profile.on_call_calls * (1 - 4 / DAYS))
    hours = np.bincount(sessions.start[called] // HOUR % 24, minlength=24)
    assert all(near(count, len(called) / 24) for count in hours)
    assert set(weekday(sessions.day[called]).tolist()) == set(range(7))
    assert sessions.usages[called].min() == 1
    assert sessions.usages[called].max() == 4
    assert len(np.unique(of.person(caused))) > 0.9 * PEOPLE


def test_who_is_on_call_is_so_for_a_week_at_the_rate_of_the_role() -> None:
    world = built(calm(role_on_call={"sre": 26.0}, on_call_calls=20.0), 600, 140)
    episodes = world.episodes
    called = episodes.cause == PROCESSES.index("on-call")
    called &= (episodes.day >= FIRST_DAY) & (episodes.day < FIRST_DAY + 140)  # 20 weeks from Monday on
    weeks = {*zip(episodes.person[called].tolist(), ((episodes.day[called] + 3) // 7).tolist(), strict=True)}
    operators = np.flatnonzero(world.staff.role[:600] == list(ROLES.role_share).index("sre"))
    assert {person for person, _ in weeks} <= set(operators.tolist())
    assert near(len(weeks), len(operators) * 20 * 26 * 7 / 365.25)


def test_a_parental_leave_is_silence_and_then_a_return() -> None:
    of = story("parental-leave")
    sessions, chapters = of.activity.sessions, of.world.chapters
    leaves = np.flatnonzero(chapters.on_leave)
    assert len(leaves) > 20
    for leave in leaves:
        theirs = sessions.day[sessions.person == chapters.person[leave]]
        assert not ((theirs >= chapters.begin[leave]) & (theirs < chapters.end[leave])).any()
    caused = of.caused("parental-leave")
    assert since(of, PARENTAL, caused.session).min() >= 0
    assert since(of, PARENTAL, caused.session).max() < SETTLING
    usages = of.activity.item_usages
    recent = since(of, PARENTAL, usages.session) < SETTLING
    assert ((usages.cause >= 0) == recent).all()
    least, most = of.company.profile.parental_days
    inside = leaves[chapters.end[leaves] < FIRST_DAY + DAYS]
    assert set((chapters.end - chapters.begin)[inside].tolist()) <= set(range(least, most + 1))


def test_a_migration_is_a_few_people_who_move_items_on_the_web_for_some_days() -> None:
    of = story("migration")
    caused, profile = of.caused("migration"), of.company.profile
    assert (slots(of, caused.session) == SLOTS.index("web")).all()
    assert actions(of, "migration") == {"server-create", "server-fetch", "reveal", "secure-copy"}
    assert weekday(of.day(caused)).max() < 5
    episodes = of.world.episodes
    moves = episodes.cause == PROCESSES.index("migration")
    # 40 a year for each 100 people, three movers, five days of seven; two may take part at once.
    expected = 40 * PEOPLE / 100 * DAYS / YEAR * profile.migration_people * profile.migration_days * 5 / 7
    assert 0.5 * expected < moves.sum() < 1.3 * expected
    assert episodes.usages[moves].mean() * profile.migration_days == pytest.approx(profile.migration_items, rel=0.15)
    assert len({*zip(episodes.person[moves].tolist(), episodes.day[moves].tolist(), strict=True)}) == moves.sum()


def test_migrations_are_as_many_whether_people_leave_some_day_or_not() -> None:
    counts = []
    for leavers in (0.0, 0.19):
        world = built(calm(migrations=40.0, leavers=leavers), PEOPLE, DAYS)
        counts.append((world.episodes.cause == PROCESSES.index("migration")).sum())
    assert counts[1] == pytest.approx(counts[0], rel=0.3)


def test_a_companys_migrations_come_at_their_rate() -> None:
    world = built(calm(migrations=20.0, migration_people=1, migration_days=1), 300, 360)
    moves = (world.episodes.cause == PROCESSES.index("migration")).sum()
    assert near(moves, 20.0 * 3 * 360 / YEAR * 5 / 7)


# Whichever is most particular


def test_an_event_has_one_cause_the_most_particular() -> None:
    """On a trip everything but a call is the trip's; a joiner's first days are the joiner's otherwise."""
    of = told(calm(growth=3.0, role_trips=everyone(ROLES, 30.0), role_on_call=everyone(ROLES, 20.0)), PEOPLE, DAYS)
    sessions, episodes = of.activity.sessions, of.world.episodes
    human = of.human
    ordinary = human & (sessions.number < FIRST_NUMBER)
    travels = of.world.trips.at(sessions.person, sessions.day) >= 0
    joins = sessions.day - of.world.staff.hired[sessions.person] < SETTLING
    assert (sessions.cause[ordinary & travels] == PROCESSES.index("trip")).all()
    assert (sessions.cause[ordinary & ~travels & joins] == PROCESSES.index("joiner")).all()
    assert (sessions.cause[ordinary & ~travels & ~joins] == -1).all()
    assert set(sessions.cause[human & ~ordinary].tolist()) <= {-1, PROCESSES.index("trip"), *episodes.cause.tolist()}
    assert (travels & joins & ordinary).any()


def test_who_makes_a_vault_on_a_trip_does_so_on_a_trip() -> None:
    """Administration that no process asks for is brought about by what else is under way."""
    of = told(calm(role_trips=everyone(ROLES, 40.0), project_days=(5, 10)), PEOPLE, DAYS)
    sessions, episodes = of.activity.sessions, of.world.episodes
    travels = of.world.trips.at(sessions.person, sessions.day) >= 0
    makes = sessions.number >= FIRST_NUMBER
    assert (episodes.cause == -1).all()
    assert (travels & makes).any()
    assert (sessions.cause[travels & makes] == PROCESSES.index("trip")).all()


def test_machines_do_nothing_that_a_process_brought_about() -> None:
    figures = {key: value for each in FIGURES.values() for key, value in each.items()}
    of = told(calm(**figures | {"vacancy_days": 20}, connect_servers=2.0), PEOPLE, 60)
    for columns in of.activity.feeds().values():
        machine = of.world.staff.machine[of.person(columns)] != HUMAN
        assert (columns.cause[machine] == -1).all()
    assert len(of.processes()) > 10


def test_nobody_is_in_two_places_at_once() -> None:
    """Faster than any aeroplane between two sign-ins, told by the places that the records name."""
    of = told(calm(role_trips=everyone(ROLES, 12.0)), PEOPLE, 2 * DAYS)
    sessions, directory = of.activity.sessions, of.world.directory
    row = np.flatnonzero(of.human)
    row = row[np.lexsort((sessions.start[row], sessions.person[row]))]
    spots = [directory.place(code)[0] for code in sessions.place[row].tolist()]
    at = np.radians([(spot.latitude, spot.longitude) for spot in spots])
    north, east = np.diff(at[:, 0]), np.diff(at[:, 1])
    half = np.sin(north / 2) ** 2 + np.cos(at[1:, 0]) * np.cos(at[:-1, 0]) * np.sin(east / 2) ** 2
    kilometres = 2 * 6_371 * np.arcsin(np.sqrt(half))  # the haversine formula
    hours = np.diff(sessions.start[row]) / HOUR
    flown = (np.diff(sessions.person[row]) == 0) & (kilometres > 500)
    assert flown.sum() > 50
    assert (kilometres[flown] / hours[flown]).max() < 1_000


def test_who_travels_works_by_the_clock_of_the_place() -> None:
    """From Toronto and San Francisco to Tokyo: there it is nine hours later than UTC."""
    tokyo = next(place for place in calm().destinations if place.city == "Tokyo")
    of = told(calm(role_trips=everyone(ROLES, 30.0), destinations=(tokyo,)), PEOPLE, DAYS)
    sessions = of.activity.sessions
    travels = of.human & (sessions.cause == PROCESSES.index("trip"))
    hour = (sessions.start[travels] + 9 * HOUR) % DAY // HOUR
    assert travels.sum() > 500
    assert np.isin(hour, range(8, 19)).mean() > 0.85
    assert ((sessions.start[travels] + 9 * HOUR) // DAY == sessions.day[travels]).all()
