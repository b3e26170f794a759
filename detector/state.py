"""State: what a store knows, as data to be shown: the rule it belongs to, its groups, their values and until when.

All of it is in event time: a value is forgotten once an event comes that is `forgetAfter` later than its last sighting.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final, NamedTuple

import msgspec

from detector.clock import Clock, Windows, read_clock
from detector.instant import SECOND, InstantError, parse_instant
from detector.progress import Progress
from detector.rules import NewValueRule
from detector.signals import Signal
from detector.stores.base import StoreError, StoreView
from detector.stores.blob import Baseline
from detector.stores.paged import PagedView
from detector.stores.sharded_view import ShardedView
from detector.token import Key, Scalar, scalar, scalars
from detector.verdict import GROUP_CLOCK, RULE_CLOCK, UNSET

_DECIDED: Final = {field.name for field in fields(NewValueRule)}
_NOT_GIVEN: Final = "not given"


class KnownValue(NamedTuple):
    """A value of a group; times are nanoseconds since the epoch."""

    value: dict[str, Scalar]
    """By watched field; a rule that takes `any` of several keeps each field by itself."""
    last_seen: int
    """With `forgetMode: fixed`, when it was last learned."""
    forgotten_at: int


class KnownGroup(NamedTuple):
    """What is known of one group; times are nanoseconds since the epoch."""

    group: dict[str, Scalar]
    first_seen: int
    learning_until: int | None
    """When its learning ends; None where it has ended with its first event, or never was."""
    values: list[KnownValue]
    """In the order in which they will be forgotten."""
    signal: Signal | None
    """The signal that was opened last."""


class Extent(NamedTuple):
    """How much a store holds."""

    groups: int
    values: int
    """Those that are forgotten by now among them."""
    latest: int
    """The greatest last sighting, in nanoseconds; `UNSET` where there is none."""


class OpenRun(NamedTuple):
    """A run that has not ended: it was interrupted, or goes on at this moment."""

    shard: str | None
    """Which of the workers' it is, `I/N`; None where there is one worker."""
    progress: Progress


class State:
    """What a store holds of one rule. Raises `StoreError` where it holds nothing yet, or is damaged or newer."""

    def __init__(self, store: StoreView) -> None:
        self._baselines = PagedView(store)
        clock = read_clock(store)
        if clock is None:
            raise StoreError("the store holds nothing yet; legal: one in which a run of `detect --store` has ended")
        self.clock = clock
        self.shards: list[str] = []
        """Those that the store was put together from, or the one that it is; none of a whole store."""
        self.open_runs: list[OpenRun] = []
        """Runs that can go on after their last commit, at most one for each worker."""
        for each in _workers(store, clock):
            shard = each.rule.get("shard")
            self.shards += [] if shard is None else [shard]
            if each.progress is not None and not each.progress.ended:
                self.open_runs.append(OpenRun(shard, each.progress))
        self.rule = _rule(clock)
        self._windows = _windows(clock, self.rule)

    @property
    def enabled_at(self) -> int | None:
        """When the rule was enabled, if a run was told so; nanoseconds."""
        return None if self._windows.enabled_at == UNSET else self._windows.enabled_at

    @property
    def learning_until(self) -> int | None:
        """When the rule's own learning ends; None before its first event, and where learning is each group's own."""
        start = self.clock.rule_start
        return learned_at(self._windows, start) if self._windows.learning == RULE_CLOCK and start != UNSET else None

    def extent(self) -> Extent:
        """How much there is, from one look at every group."""
        groups = values = 0
        latest = UNSET
        for _, baseline in self._baselines.scan():
            seen = baseline.last_seen
            groups, values = groups + 1, values + len(seen)
            latest = max(latest, *seen.values()) if seen else latest
        is_part = "shard" in self.clock.rule  # one may have no group, though the rule has seen events
        if (groups > 0) if self.clock.rule_start == UNSET else (groups == 0 and not is_part):
            raise StoreError(f"the store is damaged: found {groups} groups and a checkpoint that tells otherwise")
        return Extent(groups, values, latest)

    def known_at(self, t: int) -> int:
        """How many values are still known at *t* (nanoseconds), from one look at every group."""
        window = self._windows.forget_after
        return sum(t < seen + window for _, known in self._baselines.scan() for seen in known.last_seen.values())

    def every_key(self) -> Iterator[Key]:
        """The key of every group, in the order of their bytes."""
        return (key for key, _ in self._baselines.heads())

    def groups(self) -> Iterator[KnownGroup]:
        """Every group, in the order of their keys' bytes, one at a time in memory."""
        return (self._known(key, baseline) for key, baseline in self._baselines.scan())

    def group(self, key: Key) -> KnownGroup | None:
        """One group; None where nothing is known of it."""
        (baseline,) = self._baselines.read([key])
        return None if baseline is None else self._known(key, baseline)

    def members(self, key: Key) -> dict[str, Scalar]:
        """The values of the group-by fields that a key was made of, by field."""
        names = self.rule.group_by
        return dict(zip(names, scalars(key, len(names)), strict=True))

    def open_until(self, signal: Signal) -> int | None:
        """The last instant at which a match still joins the signal; None where each match has one of its own."""
        if not self.rule.keep_alive_seconds:
            return None
        quiet = signal.last_match_at + self.rule.keep_alive_seconds * SECOND
        return min(quiet, signal.opened_at + self.rule.max_signal_seconds * SECOND)

    def _known(self, key: Key, baseline: Baseline) -> KnownGroup:
        values = [self._value(value, seen) for value, seen in baseline.last_seen.items()]
        own_clock = self._windows.learning == GROUP_CLOCK
        return KnownGroup(
            group=self.members(key),
            first_seen=baseline.first_seen,
            learning_until=learned_at(self._windows, baseline.first_seen) if own_clock else self.learning_until,
            values=sorted(values, key=lambda known: (known.last_seen, str(known.value))),
            signal=stored_signal(baseline.signal),
        )

    def _value(self, key: Key, seen: int) -> KnownValue:
        metrics = self.rule.metrics
        if self.rule.multi_value == "tuple" or len(metrics) == 1:
            value = dict(zip(metrics, scalars(key, len(metrics)), strict=True))
        else:
            place, _, token = key.partition(":")
            value = {metrics[int(place)]: scalar(token)}
        return KnownValue(value, seen, seen + self._windows.forget_after)


def learned_at(windows: Windows, start: int) -> int:
    """When a clock that started then has learned enough: when the rule was enabled, if it had history to learn from.

    Times are nanoseconds since the epoch.

    >>> from detector.instant import DAY
    >>> from detector.rules import shipped_rule
    >>> learned_at(Windows.of(shipped_rule(), None), 0) // DAY
    7
    """
    return windows.settled_before if start < windows.settled_before else start + windows.duration


def stored_signal(blob: bytes | None) -> Signal | None:
    """The open signal of a baseline, if there is one. Raises `StoreError` where it cannot be read."""
    try:
        return None if blob is None else msgspec.json.decode(blob, type=Signal)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"the store holds an open signal that cannot be read ({error})") from None


def _rule(clock: Clock) -> NewValueRule:
    """The rule of a checkpoint, as far as it decides anything."""
    told: dict[str, Any] = {name: value for name, value in clock.rule.items() if name in _DECIDED}
    try:
        return msgspec.convert({"message": "", "severity": "info", **told}, NewValueRule)
    except msgspec.ValidationError as error:
        raise StoreError(f"the store's checkpoint names no rule of this version ({error})") from None


def _workers(store: StoreView, clock: Clock) -> list[Clock]:
    """The clock of each worker that the store was written by."""
    found = [read_clock(view) for _, view in store.views] if isinstance(store, ShardedView) else [clock]
    return [each for each in found if each is not None]


def _windows(clock: Clock, rule: NewValueRule) -> Windows:
    told = clock.rule.get("enabled_at", _NOT_GIVEN)
    try:
        return Windows.of(rule, None if told == _NOT_GIVEN else parse_instant(str(told)))
    except InstantError as error:
        raise StoreError(f"the store's checkpoint: enabled_at: {error}") from None
