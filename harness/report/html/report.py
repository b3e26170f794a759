"""The report: all that the page tells, with nothing of how it looks."""

from typing import TYPE_CHECKING

import msgspec

from detector.instant import SECOND, parse_instant
from harness.report.html.baseline import Baseline
from harness.scorecard import Outcome, Scorecard
from harness.scoring.evidence import Evidence

if TYPE_CHECKING:
    from harness.sweep.result import SweepResult


class Fate(msgspec.Struct, frozen=True):
    """What became of one incident, and why."""

    outcome: Outcome
    title: str
    """The scenario's name, or its id where nobody knows a name."""
    why: str = ""
    """What was new in the event that raised the signal, or why none did; empty where nobody asked."""
    knew: str = ""
    """What the rule knew of the actor when the incident began."""

    @property
    def started_at(self) -> int:
        """Nanoseconds since the epoch."""
        return parse_instant(self.outcome.started_at)

    @property
    def found_at(self) -> int | None:
        """Nanoseconds since the epoch; None where it was not found."""
        later = self.outcome.seconds_from_start
        return None if later is None else self.started_at + round(later * SECOND)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A scorecard with what it rests on. Times are nanoseconds since the epoch."""

    card: Scorecard
    evidences: list[Evidence]
    fates: list[Fate]
    """In the order of their start."""
    begin: int
    end: int
    scored_from: int
    """When the learning period ends, the earliest of all streams; *begin* where there is none."""
    baseline: Baseline | None = None
    sweep: "SweepResult | None" = None
    """The rule under other settings, if they were tried."""
    origin: list[tuple[str, str]] = []
    """How it was made: names and figures; no time of day, no path."""
