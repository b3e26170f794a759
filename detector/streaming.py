"""The streaming engine: one batch of events at a time over a baseline store.

One batch is one read, decisions in arrival order, one commit. Events of a batch see what earlier ones left. A batch
may be decided in parts, while their events are still in the processor's cache; each reads what the earlier ones did
not. The verdict itself is `detector.verdict`'s; this module only carries state to it and back.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from detector.event import Event
from detector.instant import DAY, instant_text
from detector.rules import NewValueRule
from detector.signals import Match, Opener, Signal
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
_WARM_GROUPS: Final = 50_000
_decode_signal = msgspec.json.Decoder(Signal).decode


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
        self._opener = Opener(rule)
        self._warm: dict[Key, Baseline] = {}
        """Baselines as the store has them, or will have after the next commit: one writer needs no second look."""
        self._touched: dict[Key, None] = {}
        """The groups of the current batch."""
        self._closed: list[Signal] = []
        self._grown: dict[Key, Signal] = {}
        """Open signals that gained matches in this run."""
        self._changed: dict[Key, Signal] = {}
        """Those of the current batch: a signal is encoded once a batch, however many matches it gains."""

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
        for group, signal in self._changed.items():
            self._warm[group].signal = msgspec.json.encode(signal)
        touched = ((group, self._warm[group]) for group in self._touched)
        puts = {group.encode(): to_blob(baseline) for group, baseline in touched if baseline.first_seen != UNSET}
        self._store.commit(puts, (), msgspec.msgpack.encode(self._clock))
        self._changed.clear()
        self._touched.clear()
        if len(self._warm) > _WARM_GROUPS:
            self._warm.clear()

    def closed(self) -> list[Signal]:
        """Signals that another has replaced since the last call, in the order in which that happened."""
        closed, self._closed = self._closed, []
        return closed

    def still_open(self) -> list[Signal]:
        """Signals that gained matches in this run and are open, in the order of their opening in it."""
        return list(self._grown.values())

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

    def learning_at(self, t: int, group_first_seen: int) -> bool:
        """Whether an event at *t* would be learned, in a group that was first seen then (`UNSET`: never)."""
        start = self._clock.rule_start
        return is_learning(t, group_first_seen, start, self._learning, self._duration, self._settled_before)

    def _recall(self, groups: Iterable[Key]) -> None:
        """Read the baselines of the groups that are not warm, all at once."""
        cold = [group for group in groups if group not in self._warm]
        blobs = self._store.read([group.encode() for group in cold])
        for group, blob in zip(cold, blobs, strict=True):
            self._warm[group] = empty_baseline() if blob is None else from_blob(blob)

    def _judge(self, events: Sequence[Event]) -> list[Match]:
        """Judge and remember each value of each event. The hot loop: what it reads often it reads into locals."""
        matches = []
        baselines, clock, enabled_at, fixed = self._warm, self._clock, self._enabled_at, self._fixed
        learning, duration, settled_before, forget_after = self._rule
        for event in events:
            t, baseline = event.timestamp, baselines[event.group]
            history = t < enabled_at
            if history and not self._is_history(t):
                continue
            if not (clock.live or history):
                self._go_live(t)
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
            if new and not history:
                matches.append(self._match(event, new, baseline))
        return matches

    def _is_history(self, t: int) -> bool:
        """Whether an event before `enabled_at` is history to learn from silently; it is not seen otherwise."""
        if self._clock.live or self._settled_before == UNSET or t < self._enabled_at - self._duration:
            self.not_enabled += 1
            return False
        if self._clock.rule_start == UNSET:
            self._clock.rule_start = t
        return True

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
        held = self._grown.get(event.group) or _open_signal(baseline.signal)
        if held is not None and held.accepts(match.timestamp, self.rule):
            held.add(match)
        else:
            if event.group in self._grown:
                self._closed.append(self._grown.pop(event.group))
            held = self._opener.open(match, lambda field: _attribute(event, field))
        self._grown[event.group] = self._changed[event.group] = held

    def _enabled_text(self) -> str:
        return "not given" if self._enabled_at == UNSET else instant_text(self._enabled_at)

    def _resume(self) -> Clock:
        meaning = {**self.rule.meaning(), "enabled_at": self._enabled_text()}
        blob = self._store.checkpoint()
        if blob is None:
            return Clock(CHECKPOINT_VERSION, meaning)
        try:
            clock = msgspec.msgpack.decode(blob, type=Clock)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreError(f"the store's checkpoint cannot be read ({error})") from None
        if clock.version != CHECKPOINT_VERSION:
            raise StoreError(f"the store's checkpoint has version {clock.version}; legal: {CHECKPOINT_VERSION}")
        for name, value in meaning.items():
            if clock.rule.get(name) != value:
                stored = clock.rule.get(name)
                raise StoreError(f"--store: it belongs to another rule: {name}: found {value!r}; legal: {stored!r}")
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


def _open_signal(blob: bytes | None) -> Signal | None:
    try:
        return None if blob is None else _decode_signal(blob)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"the store holds an open signal that cannot be read ({error})") from None
