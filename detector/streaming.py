"""The streaming engine: one batch of events at a time over a baseline store.

One batch is one read, decisions in arrival order, one commit. Events of a batch see what earlier ones left. The
verdict itself is `detector.verdict`'s; this module only carries state to it and back.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from detector.event import Event
from detector.instant import DAY
from detector.rules import NewValueRule
from detector.signals import Match, Signal, open_signal
from detector.stores.base import Baseline, BaselineStore, StoreError, empty_baseline, from_blob, to_blob
from detector.token import Key, Scalar, scalar, scalars
from detector.verdict import (
    FIRST_EVENT,
    GROUP_CLOCK,
    NEVER_LEARN,
    NEW,
    RULE_CLOCK,
    UNSET,
    is_learning,
    remember,
    verdict,
)

CHECKPOINT_VERSION: Final = 1


class Clock(msgspec.Struct):
    """The state that belongs to the rule rather than to a group, and the rule that it belongs to."""

    version: int
    rule: dict[str, Any]
    rule_start: int = UNSET
    live: bool = False
    """Whether an event at or after `enabled_at` has arrived."""


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
        self._learning = learning_kind(rule)
        self._duration = rule.learning_duration_days * DAY
        self._fixed = rule.forget_mode == "fixed"
        self._enabled_at = UNSET if enabled_at is None else enabled_at
        reads_history = rule.instantaneous_baseline and self._learning in (RULE_CLOCK, GROUP_CLOCK)
        self._settled_before = self._enabled_at if reads_history else UNSET
        self._rule = (self._learning, self._duration, self._settled_before, rule.forget_after_days * DAY)
        self._clock = self._resume()
        self._closed: list[Signal] = []
        self._touched: dict[Key, Signal] = {}
        self._changed: dict[Key, Signal] = {}
        """Those of the current batch: a signal is encoded once a batch, however many matches it gains."""

    def feed(self, events: Sequence[Event]) -> list[Match]:
        """Decide a batch in its order; the matches, in order. State and checkpoint are committed together."""
        groups = list(dict.fromkeys([event.group for event in events]))
        names = [group.encode() for group in groups]
        blobs = self._store.read(names)
        baselines = {
            group: empty_baseline() if blob is None else from_blob(blob)
            for group, blob in zip(groups, blobs, strict=True)
        }
        matches = self._decide(events, baselines)
        for group, signal in self._changed.items():
            baselines[group].signal = msgspec.msgpack.encode(signal)
        self._changed.clear()
        puts = {
            name: to_blob(baseline)
            for name, baseline in zip(names, baselines.values(), strict=True)
            if baseline.first_seen != UNSET
        }
        self._store.commit(puts, (), msgspec.msgpack.encode(self._clock))
        return matches

    def closed(self) -> list[Signal]:
        """Signals that another has replaced since the last call, in the order in which that happened."""
        closed, self._closed = self._closed, []
        return closed

    def still_open(self) -> list[Signal]:
        """Signals that gained matches in this run and are open, in the order of their opening in it."""
        return list(self._touched.values())

    def baseline(self, group: Key) -> Baseline:
        """What is known of a group now."""
        (blob,) = self._store.read([group.encode()])
        return empty_baseline() if blob is None else from_blob(blob)

    @property
    def rule_start(self) -> int:
        """When the rule's own clock started, in nanoseconds since the epoch; `UNSET` before the first event."""
        return self._clock.rule_start

    def learning_at(self, t: int, group_first_seen: int) -> bool:
        """Whether an event at *t* would be learned, in a group that was first seen then (`UNSET`: never)."""
        start = self._clock.rule_start
        return is_learning(t, group_first_seen, start, self._learning, self._duration, self._settled_before)

    def _decide(self, events: Sequence[Event], baselines: dict[Key, Baseline]) -> list[Match]:
        matches = []
        enabled_at, clock, judged = self._enabled_at, self._clock, self._judged
        for event in events:
            baseline = baselines[event.group]
            if event.timestamp < enabled_at:
                self._before_enabling(event, baseline)
                continue
            if not clock.live:
                self._go_live(event.timestamp)
            new = judged(event, baseline)
            if new:
                matches.append(self._match(event, new, baseline))
        return matches

    def _judged(self, event: Event, baseline: Baseline) -> list[Key]:
        """Judge and remember each value of the event; those that are new."""
        t, first_seen, last_seen = event.timestamp, baseline.first_seen, baseline.last_seen
        new = []
        for value in event.values:
            last = last_seen.get(value, UNSET)
            found = verdict(t, last, first_seen, self._clock.rule_start, *self._rule)
            if found == NEW:
                new.append(value)
            last_seen[value] = remember(t, last, found, self._fixed)
        if first_seen == UNSET:
            baseline.first_seen = t
        return new

    def _before_enabling(self, event: Event, baseline: Baseline) -> None:
        """Learn history silently; anything else before `enabled_at` is not seen."""
        history = self._settled_before != UNSET and event.timestamp >= self._enabled_at - self._duration
        if self._clock.live or not history:
            self.not_enabled += 1
            return
        if self._clock.rule_start == UNSET:
            self._clock.rule_start = event.timestamp
        self._judged(event, baseline)

    def _go_live(self, t: int) -> None:
        self._clock.live = True
        if self._clock.rule_start == UNSET:
            self._clock.rule_start = t if self._enabled_at == UNSET else self._enabled_at

    def _match(self, event: Event, new: list[Key], baseline: Baseline) -> Match:
        match = Match(
            uuid=event.uuid,
            timestamp=event.timestamp,
            group=dict(zip(self.rule.group_by, scalars(event.group, len(self.rule.group_by)), strict=True)),
            value=self._named(new),
            item_uuid=_attribute(event, "@item_uuid"),
            vault_uuid=_attribute(event, "@vault_uuid"),
        )
        if not event.lens.suppresses(event.record):
            self._signal(event, match, baseline)
        return match

    def _named(self, new: list[Key]) -> dict[str, Scalar]:
        metrics = self.rule.metrics
        if self.rule.multi_value == "tuple" or len(metrics) == 1:
            return dict(zip(metrics, scalars(new[0], len(metrics)), strict=True))
        split = (value.partition(":") for value in new)
        return {metrics[int(index)]: scalar(token) for index, _, token in split}

    def _signal(self, event: Event, match: Match, baseline: Baseline) -> None:
        held = self._touched.get(event.group) or msgspec.msgpack.decode(baseline.signal, type=Signal | None)
        if held is not None and held.accepts(match.timestamp, self.rule):
            held.add(match)
        else:
            if event.group in self._touched:
                self._closed.append(self._touched.pop(event.group))
            held = open_signal(self.rule, match, lambda field: _attribute(event, field))
        self._touched[event.group] = self._changed[event.group] = held

    def _resume(self) -> Clock:
        meaning = {**msgspec.to_builtins(self.rule.meaning()), "enabled_at": self._enabled_at}
        blob = self._store.checkpoint()
        if blob is None:
            return Clock(CHECKPOINT_VERSION, meaning)
        try:
            clock = msgspec.msgpack.decode(blob, type=Clock)
        except msgspec.DecodeError as error:
            raise StoreError(f"the store's checkpoint cannot be read ({error})") from None
        if clock.version != CHECKPOINT_VERSION:
            raise StoreError(f"the store's checkpoint has version {clock.version}; legal: {CHECKPOINT_VERSION}")
        for name, value in meaning.items():
            if clock.rule.get(name) != value:
                stored = clock.rule.get(name)
                raise StoreError(f"the store belongs to another rule: {name}: found {value!r}; legal: {stored!r}")
        return clock


def learning_kind(rule: NewValueRule) -> int:
    """Which of `detector.verdict`'s ways of learning the rule asks for."""
    if rule.learning_method == "threshold":
        return FIRST_EVENT if rule.learning_threshold else NEVER_LEARN
    if rule.learning_duration_days == 0:
        return FIRST_EVENT
    return RULE_CLOCK if rule.learning_scope == "rule" else GROUP_CLOCK


def _attribute(event: Event, field: str) -> Scalar | None:
    token = event.lens.attribute(event.record, field)
    return None if token is None else scalar(token)
