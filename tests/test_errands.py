"""What changes leave in the audit log: devices registered, members invited, moved and suspended, vaults made."""

from typing import Any

import numpy as np
import pytest
from stories import FIRST_DAY, Bools, Story, calm, everyone, told

from simulator.activity import PROCESSES, AuditEvents
from simulator.careers import ADMINISTRATORS, HUMAN
from simulator.clients import SLOTS, unpack
from simulator.draws import Ints, Words, stream, words
from simulator.timeline import DAY, HOUR, weekday
from simulator.turns import CLI, PHONE, ROLE

PEOPLE, DAYS = 100, 90
WEB = SLOTS.index("web")
Pairs = list[tuple[int, int]]

COMING_AND_GOING: dict[str, Any] = {"growth": 1.5, "leavers": 1.0, "vacancy_days": 20}


def pairs(high: Words, low: Words) -> Pairs:
    return list(zip(high.tolist(), low.tolist(), strict=True))


def about(events: AuditEvents) -> Pairs:
    return pairs(events.object_high, events.object_low)


def aux(events: AuditEvents) -> Pairs:
    return pairs(events.aux_high, events.aux_low)


def names(of: Story, people: Ints) -> Pairs:
    return pairs(*of.world.directory.person_words(people))


def administer(of: Story, events: AuditEvents) -> Bools:
    """Return which of *events* are those of somebody else than the subject, whose role it is."""
    role = np.array([name in ADMINISTRATORS for name in of.company.profile.role_share])
    person = of.person(events)
    return np.asarray(role[of.world.staff.role[person]] & (person != events.subject))


def midst(of: Story, day: Ints) -> Bools:
    """Return which days lie well within the period, whatever the time zone."""
    return np.asarray((day > FIRST_DAY) & (day < FIRST_DAY + of.company.days - 1))


# Devices


@pytest.fixture(scope="module")
def setting_up() -> Story:
    """A company of joiners, replaced telephones and first command lines."""
    return told(calm(growth=1.5, phones=3.0, mobile=0.8, first_cli=1.0, single_sign_on=0.0), PEOPLE, DAYS)


def fresh_devices(of: Story) -> Pairs:
    """Return the devices used by joiners, the replaced telephones, and the first command lines, that are used."""
    sessions = of.activity.sessions
    person, slot, generation, _ = unpack(sessions.client)
    joins = of.world.staff.hired[person] >= FIRST_DAY
    chapter = of.world.chapters.at(person, sessions.day)
    began = of.world.chapters.since[chapter] >= FIRST_DAY
    by_phone = (slot == SLOTS.index("mobile")) & (generation > 0) & began[:, PHONE]
    by_cli = (slot == SLOTS.index("cli")) & began[:, CLI]
    fresh = (of.world.staff.machine[person] == HUMAN) & (slot != WEB) & (joins | by_phone | by_cli)
    return pairs(*of.world.directory.device_words(sessions.client[fresh]))


def test_where_nobody_sets_up_anything_no_device_is_registered() -> None:
    assert len(told(calm(), PEOPLE, DAYS).audited("create", "device").time) == 0


def test_a_device_is_registered_once_by_joiners_with_another_telephone_and_a_first_command_line(
    setting_up: Story,
) -> None:
    created = setting_up.audited("create", "device")
    assert len(set(about(created))) > 100
    assert set(about(created)) == set(fresh_devices(setting_up))
    assert {PROCESSES[cause] for cause in created.cause.tolist()} == {"joiner", "phone-replaced", "first-cli"}


def test_the_device_is_that_of_the_session_and_belongs_to_who_registers_it(setting_up: Story) -> None:
    created, sessions = setting_up.audited("create", "device"), setting_up.activity.sessions
    assert about(created) == pairs(*setting_up.world.directory.device_words(sessions.client[created.session]))
    assert created.subject.tolist() == setting_up.person(created).tolist()
    assert aux(created) == names(setting_up, setting_up.person(created))


def test_a_device_is_registered_in_the_first_session_from_it(setting_up: Story) -> None:
    created, sessions = setting_up.audited("create", "device"), setting_up.activity.sessions
    first: dict[tuple[int, int], int] = {}
    devices = pairs(*setting_up.world.directory.device_words(sessions.client))
    for row in np.argsort(sessions.start):
        first.setdefault(devices[row], int(row))
    late = [row for device, row in zip(about(created), created.session.tolist(), strict=True) if first[device] != row]
    assert late == []


def test_devices_are_registered_once_where_more_than_one_thing_changes_on_a_day() -> None:
    """Who joins after the roll-out of single sign-on begins two chapters at once."""
    of = told(calm(growth=2.0, sso_roll_outs=1e6, single_sign_on=0.0), PEOPLE, DAYS)
    created, joins = of.audited("create", "device"), of.audited("join", "gm")
    assert len(set(about(created))) == len(created.time) > 50
    assert len(set(joins.subject.tolist())) == len(joins.time) > 20


def test_a_person_changes_groups_once_a_day_whatever_else_begins_on_it() -> None:
    of = told(calm(role_changes=3.0, phones=6.0, mobile=1.0), PEOPLE, DAYS)
    for action in ("leave", "join"):
        events = of.audited(action, "gm")
        found = list(zip(events.subject.tolist(), of.day(events).tolist(), strict=True))
        assert len(set(found)) == len(found) > 50


def test_a_telephone_replaced_on_leave_is_registered_afterwards() -> None:
    of = told(calm(phones=20.0, mobile=1.0, parental_leaves=3.0, parental_days=(16, 40)), PEOPLE, DAYS)
    _, slot, generation, _ = unpack(of.activity.sessions.client)
    replaced = (slot == SLOTS.index("mobile")) & (generation > 0)
    used = set(pairs(*of.world.directory.device_words(of.activity.sessions.client[replaced])))
    assert used - set(about(of.audited("create", "device"))) == set()


# Members


@pytest.fixture(scope="module")
def coming_and_going() -> Story:
    return told(calm(**COMING_AND_GOING), PEOPLE, DAYS)


def test_a_joiner_is_invited_three_days_before_the_first(coming_and_going: Story) -> None:
    invited, staff = coming_and_going.audited("create", "invite"), coming_and_going.world.staff
    joiners = np.flatnonzero((staff.machine == HUMAN) & midst(coming_and_going, staff.hired - 3))
    days = dict(zip(invitations(coming_and_going, joiners), (staff.hired[joiners] - 3).tolist(), strict=True))
    found = dict(zip(about(invited), coming_and_going.day(invited).tolist(), strict=True))
    assert len(found) == len(invited.time) > 20
    assert {invite: day for invite, day in found.items() if invite in days} == days
    assert administer(coming_and_going, invited).all()
    assert (invited.cause == PROCESSES.index("joiner")).all()


def invitations(of: Story, people: Ints) -> Pairs:
    key, seed = of.world.staff.key[people], of.company.seed
    return pairs(*(words(stream(seed, f"invite {half}"), key) for half in ("high", "low")))


def test_a_joiner_is_put_into_the_group_of_the_role_on_the_first_day(coming_and_going: Story) -> None:
    joined, staff = coming_and_going.audited("join", "gm"), coming_and_going.world.staff
    joiners = np.flatnonzero((staff.machine == HUMAN) & midst(coming_and_going, staff.hired))
    assert set(joiners.tolist()) <= set(joined.subject.tolist())
    assert len(set(joined.subject.tolist())) == len(joined.time)
    assert coming_and_going.day(joined).tolist() == staff.hired[joined.subject].tolist()
    assert aux(joined) == names(coming_and_going, joined.subject)
    groups = set(zip(about(joined), staff.role[joined.subject].tolist(), strict=True))
    assert len(groups) == len({group for group, _ in groups}) == len({role for _, role in groups})
    assert administer(coming_and_going, joined).all()
    assert len(coming_and_going.audited("leave", "gm").time) == 0


def test_nobody_acts_before_the_first_day(coming_and_going: Story) -> None:
    sessions, staff = coming_and_going.activity.sessions, coming_and_going.world.staff
    assert (sessions.day >= staff.hired[sessions.person]).all()
    assert (sessions.day < staff.left[sessions.person]).all()


def test_a_leaver_is_suspended_on_a_working_day_once_the_last_is_over_everywhere(coming_and_going: Story) -> None:
    suspended, staff = coming_and_going.audited("suspend", "user"), coming_and_going.world.staff
    leavers = np.flatnonzero(midst(coming_and_going, staff.left + 4))
    assert len(leavers) > 10
    assert set(leavers.tolist()) <= set(suspended.subject.tolist())
    assert len(set(suspended.subject.tolist())) == len(suspended.time)
    over = staff.left[suspended.subject] + 1
    assert (
        coming_and_going.day(suspended).tolist() == np.where(weekday(over) < 5, over, over + 7 - weekday(over)).tolist()
    )
    assert about(suspended) == names(coming_and_going, suspended.subject)
    assert (suspended.cause == PROCESSES.index("leaver")).all()
    assert administer(coming_and_going, suspended).all()


def test_a_suspended_user_is_silent_whatever_the_clock_of_the_administrator() -> None:
    """Where it is morning in Melbourne, it is the afternoon of the day before in San Francisco."""
    far = [office for office in calm().offices if office.city in ("San Francisco", "Melbourne")]
    of = told(calm(leavers=8.0, vacancy_days=5, offices=tuple(far)), 150, 60)
    suspended = of.audited("suspend", "user")
    suspension = dict(zip(suspended.subject.tolist(), suspended.time.tolist(), strict=True))
    assert len(suspension) > 100
    for feed in of.activity.feeds().values():
        acts = zip(of.person(feed).tolist(), feed.time.tolist(), strict=True)
        assert {person for person, time in acts if time > suspension.get(person, time)} == set()


def test_a_changed_role_is_a_group_left_and_another_joined_on_that_day() -> None:
    of = told(calm(role_changes=0.5), 2 * PEOPLE, DAYS)
    left, joined = of.audited("leave", "gm"), of.audited("join", "gm")
    chapters = of.world.chapters
    changed = np.flatnonzero((chapters.since[:, ROLE] == chapters.begin) & midst(of, chapters.begin))
    days = list(zip(chapters.person[changed].tolist(), chapters.begin[changed].tolist(), strict=True))
    for events, role in ((left, chapters.earlier_role), (joined, chapters.role)):
        found = list(zip(events.subject.tolist(), of.day(events).tolist(), strict=True))
        assert len(set(found)) == len(found) > 20
        assert set(days) <= set(found)
        assert aux(events) == names(of, events.subject)
        row = chapters.at(events.subject, of.day(events))
        groups = set(zip(about(events), role[row].tolist(), strict=True))
        assert len(groups) == len({group for group, _ in groups}) == len({each for _, each in groups})
        assert (events.cause == PROCESSES.index("role-change")).all()
        assert administer(of, events).all()


def test_errands_are_done_on_the_web_and_without_items(coming_and_going: Story) -> None:
    for kind in (("create", "invite"), ("join", "gm"), ("suspend", "user"), ("create", "vault")):
        session = coming_and_going.audited(*kind).session
        assert (unpack(coming_and_going.activity.sessions.client[session])[1] == WEB).all()
        assert (coming_and_going.activity.sessions.usages[session] == 0).all()


def test_errands_are_done_by_who_is_here_and_in_working_hours(coming_and_going: Story) -> None:
    joined, habits = coming_and_going.audited("join", "gm"), coming_and_going.world.habits
    start = coming_and_going.activity.sessions.start[joined.session]
    offices = coming_and_going.company.profile.offices
    toronto = [office.timezone for office in offices].index("America/Toronto")
    there = coming_and_going.world.staff.office[coming_and_going.person(joined)] == toronto
    summer = start >= (FIRST_DAY + 6) * DAY + 7 * HOUR  # since 2026-03-08 at 2, four hours behind UTC
    local = (start - 4 * HOUR - coming_and_going.day(joined) * DAY)[there & summer] // 1_000_000
    begins = habits.work_starts_ms[coming_and_going.person(joined)[there & summer]]
    assert len(local) > 5
    assert ((local >= begins) & (local < begins + 7 * 3_600_000)).all()


def test_where_nobody_has_the_role_anybody_administers() -> None:
    roles = {"sales": 1.0}
    figures = dict.fromkeys(("role_share", "role_activity", "role_weekend"), roles)
    of = told(calm(**figures, role_command_line={"sales": 0.0}, role_actions={}, growth=2.0), 80, 60)
    assert len(of.audited("join", "gm").time) > 5


# Projects


@pytest.fixture(scope="module")
def projects() -> Story:
    """A company of many short projects, some of whose members leave and join."""
    return told(calm(project_days=(10, 30), **COMING_AND_GOING), PEOPLE, DAYS)


def begun(of: Story) -> dict[tuple[int, int], tuple[int, int]]:
    """Return (slot, day) of the project vaults that begin within the period, by their identifier."""
    vaults = of.world.vaults
    slots, days = np.arange(vaults.first_project, len(vaults.size)), np.arange(FIRST_DAY + 4, FIRST_DAY + DAYS - 1)
    slot, day = (each.ravel() for each in np.meshgrid(slots, days))
    generation = vaults.generation(slot, day)
    begins = vaults.begins(slot, generation) == day
    found = pairs(*vaults.vault_words(slot[begins], generation[begins]))
    return dict(zip(found, zip(slot[begins].tolist(), day[begins].tolist(), strict=True), strict=True))


def members(of: Story, slot: int) -> set[int]:
    habits, chapters = of.world.habits, of.world.chapters
    shares = np.diff(habits.vault_shares, axis=1, prepend=0.0)
    row = ((habits.vaults == slot) & (shares > 0)).any(axis=1)
    return set(chapters.person[row & (of.world.staff.machine[chapters.person] == HUMAN)].tolist())


def test_a_projects_vault_is_made_once_by_a_member_on_the_friday_before_it_begins(projects: Story) -> None:
    made, expected = projects.audited("create", "vault"), begun(projects)
    assert len(set(about(made))) == len(made.time) > 20
    for vault, person, day in zip(
        about(made), projects.person(made).tolist(), projects.day(made).tolist(), strict=True
    ):
        if vault in expected:
            slot, begins = expected[vault]
            assert day == begins - 3
            assert person in members(projects, slot)
    assert (made.cause == -1).all()
    assert (made.subject == -1).all()


def test_every_vault_that_is_used_has_been_made(projects: Story) -> None:
    usages = projects.activity.item_usages
    used = set(pairs(usages.vault_high, usages.vault_low)) & set(begun(projects))
    assert len(used) > 20
    assert used - set(about(projects.audited("create", "vault"))) == set()


def test_nobody_uses_a_vault_before_it_is_made(projects: Story) -> None:
    made, usages = projects.audited("create", "vault"), projects.activity.item_usages
    moment = dict(zip(about(made), made.time.tolist(), strict=True))
    uses = zip(pairs(usages.vault_high, usages.vault_low), usages.time.tolist(), strict=True)
    assert [vault for vault, time in uses if time < moment.get(vault, time)] == []


def test_the_members_who_are_here_are_granted_the_vault_right_after(projects: Story) -> None:
    made, granted = projects.audited("create", "vault"), projects.audited("grant", "uva")
    moment = dict(zip(about(made), zip(made.time.tolist(), made.session.tolist(), strict=True), strict=True))
    grants: dict[tuple[int, int], list[int]] = {vault: [] for vault in moment}
    for vault, person, time, session in zip(
        about(granted), granted.subject.tolist(), granted.time.tolist(), granted.session.tolist(), strict=True
    ):
        if session == moment.get(vault, (0, 0))[1]:
            assert 0 < time - moment[vault][0] < HOUR // 6
            grants[vault].append(person)
        else:
            assert time > moment.get(vault, (0, 0))[0]
    assert aux(granted) == names(projects, granted.subject)
    expected = begun(projects)
    for vault, people in grants.items():
        assert len(set(people)) == len(people)
        if vault in expected:
            slot, day = expected[vault]
            group = np.array(sorted(members(projects, slot)))
            here = projects.world.chapters.at(group, np.full(len(group), day)) >= 0
            assert sorted(people) == group[here].tolist()


def test_whoever_uses_a_vault_made_in_the_period_has_been_granted_it(projects: Story) -> None:
    granted, usages, vaults = projects.audited("grant", "uva"), projects.activity.item_usages, begun(projects)
    grants = set(zip(about(granted), granted.subject.tolist(), strict=True))
    human = projects.world.staff.machine[projects.person(usages)] == HUMAN
    used = zip(
        pairs(usages.vault_high, usages.vault_low), projects.person(usages).tolist(), human.tolist(), strict=True
    )
    without = {(vault, person) for vault, person, person_is in used if person_is and vault in vaults} - grants
    assert without == set()


@pytest.mark.parametrize("seed", range(12))
def test_the_smallest_companies_have_projects_or_none(seed: int) -> None:
    assert len(told(calm(project_days=(5, 10)), 1, 30, seed=seed).activity.sessions.key) >= 0


def test_a_company_may_use_no_project_vaults_at_all() -> None:
    weights = {"company": 1.0, "team": 1.0, "project": 0.0}
    of = told(calm(vault_use=weights, role_rotation=everyone(calm(), 1.0)), 20, 60)
    assert len(of.audited("create", "vault").time) == 0
