"""Surroundings: what a rule knew when one event arrived, caught before the event changes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from detector.clock import Windows
from detector.event import Event
from detector.rules import NewValueRule
from detector.signals import Match, Signal
from detector.streaming import StreamingEngine
from detector.token import Key, scalars
from detector.verdict import GROUP_CLOCK, HISTORY, KNOWN, LEARNED, RULE_CLOCK, UNSEEN, UNSET, clock_start, verdict
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
    """The state around *event*, the *arrival*-th of its uuid; *stands* as in `detector.verdict`.

    Times are nanoseconds since the epoch, `UNSET` where there is none.
    """

    rule: NewValueRule
    event: Event
    at: int
    arrival: int
    stands: int
    windows: Windows
    rule_start: int
    group_first_seen: int
    last_seen: dict[Key, int]
    first_seen: dict[Key, int | None]

    @classmethod
    def of(
        cls, event: Event, engine: StreamingEngine, windows: Windows, first: FirstSeen, arrival: int
    ) -> "Surroundings":
        """The state of *engine*, which has decided all that came before *event*, and not the event itself."""
        at = moment(event)
        baseline, start = engine.baseline(event.group), engine.rule_start
        return cls(
            rule=engine.rule,
            event=event,
            at=at,
            arrival=arrival,
            stands=first.stands(at),
            windows=windows,
            rule_start=start,
            group_first_seen=baseline.first_seen,
            last_seen=dict(baseline.last_seen),
            first_seen={value: first.of(event.group, value) for value in baseline.last_seen},
        )

    def judged(self, values: Sequence[Key]) -> tuple[Judged, ...]:
        """What becomes of each of the event's *values*, if the rule sees the event."""
        why = Why(self.rule, self._group() or {}, self.at, self.clock())
        judged = []
        for value in values:
            fields, last_seen = value_fields(self.rule, value), self.last_seen.get(value)
            outcome = self._outcome(value)
            judged.append(Judged(fields, outcome, why.sentence(outcome, fields, last_seen)))
        return tuple(judged)

    def signal(self, match: Match, still_open: Sequence[Signal]) -> SignalPart:
        """What *match*, the event's own and the latest there is, did to the signals that are *still_open* after it."""
        held = next((signal for signal in still_open if signal.matches[-1] is match), None)
        if held is None:
            return SignalPart("suppressed", by=tuple(excluding(self.rule.suppressed, attribute_of(self.event))))
        opened = len(held.matches) == 1
        return SignalPart("opened" if opened else "joined", held.id, held.opened_at, len(held.matches))

    def explanation(self, **found: Any) -> Explanation:
        """An explanation of the event with what was *found* of it."""
        return Explanation(
            rule=self.rule,
            uuid=self.event.uuid,
            timestamp=self.at,
            kind=kind_of(self.event),
            arrival=self.arrival,
            fields=fields_read(self.rule, self.event),
            group=self._group(),
            clock=self.clock(),
            known=self._known(),
            **found,
        )

    def clock(self) -> LearningClock:
        """The learning clock as it stands for the event."""
        until = self._learning_until()
        started = self.rule_start != UNSET
        return LearningClock(
            enabled_at=_told(self.windows.enabled_at),
            rule_start=_told(self.rule_start if started or self.stands == UNSEEN else self._own_start()),
            group_first_seen=_told(self.group_first_seen),
            learning_until=until,
            learning=until is not None and self.stands != UNSEEN and self.at < until,
        )

    def _outcome(self, value: Key) -> Outcome:
        if self.stands == UNSEEN:
            return "not seen"
        if self.stands == HISTORY:
            return "history"
        start = self._own_start() if self.rule_start == UNSET else self.rule_start
        learning, duration, settled_before, forget_after, _, _ = self.windows
        last_seen = self.last_seen.get(value, UNSET)
        first_seen = self.group_first_seen
        found = verdict(self.at, last_seen, first_seen, start, learning, duration, settled_before, forget_after)
        return "known" if found == KNOWN else "learned" if found == LEARNED else "new"

    def _own_start(self) -> int:
        """When the rule starts, if this event is the first that it sees."""
        return clock_start(self.at, self.stands, self.windows.enabled_at)

    def _learning_until(self) -> int | None:
        """When learning ends or ended for the group; None where it does not go by time, or nobody knows yet."""
        kind, enabled_at = self.windows.learning, self.windows.enabled_at
        if kind not in (RULE_CLOCK, GROUP_CLOCK):
            return None
        start = self.rule_start if kind == RULE_CLOCK else self.group_first_seen
        if start == UNSET and self.stands == UNSEEN:
            return enabled_at + self.windows.duration if kind == RULE_CLOCK else None
        if start == UNSET:
            start = self._own_start() if kind == RULE_CLOCK else self.at
        return enabled_at if start < self.windows.settled_before else start + self.windows.duration

    def _known(self) -> tuple[Remembered, ...]:
        window = self.windows.forget_after
        by_age = sorted(self.last_seen.items(), key=lambda item: (-item[1], item[0]))
        return tuple(
            Remembered(
                value=value_fields(self.rule, value),
                first_seen=self.first_seen[value],
                last_seen=last,
                forgotten_at=last + window,
                forgotten=self.at >= last + window,
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
