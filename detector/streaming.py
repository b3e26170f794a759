"""The streaming engine: one batch of events at a time over a baseline store.

One batch is one read, decisions in arrival order, one commit. Events of a batch see what earlier ones left. A batch
may be decided in parts, while their events are still in the processor's cache; each reads what the earlier ones did
not. The verdict itself is `detector.verdict`'s; this module only carries state to it and back.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from detector.clock import Windows, resume
from detector.event import Event
from detector.expiry import Expiry
from detector.gathering import Gathering, Kept
from detector.progress import Progress
from detector.rules import NewValueRule
from detector.shard import Shard
from detector.signals import Match, Signal
from detector.stores.base import BaselineStore
from detector.stores.blob import Baseline, empty_baseline
from detector.stores.layout import VALUES_A_PAGE
from detector.stores.paged import PagedStore
from detector.token import Key
from detector.verdict import (
    HISTORY,
    LIVE,
    NEW,
    UNSEEN,
    UNSET,
    clock_start,
    dropped,
    is_learning,
    remember,
    standing,
    verdict,
)
from detector.warm import WarmBaselines

_WARM_GROUPS: Final = 50_000
_SWEPT_AT_ONCE: Final = 10_000


class StreamingEngine:
    """Decides events over a store; the store must not change hands while the engine lives.

    *enabled_at* is in nanoseconds since the epoch, or None to start with the first event. A *shard* decides its own
    groups only, but has to be given every event: the rule's clock is one. With a *lateness* (nanoseconds) that no event
    exceeds, values are dropped once nothing depends on them. Raises `StoreError` where the store belongs to another
    rule or shard.
    """

    def __init__(
        self,
        rule: NewValueRule,
        store: BaselineStore,
        enabled_at: int | None = None,
        *,
        shard: Shard | None = None,
        lateness: int | None = None,
        values_a_page: int = VALUES_A_PAGE,
    ) -> None:
        self.rule = rule
        self.not_enabled = 0
        """How many selected events came before the rule was enabled, and were not seen."""
        self.too_late = 0
        """How many came later than was promised."""
        self.elsewhere = 0
        """How many belong to other shards."""
        self._store = PagedStore(store, values_a_page)
        self._windows = Windows.of(rule, enabled_at)
        self._clock = resume(store, rule, self._windows.enabled_at, shard)
        self._shard = shard
        self._expiry = None if lateness is None else Expiry(self._windows, lateness)
        self._gathering = Gathering(rule)
        self._run = 0
        """Which of the store's runs that can be resumed this is; 0: none of them."""
        self._warm = WarmBaselines(self._store)

    def begin_run(self) -> int:
        """Begin a run that can be resumed; its number."""
        self._clock.runs += 1
        self._run = self._clock.runs
        return self._run

    def resume_run(self, interrupted: Progress) -> None:
        """Go on with a run as its last commit left it. Looks at every group once, for the signals that it opened."""
        self._run = interrupted.run
        self._gathering.resume(
            (group, Kept(baseline.signal, baseline.place))
            for group, baseline in self._store.heads()
            if baseline.run == self._run and baseline.signal is not None
        )

    def feed(self, events: Sequence[Event]) -> list[Match]:
        """Decide a batch in its order and commit it; the matches, in order."""
        matches = self.decide(events)
        self.commit()
        return matches

    def decide(self, events: Sequence[Event]) -> list[Match]:
        """Decide a part of a batch, which `commit` ends; the matches, in order."""
        groups = dict.fromkeys([event.group for event in events])
        if self._shard is not None:
            groups = dict.fromkeys(filter(self._shard.holds, groups))
        self._warm.recall(groups)
        matches = self._judge(events)
        self._warm.judged(groups, events)
        return matches

    def commit(self, progress: Progress | None = None) -> None:
        """Commit what was decided since the last commit: state, open signals and checkpoint together.

        *progress* is that of the run, or None at its end and for a run that cannot be resumed.
        """
        self._clock.progress = progress
        checkpoint = self._clock.encode()
        for group, kept in self._gathering.changed().items():
            baseline = self._warm.baselines[group]
            baseline.signal, baseline.run, baseline.place = kept.signal, self._run, kept.place
        self._warm.commit(checkpoint, self._prune)
        if len(self._warm) > _WARM_GROUPS:
            self._warm.forget()
        if self._expiry is not None and self._expiry.is_due(self._clock.greatest):
            self._warm.forget()
            self._sweep(self._expiry, checkpoint)

    def closed(self) -> list[Signal]:
        """Signals that another has replaced since the last call, in the order in which that happened."""
        return self._gathering.closed()

    def still_open(self) -> list[Signal]:
        """Signals that gained matches in this run and are open, in the order of their opening in it."""
        return self._gathering.still_open()

    def baseline(self, group: Key) -> Baseline:
        """What is known of a group now."""
        if group in self._warm.baselines:
            return self._warm.baselines[group]
        (baseline,) = self._store.read([group])
        return baseline or empty_baseline()

    @property
    def rule_start(self) -> int:
        """When the rule's own clock started (with the first history, if it learned from any); `UNSET` before that."""
        return self._clock.rule_start

    @property
    def live(self) -> bool:
        """Whether an event at or after the moment at which the rule was enabled has arrived."""
        return self._clock.live

    def learning_at(self, t: int, group_first_seen: int) -> bool:
        """Whether an event at *t* would be learned, in a group that was first seen then (`UNSET`: never)."""
        windows, start = self._windows, self._clock.rule_start
        return is_learning(t, group_first_seen, start, windows.learning, windows.duration, windows.settled_before)

    def _judge(self, events: Iterable[Event]) -> list[Match]:
        """Judge and remember each value of each event. The hot loop: what it reads often it reads into locals."""
        matches = []
        baselines, clock = self._warm.baselines, self._clock
        learning, duration, settled_before, forget_after, enabled_at, fixed = self._windows
        always = enabled_at == UNSET
        for event in self._coming(events):
            t, baseline = event.timestamp, baselines[event.group]
            stands = LIVE if always else standing(t, clock.live, enabled_at, settled_before, duration)
            if stands == UNSEEN:
                self.not_enabled += 1
                continue
            if not clock.live:
                self._arrived(t, stands)
            new = []
            first_seen, last_seen, rule_start = baseline.first_seen, baseline.last_seen, clock.rule_start
            for value in event.values:
                last = last_seen.get(value, UNSET)
                found = verdict(t, last, first_seen, rule_start, learning, duration, settled_before, forget_after)
                if found == NEW:
                    new.append(value)
                last_seen[value] = remember(t, last, found, fixed)
            if first_seen == UNSET:
                baseline.first_seen = t
            if new and stands != HISTORY:
                matches.append(self._gathering.match(event, new, baseline.signal))
        return matches

    def _coming(self, events: Iterable[Event]) -> Iterable[Event]:
        """The events to be judged, one by one: what is done before an event's turn may depend on those before it."""
        if self._expiry is not None:
            events = self._in_time(events, self._expiry)
        return events if self._shard is None else self._own(events, self._shard)

    def _in_time(self, events: Iterable[Event], expiry: Expiry) -> Iterator[Event]:
        """All of the events; before one that comes later than was promised, its values are dropped if they may be.

        So it never matters when that is done.
        """
        clock, baselines = self._clock, self._warm.baselines
        for event in events:
            clock.greatest = max(clock.greatest, event.timestamp)
            if event.timestamp < clock.greatest - expiry.lateness and event.group in baselines:
                self.too_late += 1
                last_seen = baselines[event.group].last_seen
                for value in event.values:
                    if dropped(last_seen.get(value, UNSET), clock.greatest, expiry.window):
                        last_seen.pop(value, None)
            yield event

    def _own(self, events: Iterable[Event], shard: Shard) -> Iterator[Event]:
        """The shard's events; the others move the rule's clock and nothing else."""
        windows, clock = self._windows, self._clock
        for event in events:
            if shard.holds(event.group):
                yield event
                continue
            self.elsewhere += 1
            t = event.timestamp
            stands = standing(t, clock.live, windows.enabled_at, windows.settled_before, windows.duration)
            if stands != UNSEEN and not clock.live:
                self._arrived(t, stands)

    def _prune(self, baseline: Baseline) -> None:
        """Drop what has expired, but of one with pages: the sweep looks at all of them."""
        if self._expiry is not None and not baseline.pages:
            self._expiry.prune(baseline, self._clock.greatest)

    def _sweep(self, expiry: Expiry, checkpoint: bytes) -> None:
        """Drop what has expired in any group; *checkpoint* is that of the last commit."""
        swept: dict[Key, Baseline] = {}
        gone: dict[Key, list[Key]] = {}
        for group, baseline in self._store.scan():
            if dropped_values := expiry.prune(baseline, self._clock.greatest):
                swept[group], gone[group] = baseline, dropped_values
            if len(swept) >= _SWEPT_AT_ONCE:
                self._store.commit(swept, checkpoint, gone)
                swept, gone = {}, {}
        if swept:
            self._store.commit(swept, checkpoint, gone)

    def _arrived(self, t: int, stands: int) -> None:
        """The rule sees an event, the first of all or the first since it was enabled."""
        if self._clock.rule_start == UNSET:
            self._clock.rule_start = clock_start(t, stands, self._windows.enabled_at)
        self._clock.live = stands == LIVE
