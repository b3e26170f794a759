"""The company at work: from parameters to the lines of the three feeds, in order of time."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from multiprocessing import get_context
from signal import SIG_IGN, SIGINT, signal

import numpy as np

from simulator.behaviour import act, first_uses
from simulator.draws import Ints
from simulator.habits import Habits, habits_of
from simulator.lines import Lines, merge
from simulator.population import build_population
from simulator.profile import DEFAULT, Profile
from simulator.records import FEEDS
from simulator.rendering import Renderer
from simulator.sessions import DAY, SECOND, Period, epoch_day

_EARLIEST = 15 * 3600 * SECOND  # before its own day begins in UTC no event comes: 14 hours east, and a margin
_MOST_PEOPLE = 10_000_000  # a mistyped number, beyond this, rather than a company (assumption)
_MOST_DAYS = 36_525  # a century
_LAST_DAY = date(2261, 12, 31)  # int64 nanoseconds end in the April after it
_PERSON_DAYS = 4_000  # of a block, unless told otherwise: some 15 MB of lines
_IN_FLIGHT = 2  # blocks a worker may have ready or at work


class CompanyError(ValueError):
    """No such company can be simulated; the text is one line with field, found and legal."""


@dataclass(frozen=True, slots=True)
class Company:
    """What a simulation depends on, and nothing else: the same company writes the same bytes.

    Raise CompanyError for numbers or a start out of range.
    """

    people: int
    days: int
    seed: int
    start: date
    profile: Profile = DEFAULT

    def __post_init__(self) -> None:
        for field, most in (("people", _MOST_PEOPLE), ("days", _MOST_DAYS)):
            if not 1 <= getattr(self, field) <= most:
                raise CompanyError(f"{field}: found {getattr(self, field)}; legal: 1 to {most}")
        latest = _LAST_DAY - timedelta(days=self.days + 2)
        if not date(1970, 1, 3) <= self.start <= latest:
            raise CompanyError(f"start: found {self.start}; legal: 1970-01-03 to {latest} for {self.days} days")

    @property
    def period(self) -> Period:
        """The time of all events: *days* days of UTC from midnight of *start*."""
        begin = epoch_day(self.start)
        return Period(begin * DAY, (begin + self.days) * DAY)

    @property
    def local_days(self) -> range:
        """The local days that any time zone shares with the period, counted from the epoch."""
        begin = epoch_day(self.start)
        return range(begin - 1, begin + self.days + 1)


@dataclass(frozen=True, slots=True)
class DayBlock:
    """Some days of the company: for each feed its JSON lines, ordered within and between blocks.

    *days* is how many days of the simulation are behind us with this block.
    """

    days: int
    lines: Mapping[str, list[bytes]]


def simulate(
    company: Company,
    *,
    workers: int = 1,
    progress: Callable[[int], object] | None = None,
    block_days: int | None = None,
) -> Iterator[DayBlock]:
    """Yield what a company leaves behind in its days of UTC from midnight of its start.

    Events are ordered by (time, person, the person's own count); every one lies within the period.
    The lines depend on the company alone, not on *workers* (processes) or *block_days* (days worked out
    at once). *progress* is called with the days done so far. Raise CompanyError for *workers* or
    *block_days* below 1.
    """
    size = max(1, _PERSON_DAYS // company.people) if block_days is None else block_days
    for field, value in (("workers", workers), ("block_days", size)):
        if value < 1:
            raise CompanyError(f"{field}: found {value}; legal: 1 or more")
    return _blocks(company, workers, progress, size)


def _blocks(company: Company, workers: int, progress: Callable[[int], object] | None, size: int) -> Iterator[DayBlock]:
    local = company.local_days
    cuts = [range(first, min(first + size, local.stop)) for first in range(local.start, local.stop, size)]
    carried = {feed: merge([]) for feed in FEEDS}
    for cut, made in zip(cuts, _made(company, cuts, workers), strict=True):
        # Later blocks can still bring events from `settled` on; the last block settles everything.
        settled = company.period.end if cut.stop == local.stop else cut.stop * DAY - _EARLIEST
        halves = {feed: merge([carried[feed], made[feed]]).split(settled) for feed in FEEDS}
        carried = {feed: later for feed, (_, later) in halves.items()}
        done = min(max(cut.stop - 1 - local.start, 0), company.days)
        if progress is not None:
            progress(done)
        yield DayBlock(done, {feed: ready.text for feed, (ready, _) in halves.items()})


def _made(company: Company, cuts: list[range], workers: int) -> Iterator[dict[str, Lines]]:
    """Yield the lines of each of *cuts* in order, with at most a few ready or at work at once."""
    habits, _ = _staffed(company)
    first = first_uses(habits, company.seed, np.arange(company.people), company.local_days, company.period)
    if workers == 1:
        yield from (_make(company, cut, first) for cut in cuts)
        return
    # Ctrl-C ends the simulation from here; workers that heard it too would each print a traceback.
    spawn = get_context("spawn")
    with ProcessPoolExecutor(workers, spawn, initializer=signal, initargs=(SIGINT, SIG_IGN)) as pool:
        flying: deque[Future[dict[str, Lines]]] = deque()
        for cut in cuts:
            flying.append(pool.submit(_make, company, cut, first))
            if len(flying) >= _IN_FLIGHT * workers:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()


def _make(company: Company, days: range, first: Ints) -> dict[str, Lines]:
    habits, renderer = _staffed(company)
    everyone = np.arange(company.people)
    return renderer.render(act(habits, company.seed, everyone, days, company.period, first))


@lru_cache(maxsize=1)
def _staffed(company: Company) -> tuple[Habits, Renderer]:
    """Return the company's people ready to work: built once a process, not once a block."""
    population = build_population(company.people, company.seed, company.profile)
    return habits_of(population), Renderer(population)
