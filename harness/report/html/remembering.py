"""Remembering: one pass of a rule over a dataset, for what its baseline held at any time.

What is new is the engine's word; how long a value stays remembered follows from `detector.verdict.remember`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from detector.clock import Windows, learning_kind
from detector.event import Event
from detector.instant import DAY, parse_instant
from detector.reading import Reader
from detector.rules import NewValueRule
from detector.selection import Selector
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine
from detector.token import Key, scalar, scalars
from detector.verdict import KNOWN, LIVE, NEW, RULE_CLOCK, UNSEEN, UNSET, remember, standing
from harness.feeds_seen import feeds_seen
from harness.report.html.baseline import MOST_PEOPLE, MOST_VALUES, Baseline, Group, Memory, NewValue
from harness.truth import Truth

PERSON: Final = ("@usr.email",)
"""A rule that groups by this learns what people do."""


@dataclass(slots=True)
class _Pair:
    """One value of one group: spans of being remembered, in nanoseconds, and its matches."""

    last: int = UNSET
    events: int = 0
    spans: list[list[int]] = field(default_factory=list)
    new: list[tuple[int, str | None]] = field(default_factory=list)

    def see(self, t: int, window: int, *, fixed: bool) -> None:
        known = t < self.last + window
        self.last = remember(t, self.last, KNOWN if known else NEW, fixed)
        self.events += 1
        if known and self.spans:
            self.spans[-1][1] = max(self.spans[-1][1], self.last + window)
        else:
            self.spans.append([t, self.last + window])


_Pairs = dict[Key, dict[Key, _Pair]]


@dataclass(slots=True)
class _Seeing:
    """Sees events in arrival order, but for those from before the rule was enabled, which it does not see either."""

    windows: Windows
    pairs: _Pairs = field(default_factory=lambda: defaultdict(lambda: defaultdict(_Pair)))
    live: bool = False

    def take(self, batch: Sequence[Event]) -> None:
        _, duration, settled_before, forget_after, enabled_at, fixed = self.windows
        for event in batch:
            stands = standing(event.timestamp, self.live, enabled_at, settled_before, duration)
            if stands == UNSEEN:
                continue
            self.live = self.live or stands == LIVE
            group = self.pairs[event.group]
            for value in event.values:
                group[value].see(event.timestamp, forget_after, fixed=fixed)


def baseline_of(rule: NewValueRule, truth: Truth, enabled_at: int | None = None, stream: str = "") -> Baseline:
    """The baseline of *rule* on the dataset of *truth*, one pass; memory grows with the (group, value) pairs.

    *enabled_at* is in nanoseconds since the epoch, or None to start with the first event; *stream* names the dataset.
    """
    engine, seeing = StreamingEngine(rule, MemoryStore(), enabled_at), _Seeing(Windows.of(rule, enabled_at))
    kinds = {uuid: label.kind for uuid, label in truth.labels.items()}
    pairs = seeing.pairs
    staged: dict[Key, dict[str, None]] = defaultdict(dict)
    for batch in Reader(Selector(rule)).batches(feeds_seen(truth.directory, rule)):
        seeing.take(batch)
        by_uuid = {event.uuid: event for event in batch if event.uuid in kinds}
        for uuid, event in by_uuid.items():
            staged[event.group][kinds[uuid]] = None
        matched = {match.uuid: match.value for match in engine.decide(batch)}
        for event in batch if matched else ():
            if event.uuid in matched:
                _match(event, pairs, kinds.get(event.uuid), _new_keys(event, matched[event.uuid], rule))
        engine.commit()
    return _Drawing(rule, truth, pairs, staged, engine.rule_start).baseline(stream)


def _new_keys(event: Event, new: Mapping[str, object], rule: NewValueRule) -> list[Key]:
    """The event's own keys that are new: all of them, or, where each field is for itself, those of the fields named."""
    if rule.multi_value != "any" or len(rule.metrics) == 1:
        return list(event.values)
    fields = {str(rule.metrics.index(name)) for name in new if name in rule.metrics}
    return [value for value in event.values if value.partition(":")[0] in fields]


def _match(event: Event, pairs: _Pairs, kind: str | None, new: Sequence[Key]) -> None:
    for value in new:
        pairs[event.group][value].new.append((event.timestamp, kind))


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What is drawn of all pairs."""

    rule: NewValueRule
    truth: Truth
    pairs: _Pairs
    staged: Mapping[Key, Mapping[str, None]]
    rule_start: int

    def baseline(self, stream: str) -> Baseline:
        period = self.truth.manifest.period
        begin, end = parse_instant(period.start), parse_instant(period.end)
        values = self._values()
        drawn = sorted(self.pairs, key=self._rank)[:MOST_PEOPLE]
        days = max(1, -(-(end - begin) // DAY))
        return Baseline(
            stream=stream,
            begin=begin,
            days=days,
            learned_after=self._learned_after(begin),
            noun="person" if self.rule.group_by == PERSON else ", ".join(self.rule.group_by) or "everybody",
            values=[self._named(value) for value in values],
            unshown_values=len({value for own in self.pairs.values() for value in own}) - len(values),
            groups=[self._group(key, values, begin, end) for key in drawn],
            of=len(self.pairs),
            everybody={self._named(value): self._shares(value, begin, days) for value in values},
        )

    def _values(self) -> list[Key]:
        shown: dict[Key, int] = {}
        for own in self.pairs.values():
            for value in own:
                shown[value] = shown.get(value, 0) + 1
        return sorted(shown, key=lambda value: (-shown[value], value))[:MOST_VALUES]

    def _rank(self, key: Key) -> tuple[bool, bool, bool, int, Key]:
        own = self.pairs[key].values()
        kinds = self.staged.get(key, {})
        events = sum(pair.events for pair in own)
        return "attack" not in kinds, not kinds, not any(pair.new for pair in own), -events, key

    def _group(self, key: Key, values: Sequence[Key], begin: int, end: int) -> Group:
        own = self.pairs[key]
        return Group(
            name=self._words(key),
            events=sum(pair.events for pair in own.values()),
            memories={self._named(value): _memory(own[value], begin, end) for value in values if value in own},
            signals=sum(len(pair.new) for pair in own.values()),
            staged=sorted(self.staged.get(key, {})),
        )

    def _shares(self, value: Key, begin: int, days: int) -> list[float]:
        steps = np.zeros(days + 1, np.int64)
        for own in self.pairs.values():
            for since, until in own[value].spans if value in own else ():
                steps[min(max(0, (since - begin) // DAY), days)] += 1
                steps[min(max(0, (until - begin) // DAY), days)] -= 1
        held = np.cumsum(steps[:-1]) / max(1, len(self.pairs))
        return [round(float(share), 4) for share in held]

    def _learned_after(self, begin: int) -> float:
        if learning_kind(self.rule) != RULE_CLOCK or self.rule_start == UNSET:
            return 0.0
        return round((self.rule_start - begin) / DAY + self.rule.learning_duration_days, 3)

    def _words(self, key: Key) -> str:
        fields = len(self.rule.group_by)
        return ", ".join(map(str, scalars(key, fields))) if fields else "everybody"

    def _named(self, value: Key) -> str:
        metrics = self.rule.metrics
        if self.rule.multi_value == "any" and len(metrics) > 1:
            index, _, token = value.partition(":")
            return f"{metrics[int(index)]} {scalar(token)}"
        return ", ".join(map(str, scalars(value, len(metrics))))


def _memory(pair: _Pair, begin: int, end: int) -> Memory:
    spans = [(_days(max(since, begin), begin), _days(min(until, end), begin)) for since, until in pair.spans]
    return Memory(pair.events, spans, [NewValue(_days(t, begin), kind) for t, kind in pair.new])


def _days(t: int, begin: int) -> float:
    return round((t - begin) / DAY, 2)
