"""Who was here from when to when, told by who was active: joiners, leavers, and weeks away."""

from dataclasses import dataclass
from math import exp

import numpy as np

from simulator.draws import Floats, Ints
from simulator.observation import Bools, Observation
from simulator.profile import Profile
from simulator.timeline import YEAR

_EDGE = 21  # days without anything at a log's end, from which somebody may be gone (assumption: longer than a vacation)
_UNLIKELY = 1e-3  # how unlikely such days must be at the person's own pace before somebody counts as gone (assumption)
_NOTICE = 3  # days at a simulation's start on which nobody of the first day leaves, see `simulator.careers`
_SUSPENDED = 2  # days from a last day to the suspension, see `simulator.administration`
_PRIOR_YEARS = 30.0  # years of a person that the rates known before are worth (assumption: some five leavers)
_EXPECTED = 6.0  # active days a person expects in a week at least, for an empty week to tell of absence
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Presence:
    """Columns by human of the log: *begin* to *end* (exclusive), days since the log's first.

    *joined* and *left* say who came and went within the log, of *days* days.
    """

    begin: Ints
    end: Ints
    joined: Bools
    left: Bools
    weeks_away: float | None
    days: int

    @property
    def staff(self) -> int:
        """How many were here on the first day."""
        return len(self.joined) - int(self.joined.sum())

    def rates(self, base: Profile, suspended: int | None) -> tuple[float, float]:
        """Return `leavers` and `growth` of a profile: who joined beyond replacement, after `vacancy_days` of *base*.

        Leavers are those *suspended*, where the log tells, or else those who fell silent. A vacancy that is *t* days
        old is filled with probability 1 - exp(-t / mean). The rates of *base* count like thirty years of a person.
        """
        since = max(0, self.days - _NOTICE)
        seen_for = self.days - _NOTICE - (_EDGE if suspended is None else _SUSPENDED)
        left = int(self.left.sum()) if suspended is None else suspended
        leavers = _blended(left, self._years(seen_for), base.leavers)
        filled = since - base.vacancy_days * (1 - exp(-since / base.vacancy_days))
        replaced = leavers * self._years(filled)
        return leavers, _blended(int(self.joined.sum()) - replaced, self._years(self.days - _EDGE), base.growth)

    def _years(self, days: float) -> float:
        return max(0.0, self.staff * days / YEAR)


def _blended(count: float, years: float, known: float) -> float:
    """Return how often a year what was seen *count* times in *years* happens, if it was *known* how often before."""
    return max(0.0, count + known * _PRIOR_YEARS) / (years + _PRIOR_YEARS)


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
    return Presence(begin, end, joined, left, _weeks_away(seen, active, begin, end), days)


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
