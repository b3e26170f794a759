"""An actor: what one person did in a stream, counted, so that a scenario can be played in character."""

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from scenarios.apps import AppKind, kind_of
from scenarios.duration import DAY, HOUR
from scenarios.reading import UNREADABLE, person

_NIGHT = 8  # hours that people sleep: assumption
_RARELY = 10  # an hour with less than this part of the busiest one's usages is not one of work (assumption)
_SELDOM = 3  # a weekday with less than this part of the fullest one's hours is not one of work (assumption)
_WEEK = 7  # days

_Counted = TypeVar("_Counted", bound=str)


class _App(msgspec.Struct):
    app_name: str = ""


_APP = msgspec.json.Decoder(_App)


@dataclass(frozen=True, order=True, slots=True)
class Setting:
    """A client and the place it acted from, each as the JSON seen in the stream; empty if there was none."""

    client: bytes
    location: bytes

    @property
    def details(self) -> dict[str, Any]:
        """The client, decoded."""
        return msgspec.json.decode(self.client, type=dict[str, Any]) if self.client else {}

    @property
    def app(self) -> str:
        """The name of the client's app, empty if there is none."""
        try:
            return _APP.decode(self.client).app_name
        except UNREADABLE:
            return ""


@dataclass(slots=True)
class Day:
    """One UTC day on which they used an item: the first and the last time, and the hours, bit by bit."""

    first: int
    last: int
    hours: int = 0


@dataclass(slots=True)
class Habit:
    """One action of theirs: how many times they did it, when first, and on which days since the epoch."""

    began: int
    times: int = 0
    days: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Actor:
    """One person, known by email. Times are nanoseconds since the epoch; days and hours are UTC.

    ``user`` is the JSON of the user object in their first item usage. ``days`` are counted from the epoch;
    ``hours`` are their item usages in each hour of the day; ``apps`` the names of the apps they used.
    """

    email: str
    user: bytes
    first: int
    last: int
    events: int = 0
    days: dict[int, Day] = field(default_factory=dict)
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    habits: dict[str, Habit] = field(default_factory=dict)
    vaults: Counter[str] = field(default_factory=Counter)
    apps: set[str] = field(default_factory=set)

    def note(self, at: int, action: str | None, vault: str) -> None:
        """Count one item usage of theirs."""
        number, hour = at // DAY, at % DAY // HOUR
        day = self.days.get(number) or self.days.setdefault(number, Day(at, at))
        day.hours |= 1 << hour
        for span in (day, self):
            if at < span.first:
                span.first = at
            elif at > span.last:
                span.last = at
        self.events += 1
        self.hours[hour] += 1
        self.vaults[vault] += 1
        if action is not None:
            habit = self.habits.get(action) or self.habits.setdefault(action, Habit(at))
            habit.times += 1
            habit.days.add(number)
            if at < habit.began:
                habit.began = at

    @property
    def identity(self) -> dict[str, str]:
        """Their ``{uuid, name, email}``, as sign-ins and audit events name them; empty where unknown."""
        known = person(self.user)
        return {"uuid": known.uuid, "name": known.name, "email": known.email}

    @property
    def kinds(self) -> set[AppKind | None]:
        """The kinds of app they used; None stands for any that are of no known kind."""
        return {kind_of(app) for app in self.apps}

    @property
    def has_screen(self) -> bool:
        """Whether some client of theirs can show an item; machines and pure command lines only fetch."""
        return bool(self.kinds - {"command-line"})

    @property
    def night(self) -> frozenset[int]:
        """Their eight hours of night: those around the hour opposite to the mean of their activity.

        The mean of times of day is a circular one (Mardia and Jupp, "Directional Statistics", 2000); rounded,
        so that the last bit of a sine decides nothing.
        """
        return _night(tuple(self.hours))

    @property
    def work(self) -> list[int]:
        """How often they used an item in each hour of the day in which they work, 0 in the others.

        These are the hours of their night, and those with less than a tenth of the usages of the busiest hour.
        """
        night, least = self.night, max(self.hours)
        return [0 if k in night or n * _RARELY < least else n for k, n in enumerate(self.hours)]

    @property
    def weekdays(self) -> frozenset[int]:
        """The weekdays on which they work, as days since the epoch modulo 7.

        Those with at least a third of the hours, in which they used an item, of the weekday with the most.
        """
        hours = Counter[int]()
        for number, day in self.days.items():
            hours[number % _WEEK] += day.hours.bit_count()
        return frozenset(weekday for weekday, n in hours.items() if n * _SELDOM >= max(hours.values()))


@lru_cache(maxsize=1 << 12)
def _night(hours: tuple[int, ...]) -> frozenset[int]:
    """Return the night of those who were active so many times in each hour of the day."""
    turn = math.tau / 24
    east = sum(n * math.cos((hour + 0.5) * turn) for hour, n in enumerate(hours))
    north = sum(n * math.sin((hour + 0.5) * turn) for hour, n in enumerate(hours))
    middle = round(math.atan2(north, east) / turn + 12, 6)
    return frozenset(math.floor(middle - _NIGHT / 2 + k + 0.5) % 24 for k in range(_NIGHT))


def most(counts: Counter[_Counted]) -> _Counted:
    """Return what *counts* has most of; of equals the least, so that the order of counting is no matter.

    >>> most(Counter("cabab"))
    'a'
    """
    return min(counts, key=lambda each: (-counts[each], each))
