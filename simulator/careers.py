"""Who works here, from when to when: the staff of the first day, their successors, further joiners, and machines."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from simulator.draws import Floats, Ints, choose, cumulative, stream, uniform, words
from simulator.profile import Profile
from simulator.timeline import YEAR, weekday

STAYS: Final = 2**31
"""The last day of those who stay."""

HUMAN, SERVICE, CONNECT = 0, 1, 2
"""What a member of the staff is: a person, a service account, a Connect server."""

ADMINISTRATORS: Final = ("it", "security", "sre")
"""Roles that administer the account, and alone may change what is in vaults of the whole company (assumption)."""

_DAYS = 1 << 33
_LONG_AGO = 1 << 31  # days before the epoch, and nobody was hired earlier
_SPAWN = 1 << 24
_SUCCESSOR = 1 << 40
_MACHINES = 1 << 60
_SHORTEST_STAY = 14  # days; no joiner leaves before (assumption)
_SHORTEST_NOTICE = 3  # days of a simulation on which nobody is seen to leave: the last weekend may be among them


@dataclass(frozen=True, slots=True)
class Staff:
    """Columns by person; *key* names a person in every draw and does not depend on how many others there are.

    *role* and *office* are rows of the profile's, *hired* and *left* the first local day and the one after the last.
    """

    key: Ints
    machine: Ints
    role: Ints
    office: Ints
    hired: Ints
    left: Ints

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.key)

    @property
    def seats(self) -> int:
        """How many people were here on the first day: their seats are the keys below this."""
        return int(np.count_nonzero(self.key < _SPAWN))

    def holder(self, seat: Ints, day: Ints) -> Ints:
        """Return who holds each of the first day's seats on *day*: who came last, though they may have left."""
        human = np.flatnonzero((self.machine == HUMAN) & (self.key % _SUCCESSOR < _SPAWN))
        names = (self.key[human] % _SUCCESSOR) * _DAYS + self.hired[human] + _LONG_AGO
        order = np.argsort(names, kind="stable")
        found = np.searchsorted(names[order], seat * _DAYS + day + _LONG_AGO, side="right") - 1
        return human[order[found]]


def exponential(at: Floats, mean: ArrayLike) -> Ints:
    """Return whole days of waiting for what comes every *mean* days on average; an infinite mean is never.

    >>> exponential(np.array([0.0, 0.5, 0.5]), [10, 10, np.inf]).tolist()
    [0, 6, 2147483648]
    """
    means = np.broadcast_to(np.asarray(mean, dtype=np.float64), at.shape)
    never = np.isinf(means)
    wait = np.minimum(-np.log1p(-at) * np.where(never, 0.0, means), STAYS)
    return np.where(never, STAYS, wait).astype(np.int64)


def mean_gap(rate: ArrayLike) -> Floats:
    """Return the mean days between what happens *rate* times a year, infinite for what never does.

    >>> mean_gap([0, 365.25]).tolist()
    [inf, 1.0]
    """
    rates = np.asarray(rate, dtype=np.float64)
    return np.divide(YEAR, rates, out=np.full_like(rates, np.inf), where=rates > 0)


def monday(day: Ints) -> Ints:
    """Return *day*, or the Monday after it if it is not one: careers begin with the week (assumption).

    >>> monday(np.array([4, 5, 11])).tolist()  # 1970-01-05 was a Monday
    [4, 11, 11]
    """
    return day + (-weekday(day)) % 7


def _end_of_week(left: Ints) -> Ints:
    """Return the day after a last day, which is none of a weekend."""
    return left - np.maximum(weekday(left - 1) - 4, 0)


def staff_of(people: int, days: range, seed: int, profile: Profile) -> Staff:
    """Return everybody who works here on any of *days*, of a company of *people* on the first of them.

    Initial staff come first, by seat; then who joins later, by key; then machines.
    """
    seats = np.arange(people, dtype=np.int64)
    tenure = exponential(_at(seed, "tenure", seats), profile.years_here * YEAR)
    initial = _chain(seats, days.start - tenure, days, seed, profile)
    spawned = _chain(*_growth(seats, days, seed, profile), days, seed, profile)
    key, hired, left = (np.concatenate([first, more]) for first, more in zip(initial, spawned, strict=True))
    order = np.lexsort((key, key >= people))
    humans = _humans(key[order], hired[order], left[order], seed, profile)
    return _joined(humans, _machines(people, days, seed, profile))


def _at(seed: int, name: str, key: Ints, *counters: int) -> Floats:
    return uniform(words(stream(seed, name), key, *counters))


def _growth(seats: Ints, days: range, seed: int, profile: Profile) -> tuple[Ints, Ints]:
    """Return keys and first days of those who join on seats that did not exist on the first day."""
    keys, hired, number = [], [], 0
    seat, day = seats, np.full(len(seats), days.start, dtype=np.int64)
    while len(seat):
        day = day + 1 + exponential(_at(seed, "growth", seat, number), mean_gap(profile.growth))
        seat, day = seat[day < days.stop], day[day < days.stop]
        number += 1
        first = monday(day)
        keys.append(seat[first < days.stop] + number * _SPAWN)
        hired.append(first[first < days.stop])
    return np.concatenate(keys), np.concatenate(hired)


def _chain(seat: Ints, hired: Ints, days: range, seed: int, profile: Profile) -> tuple[Ints, Ints, Ints]:
    """Return key, first and last day of who holds each seat, one after the other."""
    rows = []
    key = seat
    while len(key):
        stays = exponential(_at(seed, "stays", key), mean_gap(profile.leavers))
        shortest = np.where(hired >= days.start, _SHORTEST_STAY, _SHORTEST_NOTICE)
        left = np.minimum(_end_of_week(np.maximum(hired, days.start) + shortest + stays), STAYS)
        rows.append((key, hired, left))
        hired = monday(left + 1 + exponential(_at(seed, "vacancy", key), profile.vacancy_days))
        here = hired < days.stop
        key, hired = key[here] + _SUCCESSOR, hired[here]
    key, hired, left = (np.concatenate(column) for column in zip(*rows, strict=True)) if rows else (seat,) * 3
    return key, hired, left


def _humans(key: Ints, hired: Ints, left: Ints, seed: int, profile: Profile) -> Staff:
    seat = key % _SUCCESSOR  # who follows on a seat has its role and office
    role = choose(cumulative(list(profile.role_share.values())), _at(seed, "role", seat))
    office = choose(cumulative([office.share for office in profile.offices]), _at(seed, "office", seat))
    return Staff(key, np.full(len(key), HUMAN), role, office, hired, left)


def _machines(people: int, days: range, seed: int, profile: Profile) -> Staff:
    counts = [round(people * rate / 100) for rate in (profile.service_accounts, profile.connect_servers)]
    machine = np.repeat([SERVICE, CONNECT], counts)
    number = np.concatenate([np.arange(count) for count in counts])
    key = _MACHINES + machine * _SUCCESSOR + number
    office = choose(cumulative([office.share for office in profile.offices]), _at(seed, "office", key))
    since = np.full(len(key), days.start - round(YEAR))
    return Staff(key, machine, np.zeros_like(key), office, since, np.full(len(key), STAYS))


def _joined(humans: Staff, machines: Staff) -> Staff:
    return Staff(
        *(np.concatenate([getattr(humans, field.name), getattr(machines, field.name)]) for field in fields(Staff))
    )
