"""A detection from end to end: sources through selector and engine, matches and signals out, counts kept."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from detector.event import Event
from detector.reading import BATCH, Complaint, Reader
from detector.rules import NewValueRule
from detector.selection import Selector
from detector.signals import Match, Signal
from detector.source import SourceError
from detector.stores.base import BaselineStore
from detector.streaming import StreamingEngine
from harness.summary import Stopwatch, Summary, summarise


class Decided(NamedTuple):
    """What one batch brought: its matches, and the signals that it closed."""

    matches: list[Match]
    signals: list[Signal]


@dataclass
class Detection:
    """One run of a rule over sources; iterate `decided`, then ask for the `summary`."""

    rule: NewValueRule
    store: BaselineStore
    store_name: str = "memory"
    enabled_at: int | None = None
    complain: Complaint | None = None
    """Hears of each unreadable record; without it the first one stops the run."""
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.selector = Selector(self.rule)
        self.engine = StreamingEngine(self.rule, self.store, self.enabled_at)
        self.reader = Reader(self.selector, self._complained)
        self._stopwatch = Stopwatch()

    def decided(self, batches: Iterable[list[Event]]) -> Iterator[Decided]:
        """Decide batch by batch; the last item holds the signals that are still open."""
        waiting = 0
        for batch in batches:
            yield self._counted(Decided(self.engine.decide(batch), self.engine.closed()))
            waiting += len(batch)
            if waiting >= BATCH:
                self.engine.commit()
                waiting = 0
        self.engine.commit()
        yield self._counted(Decided([], self.engine.still_open()))

    def summary(self) -> Summary:
        """Counts and pace so far."""
        return summarise(self.selector, self.engine, self._stopwatch, self.store_name, self.counts)

    def _counted(self, decided: Decided) -> Decided:
        self.counts["matches"] += len(decided.matches)
        self.counts["signals"] += len(decided.signals)
        return decided

    def _complained(self, line: str) -> None:
        if self.complain is None:
            raise SourceError(line)
        self.counts["errors"] += 1
        self.complain(line)
