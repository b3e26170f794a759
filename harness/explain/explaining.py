"""Explaining: one pass over the sources, which stops at each event that is asked about and says what came of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from detector.clock import Windows
from detector.event import Event
from detector.reading import BATCH, Complaint, Reader, stop
from detector.rules import NewValueRule
from detector.stores.base import StoreView
from detector.streaming import StreamingEngine
from harness.explain.ahead import ahead
from harness.explain.borrowed_store import BorrowedStore
from harness.explain.decided import Decided
from harness.explain.explanation import Explanation
from harness.explain.first_seen import FirstSeen
from harness.explain.ignoring import ignored
from harness.explain.inquiry import Inquiry, Unreadable, is_seen, moment
from harness.explain.surroundings import Surroundings
from harness.explain.why import why_ignored
from harness.output import counted


class MissingError(ValueError):
    """An event that was asked for is not there; the text is one line."""


class Explaining:
    """Explains the events *uuids* in a run of *rule* that goes on from *store*, which stays as it is.

    The verdicts are the engine's own. *enabled_at* is in nanoseconds since the epoch, or None to start with the first
    event; *complain* hears of each unreadable record. Raises `MissingError` on an empty uuid, `StoreError`
    where the store belongs to another rule.
    """

    def __init__(
        self,
        rule: NewValueRule,
        store: StoreView,
        uuids: Sequence[str],
        enabled_at: int | None = None,
        complain: Complaint = stop,
    ) -> None:
        if "" in uuids:
            raise MissingError("--uuid: found ''; legal: the uuid of a record")
        self.inquiry = Inquiry(rule, uuids)
        self.unreadable: list[Unreadable] = []
        """Asked records that cannot be read, in the order in which they were met."""
        self._uuids = tuple(uuids)
        self._rule = rule
        self._windows = Windows.of(rule, enabled_at)
        self._store = store
        self._engine = StreamingEngine(rule, BorrowedStore(store), enabled_at)
        self._first = FirstSeen(self._engine, store, self._windows)
        self._reader = Reader(self.inquiry, self._complained)
        self._complain = complain
        self._arrivals: Counter[str] = Counter()
        self._waiting = 0

    def explained(self, sources: Iterable[str]) -> Iterator[Explanation]:
        """Read all of the *sources* in arrival order, and explain each arrival of an asked record."""
        for batch in self._reader.batches(sources):
            yield from self._run(batch)

    def explained_sorted(self, sources: Iterable[str]) -> Iterator[Explanation]:
        """As `explained`, by (timestamp, uuid); the events are held in memory for it."""
        events = [((moment(each), each.uuid), each) for batch in self._reader.batches(sources) for each in batch]
        events.sort(key=itemgetter(0))
        yield from self._run([event for _, event in events])

    def refuse_missing(self) -> None:
        """Raise `MissingError` for the first asked record that was not among all that was read."""
        found = {*self._arrivals, *(each.uuid for each in self.unreadable)}
        for uuid in self._uuids:
            if uuid not in found:
                near = self.inquiry.near.get(uuid)
                legal = f"{near}, which differs in case" if near else "the uuid of one of them"
                raise MissingError(
                    f"--uuid: found no {uuid} among {counted(self.inquiry.read, 'record')}; legal: {legal}"
                )

    def _run(self, batch: list[Event]) -> Iterator[Explanation]:
        decided, asked = 0, self.inquiry.asked
        for place, event in enumerate(batch):
            if event.uuid in asked:
                self._decide(batch[decided:place])
                decided = place + 1
                self._arrivals[event.uuid] += 1
                yield self._seen(event) if is_seen(event) else self._passed_over(event)
        self._decide(batch[decided:])

    def _decide(self, events: list[Event]) -> None:
        self._first.note(events)
        self._engine.decide(events)
        self._engine.closed()
        self._waiting += len(events)
        if self._waiting >= BATCH:
            self._engine.commit()
            self._waiting = 0

    def _seen(self, event: Event) -> Explanation:
        """Look at what the rule knows, let it decide, look at what came of it."""
        around = self._around(event)
        self._first.note([event])
        decided = Decided.by(self._engine, event)
        judged = around.judged(decided)
        return around.explanation(
            decided,
            outcome=next(one for one in _BY_WEIGHT if one in {each.outcome for each in judged}),
            why=tuple(each.why for each in judged),
            values=judged,
            signal=around.signal(decided, self._engine.still_open()),
        )

    def _passed_over(self, event: Event) -> Explanation:
        found, around = ignored(self._rule, event), self._around(event)
        decided = Decided.without(self._engine, event, around.at)
        return around.explanation(decided, outcome="ignored", why=tuple(why_ignored(found)), ignored=found)

    def _around(self, event: Event) -> Surroundings:
        store = ahead(self._store, event) if is_seen(event) else None
        return Surroundings.of(event, self._engine, self._windows, self._first, self._arrivals[event.uuid], store)

    def _complained(self, line: str) -> None:
        self.unreadable += self.inquiry.unreadable(line)
        self._complain(line)


_BY_WEIGHT = ("new", "learned", "history", "not_seen", "known")
"""What an event of several values counts as: the first of these that one of them is."""
