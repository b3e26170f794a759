"""The company at work: from parameters to finished pieces of the dataset, block by block of arrival time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any, Final, Protocol

import numpy as np

from simulator.activity import Activity
from simulator.behaviour import act
from simulator.delivery import Arrived, Collector, Delivery
from simulator.directory import Directory
from simulator.profile import Profile
from simulator.rendering import Renderer
from simulator.sessions import LEAD, longest
from simulator.timeline import DAY, HOUR, Period, epoch_day
from simulator.workers import Workers
from simulator.world import World, build_world

_MOST_PEOPLE = 10_000_000  # a mistyped number, beyond this, rather than a company (assumption)
_MOST_DAYS = 36_525  # a century
_LAST_DAY = date(2261, 12, 31)  # int64 nanoseconds end in the April after it
_PERSON_DAYS = 10_000  # of a block: enough for numpy, few enough for memory
_SHORTEST_BLOCK = 2 * HOUR
EVER: Final = 2**63 - 1
"""The end of the last block: all that happened in the period arrives at last."""


class CompanyError(ValueError):
    """No such company can be simulated; the text is one line with field, found and legal."""


@dataclass(frozen=True)
class Company:
    """What a simulation depends on, and nothing else: the same company writes the same bytes.

    Raise CompanyError for numbers or a start out of range.
    """

    people: int
    days: int
    seed: int
    start: date
    profile: Profile
    delivery: Delivery = field(default_factory=Delivery.off)

    def __post_init__(self) -> None:
        for name, most in (("people", _MOST_PEOPLE), ("days", _MOST_DAYS)):
            if not 1 <= getattr(self, name) <= most:
                raise CompanyError(f"{name}: found {getattr(self, name)}; legal: 1 to {most}")
        latest = _LAST_DAY - timedelta(days=self.days + 2)
        if not date(1970, 1, 3) <= self.start <= latest:
            raise CompanyError(f"start: found {self.start}; legal: 1970-01-03 to {latest} for {self.days} days")

    @property
    def period(self) -> Period:
        """The time of all events: *days* days of UTC from midnight of *start*."""
        begin = epoch_day(self.start)
        return Period(begin * DAY, (begin + self.days) * DAY)

    def world(self) -> World:
        """Return everything that is settled before the first day."""
        begin = epoch_day(self.start)
        return build_world(self.people, range(begin - 1, begin + self.days + 1), self.period, self.seed, self.profile)


class Rendering(Protocol):
    """Writes down what arrived of an activity as pieces of files."""

    def render(self, activity: Activity, arrived: Mapping[str, Arrived]) -> Mapping[str, Any]:
        """Return for each file what to append to it."""
        ...


@dataclass(frozen=True, slots=True)
class Block:
    """Some of a dataset: for each file the piece to append. *days* of the simulation are behind us with it."""

    days: float
    pieces: Mapping[str, Any]


def simulate(
    company: Company,
    *,
    workers: int = 1,
    block: int | None = None,
    only: Sequence[int] | None = None,
    rendering: Callable[[Directory], Rendering] = Renderer,
) -> Iterator[Block]:
    """Yield what a company leaves behind in its days of UTC from midnight of its start, in order of arrival.

    Records are ordered by (arrival, person, the person's own count); every event lies within the period. What
    is yielded, put together, depends on the company alone, not on *workers* (processes) or *block* (nanoseconds
    of arrival time made at once). *only* some rows of the population, in ascending order, leave what they leave among
    all. *rendering* makes the form of the pieces; between processes they are pickled, and their buffers may come back
    read-only. Raise CompanyError for *workers* or *block* below 1.
    """
    for name, value in (("workers", workers), ("block", block)):
        if value is not None and value < 1:
            raise CompanyError(f"{name}: found {value}; legal: 1 or more")
    size = block or max(_SHORTEST_BLOCK, DAY * _PERSON_DAYS // company.people)
    return _blocks(company, _cuts(company.period, size), workers, _Order(company, only, rendering))


@dataclass(frozen=True, slots=True)
class _Order:
    """What every process has to know to make a block."""

    company: Company
    only: Sequence[int] | None
    rendering: Callable[[Directory], Rendering]


class _Workshop:
    """Makes blocks; the company's world is built once a process."""

    def __init__(self, order: _Order) -> None:
        company = order.company
        self._world = company.world()
        self._collector = Collector(company.delivery, company.seed, company.period)
        self._people = np.arange(len(self._world.staff)) if order.only is None else np.array(order.only, dtype=np.int64)
        self._rendering = order.rendering(self._world.directory)

    def make(self, cut: Period) -> Mapping[str, Any]:
        """Return the pieces of what arrives within *cut*."""
        world, end = self._world, min(cut.end, self._world.period.end)
        earliest = cut.begin - self._collector.lookback(cut.begin, end) - longest(world)
        activity = act(world, self._people, Period(earliest, end + LEAD), self._collector)
        arrived = self._collector.deliver(activity, world.staff.key.astype(np.uint64), cut.begin, cut.end)
        return self._rendering.render(activity, arrived)


def _cuts(period: Period, size: int) -> list[Period]:
    begins = list(range(period.begin, period.end, size))
    return [Period(begin, end) for begin, end in zip(begins, [*begins[1:], EVER], strict=True)]


def _blocks(company: Company, cuts: list[Period], workers: int, order: _Order) -> Iterator[Block]:
    made = Workers(workers, partial(_open_workshop, order)).make(cuts)
    for cut in cuts:
        done = (min(cut.end, company.period.end) - company.period.begin) / DAY
        yield Block(done, next(made))  # not held here while the next is made: its memory may be wanted


def _open_workshop(order: _Order) -> Callable[[Period], Mapping[str, Any]]:
    return _Workshop(order).make
