"""The desk: which administrators of a stream are there when something is to be done by one."""

from collections.abc import Iterable, Set

from scenarios.actor import DAY, HOUR, Actor
from scenarios.cast import Cast
from scenarios.draws import draw
from scenarios.opening import Opening
from scenarios.scenario import Scenario

_AT_WORK = 1  # hours at most to the nearest item usage of who is at work (assumption)
_AROUND = 12  # and of who is active around then (assumption)
_NEVER = _AROUND + 1


class Desk:
    """The administrators of *cast* for what *scenario* has done by one; it may have nothing done so."""

    def __init__(self, scenario: Scenario, cast: Cast) -> None:
        self._cast = cast
        self._times = [step.at for step in scenario.steps if step.by == "administrator"]
        self._administrators = [each for each in cast.actors.values() if self._times and cast.administers(each)]

    @property
    def most(self) -> int | None:
        """How many incidents it can serve at most, one each; None if there is nothing to do for it."""
        return len(self._administrators) if self._times else None

    def staffed(self, hours: Iterable[Opening], busy: Set[str]) -> list[Opening]:
        """Return those of *hours* in which somebody who is not *busy* is at work, or else is active around then.

        That is: used an item within an hour, or else within twelve. All of them if there is nothing to do.
        """
        if not self._times:
            return list(hours)
        free = [each for each in self._administrators if each.email not in busy]
        found = [(min((self._gap(each, hour) for each in free), default=_NEVER), hour) for hour in hours]
        near = [hour for gap, hour in found if gap <= _AT_WORK]
        return near or [hour for gap, hour in found if gap <= _AROUND]

    def served(self, hour: Opening, busy: Set[str], *purpose: object) -> Actor | None:
        """Return who of those that are not *busy* is active closest to *hour*; of several, whom *purpose* draws."""
        free = [(self._gap(each, hour), draw(*purpose, each.email), each.email) for each in self._administrators]
        near = [each for each in free if each[0] <= _AROUND and each[2] not in busy]
        return self._cast.actors[min(near)[2]] if near else None

    def _gap(self, who: Actor, hour: Opening) -> int:
        """Return how many hours at most lie between what *who* is to do and an item usage of theirs."""
        return max(self._hours_away(who, hour.begin + at) for at in self._times)

    def _hours_away(self, who: Actor, at: int) -> int:
        suspended = any(a <= at and (b is None or at < b) for a, b in self._cast.suspensions(who))
        hours = (k for k in range(_NEVER) if _active(who, at - k * HOUR) or _active(who, at + k * HOUR))
        return _NEVER if suspended else next(hours, _NEVER)


def _active(who: Actor, at: int) -> bool:
    """Return whether *who* used an item in the hour of *at*."""
    day = who.days.get(at // DAY)
    return day is not None and bool(day.hours >> at % DAY // HOUR & 1)
