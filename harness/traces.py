"""Traces: what a pass of a rule over a dataset keeps of one run, so that its outcome can be explained."""

from dataclasses import dataclass, field
from typing import Final

from detector.event import Event
from detector.token import Key
from harness.knowledge import Knowledge

UNWATCHED: Final = "the rule watches none of its events"
_TOLD = 3
"""So many values are explained; the rest is counted."""


@dataclass(slots=True)
class Traces:
    """What is kept of one run: a little for each of its values and matches, nothing for its other events."""

    group: Key | None = None
    """Of the first detectable event, else of the first that the rule watches."""
    detectable: Event | None = None
    knew: str = UNWATCHED
    """What the rule knew when the run's first event that it watches arrived."""
    _first: dict[Key, Knowledge] = field(default_factory=dict)
    _matched: dict[str, Knowledge] = field(default_factory=dict)

    def note(self, event: Event, knowledge: Knowledge, *, matched: bool, detectable: bool) -> None:
        """Take in an event of the run: what was known before it, and what became of it."""
        if self.group is None:
            self.group, self.knew = event.group, knowledge.told()
        if detectable and self.detectable is None:
            self.detectable, self.group = event, event.group
        for value in event.values:
            self._first.setdefault(value, knowledge)
        if matched:
            self._matched.setdefault(event.uuid, knowledge)

    def why(self, raised_by: str | None) -> str:
        """Why the event of that uuid raised a signal, or, without one, why none of the run did; no full stop."""
        if raised_by is not None:
            knowledge = self._matched[raised_by]
            return _listed([knowledge.newness(each) for each in knowledge.values if not knowledge.remembers(each)])
        silences: dict[str, list[str]] = {}
        for value, knowledge in self._first.items():
            silences.setdefault(knowledge.silence(value), []).append(knowledge.named(value))
        told = [f"{', '.join(names)} {'was' if len(names) == 1 else 'were'} {why}" for why, names in silences.items()]
        return _listed(told) or UNWATCHED


def _listed(told: list[str]) -> str:
    more = len(told) - _TOLD
    return "; ".join(told[:_TOLD]) + (f"; and so on for {more} more" if more > 0 else "")
