"""Shared vaults: who may open them and how many items they hold."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.draws import stream, uniform, words
from simulator.profile import Profile
from simulator.records import lower_uuid

COMPANY, TEAM, PROJECT = "company", "team", "project"
_COMPANY_VAULTS = ("Company", "Tools")


@dataclass(frozen=True, slots=True)
class Vault:
    """A shared vault; *first_item* is the company-wide number of the first of its *items* items."""

    index: int
    uuid: str
    name: str
    kind: str
    members: tuple[int, ...]
    first_item: int
    items: int


def build_vaults(roles: Sequence[str], seed: int, profile: Profile) -> tuple[Vault, ...]:
    """Return the vaults of a company whose person *i* has ``roles[i]``.

    Two vaults are everybody's, each team has its own, and so has each project; a project's members
    come from everywhere. Membership depends on the seed alone.
    """
    everyone = tuple(range(len(roles)))
    plans = [(name, COMPANY, everyone) for name in _COMPANY_VAULTS]
    plans += _teams(roles, profile.team_size)
    plans += _projects(len(roles), seed, profile)
    numbers = np.arange(len(plans))
    least, most = profile.vault_items
    sizes = least + (uniform(words(stream(seed, "vault size"), numbers)) * (most - least + 1)).astype(np.int64)
    firsts = np.cumsum(sizes) - sizes
    high, low = (words(stream(seed, f"vault {half}"), numbers).tolist() for half in ("high", "low"))
    return tuple(
        Vault(index, lower_uuid(high[index], low[index]), *plan, int(firsts[index]), int(sizes[index]))
        for index, plan in enumerate(plans)
    )


def _teams(roles: Sequence[str], size: int) -> list[tuple[str, str, tuple[int, ...]]]:
    by_role: dict[str, list[int]] = defaultdict(list)
    for person, role in enumerate(roles):
        by_role[role].append(person)
    return [
        (f"{role} {start // size + 1}", TEAM, tuple(members[start : start + size]))
        for role, members in sorted(by_role.items())
        for start in range(0, len(members), size)
    ]


def _projects(people: int, seed: int, profile: Profile) -> list[tuple[str, str, tuple[int, ...]]]:
    """Let everyone join 0 to ``projects_most`` projects, as many projects as keep the average size."""
    numbers = np.arange(people)
    count = max(1, round(people * profile.projects_most / 2 / profile.project_size))
    joins = (uniform(words(stream(seed, "projects"), numbers)) * (profile.projects_most + 1)).astype(int)
    picks = uniform(words(stream(seed, "project"), numbers[:, None], np.arange(profile.projects_most)))
    members: dict[int, set[int]] = defaultdict(set)
    for person, project in _pairs(joins.tolist(), (picks * count).astype(int).tolist()):
        members[project].add(person)
    return [(f"Project {project + 1}", PROJECT, tuple(sorted(members[project]))) for project in sorted(members)]


def _pairs(joins: Sequence[int], picks: Sequence[Sequence[int]]) -> Iterable[tuple[int, int]]:
    for person, (join, pick) in enumerate(zip(joins, picks, strict=True)):
        yield from ((person, project) for project in pick[:join])
