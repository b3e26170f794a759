"""Lives in chapters: a chapter is a stretch of days in which a person's role, clients and ways stay the same.

What ends one and begins the next is a turning point: a role change, a replaced telephone, a roll-out.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.careers import HUMAN, STAYS, Staff
from simulator.draws import Ints, choose, cumulative, stream, uniform, words
from simulator.profile import Profile
from simulator.turns import (
    CLI,
    KINDS,
    LEAVE,
    PARENTAL,
    PHONE,
    ROLE,
    SSO,
    UPGRADE,
    command_line_shares,
    is_legacy,
    luck,
    turns_of,
)

LONG_AGO: Final = -(2**31)
"""The day of what never happened."""

_PERSON_DAY = 1 << 32


@dataclass(frozen=True, slots=True)
class Chapters:
    """Columns by chapter, ordered by person and first day; *begin* to *end* (exclusive) are local days.

    *since* has a column for each of `PROCESSES`: the day on which it last happened to the person, `LONG_AGO` if never.
    *earlier_role* and *earlier_command_line* are of before the last change of role, *phone* counts replaced telephones.
    """

    person: Ints
    begin: Ints
    end: Ints
    role: Ints
    earlier_role: Ints
    command_line: NDArray[np.bool_]
    earlier_command_line: NDArray[np.bool_]
    phone: Ints
    single_sign_on: NDArray[np.bool_]
    legacy: NDArray[np.bool_]
    on_leave: NDArray[np.bool_]
    since: Ints

    def next_begin(self, person: Ints, day: Ints) -> Ints:
        """Return the first day after *day* on which a chapter of each person begins, `STAYS` if none does."""
        names = self.person * _PERSON_DAY + self.begin - LONG_AGO
        row = np.searchsorted(names, person * _PERSON_DAY + day - LONG_AGO, side="right")
        held = np.minimum(row, len(names) - 1)
        return np.where((row < len(names)) & (self.person[held] == person), self.begin[held], STAYS)

    def at(self, person: Ints, day: Ints) -> Ints:
        """Return the chapter of each (person, day), or -1 for a day on which the person is not here or on leave."""
        names = self.person * _PERSON_DAY + self.begin - LONG_AGO
        row = np.searchsorted(names, person * _PERSON_DAY + day - LONG_AGO, side="right") - 1
        here = (row >= 0) & (self.person[row] == person) & (day < self.end[row]) & ~self.on_leave[row]
        return np.where(here, row, -1)


def chapters_of(staff: Staff, days: range, seed: int, profile: Profile) -> Chapters:
    """Return the chapters of everybody's life here, as far as it touches *days*."""
    turns = turns_of(staff, days, seed, profile)
    first = np.searchsorted(turns.person, turns.person)
    counts, since = _counts(turns.kind, first), _since(turns.day, turns.kind, first)
    # What changes on one day begins one chapter: the last of the day's rows knows of all.
    last = np.append((np.diff(turns.person) != 0) | (np.diff(turns.day) != 0), True)
    person, begin, counts, since = turns.person[last], turns.day[last], counts[last], since[last]
    roles = _roles(staff, person, counts[:, ROLE], seed, profile)
    human = staff.machine[person] == HUMAN
    drawn, shares = luck(staff, person, seed, "command line"), command_line_shares(profile)
    role, earlier = roles
    return Chapters(
        person=person,
        begin=begin,
        end=_ends(staff, person, begin),
        role=role,
        earlier_role=earlier,
        command_line=human & ((drawn < shares[role]) | (counts[:, CLI] > 0)),
        earlier_command_line=human & ((drawn < shares[earlier]) | (counts[:, CLI] > 0)),
        phone=counts[:, PHONE],
        single_sign_on=human
        & ((luck(staff, person, seed, "single sign-on") < profile.single_sign_on) | (counts[:, SSO] > 0)),
        legacy=human & is_legacy(staff, person, days, seed, profile) & (counts[:, UPGRADE] == 0),
        on_leave=counts[:, LEAVE] > counts[:, PARENTAL],
        since=since[:, :LEAVE],
    )


def _counts(kind: Ints, first: Ints) -> Ints:
    """Return how often each turn has come to the person, up to and with each row."""
    is_kind = kind[:, None] == np.arange(KINDS)
    total = np.cumsum(is_kind, axis=0)
    counts: Ints = total - (total[first] - is_kind[first])
    return counts


def _since(day: Ints, kind: Ints, first: Ints) -> Ints:
    """Return the day on which each turn last came to the person, up to and with each row."""
    rows = np.arange(len(kind))[:, None]
    last = np.maximum.accumulate(np.where(kind[:, None] == np.arange(KINDS), rows, -1), axis=0)
    return np.where(last >= first[:, None], day[last], LONG_AGO)


def _roles(staff: Staff, person: Ints, changes: Ints, seed: int, profile: Profile) -> tuple[Ints, Ints]:
    """Return each row's role and the one before the last change; every change is to another, by the roles' shares."""
    shares = np.array(list(profile.role_share.values()))
    others = np.where(np.eye(len(shares), dtype=bool), 0.0, shares)
    to = cumulative(np.where(others.any(axis=1, keepdims=True), others, np.eye(len(shares))))
    role = earlier = staff.role[person]
    for number in range(1, int(changes.max(initial=0)) + 1):
        at = uniform(words(stream(seed, "next role"), staff.key[person], number))
        moved = number <= changes
        role, earlier = np.where(moved, choose(to[role], at), role), np.where(moved, role, earlier)
    return role, earlier


def _ends(staff: Staff, person: Ints, day: Ints) -> Ints:
    follows = np.append(person[1:] == person[:-1], False)
    return np.where(follows, np.append(day[1:], 0), staff.left[person])
