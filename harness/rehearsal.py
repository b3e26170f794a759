"""Rehearsal: a rule fed one record at a time, which says at once what it made of each."""

from typing import Literal, NamedTuple, TypeAlias

from detector.event import Event
from detector.rules import NewValueRule
from detector.selection import Selector
from detector.signals import Match
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine
from harness.knowledge import Knowledge
from harness.summary import NOT_ENABLED

Verdict: TypeAlias = Literal["new", "known", "learned", "unseen"]
SignalFate: TypeAlias = Literal["opens", "joins", "none"]
"""What an event does to its group's signals: it opens one, joins the open one, or neither."""


class Answer(NamedTuple):
    """What became of one record. `unseen`: the rule did not see it, *why* says the reason.

    Otherwise *why* is what the rule knew of the record's group before.
    """

    verdict: Verdict
    signal: SignalFate
    why: str


class Rehearsal:
    """*rule* over a baseline store in memory, empty at first; *enabled_at* in nanoseconds, or None: the first event.

    >>> from detector.rules import shipped_rule
    >>> from harness.sample_record import sample_record
    >>> rehearsal, ana = Rehearsal(shipped_rule()), {"user.email": "ana@example.com", "action": "fill"}
    >>> rehearsal.feed(sample_record(ana, 1, "2026-01-05T09:00:00Z")).verdict
    'learned'
    >>> rehearsal.feed(sample_record(ana, 2, "2026-02-05T09:00:00Z"))
    Answer(verdict='new', signal='opens', why='`fill` last seen 31.0 d before, forgotten after 28 d')
    """

    def __init__(self, rule: NewValueRule, enabled_at: int | None = None) -> None:
        self._selector = Selector(rule)
        self._engine = StreamingEngine(rule, MemoryStore(), enabled_at)
        self._enabled_at = enabled_at

    def feed(self, record: bytes) -> Answer:
        """What the rule makes of one JSON object. Raises `detector.selection.RecordError` where it is no record."""
        passed_over = self._selector.ignored.copy()
        event = self._selector.select(record)
        if event is None:
            (reason,) = self._selector.ignored - passed_over
            return Answer("unseen", "none", reason)
        knowledge = Knowledge.before(self._engine, event, self._enabled_at)
        too_early = self._engine.not_enabled
        matches = self._engine.feed([event])
        if self._engine.not_enabled > too_early:
            return Answer("unseen", "none", NOT_ENABLED)
        if matches:
            return Answer("new", self._signal_of(matches[0]), knowledge.told())
        return Answer(_unless_new(knowledge, event), "none", knowledge.told())

    def _signal_of(self, match: Match) -> SignalFate:
        """What *match*, the latest there is, did: a signal that holds it has it as its last."""
        held = next((signal for signal in self._engine.still_open() if signal.matches[-1] is match), None)
        if held is None:
            return "none"  # suppressed
        return "opens" if len(held.matches) == 1 else "joins"


def _unless_new(knowledge: Knowledge, event: Event) -> Verdict:
    return "known" if all(map(knowledge.remembers, event.values)) else "learned"
