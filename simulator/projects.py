"""Projects in the audit log: a vault is made before each begins, and its members are let in."""

from collections.abc import Callable

import numpy as np

from simulator.activity import PLAIN
from simulator.careers import HUMAN
from simulator.clients import SLOTS
from simulator.draws import Ints
from simulator.episodes import episodes
from simulator.errands import Journey, Names, errands, ordered
from simulator.novelty import Setting
from simulator.vaults import Vaults

_AHEAD_DAYS = 3  # projects begin on Mondays, their vaults are made on the Friday before (assumption)


def projects(setting: Setting, vaults: Vaults, person_words: Callable[[Ints], Names]) -> Journey:
    """Return the making of each project's vault by one of its members, and the grants to all of them."""
    slots = np.arange(vaults.first_project, len(vaults.size))
    slot, generation = _begun(vaults, slots, setting.days)
    day = vaults.begins(slot, generation) - _AHEAD_DAYS
    row, member = _members(setting, slots, slot)
    here = setting.chapters.at(member, day[row]) >= 0
    row, member = row[here], member[here]
    project, first = np.unique(row, return_index=True)  # whom nobody joins is not begun
    lead, day = member[first], day[project]
    made = episodes(lead, day, cause=PLAIN, slot=SLOTS.index("web"), moment_ms=setting.working_ms("project", lead, day))
    high, low = vaults.vault_words(slot[project], generation[project])
    episode = np.searchsorted(project, row)
    return Journey(
        made,
        ordered(
            [
                errands(np.arange(len(project)), "create", "vault", (high, low)),
                errands(episode, "grant", "uva", (high[episode], low[episode]), person_words(member), member),
            ]
        ),
    )


def _begun(vaults: Vaults, slots: Ints, days: range) -> tuple[Ints, Ints]:
    """Return (slot, generation) of every project that begins on one of *days*."""
    bounds = [vaults.generation(slots, np.full(len(slots), day)) for day in (days.start - 1, days.stop - 1)]
    counts = bounds[1] - bounds[0]
    slot = np.repeat(slots, counts)
    within = np.arange(len(slot)) - np.repeat(np.cumsum(counts) - counts, counts)
    return slot, np.repeat(bounds[0], counts) + 1 + within


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
