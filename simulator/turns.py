"""Turning points: the days on which something in a person's life changes for good, and what it is."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.activity import PROCESSES
from simulator.careers import HUMAN, STAYS, Staff, exponential, mean_gap, monday
from simulator.draws import Floats, Ints, stream, uniform, words
from simulator.profile import Profile

JOINER, LEAVER, ROLE, CLI, PHONE, TRIP, SSO, UPGRADE, ROTATION, ON_CALL, PARENTAL, MIGRATION = range(len(PROCESSES))
"""Indices of `PROCESSES`."""

LEAVE: Final = len(PROCESSES)
"""The turn with which a parental leave begins; it ends with `PARENTAL`."""

KINDS: Final = LEAVE + 1

_NOTHING = np.zeros(0, dtype=np.int64)
_ONCE = STAYS
_DAYS = 1 << 32


class Turns(NamedTuple):
    """Columns by turning point: a row of the staff, a local day, and an index of `PROCESSES` or `LEAVE`."""

    person: Ints
    day: Ints
    kind: Ints

    def where(self, keep: NDArray[np.bool_] | Ints) -> "Turns":
        """Return the turning points that *keep*, a mask or an index, chooses."""
        return Turns(self.person[keep], self.day[keep], self.kind[keep])


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


def turns_of(staff: Staff, days: range, seed: int, profile: Profile) -> Turns:
    """Return everybody's first day here and the turning points of their life on *days*, each once, in order."""
    leave = _drawn(staff, days, seed, "parental leave", profile.parental_leaves, LEAVE, 2 * profile.parental_days[1])
    returned = _returns(staff, leave, seed, profile)
    everyone = np.arange(len(staff))
    parts = [
        Turns(everyone, staff.hired, np.full(len(staff), JOINER)),
        _at_work(_changes(staff, days, seed, profile), leave, returned),
        leave,
        returned,
        _roll_out(staff, days, seed, profile),
        _upgrades(staff, days, seed, profile),
    ]
    together = np.stack([np.concatenate(column) for column in zip(*parts, strict=True)])
    turns = Turns(*np.unique(together, axis=1))
    return turns.where(turns.day < staff.left[turns.person])


def _changes(staff: Staff, days: range, seed: int, profile: Profile) -> Turns:
    """Return changes of role, first command lines and replaced telephones."""
    everyone = np.arange(len(staff))
    several_roles = np.count_nonzero(list(profile.role_share.values())) > 1
    roles = _drawn(staff, days, seed, "role change", profile.role_changes if several_roles else 0.0, ROLE)
    lines = _drawn(staff, days, seed, "first command line", _first_lines(staff, profile), CLI, _ONCE)
    phones = _drawn(staff, days, seed, "phone", profile.phones, PHONE)
    has_line = luck(staff, everyone, seed, "command line") < command_line_shares(profile)[staff.role]
    has_phone = owns(staff, everyone, "mobile", seed, profile)
    some = (roles, lines.where(~has_line[lines.person]), phones.where(has_phone[phones.person]))
    return Turns(*(np.concatenate(column) for column in zip(*some, strict=True)))


def _first_lines(staff: Staff, profile: Profile) -> Floats:
    """Return how often a year each of the staff takes up the command line: in proportion to its share of their role."""
    shares = command_line_shares(profile)
    weights = shares / shares.max() if shares.any() else np.ones_like(shares)
    return profile.first_cli * weights[staff.role]


def _drawn(staff: Staff, days: range, seed: int, name: str, rate: ArrayLike, kind: int, gap: int = 0) -> Turns:
    """Return the Mondays on which people meet what comes *rate* times a year."""
    human = np.flatnonzero(staff.machine == HUMAN)
    since, until = np.maximum(staff.hired[human], days.start), np.minimum(staff.left[human], days.stop)
    rates = np.broadcast_to(np.asarray(rate, dtype=np.float64), staff.key.shape)[human]
    row, day = occurrences(staff.key[human], rates, since, until, seed, name, gap)
    return Turns(human[row], monday(day), np.full(len(row), kind))


def _at_work(turns: Turns, leave: Turns, returned: Turns) -> Turns:
    """Return the *turns* of those who are not on leave: nobody changes roles from there."""
    away = np.zeros(len(turns.day), dtype=bool)
    order = np.lexsort((leave.day, leave.person))
    if len(order):
        names = leave.person[order] * _DAYS + leave.day[order]
        row = np.searchsorted(names, turns.person * _DAYS + turns.day, side="right") - 1
        away = (row >= 0) & (leave.person[order][row] == turns.person) & (turns.day < returned.day[order][row])
    return turns.where(~away)


def command_line_shares(profile: Profile) -> Floats:
    """Return for each role the share of people with a command line."""
    return np.array([profile.role_command_line.get(role, 0.0) for role in profile.role_share])


def owns(staff: Staff, person: Ints, client: str, seed: int, profile: Profile) -> NDArray[np.bool_]:
    """Return whether each person owns a *client*, a field of the profile such as ``mobile``, from the first day."""
    owned: NDArray[np.bool_] = luck(staff, person, seed, f"owns {client}") < getattr(profile, client)
    return owned


def _returns(staff: Staff, leave: Turns, seed: int, profile: Profile) -> Turns:
    least, most = profile.parental_days
    at = uniform(words(stream(seed, "leave days"), staff.key[leave.person], leave.day))
    return Turns(
        leave.person, leave.day + least + (at * (most - least + 1)).astype(np.int64), leave.kind * 0 + PARENTAL
    )


def _roll_out(staff: Staff, days: range, seed: int, profile: Profile) -> Turns:
    """Return the day that moves each person to single sign-on: in the company's roll-out, or when hired after it."""
    wait = exponential(uniform(words(stream(seed, "roll-out"), 0)), mean_gap(profile.sso_roll_outs))
    begin = days.start + int(wait[0])
    if begin >= days.stop:
        return Turns(_NOTHING, _NOTHING, _NOTHING)
    human = np.flatnonzero(staff.machine == HUMAN)
    moved = human[luck(staff, human, seed, "single sign-on") >= profile.single_sign_on]
    own = begin + (luck(staff, moved, seed, "roll-out day") * profile.sso_days).astype(np.int64)
    return Turns(moved, np.maximum(own, staff.hired[moved]), np.full(len(moved), SSO))


def _upgrades(staff: Staff, days: range, seed: int, profile: Profile) -> Turns:
    human = np.flatnonzero(staff.machine == HUMAN)
    legacy = human[is_legacy(staff, human, days, seed, profile)]
    wait = exponential(uniform(words(stream(seed, "upgrade"), staff.key[legacy])), profile.upgrade_days)
    return Turns(legacy, np.minimum(days.start + 1 + wait, STAYS), np.full(len(legacy), UPGRADE))


def is_legacy(staff: Staff, person: Ints, days: range, seed: int, profile: Profile) -> NDArray[np.bool_]:
    """Return whether each person has clients older than 8.4.0 on the first of *days*."""
    old: NDArray[np.bool_] = luck(staff, person, seed, "legacy") < profile.legacy_clients
    return old & (staff.hired[person] < days.start)


def luck(staff: Staff, person: Ints, seed: int, name: str) -> Floats:
    """Return each person's number in [0, 1) for what is called *name*, the same for life."""
    return uniform(words(stream(seed, name), staff.key[person]))
