"""The setting of a company's changes: what the processes that bring them about need to know."""

from dataclasses import dataclass

import numpy as np

from simulator.careers import Staff
from simulator.chapters import Chapters
from simulator.draws import Floats, Ints, Words, stream, uniform, words
from simulator.habits import Habits
from simulator.profile import Profile
from simulator.timeline import DAY_MS, HOUR_MS
from simulator.trips import Trips

_WORKING_MS = 7 * HOUR_MS  # of a working day, an episode begins in these (assumption)


@dataclass(frozen=True, slots=True)
class Setting:
    """A company, and the draws and moments of what happens in it on *days*."""

    staff: Staff
    chapters: Chapters
    habits: Habits
    trips: Trips
    days: range
    seed: int
    profile: Profile

    def at(self, name: str, *counters: Ints | Words) -> Floats:
        """Return a number in [0, 1) for each tuple of *counters*."""
        return uniform(words(stream(self.seed, name), *counters))

    def working_ms(self, name: str, person: Ints, day: Ints, within_ms: int = _WORKING_MS) -> Ints:
        """Return a moment of each person's working day, milliseconds since local midnight."""
        within = self.at(name, self.staff.key[person], day) * within_ms
        return (self.habits.work_starts_ms[person] + within.astype(np.int64)) % DAY_MS

    def spread(self, name: str, mean: float, *counters: Ints) -> Ints:
        """Return counts of at least 1 around *mean*, evenly from half to one and a half of it."""
        return np.maximum(1, np.rint(mean * (0.5 + self.at(name, *counters)))).astype(np.int64)
