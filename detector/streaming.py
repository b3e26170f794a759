"""The streaming engine: one batch of events at a time over a baseline store.

One batch is one read, decisions in arrival order, one commit. Events of a batch see what earlier ones left. A batch
may be decided in parts, while their events are still in the processor's cache; each reads what the earlier ones did
not. The verdict itself is `detector.verdict`'s; this module only carries state to it and back.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from detector.clock import Windows, resume
from detector.event import Event
from detector.gathering import Gathering
from detector.rules import NewValueRule
from detector.signals import Match, Signal
from detector.stores.base import Baseline, BaselineStore, empty_baseline, from_blob, to_blob
from detector.token import Key
from detector.verdict import HISTORY, LIVE, NEW, UNSEEN, UNSET, clock_start, is_learning, remember, standing, verdict

_WARM_GROUPS: Final = 50_000


class StreamingEngine:
    """Decides events over a store; the store must not change hands while the engine lives.

    *enabled_at* is in nanoseconds since the epoch, or None to start with the first event. Raises `StoreError` where
    the store belongs to another rule.
    """

    def __init__(self, rule: NewValueRule, store: BaselineStore, enabled_at: int | None = None) -> None:
        self.rule = rule
        self.not_enabled = 0
        """How many selected events came before the rule was enabled, and were not seen."""
        self._store = store
        self._windows = Windows.of(rule, enabled_at)
        self._clock = resume(store, rule, self._windows.enabled_at)
        self._gathering = Gathering(rule)
        self._warm: dict[Key, Baseline] = {}
        """Baselines as the store has them, or will have after the next commit: one writer needs no second look."""
        self._touched: dict[Key, None] = {}
        """The groups of the current batch."""

    def feed(self, events: Sequence[Event]) -> list[Match]:
        """Decide a batch in its order and commit it; the matches, in order."""
        matches = self.decide(events)
        self.commit()
        return matches

    def decide(self, events: Sequence[Event]) -> list[Match]:
        """Decide a part of a batch, which `commit` ends; the matches, in order."""
        groups = dict.fromkeys([event.group for event in events])
        self._recall(groups)
        self._touched.update(groups)
        return self._judge(events)

    def commit(self) -> None:
        """Commit what was decided since the last commit: state, open signals and checkpoint together."""
        for group, signal in self._gathering.changed().items():
            self._warm[group].signal = signal
        touched = ((group, self._warm[group]) for group in self._touched)
        puts = {group.encode(): to_blob(baseline) for group, baseline in touched if baseline.first_seen != UNSET}
        self._store.commit(puts, (), self._clock.encode())
        self._touched.clear()
        if len(self._warm) > _WARM_GROUPS:
            self._warm.clear()

    def closed(self) -> list[Signal]:
        """Signals that another has replaced since the last call, in the order in which that happened."""
        return self._gathering.closed()

    def still_open(self) -> list[Signal]:
        """Signals that gained matches in this run and are open, in the order of their opening in it."""
        return self._gathering.still_open()

    def baseline(self, group: Key) -> Baseline:
        """What is known of a group now."""
        if group in self._warm:
            return self._warm[group]
        (blob,) = self._store.read([group.encode()])
        return empty_baseline() if blob is None else from_blob(blob)

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

    def _recall(self, groups: Iterable[Key]) -> None:
        """Read the baselines of the groups that are not warm, all at once."""
        cold = [group for group in groups if group not in self._warm]
        blobs = self._store.read([group.encode() for group in cold])
        for group, blob in zip(cold, blobs, strict=True):
            self._warm[group] = empty_baseline() if blob is None else from_blob(blob)

    def _judge(self, events: Sequence[Event]) -> list[Match]:
        """Judge and remember each value of each event. The hot loop: what it reads often it reads into locals."""
        matches = []
        baselines, clock = self._warm, self._clock
        learning, duration, settled_before, forget_after, enabled_at, fixed = self._windows
        always = enabled_at == UNSET
        for event in events:
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

    def _arrived(self, t: int, stands: int) -> None:
        """The rule sees an event, the first of all or the first since it was enabled."""
        if self._clock.rule_start == UNSET:
            self._clock.rule_start = clock_start(t, stands, self._windows.enabled_at)
        self._clock.live = stands == LIVE
