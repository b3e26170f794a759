"""Trips: who is away from home and office, when, and where."""

from dataclasses import dataclass

import numpy as np

from simulator.careers import HUMAN, Staff
from simulator.draws import Ints, stream, uniform, words
from simulator.profile import Profile
from simulator.turns import occurrences

_DAYS = 1 << 32
_GUESTS = 4096  # addresses of a destination


@dataclass(frozen=True, slots=True)
class Trips:
    """Columns by trip, ordered by person and day; *begin* to *end* (exclusive) are local days, *hotel* is a place."""

    person: Ints
    begin: Ints
    end: Ints
    hotel: Ints

    def at(self, person: Ints, day: Ints) -> Ints:
        """Return the hotel of each (person, day), -1 where they do not travel."""
        if len(self.person) == 0:
            return np.full(person.shape, -1, dtype=np.int64)
        row = np.searchsorted(self.person * _DAYS + self.begin, person * _DAYS + day, side="right") - 1
        away = (row >= 0) & (self.person[row] == person) & (day < self.end[row])
        return np.where(away, self.hotel[row], -1)


def trips_of(staff: Staff, days: range, seed: int, profile: Profile) -> Trips:
    """Return the trips of everybody that touch *days*; how often depends on the role."""
    human = np.flatnonzero(staff.machine == HUMAN)
    rate = np.array([profile.role_trips.get(role, 0.0) for role in profile.role_share])[staff.role[human]]
    least, most = profile.trip_days
    since = np.maximum(staff.hired[human], days.start)
    until = np.minimum(staff.left[human], days.stop)
    row, begin = occurrences(staff.key[human], rate, since, until, seed, "trip", gap=most)
    person = human[row]
    length = least + (_at(seed, "trip days", staff.key[person], begin) * (most - least + 1)).astype(np.int64)
    destination = (_at(seed, "destination", staff.key[person], begin) * len(profile.destinations)).astype(np.int64)
    guest = (_at(seed, "guest", staff.key[person], begin) * _GUESTS).astype(np.int64)
    order = np.lexsort((begin, person))
    hotel = len(profile.offices) + destination * _GUESTS + guest
    return Trips(person[order], begin[order], (begin + length)[order], hotel[order])


def _at(seed: int, name: str, key: Ints, day: Ints) -> "np.typing.NDArray[np.float64]":
    return uniform(words(stream(seed, name), key, day))
