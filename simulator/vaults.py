"""Shared vaults and their items: what exists on which day.

A *slot* is a place for a vault or an item, and what holds it is its *generation*: a project ends and another takes
its slot, an item is archived and another is created in its stead. Which generation holds a slot follows
from the day alone, so nothing has to be carried from one day to the next.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.draws import Floats, Ints, Words, cumulative, stream, uniform, words
from simulator.profile import Profile

COMPANY, TEAM, PROJECT = KINDS = ("company", "team", "project")
COMPANY_VAULTS: Final = 2  # one of general use and one of tools

_FOREVER = 1 << 40
_WEEK = 7
_FROM_MONDAY = 3  # days from a Monday to the day of the week of the epoch


@dataclass(frozen=True, slots=True)
class Vaults:
    """Columns by slot: company vaults, the teams of each role, projects.

    *size* is how many items a vault holds; *first_team* gives each role's first slot, *teams* how many it has.
    """

    seed: int
    profile: Profile
    size: Ints
    life: Ints
    phase: Ints
    first_team: Ints
    teams: Ints
    first_project: int
    popularity: Floats

    def generation(self, slot: Ints, day: Ints) -> Ints:
        """Return which vault holds each slot on each day."""
        return (day + self.phase[slot]) // self.life[slot]

    def begins(self, slot: Ints, generation: Ints) -> Ints:
        """Return the day on which each vault is created."""
        return generation * self.life[slot] - self.phase[slot]

    def vault_words(self, slot: Ints, generation: Ints) -> tuple[Words, Words]:
        """Return the identifiers of vaults."""
        return (
            words(stream(self.seed, "vault high"), slot, generation),
            words(stream(self.seed, "vault low"), slot, generation),
        )

    def items(self, vault: Words, place: Ints, day: Ints) -> tuple[Words, Words, Ints]:
        """Return identifiers and version of what stands at *place* of each *vault*, its identifier's high word."""
        name = words(stream(self.seed, "item"), vault, place)
        least, most = self.profile.item_days
        life = least + (uniform(name) * (most - least + 1)).astype(np.int64)
        more = words(stream(self.seed, "item phase"), name)
        age = day + (uniform(more) * life).astype(np.int64)
        generation = age // life
        edits = (uniform(words(stream(self.seed, "edits"), more)) * 1.5 + 0.5) * self.profile.item_edit_days
        version = 1 + ((age - generation * life) // edits).astype(np.int64)
        high = words(stream(self.seed, "item high"), name, generation)
        return high, words(stream(self.seed, "item low"), name, generation), version


def build_vaults(role: Ints, seed: int, profile: Profile) -> Vaults:
    """Return the vaults of a company whose initial staff have the roles *role*, rows of the profile's."""
    staffed = np.bincount(role, minlength=len(profile.role_share))
    teams = np.maximum(1, np.ceil(staffed / profile.team_size).astype(np.int64))
    projects = round(len(role) * profile.projects_most / 2 / profile.project_size)
    projects = max(1, projects) if profile.projects_most else 0
    count = COMPANY_VAULTS + int(teams.sum()) + projects
    slots = np.arange(count)
    first_project = count - projects
    size = _between(profile.vault_items, seed, "vault size", slots)
    weeks = np.maximum(1, _between(profile.project_days, seed, "project", slots) // _WEEK)
    begun = (uniform(words(stream(seed, "project phase"), slots)) * weeks).astype(np.int64)
    of_project = slots >= first_project
    return Vaults(
        seed=seed,
        profile=profile,
        size=size,
        life=np.where(of_project, weeks * _WEEK, _FOREVER),
        phase=np.where(of_project, begun * _WEEK + _FROM_MONDAY, 0),
        first_team=COMPANY_VAULTS + np.cumsum(teams) - teams,
        teams=teams,
        first_project=first_project,
        popularity=cumulative(np.arange(1, size.max() + 1) ** -profile.item_zipf),
    )


def _between(bounds: tuple[int, int], seed: int, name: str, slots: Ints) -> Ints:
    least, most = bounds
    return least + (uniform(words(stream(seed, name), slots)) * (most - least + 1)).astype(np.int64)
