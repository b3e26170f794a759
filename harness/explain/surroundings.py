"""Surroundings: what a rule knew when one event arrived, caught before the event changes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from detector.clock import Windows
from detector.event import Event
from detector.rules import NewValueRule
from detector.signals import Signal
from detector.state import learned_at
from detector.streaming import StreamingEngine
from detector.token import Key, scalars
from detector.verdict import GROUP_CLOCK, HISTORY, RULE_CLOCK, UNSEEN, UNSET
from harness.explain.ahead import Ahead
from harness.explain.decided import Decided
from harness.explain.explanation import (
    Explanation,
    Fields,
    Judged,
    LearningClock,
    Outcome,
    Remembered,
    SignalPart,
    value_fields,
)
from harness.explain.fields_read import attribute_of, fields_read, kind_of
from harness.explain.first_seen import FirstSeen
from harness.explain.ignoring import excluding
from harness.explain.inquiry import moment
from harness.explain.why import Why


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The state before *event*, the *arrival*-th of its uuid. What the engine then decided is told to the methods.

    Times are nanoseconds since the epoch, `UNSET` where there is none.
    """

    rule: NewValueRule
    event: Event
    at: int
    arrival: int
    windows: Windows
    ahead: Ahead | None
    group_first_seen: int
    last_seen: dict[Key, int]
    first_seen: dict[Key, int | None]

    @classmethod
    def of(
        cls,
        event: Event,
        engine: StreamingEngine,
        windows: Windows,
        first: FirstSeen,
        arrival: int,
        ahead: Ahead | None,
    ) -> "Surroundings":
        """The state of *engine*, which has decided all that came before *event*, and not the event itself."""
        baseline = engine.baseline(event.group)
        return cls(
            rule=engine.rule,
            event=event,
            at=moment(event),
            arrival=arrival,
            windows=windows,
            ahead=ahead,
            group_first_seen=baseline.first_seen,
            last_seen=dict(baseline.last_seen),
            first_seen={value: first.of(event.group, value) for value in baseline.last_seen},
        )

    def judged(self, decided: Decided) -> tuple[Judged, ...]:
        """What became of each of the event's values."""
        why = Why(self.rule, self._group() or {}, self.at, self.clock(decided))
        judged = []
        for value in self.event.values:
            fields, last_seen = value_fields(self.rule, value), self.last_seen.get(value)
            outcome = self._outcome(value, fields, decided)
            judged.append(Judged(fields, outcome, why.sentence(outcome, fields, last_seen)))
        return tuple(judged)

    def signal(self, decided: Decided, still_open: Sequence[Signal]) -> SignalPart | None:
        """What the event's match, if it is one, did to the signals that are *still_open* after it."""
        if decided.match is None:
            return None
        held = next((signal for signal in still_open if signal.matches[-1] is decided.match), None)
        if held is None:
            return SignalPart("suppressed", by=tuple(excluding(self.rule.suppressed, attribute_of(self.event))))
        opened = len(held.matches) == 1
        return SignalPart("opened" if opened else "joined", held.id, held.opened_at, len(held.matches))

    def explanation(self, decided: Decided, **found: Any) -> Explanation:
        """An explanation of the event with what was *found* of it."""
        return Explanation(
            rule=self.rule,
            uuid=self.event.uuid,
            timestamp=self.at,
            kind=kind_of(self.event),
            arrival=self.arrival,
            fields=fields_read(self.rule, self.event),
            group=self._group(),
            clock=self.clock(decided),
            known=self._known(),
            ahead=self.ahead,
            **found,
        )

    def clock(self, decided: Decided) -> LearningClock:
        """The learning clock as it stood for the event."""
        return LearningClock(
            enabled_at=_told(self.windows.enabled_at),
            rule_start=_told(decided.rule_start),
            group_first_seen=_told(self.group_first_seen),
            learning_until=self._learning_until(decided),
            learning=decided.learning,
        )

    def _outcome(self, value: Key, fields: Fields, decided: Decided) -> Outcome:
        """What is new is in the engine's match; of the rest, what was not known before can only have been learned."""
        if decided.stands == UNSEEN:
            return "not_seen"
        if decided.stands == HISTORY:
            return "history"
        if decided.match is not None and fields.keys() <= decided.match.value.keys():
            return "new"
        last_seen = self.last_seen.get(value)
        return "learned" if last_seen is None or self._forgotten(last_seen) else "known"

    def _forgotten(self, last_seen: int) -> bool:
        return self.at >= last_seen + self.windows.forget_after

    def _learning_until(self, decided: Decided) -> int | None:
        """When learning ends or ended for the group; None where it does not go by time, or nobody knows yet."""
        kind, enabled_at = self.windows.learning, self.windows.enabled_at
        if kind not in (RULE_CLOCK, GROUP_CLOCK):
            return None
        start = decided.rule_start if kind == RULE_CLOCK else decided.group_start
        if start == UNSET:
            return enabled_at + self.windows.duration if kind == RULE_CLOCK and enabled_at != UNSET else None
        return learned_at(self.windows, start)

    def _known(self) -> tuple[Remembered, ...]:
        window = self.windows.forget_after
        by_age = sorted(self.last_seen.items(), key=lambda item: (-item[1], item[0]))
        return tuple(
            Remembered(
                value=value_fields(self.rule, value),
                first_seen=self.first_seen[value],
                last_seen=last,
                forgotten_at=last + window,
                forgotten=self._forgotten(last),
                own=value in self.event.values,
            )
            for value, last in by_age
        )

    def _group(self) -> Fields | None:
        if not self.event.group:
            return None
        names = self.rule.group_by
        return dict(zip(names, scalars(self.event.group, len(names)), strict=True))


def _told(instant: int) -> int | None:
    return None if instant == UNSET else instant
