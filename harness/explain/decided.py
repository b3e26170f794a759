"""Decided: what the engine made of one event, read off it afterwards, so that nothing is judged a second time."""

from typing import NamedTuple

from detector.event import Event
from detector.signals import Match
from detector.streaming import StreamingEngine
from detector.verdict import HISTORY, LIVE, UNSEEN


class Decided(NamedTuple):
    """What came of an event; *stands* as in `detector.verdict`.

    Times are nanoseconds since the epoch, `UNSET` where there is none. *rule_start* and *group_start* are when the
    rule's and the group's clocks started, this event included; *learning* says whether the engine was learning.
    """

    stands: int
    rule_start: int
    group_start: int
    learning: bool
    match: Match | None = None

    @classmethod
    def by(cls, engine: StreamingEngine, event: Event) -> "Decided":
        """Let *engine* decide *event*."""
        unseen, group_start = engine.not_enabled, engine.baseline(event.group).first_seen
        matches = engine.decide([event])
        stands = UNSEEN if engine.not_enabled > unseen else LIVE if engine.live else HISTORY
        return cls(
            stands=stands,
            rule_start=engine.rule_start,
            group_start=engine.baseline(event.group).first_seen,
            learning=stands == HISTORY or (stands == LIVE and engine.learning_at(event.timestamp, group_start)),
            match=matches[0] if matches else None,
        )

    @classmethod
    def without(cls, engine: StreamingEngine, event: Event, at: int) -> "Decided":
        """What stands for an *event* at *at* which the rule of *engine* does not see."""
        group_start = engine.baseline(event.group).first_seen
        learning = engine.live and engine.learning_at(at, group_start)
        return cls(LIVE if engine.live else UNSEEN, engine.rule_start, group_start, learning)
