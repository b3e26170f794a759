"""Who was here from when to when, told by who was active: joiners, leavers, and weeks away."""

from dataclasses import dataclass

import numpy as np

from simulator.timeline import YEAR
from simulator.draws import Floats, Ints
from simulator.observation import Bools, Observation

_EDGE = 21  # days without anything at a log's end, from which somebody may be gone (assumption: longer than a vacation)
_UNLIKELY = 1e-3  # how unlikely such days must be at the person's own pace before somebody counts as gone (assumption)
_SHORTEST_STAY = 14  # days in which nobody leaves, see `simulator.careers`
_EXPECTED = 6.0  # active days a person expects in a week at least, for an empty week to tell of absence
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Presence:
    """Columns by human of the log: *begin* to *end* (exclusive), days since the log's first.

    *joined* and *left* say who came and went within the log, with *staff_years* in which that would have been seen.
    """

    begin: Ints
    end: Ints
    joined: Bools
    left: Bools
    weeks_away: float | None
    staff_years: float

    @property
    def rates(self) -> tuple[float, float]:
        """Those who left, and those who joined beyond their replacement, for each person and year."""
        if self.staff_years <= 0:
            return 0.0, 0.0
        joined, left = int(self.joined.sum()), int(self.left.sum())
        return left / self.staff_years, max(0, joined - left) / self.staff_years


def presence(seen: Observation) -> Presence:
    """Return the presence of the humans of a log."""
    active = seen.usages[seen.humans()] > 0
    days = active.shape[1]
    first, last = active.argmax(axis=1), days - 1 - active[:, ::-1].argmax(axis=1)
    pace = active.sum(axis=1) / (last - first + 1)
    quiet = np.log(_UNLIKELY) / np.log1p(-np.minimum(pace, 0.99))  # days that are that unlikely to be empty
    joined = (first >= _EDGE) & (first > quiet)
    left = (days - 1 - last >= _EDGE) & (days - 1 - last > quiet)
    begin, end = np.where(joined, first, 0), np.where(left, last + 1, days)
    exposed = np.maximum(end - np.maximum(begin, 0) - _SHORTEST_STAY - _EDGE, 0).sum()
    return Presence(begin, end, joined, left, _weeks_away(seen, active, begin, end), float(exposed / YEAR))


def _weeks_away(seen: Observation, active: Bools, begin: Ints, end: Ints) -> float | None:
    """Return the share of weeks without anything, Monday to Friday, of people who otherwise hardly ever have one."""
    monday = -(seen.first_day + 3) % _WEEK
    weeks = (active.shape[1] - monday) // _WEEK
    if weeks < 1:
        return None
    by_week = active[:, monday : monday + weeks * _WEEK].reshape(len(active), weeks, _WEEK)[:, :, :5].any(axis=2)
    starts = monday + np.arange(weeks) * _WEEK
    here = (begin[:, None] <= starts) & (starts + _WEEK <= end[:, None])
    pace = active.sum(axis=1) / np.maximum(end - begin, 1) * _WEEK
    steady = here & (pace[:, None] >= _EXPECTED * 0.55)
    return float((steady & ~by_week).sum() / steady.sum()) if steady.any() else None


def days_at_work(here: Presence, weekday_of_day: Ints, factors: Floats) -> Floats:
    """Return how many ordinary working days each human's presence amounts to; *factors* weigh the weekdays."""
    running = np.concatenate([[0.0], np.cumsum(factors[weekday_of_day])])
    days: Floats = np.maximum(running[here.end] - running[here.begin], 1e-9) * (1 - (here.weeks_away or 0.0))
    return days
