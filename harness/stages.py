"""Stages: where the time and the memory of a run went, so that one slow stage is seen at once.

Stages may lie within one another, as where writing asks for decisions, and deciding for events; each moment counts for
the innermost. Nothing is measured per event: what is timed is a batch, or a whole stage.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import msgspec

from harness.peak_memory import PeakMemory, PeakOf, peak_memory

T = TypeVar("T")
_BETWEEN_LOOKS: Final = 0.1
"""Seconds from one look at the memory to the next: a look takes some 0.2 ms, so they cost a run 0.2 %."""


class Stage(msgspec.Struct, frozen=True):
    """One stage of a run."""

    name: str
    events: int | None
    """How many records, events or results it handled; None where nobody counted."""
    seconds: float
    """Of wall time, all its turns together and without the stages within it."""
    share: float | None
    """Of the time of all stages; None where they took none."""
    events_per_second: float | None
    peak_bytes: int | None
    """Resident memory of this process at most; stages that take turns faster than 0.1 s share theirs."""
    peak_of: PeakOf | None = None
    """Whether that is since the stage began, or only known of the process so far; None where nobody knows."""


def together(*runs: Iterable[Stage]) -> list[Stage]:
    """The stages of several runs one after the other, each with its share of all their time."""
    stages = [stage for run in runs for stage in run]
    whole = sum(stage.seconds for stage in stages)
    return [msgspec.structs.replace(stage, share=stage.seconds / whole if whole else None) for stage in stages]


class Stages:
    """The stages of one run, in the order in which each had done its first turn. *clock* tells seconds."""

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, memory: Callable[[], PeakMemory] = peak_memory
    ) -> None:
        self._clock = clock
        self._make_memory = memory
        self._memory: PeakMemory | None = None
        self._names: dict[str, None] = {}
        self._taken: defaultdict[str, float] = defaultdict(float)
        self._events: dict[str, int] = {}
        self._peaks: dict[str, int] = {}
        self._within: list[str] = []
        self._since = self._looked = 0.0
        self._unseen: set[str] = set()
        """The stages that ran since the last look at the memory."""

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """The block is the stage *name*, but for what it leaves to others."""
        self._begin(name)
        try:
            yield
        finally:
            self._end()

    def each(self, name: str, items: Iterable[T]) -> Iterator[T]:
        """*items*, the getting of each of which is the stage *name*; what is done with them is not."""
        rest, ended = iter(items), object()
        while True:
            self._begin(name)  # a context manager here would cost twice as much
            try:
                item = next(rest, ended)
            finally:
                self._end()
            if item is ended:
                return
            yield item  # type: ignore[misc]  # what is not the end is an item

    def count(self, name: str, events: int) -> None:
        """So many more events were handled in the stage *name*."""
        self._events[name] = self._events.get(name, 0) + events

    def told(self) -> list[Stage]:
        """What every stage took so far."""
        if self._unseen:
            self._look()
        whole = sum(self._taken.values())
        return [self._stage(name, self._taken[name], whole) for name in self._names]

    def _stage(self, name: str, seconds: float, whole: float) -> Stage:
        events, peak = self._events.get(name), self._peaks.get(name)
        return Stage(
            name=name,
            events=events,
            seconds=seconds,
            share=seconds / whole if whole else None,
            events_per_second=events / seconds if events and seconds else None,
            peak_bytes=peak,
            peak_of=None if peak is None or self._memory is None else self._memory.of,
        )

    def _begin(self, name: str) -> None:
        self._turn()
        self._within.append(name)

    def _end(self) -> None:
        self._turn()
        self._names.setdefault(self._within.pop())

    def _turn(self) -> None:
        """Another stage's turn: what passed since the last one goes to the innermost until now."""
        now = self._clock()
        if self._memory is None:
            self._memory, self._looked = self._make_memory(), now
        if self._within:
            self._taken[self._within[-1]] += now - self._since
            self._unseen.add(self._within[-1])
        self._since = now
        if now - self._looked >= _BETWEEN_LOOKS:
            self._look()
            self._looked = now

    def _look(self) -> None:
        """See what was resident at most, for every stage that ran since the last look."""
        assert self._memory is not None
        peak = self._memory.bytes()
        for name in self._unseen if peak is not None else ():
            self._peaks[name] = max(self._peaks.get(name, 0), peak or 0)
        self._unseen.clear()
        self._memory.begin()
