"""Projects in the audit log: a vault is made before each begins, its members are let in, and it is deleted after."""

from collections.abc import Callable

import numpy as np

from simulator.activity import PLAIN
from simulator.administration import administered
from simulator.careers import HUMAN
from simulator.clients import WEB
from simulator.draws import Ints
from simulator.episodes import episodes
from simulator.errands import Journey, Names, errands, ordered
from simulator.setting import Setting
from simulator.timeline import weekday
from simulator.vaults import Vaults

_FRIDAY = 4
_AHEAD_DAYS = 3  # projects begin on Mondays, their vaults are made on the Friday before (assumption)


def projects(setting: Setting, vaults: Vaults, person_words: Callable[[Ints], Names]) -> list[Journey]:
    """Return the making of each project's vault by one of its members, with the grants to those who are here.

    Then the grants to who comes later, and the deletion of the vault when the project is over.
    """
    slots = np.arange(vaults.first_project, len(vaults.size))
    slot, generation = _under_way(vaults, slots, setting.days)
    begins, over = vaults.begins(slot, generation), vaults.begins(slot, generation + 1)
    row, member = _members(setting, slots, slot)
    here = setting.chapters.at(member, begins[row]) >= 0
    vault = vaults.vault_words(slot, generation)
    made = _made(setting, begins - _AHEAD_DAYS, row[here], member[here], vault, person_words)
    late = _later(setting, begins, over, row[~here], member[~here], vault, person_words)
    return [made, late, _deleted(setting, over + 1, row, member, vault)]


def _made(
    setting: Setting, day: Ints, row: Ints, member: Ints, vault: Names, person_words: Callable[[Ints], Names]
) -> Journey:
    ready = setting.chapters.at(member, day[row]) >= 0
    project, first = np.unique(row[ready], return_index=True)  # what nobody prepares is not begun
    lead, day = member[ready][first], day[project]
    begun = np.isin(row, project)
    row, member = row[begun], member[begun]
    moment = setting.working_ms("project", lead, day)
    return Journey(
        episodes(lead, day, cause=PLAIN, slot=WEB, moment_ms=moment),
        ordered(
            [
                errands(np.arange(len(project)), "create", "vault", _of(vault, project)),
                errands(np.searchsorted(project, row), "grant", "uva", _of(vault, row), person_words(member), member),
            ]
        ),
    )


def _later(
    setting: Setting,
    begins: Ints,
    over: Ints,
    row: Ints,
    member: Ints,
    vault: Names,
    person_words: Callable[[Ints], Names],
) -> Journey:
    """Return the grants to members who were not here when the project began, ahead of their first day after it."""
    came = setting.chapters.next_begin(member, begins[row])
    joins = (came < over[row]) & (setting.chapters.at(member, came) >= 0)
    row, member, came = row[joins], member[joins], came[joins]
    ahead = came - _AHEAD_DAYS
    ahead = np.maximum(ahead - np.maximum(weekday(ahead) - _FRIDAY, 0), begins[row])
    kept, admins = administered(setting, "late grant", member, ahead, PLAIN, vault[0][row])
    row, member = row[kept], member[kept]
    return Journey(admins, errands(np.arange(len(row)), "grant", "uva", _of(vault, row), person_words(member), member))


def _deleted(setting: Setting, day: Ints, row: Ints, member: Ints, vault: Names) -> Journey:
    here = setting.chapters.at(member, day[row]) >= 0
    project, first = np.unique(row[here], return_index=True)
    lead = member[here][first]
    moment = setting.working_ms("project over", lead, day[project])
    return Journey(
        episodes(lead, day[project], cause=PLAIN, slot=WEB, moment_ms=moment),
        errands(np.arange(len(project)), "delete", "vault", _of(vault, project)),
    )


def _of(names: Names, row: Ints) -> Names:
    return names[0][row], names[1][row]


def _under_way(vaults: Vaults, slots: Ints, days: range) -> tuple[Ints, Ints]:
    """Return (slot, generation) of every project that is under way on one of *days*."""
    bounds = [vaults.generation(slots, np.full(len(slots), day)) for day in (days.start - 1, days.stop - 1)]
    counts = bounds[1] - bounds[0] + 1
    slot = np.repeat(slots, counts)
    within = np.arange(len(slot)) - np.repeat(np.cumsum(counts) - counts, counts)
    return slot, np.repeat(bounds[0], counts) + within


def _members(setting: Setting, slots: Ints, slot: Ints) -> tuple[Ints, Ints]:
    """Return (row of *slot*, person) of everybody who ever takes part in the projects of each slot."""
    habits = setting.habits
    shares = np.diff(habits.vault_shares, axis=1, prepend=0.0)
    chapter, column = np.nonzero((shares > 0) & np.isin(habits.vaults, slots))
    pairs = np.stack([habits.vaults[chapter, column], setting.chapters.person[chapter]])
    members = np.unique(pairs[:, setting.staff.machine[pairs[1]] == HUMAN], axis=1)
    first, last = np.searchsorted(members[0], slot), np.searchsorted(members[0], slot, side="right")
    counts = last - first
    row = np.repeat(np.arange(len(slot)), counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, members[1][first[row] + within]
