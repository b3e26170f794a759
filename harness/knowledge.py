"""What a rule knew of one group at one moment, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detector.clock import learning_kind
from detector.event import Event
from detector.instant import DAY, SECOND, instant_text
from detector.rules import NewValueRule
from detector.streaming import StreamingEngine
from detector.token import Key, scalar, scalars
from detector.verdict import FIRST_EVENT, GROUP_CLOCK, KNOWN, NEVER_LEARN, RULE_CLOCK, UNSET, verdict
from harness.durations import seconds_text

_NAMED = 5
"""So many values are told of each sort; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What *rule* knew when an event of *group* arrived at *at*, holding *values*. Times are nanoseconds.

    *last_seen* is when each value of the group was last seen (or learned, where forgetting is fixed).
    """

    rule: NewValueRule
    group: Key
    at: int
    values: tuple[Key, ...]
    last_seen: Mapping[Key, int]
    learning_until: int | None
    """When learning ends for the event; None where it had ended, or the rule has no such period."""
    enabled: bool = True
    """Whether the event came after the rule was enabled."""

    @classmethod
    def before(cls, engine: StreamingEngine, event: Event, enabled_at: int | None = None) -> "Knowledge":
        """What *engine*, enabled at *enabled_at*, knows of the group of *event* before it is fed that event."""
        baseline = engine.baseline(event.group)
        until = _learning_until(engine, event.timestamp, baseline.first_seen, enabled_at)
        enabled = enabled_at is None or event.timestamp >= enabled_at
        last_seen = dict(baseline.last_seen)
        return cls(engine.rule, event.group, event.timestamp, event.values, last_seen, until, enabled)

    def remembers(self, value: Key) -> bool:
        """Whether the value was seen and not yet forgotten, whatever the rule still learned."""
        window = self.rule.forget_after_days * DAY
        last = self.last_seen.get(value, UNSET)
        return verdict(self.at, last, UNSET, UNSET, NEVER_LEARN, 0, UNSET, window) == KNOWN

    def told(self) -> str:
        """One sentence without its full stop: whether it learned, what it knew and what it had forgotten."""
        told = [*self._clock(), *self._known(), *self._forgotten()]
        return "; ".join(told) or f"the rule had seen nothing of {self._group()}"

    def newness(self, value: Key) -> str:
        """Why a value that raised a signal was new, without a full stop."""
        return f"{self.named(value)} was new from them: {self._past(value)}"

    def silence(self, value: Key) -> str:
        """What became of a value that raised no signal, without a full stop; one text may hold for several values."""
        if self._clock():
            return f"{'learned' if self.enabled else 'passed over'}: {self._clock()[0]}"
        if not self.remembers(value):
            return "new from them, but suppressed"
        return f"nothing new from them: {self._past(value)}"

    def named(self, value: Key) -> str:
        """A value as a person reads it."""
        metrics = self.rule.metrics
        if self.rule.multi_value == "any" and len(metrics) > 1:
            index, _, token = value.partition(":")
            return f"`{metrics[int(index)]} {scalar(token)}`"
        return f"`{', '.join(map(str, scalars(value, len(metrics))))}`"

    def _clock(self) -> list[str]:
        if not self.enabled:
            return ["the rule was not enabled yet"]
        if self.learning_until is None:
            return []
        if learning_kind(self.rule) == FIRST_EVENT:
            return ["the rule learns the first event of each group, and this was it"]
        whose = "" if learning_kind(self.rule) == RULE_CLOCK else f"their first {self.rule.learning_duration_days} d, "
        return [f"the rule was learning {whose}until {instant_text(self.learning_until)[:19]}Z"]

    def _past(self, value: Key) -> str:
        if value not in self.last_seen:
            return "never seen before"
        return f"last {self._word} {self._ago(value)}, and the rule remembers for {self.rule.forget_after_days} d"

    @property
    def _word(self) -> str:
        return "learned" if self.rule.forget_mode == "fixed" else "seen"

    def _known(self) -> list[str]:
        known = [f"{self.named(value)} ({self._ago(value)})" for value in self._ordered() if self.remembers(value)]
        return [f"{'it' if self._clock() else 'the rule'} knew {_listed(known)}"] if known else []

    def _forgotten(self) -> list[str]:
        lost = [
            f"{self.named(value)} last {self._word} {self._ago(value)}"
            for value in self._ordered()
            if not self.remembers(value)
        ]
        return [f"{_listed(lost)}, forgotten after {self.rule.forget_after_days} d"] if lost else []

    def _ordered(self) -> list[Key]:
        """The event's own values first, then those seen last."""
        return sorted(self.last_seen, key=lambda value: (value not in self.values, -self.last_seen[value]))

    def _ago(self, value: Key) -> str:
        seconds = (self.at - self.last_seen[value]) / SECOND
        return f"{seconds_text(abs(seconds))} {'before' if seconds >= 0 else 'after'}"

    def _group(self) -> str:
        fields = len(self.rule.group_by)
        return ", ".join(map(str, scalars(self.group, fields))) if fields else "anybody"


def _learning_until(engine: StreamingEngine, t: int, first_seen: int, enabled_at: int | None) -> int | None:
    """When learning ends for an event at *t* that the engine has not been fed; None where it has ended."""
    kind, duration = learning_kind(engine.rule), engine.rule.learning_duration_days * DAY
    if kind == RULE_CLOCK and engine.rule_start == UNSET:  # the event itself starts the clock
        start = t if enabled_at is None else enabled_at
        return start + duration if t < start + duration else None
    if not engine.learning_at(t, first_seen):
        return None
    start = {RULE_CLOCK: engine.rule_start, GROUP_CLOCK: first_seen}.get(kind, UNSET)
    return (t if start == UNSET else start) + duration


def _listed(told: Sequence[str]) -> str:
    more = len(told) - _NAMED
    return ", ".join(told[:_NAMED]) + (f" and {more} more" if more > 0 else "")
