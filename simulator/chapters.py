"""Lives in chapters: a chapter is a stretch of days in which a person's role, clients and ways stay the same.

What ends one and begins the next is a harmless process: a role change, a replaced telephone, a roll-out.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.activity import PROCESSES
from simulator.careers import HUMAN, STAYS, Staff, exponential, mean_gap, monday
from simulator.draws import Ints, choose, cumulative, stream, uniform, words
from simulator.profile import Profile

LONG_AGO: Final = -(2**31)
"""The day of what never happened."""

JOINER, LEAVER, ROLE, CLI, PHONE, TRIP, SSO, UPGRADE, ROTATION, ON_CALL, PARENTAL, MIGRATION = range(len(PROCESSES))
_LEAVE = len(PROCESSES)  # parental leave begins here and ends as PARENTAL
_MARKS = _LEAVE + 1

_PERSON_DAY = 1 << 32
_NOTHING = np.zeros(0, dtype=np.int64)
_ONCE = STAYS


@dataclass(frozen=True, slots=True)
class Chapters:
    """Columns by chapter, ordered by person and first day; *begin* to *end* (exclusive) are local days.

    *since* has a column for each of `PROCESSES`: the day on which it last happened to the person, `LONG_AGO` if never.
    *earlier_role* is the role before the last change, *phone* how many telephones were replaced.
    """

    person: Ints
    begin: Ints
    end: Ints
    role: Ints
    earlier_role: Ints
    command_line: NDArray[np.bool_]
    phone: Ints
    single_sign_on: NDArray[np.bool_]
    legacy: NDArray[np.bool_]
    on_leave: NDArray[np.bool_]
    since: Ints

    def at(self, person: Ints, day: Ints) -> Ints:
        """Return the chapter of each (person, day), or -1 for a day on which the person is not here or on leave."""
        names = self.person * _PERSON_DAY + self.begin - LONG_AGO
        row = np.searchsorted(names, person * _PERSON_DAY + day - LONG_AGO, side="right") - 1
        here = (row >= 0) & (self.person[row] == person) & (day < self.end[row]) & ~self.on_leave[row]
        return np.where(here, row, -1)


def occurrences(
    key: Ints, rate: ArrayLike, since: Ints, until: Ints, seed: int, name: str, gap: int = 0
) -> tuple[Ints, Ints]:
    """Return (row of *key*, day) of what happens *rate* times a year to each, at least *gap* days apart.

    Days lie in [*since*, *until*); each row's own draws, so that any choice of rows gives the same.
    """
    rows, days, number = [_NOTHING], [_NOTHING], 0
    row, day = np.arange(len(key)), since.astype(np.int64)
    mean = np.broadcast_to(mean_gap(rate), key.shape)
    while len(row):
        day = day + exponential(uniform(words(stream(seed, name), key[row], number)), mean[row])
        row, day = row[day < until[row]], day[day < until[row]]
        rows.append(row)
        days.append(day)
        day, number = day + 1 + gap, number + 1
    return np.concatenate(rows), np.concatenate(days)


def chapters_of(staff: Staff, days: range, seed: int, profile: Profile) -> Chapters:
    """Return the chapters of everybody's life here, as far as it touches *days*."""
    person, day, mark = _marks(staff, days, seed, profile)
    order = np.lexsort((mark, day, person))
    person, day, mark = person[order], day[order], mark[order]
    first = np.searchsorted(person, person)
    counts = _counts(mark, first)
    since = _since(day, mark, first)
    # Who was here long before the first day joined, but so long ago that nothing follows from it.
    role, earlier = _roles(staff, person, counts[:, ROLE], seed, profile)
    luck = {name: _luck(staff, person, seed, name) for name in ("command line", "single sign-on", "legacy")}
    command_line = np.array([profile.role_command_line.get(each, 0.0) for each in profile.role_share])
    human = staff.machine[person] == HUMAN
    return Chapters(
        person=person,
        begin=day,
        end=_ends(staff, person, day),
        role=role,
        earlier_role=earlier,
        command_line=human & ((luck["command line"] < command_line[role]) | (counts[:, CLI] > 0)),
        phone=counts[:, PHONE],
        single_sign_on=human & ((luck["single sign-on"] < profile.single_sign_on) | (counts[:, SSO] > 0)),
        legacy=human & _is_legacy(staff, person, luck["legacy"], days, profile) & (counts[:, UPGRADE] == 0),
        on_leave=counts[:, _LEAVE] > counts[:, PARENTAL],
        since=since[:, :_LEAVE],
    )


def _marks(staff: Staff, days: range, seed: int, profile: Profile) -> tuple[Ints, Ints, Ints]:
    """Return (person, day, process) of everything that begins a chapter."""
    everyone = np.arange(len(staff))
    human = np.flatnonzero(staff.machine == HUMAN)
    since = np.maximum(staff.hired[human], days.start)
    until = np.minimum(staff.left[human], days.stop)

    def drawn(name: str, rate: float, mark: int, gap: int = 0) -> tuple[Ints, Ints, Ints]:
        row, day = occurrences(staff.key[human], rate, since, until, seed, name, gap)
        return human[row], monday(day), np.full(len(row), mark)

    command_line = np.array([profile.role_command_line.get(role, 0.0) for role in profile.role_share])
    has_command_line = _luck(staff, everyone, seed, "command line") < command_line[staff.role]
    leave = drawn("parental leave", profile.parental_leaves, _LEAVE, gap=2 * profile.parental_days[1])
    parts = [
        (everyone, staff.hired, np.full(len(staff), JOINER)),
        drawn("role change", profile.role_changes, ROLE),
        _of(drawn("first command line", profile.first_cli, CLI, _ONCE), ~has_command_line),
        _of(drawn("phone", profile.phones, PHONE), owns(staff, everyone, "mobile", seed, profile)),
        leave,
        _returns(staff, leave, seed, profile),
        _roll_out(staff, human, days, seed, profile),
        _upgrades(staff, human, days, seed, profile),
    ]
    person, day, mark = (np.concatenate(column) for column in zip(*parts, strict=True))
    here = day < staff.left[person]
    return person[here], day[here], mark[here]


def _of(marks: tuple[Ints, Ints, Ints], chosen: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Return the marks of the persons for whom *chosen* is true."""
    person, day, mark = marks
    return person[chosen[person]], day[chosen[person]], mark[chosen[person]]


def owns(staff: Staff, person: Ints, client: str, seed: int, profile: Profile) -> NDArray[np.bool_]:
    """Return whether each person owns a *client*, a field of the profile such as ``mobile``, from the first day."""
    owned: NDArray[np.bool_] = _luck(staff, person, seed, f"owns {client}") < getattr(profile, client)
    return owned


def _returns(staff: Staff, leave: tuple[Ints, Ints, Ints], seed: int, profile: Profile) -> tuple[Ints, Ints, Ints]:
    person, day, _ = leave
    least, most = profile.parental_days
    length = least + (uniform(words(stream(seed, "leave days"), staff.key[person], day)) * (most - least + 1)).astype(
        np.int64
    )
    return person, day + length, np.full(len(person), PARENTAL)


def _roll_out(staff: Staff, human: Ints, days: range, seed: int, profile: Profile) -> tuple[Ints, Ints, Ints]:
    """Return the day that moves each person to single sign-on: in the company's roll-out, or when hired after it."""
    wait = exponential(uniform(words(stream(seed, "roll-out"), 0)), mean_gap(profile.sso_roll_outs))
    begin = days.start + int(wait[0])
    if begin >= days.stop:
        return (_NOTHING,) * 3
    moved = human[_luck(staff, human, seed, "single sign-on") >= profile.single_sign_on]
    own = begin + (_luck(staff, moved, seed, "roll-out day") * profile.sso_days).astype(np.int64)
    return moved, np.maximum(own, staff.hired[moved]), np.full(len(moved), SSO)


def _upgrades(staff: Staff, human: Ints, days: range, seed: int, profile: Profile) -> tuple[Ints, Ints, Ints]:
    legacy = human[_is_legacy(staff, human, _luck(staff, human, seed, "legacy"), days, profile)]
    wait = exponential(uniform(words(stream(seed, "upgrade"), staff.key[legacy])), profile.upgrade_days)
    return legacy, np.minimum(days.start + 1 + wait, STAYS), np.full(len(legacy), UPGRADE)


def _is_legacy(
    staff: Staff, person: Ints, luck: NDArray[np.float64], days: range, profile: Profile
) -> NDArray[np.bool_]:
    return (luck < profile.legacy_clients) & (staff.hired[person] < days.start)


def _luck(staff: Staff, person: Ints, seed: int, name: str) -> NDArray[np.float64]:
    return uniform(words(stream(seed, name), staff.key[person]))


def _counts(mark: Ints, first: Ints) -> Ints:
    """Return how often each mark has come to the person, up to and with each row."""
    is_mark = mark[:, None] == np.arange(_MARKS)
    total = np.cumsum(is_mark, axis=0)
    counts: Ints = total - (total[first] - is_mark[first])
    return counts


def _since(day: Ints, mark: Ints, first: Ints) -> Ints:
    """Return the day on which each mark last came to the person, up to and with each row."""
    rows = np.arange(len(mark))[:, None]
    last = np.maximum.accumulate(np.where(mark[:, None] == np.arange(_MARKS), rows, -1), axis=0)
    return np.where(last >= first[:, None], day[last], LONG_AGO)


def _roles(staff: Staff, person: Ints, changes: Ints, seed: int, profile: Profile) -> tuple[Ints, Ints]:
    """Return the role and the one before the last change: drawn afresh by the roles' shares at each change."""

    def role(number: Ints) -> Ints:
        at = uniform(words(stream(seed, "next role"), staff.key[person], number))
        drawn = choose(cumulative(list(profile.role_share.values())), at)
        return np.where(number > 0, drawn, staff.role[person])

    return role(changes), role(np.maximum(changes - 1, 0))


def _ends(staff: Staff, person: Ints, day: Ints) -> Ints:
    follows = np.append(person[1:] == person[:-1], False)
    return np.where(follows, np.append(day[1:], 0), staff.left[person])
