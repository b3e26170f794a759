"""Trips: who is away from home and office, when, and where."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.careers import HUMAN, Staff
from simulator.draws import Ints, stream, uniform, words
from simulator.places import GUESTS, hotel_code
from simulator.profile import Profile
from simulator.timeline import HOUR
from simulator.turns import occurrences

_DAYS = 1 << 32
_DEGREES_AN_HOUR = 15
_TRAVEL_DAYS = 2  # one to get there, one to get back
_FIRST_TRIP = 7  # days after the first day here (assumption)


@dataclass(frozen=True, slots=True)
class Trips:
    """Columns by trip, ordered by person and day; *begin* to *end* (exclusive) are local days, *hotel* is a place.

    On its first and last day people travel and use nothing by habit, so that nobody is in two places at once. *east* is
    how far its clock is from UTC, in nanoseconds.
    """

    person: Ints
    begin: Ints
    end: Ints
    hotel: Ints
    east: Ints

    def at(self, person: Ints, day: Ints) -> Ints:
        """Return the hotel of each (person, day), -1 where they do not travel."""
        if len(self.person) == 0:
            return np.full(person.shape, -1, dtype=np.int64)
        away, row = self._under_way(person, day)
        return np.where(away, self.hotel[row], -1)

    def utc_offsets(self, person: Ints, day: Ints) -> tuple[NDArray[np.bool_], Ints]:
        """Return whether each (person, day) is on a trip, and how far the clock there is from UTC, in nanoseconds.

        Travellers keep the hours of where they are; its clock is nautical: an hour for each 15 degrees of longitude.
        """
        if len(self.person) == 0:
            return np.zeros(person.shape, dtype=bool), np.zeros(person.shape, dtype=np.int64)
        away, row = self._under_way(person, day)
        return away, self.east[row]

    def travels(self, person: Ints, day: Ints) -> NDArray[np.bool_]:
        """Return whether each (person, day) is one on which they get there or back."""
        if len(self.person) == 0:
            return np.zeros(person.shape, dtype=bool)
        begun, row = self._begun(person, day)
        on_the_way: NDArray[np.bool_] = begun & ((day == self.begin[row]) | (day == self.end[row] - 1))
        return on_the_way

    def _under_way(self, person: Ints, day: Ints) -> tuple[NDArray[np.bool_], Ints]:
        begun, row = self._begun(person, day)
        return begun & (day > self.begin[row]) & (day < self.end[row] - 1), row

    def _begun(self, person: Ints, day: Ints) -> tuple[NDArray[np.bool_], Ints]:
        row = np.searchsorted(self.person * _DAYS + self.begin, person * _DAYS + day, side="right") - 1
        return (row >= 0) & (self.person[row] == person) & (day < self.end[row]), row


def trips_of(staff: Staff, days: range, seed: int, profile: Profile) -> Trips:
    """Return the trips of everybody that touch *days*; how often depends on the role."""
    human = np.flatnonzero(staff.machine == HUMAN)
    rate = np.array([profile.role_trips.get(role, 0.0) for role in profile.role_share])[staff.role[human]]
    least, most = profile.trip_days
    since = np.maximum(staff.hired[human] + _FIRST_TRIP, days.start)
    until = np.minimum(staff.left[human], days.stop)
    row, begin = occurrences(staff.key[human], rate, since, until, seed, "trip", gap=most + _TRAVEL_DAYS)
    person = human[row]
    length = least + (_at(seed, "trip days", staff.key[person], begin) * (most - least + 1)).astype(np.int64)
    destination = (_at(seed, "destination", staff.key[person], begin) * len(profile.destinations)).astype(np.int64)
    guest = (_at(seed, "guest", staff.key[person], begin) * GUESTS).astype(np.int64)
    order = np.lexsort((begin, person))
    hotel = hotel_code(len(profile.offices), destination, guest)
    clocks = np.array([round(place.longitude / _DEGREES_AN_HOUR) * HOUR for place in profile.destinations])
    return Trips(
        person[order], begin[order], (begin + length + _TRAVEL_DAYS)[order], hotel[order], clocks[destination][order]
    )


def _at(seed: int, name: str, key: Ints, day: Ints) -> NDArray[np.float64]:
    return uniform(words(stream(seed, name), key, day))
