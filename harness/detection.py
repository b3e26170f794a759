"""A detection from end to end: sources through selector and engine, matches and signals out, counts kept."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from detector.event import Event
from detector.reading import BATCH, Complaint, Missing, Reader
from detector.rules import NewValueRule
from detector.selection import Selector
from detector.shard import Shard
from detector.signals import Match, Signal
from detector.source import SourceError
from detector.stores.base import ApproximateStore, BaselineStore
from detector.streaming import StreamingEngine
from harness.lateness import Lateness
from harness.resuming import BATCH as COMMITTED
from harness.resuming import Resuming
from harness.summary import ELSEWHERE, NOT_ENABLED, Stopwatch, Summary


class Decided(NamedTuple):
    """What one batch brought: its matches, and the signals that it closed."""

    matches: list[Match]
    signals: list[Signal]


@dataclass
class Tally:
    """What a detection counts of one rule: *seen* are its selector and engine, whichever they are."""

    rule: NewValueRule
    engine: str
    store: str
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    counts: Counter[str] = field(default_factory=Counter)
    """Matches, signals and unreadable records; of a run that goes on, also what its first part's engine had counted."""
    lateness: Lateness = field(default_factory=Lateness)

    def counted(self, decided: Decided) -> Decided:
        """What was decided, once it is counted."""
        self.counts["matches"] += len(decided.matches)
        self.counts["signals"] += len(decided.signals)
        return decided

    def complained(self, line: str) -> None:
        """Count a record that cannot be read, and not what is said of records that are not there."""
        self.counts["errors"] += not isinstance(line, Missing)

    def summary(self, read: int, ignored: Counter[str], not_enabled: int, elsewhere: int = 0) -> Summary:
        """The summary of a run in which so many records were read, ignored, not seen and left to other shards."""
        wall, cpu = self.stopwatch.seconds()
        passed_over = ignored + Counter({NOT_ENABLED: not_enabled, ELSEWHERE: elsewhere})
        return Summary(
            rule=self.rule,
            engine=self.engine,
            store=self.store,
            read=read,
            selected=read - passed_over.total(),
            ignored=passed_over,
            late=self.lateness.late,
            long_late=self.lateness.long,
            errors=self.counts["errors"],
            matches=self.counts["matches"],
            signals=self.counts["signals"],
            wall_seconds=wall,
            cpu_seconds=cpu,
        )


@dataclass
class Detection:
    """One run of a rule over sources, event by event; iterate `decided`, then ask for the `summary`."""

    rule: NewValueRule
    store: BaselineStore
    store_name: str = "memory"
    enabled_at: int | None = None
    complain: Complaint | None = None
    """Hears of each unreadable record; without it the first one stops the run."""
    shard: Shard | None = None
    lateness: int | None = None

    def __post_init__(self) -> None:
        self.selector = Selector(self.rule)
        self.engine = StreamingEngine(self.rule, self.store, self.enabled_at, shard=self.shard, lateness=self.lateness)
        self.reader = Reader(self.selector, self._complained)
        self._tally = Tally(self.rule, "stream", self.store_name)

    def decided(self, batches: Iterable[list[Event]]) -> Iterator[Decided]:
        """Decide batch by batch; the last item holds the signals that are still open."""
        waiting = 0
        for batch in batches:
            self._tally.lateness.events(batch)
            yield self._tally.counted(Decided(self.engine.decide(batch), self.engine.closed()))
            waiting += len(batch)
            if waiting >= BATCH:
                self.engine.commit()
                waiting = 0
        self.engine.commit()
        yield self._tally.counted(Decided([], self.engine.still_open()))

    def resumed(self, batches: Iterable[list[Event]], resuming: Resuming) -> Iterator[Decided]:
        """As `decided`, with a commit of all that is decided and written every `resuming.BATCH` events."""
        if resuming.resumed is not None:
            self._tally.counts.update(resuming.resumed.counts)
        waiting = 0
        for batch in resuming.remaining(batches, self._tally.lateness.events):
            self._tally.lateness.events(batch)
            yield self._tally.counted(Decided(self.engine.decide(batch), self.engine.closed()))
            resuming.decided(batch)
            waiting += len(batch)
            if waiting >= COMMITTED:
                resuming.commit(self._counts())
                waiting = 0
        resuming.commit(self._counts())
        yield self._tally.counted(Decided([], self.engine.still_open()))
        resuming.end()

    def summary(self) -> Summary:
        """Counts and pace so far."""
        counts, selector = self._counts(), self.selector
        summary = self._tally.summary(selector.read, selector.ignored, counts["not_enabled"], counts["elsewhere"])
        summary.too_late = counts["too_late"] if self.lateness is not None else None
        summary.approximation = self.store.approximation() if isinstance(self.store, ApproximateStore) else None
        return summary

    def _counts(self) -> dict[str, int]:
        """What cannot be counted again when the run goes on, from its beginning."""
        before, engine = self._tally.counts, self.engine
        return {
            "matches": before["matches"],
            "signals": before["signals"],
            "not_enabled": before["not_enabled"] + engine.not_enabled,
            "too_late": before["too_late"] + engine.too_late,
            "elsewhere": before["elsewhere"] + engine.elsewhere,
        }

    def _complained(self, line: str) -> None:
        if self.complain is None:
            raise SourceError(line)
        self._tally.complained(line)
        self.complain(line)
