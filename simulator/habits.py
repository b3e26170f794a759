"""What is usual for whom: habits as numpy columns, so that a whole company acts in one stroke."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.careers import ADMINISTRATORS, CONNECT, HUMAN, SERVICE, Staff
from simulator.chapters import Chapters
from simulator.clients import ACTIONS_OF, CLI, SLOTS
from simulator.draws import Floats, Ints, cumulative, stream, uniform, words
from simulator.profile import HABITS, Profile
from simulator.timeline import HOUR_MS
from simulator.turns import SSO, owns
from simulator.vaults import COMPANY, COMPANY_VAULTS, PROJECT, TEAM, Vaults

POSSIBLE: Final = np.array([[action in ACTIONS_OF[slot] for action in HABITS] for slot in SLOTS])
"""Whether a client, by its row in `SLOTS`, can do an action, by its column in `HABITS`."""

OFFICE_HOURS, ANY_HOUR = range(2)
"""Rows of `Habits.hours`."""

_SSO_USERS = 0.95  # share of those moved to single sign-on who sign in to other sites with it (assumption)
_MOST_SESSIONS = 200.0  # a day and person, on average: no human signs in more often (assumption)
_CRON = 0.6  # share of service accounts whose jobs run around the clock (assumption)
_BUILDS_AT_WEEKENDS = 0.3  # factor on the jobs of the others (assumption)
_FETCH = HABITS.index("server-fetch")
_SINGLE_SIGN_ON = HABITS.index("select-sso-provider")


@dataclass(frozen=True, slots=True)
class Habits:
    """Columns by person and by chapter; shares are cumulative.

    By person: *sessions_a_day* on a working day, *usages* a session (mean), *work_starts_ms*, *hours_row*,
    *office_days*. By chapter: *activity* and *weekend* (factors), *client_shares* over `SLOTS`, *action_weights* over
    `HABITS`, *gained*: the habits that the role before did not have, *vaults* (slots) with their *vault_shares*, and
    *changed_team*: whether the role before had another team; *administers*: whether company vaults may be changed.
    """

    sessions_a_day: Floats
    usages: Floats
    weekend: Floats
    work_starts_ms: Ints
    hours_row: Ints
    hours: Floats
    office_days: Floats
    activity: Floats
    client_shares: Floats
    action_weights: Floats
    gained: NDArray[np.bool_]
    vaults: Ints
    vault_shares: Floats
    changed_team: NDArray[np.bool_]
    administers: NDArray[np.bool_]


def habits_of(staff: Staff, chapters: Chapters, vaults: Vaults, seed: int, profile: Profile) -> Habits:
    """Return the habits of *staff* in each of their *chapters*."""
    sessions_a_day, usages = _rates(staff, seed, profile)
    person = chapters.person
    human = staff.machine == HUMAN
    cron = (staff.machine == CONNECT) | (_at(seed, "cron", staff.key) < _CRON)
    weights = _action_weights(staff, chapters, chapters.role, seed, profile)
    earlier = _action_weights(staff, chapters, chapters.earlier_role, seed, profile)
    clients = _client_weights(staff, chapters, weights, seed, profile)
    mine, shares, team, earlier_team = _vault_choices(staff, chapters, vaults, seed, profile)
    by_role = {
        name: np.array([getattr(profile, name).get(role, 1.0) for role in profile.role_share]) for name in _FACTORS
    }
    return Habits(
        sessions_a_day=sessions_a_day,
        usages=usages,
        weekend=np.where(
            human[person], by_role["role_weekend"][chapters.role], np.where(cron, 1.0, _BUILDS_AT_WEEKENDS)[person]
        ),
        work_starts_ms=_work_starts(staff, seed, profile),
        hours_row=np.where(human | ~cron, OFFICE_HOURS, ANY_HOUR),
        hours=cumulative([profile.hours, (1.0,) * len(profile.hours)]),
        office_days=np.minimum(1.0, 2 * profile.office_days * _at(seed, "office days", staff.key)),
        activity=np.where(human[person], by_role["role_activity"][chapters.role], 1.0) * (clients.sum(axis=1) > 0),
        client_shares=cumulative(np.where(clients.any(axis=1, keepdims=True), clients, 1.0)),
        action_weights=weights,
        gained=_within_reach(weights, clients) & ~_within_reach(earlier, _as_before(chapters, clients)),
        vaults=mine,
        vault_shares=shares,
        changed_team=team != earlier_team,
        administers=np.array([role in ADMINISTRATORS for role in profile.role_share])[chapters.role],
    )


_FACTORS = ("role_weekend", "role_activity")


def _at(seed: int, name: str, key: Ints) -> Floats:
    return uniform(words(stream(seed, name), key))


def between(table: tuple[float, ...], at: Floats) -> Floats:
    """Return the quantile of each of *at*, in [0, 1), by linear interpolation in an equally spaced *table*.

    >>> between((0.0, 10.0, 100.0), np.array([0.25, 0.5])).tolist()
    [5.0, 10.0]
    """
    return np.interp(at, np.linspace(0, 1, len(table)), table)


def _rates(staff: Staff, seed: int, profile: Profile) -> tuple[Floats, Floats]:
    """Return sessions a day and item usages a session."""
    at = _at(seed, "rate", staff.key)
    usages = np.select(
        [staff.machine == HUMAN, staff.machine == SERVICE],
        [profile.events_a_session, profile.service_fetches],
        between(profile.connect_fetches, at),
    )
    per_day = between(profile.events_a_day, at) / (profile.events_a_session or 1.0)
    sessions = np.select(
        [staff.machine == HUMAN, staff.machine == SERVICE],
        [np.minimum(per_day, _MOST_SESSIONS), between(profile.service_sessions, at)],
        24.0,  # a Connect server's session lasts an hour
    )
    return sessions, usages


def _work_starts(staff: Staff, seed: int, profile: Profile) -> Ints:
    # The mean of three uniform draws is near enough to normal, and adds alike on every machine.
    draws = uniform(words(stream(seed, "start"), staff.key[:, None], np.arange(3))).sum(axis=1) * 2 - 3
    starts: Ints = np.rint((profile.work_starts + profile.work_starts_spread * draws) * HOUR_MS).astype(np.int64)
    return starts


def _action_weights(staff: Staff, chapters: Chapters, role: Ints, seed: int, profile: Profile) -> Floats:
    """Return the weight of each habit in what a person does, 0 for never: few are had, and some are strong."""
    key = staff.key[chapters.person]
    number = np.arange(len(HABITS))
    has, strength = (uniform(words(stream(seed, name), staff.key[:, None], number)) for name in ("has", "strength"))
    factors = np.array([[profile.role_actions.get(r, {}).get(a, 1.0) for a in HABITS] for r in profile.role_share])
    chances = factors[role] * [profile.action_people[action] for action in HABITS]
    moved = chapters.single_sign_on & (chapters.since[:, SSO] >= 0)
    chances[moved, _SINGLE_SIGN_ON] = _SSO_USERS
    per_fill = np.array([profile.action_per_fill[action] for action in HABITS])
    weights = np.where(
        has[chapters.person] < chances, per_fill * between(profile.action_strength, strength)[chapters.person], 0.0
    )
    machine = staff.machine[chapters.person] != HUMAN
    weights[machine] = np.arange(len(HABITS)) == _FETCH
    assert len(key) == len(weights)
    return weights


def _client_weights(staff: Staff, chapters: Chapters, actions: Floats, seed: int, profile: Profile) -> Floats:
    """Return the weight of each client among a person's sessions: 0 for what they have not or can do nothing with."""
    person = chapters.person
    have = np.zeros((len(person), len(SLOTS)), dtype=bool)
    for slot, field in (
        ("extension", "extension"),
        ("desktop", "desktop"),
        ("mobile", "mobile"),
        ("web", "web"),
        ("second", "second_computer"),
    ):
        have[:, SLOTS.index(slot)] = owns(staff, np.arange(len(staff)), field, seed, profile)[person]
    have[:, SLOTS.index("cli")] = chapters.command_line
    have[~have.any(axis=1), SLOTS.index("extension")] = True
    for kind, slot in ((SERVICE, "sdk"), (CONNECT, "connect")):
        have[staff.machine[person] == kind] = np.array(SLOTS) == slot
    can = (actions[:, None, :] * POSSIBLE).any(axis=2)
    weights = np.array([profile.client_sessions.get(slot, 1.0) for slot in SLOTS])
    owned: Floats = have * can * weights
    return owned


def _within_reach(actions: Floats, clients: Floats) -> NDArray[np.bool_]:
    """Return which habits some client that is owned can follow."""
    reach: NDArray[np.bool_] = (actions > 0) & ((clients > 0).astype(np.int64) @ POSSIBLE > 0)
    return reach


def _as_before(chapters: Chapters, clients: Floats) -> Floats:
    """Return the weights of clients without a command line that came with the role."""
    before = clients.copy()
    before[~chapters.earlier_command_line, CLI] = 0.0
    return before


def _vault_choices(
    staff: Staff, chapters: Chapters, vaults: Vaults, seed: int, profile: Profile
) -> tuple[Ints, Floats, Ints, Ints]:
    """Return each chapter's vaults and the cumulative shares of their use, then its team and the team before."""
    key = staff.key[chapters.person]
    team, earlier = (_team(key, role, vaults, seed) for role in (chapters.role, chapters.earlier_role))
    projects = _projects(key, vaults, seed, profile)
    joined = (projects >= 0) & (staff.machine[chapters.person] == HUMAN)[:, None]
    company = np.broadcast_to(np.arange(COMPANY_VAULTS), (len(key), COMPANY_VAULTS))
    use = profile.vault_use
    shares = np.concatenate(
        [
            np.full((len(key), COMPANY_VAULTS), use[COMPANY] / COMPANY_VAULTS),
            np.full((len(key), 1), use[TEAM]),
            joined * (use[PROJECT] / np.maximum(joined.sum(axis=1, keepdims=True), 1)),
        ],
        axis=1,
    )
    slots = np.concatenate([company, team[:, None], np.maximum(projects, 0)], axis=1)
    unused = ~shares.any(axis=1)  # who has no project, in a company that uses nothing else
    shares[unused, :COMPANY_VAULTS] = 1.0
    return slots, cumulative(shares), team, earlier


def _team(key: Ints, role: Ints, vaults: Vaults, seed: int) -> Ints:
    at = uniform(words(stream(seed, "team"), key, role))
    return vaults.first_team[role] + (at * vaults.teams[role]).astype(np.int64)


def _projects(key: Ints, vaults: Vaults, seed: int, profile: Profile) -> Ints:
    """Return the projects' slots that each takes part in, -1 where it is none."""
    most = profile.projects_most
    count = len(vaults.size) - vaults.first_project
    joins = (uniform(words(stream(seed, "projects"), key)) * (most + 1)).astype(np.int64)
    picks = (uniform(words(stream(seed, "project"), key[:, None], np.arange(most))) * count).astype(np.int64)
    return np.where(np.arange(most) < joins[:, None], vaults.first_project + picks, -1)
