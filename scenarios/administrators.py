"""Administrators: which of a stream are there when something is to be done by one."""

from bisect import bisect_left
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cached_property

from scenarios.actor import Actor
from scenarios.cast import Cast
from scenarios.draws import draw
from scenarios.duration import HOUR
from scenarios.opening import Opening
from scenarios.scenario import Scenario
from scenarios.schedule import slots

_AT_WORK = 1  # hours at most to the nearest item usage of who is at work (assumption)
_AROUND = 12  # and of who is active around then (assumption)
_NEVER = _AROUND + 1


class Administrators:
    """The administrators of *cast* for what *scenario* has done by one; it may have nothing done so."""

    def __init__(self, scenario: Scenario, cast: Cast) -> None:
        self._times = [slot.at for slot in slots(scenario.steps) if slot.step.by == "administrator"]
        administrators = [each for each in cast.actors.values() if self._times and cast.administers(each)]
        self._administrators = {each.email: _Administrator(each, cast.suspensions(each)) for each in administrators}

    @property
    def most(self) -> int | None:
        """How many incidents it can serve at most, one each; None if there is nothing to do for it."""
        return len(self._administrators) if self._times else None

    def staffed(self, hours: Iterable[Opening], busy: Set[str]) -> list[Opening]:
        """Return those of *hours* in which somebody who is not *busy* is at work, or else is active around then.

        That is: used an item within an hour, or else within twelve; and in either case it is an hour and a weekday
        of work of theirs. All of them if there is nothing to do.
        """
        if not self._times:
            return list(hours)
        free = [each for email, each in self._administrators.items() if email not in busy]
        found = [(min((self._gap(each, hour) for each in free), default=_NEVER), hour) for hour in hours]
        near = [hour for gap, hour in found if gap <= _AT_WORK]
        return near or [hour for gap, hour in found if gap <= _AROUND]

    def served(self, hour: Opening, busy: Set[str], *purpose: object) -> Actor | None:
        """Return who of those that are not *busy* is active closest to *hour*; of several, whom *purpose* draws."""
        free = [(self._gap(each, hour), draw(*purpose, email), email) for email, each in self._administrators.items()]
        near = [each for each in free if each[0] <= _AROUND and each[2] not in busy]
        return self._administrators[min(near)[2]].who if near else None

    def _gap(self, each: "_Administrator", hour: Opening) -> int:
        """Return how many hours at most lie between what *each* is to do and an item usage of theirs."""
        return max(each.hours_away(hour.begin + at) for at in self._times)


@dataclass(frozen=True)
class _Administrator:
    """One administrator and when they were suspended, from when until when; None stands for ever after."""

    who: Actor
    suspensions: list[tuple[int, int | None]]

    def hours_away(self, at: int) -> int:
        """Return how many hours lie between *at* and an item usage of theirs; `_NEVER` if they do not work then."""
        if any(begin <= at and (end is None or at < end) for begin, end in self.suspensions):
            return _NEVER
        number = at // HOUR
        if number not in self._known:
            works = self._work[number % 24] and number // 24 % 7 in self._weekdays
            self._known[number] = self._nearest(number) if works else _NEVER
        return self._known[number]

    def _nearest(self, number: int) -> int:
        """Return how far the nearest hour with an item usage is from that *number*, in hours since the epoch."""
        k = bisect_left(self._active, number)
        return min((abs(number - hour) for hour in self._active[max(k - 1, 0) : k + 1]), default=_NEVER)

    @cached_property
    def _work(self) -> list[int]:
        return self.who.work

    @cached_property
    def _weekdays(self) -> frozenset[int]:
        return self.who.weekdays

    @cached_property
    def _active(self) -> list[int]:
        """The hours since the epoch in which they used an item, in order."""
        days = sorted(self.who.days.items())
        return [number * 24 + hour for number, day in days for hour in range(24) if day.hours >> hour & 1]

    @cached_property
    def _known(self) -> dict[int, int]:
        """How far away they are, by the hour since the epoch, once asked."""
        return {}
