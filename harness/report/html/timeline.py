"""The incidents along the time, each with the signals of its person."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from detector.instant import DAY
from harness.output import counted
from harness.report.html.report import Fate, Report
from harness.report.html.strips import dot, strip, ticks
from harness.report.html.wording import fate, moment

if TYPE_CHECKING:
    from harness.scoring.evidence import Raised

MOST_ROWS: Final = 80
"""With more incidents than this a row is a scenario."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the timeline."""

    title: str
    detail: str
    kind: str
    who: str
    strip: Markup
    fate: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The rows, and whether each is a scenario rather than an incident."""

    rows: list[Row]
    is_grouped: bool


def timeline(report: Report) -> Timeline:
    """The incidents in the order of their start, or, where they are many, their scenarios by name."""
    axis = _Axis(report)
    if len(report.fates) <= MOST_ROWS:
        return Timeline([axis.incident(each) for each in report.fates], is_grouped=False)
    scenarios: dict[tuple[str, str], list[Fate]] = defaultdict(list)
    for each in report.fates:
        scenarios[each.outcome.kind, each.outcome.scenario].append(each)
    return Timeline([axis.scenario(scenarios[name]) for name in sorted(scenarios)], is_grouped=True)


class _Axis:
    def __init__(self, report: Report) -> None:
        self._begin = report.begin
        self._many = len(report.evidences) > 1
        self._days = max(1, -(-(report.end - report.begin) // DAY))
        self._learning = (report.scored_from - report.begin) / DAY
        self._raised: dict[tuple[str, str], list[Raised]] = defaultdict(list)
        for evidence in report.evidences:
            for raised in evidence.raised:
                self._raised[evidence.stream, raised.person].append(raised)

    def incident(self, told: Fate) -> Row:
        outcome = told.outcome
        signals = self._raised.get((outcome.stream, outcome.actor), [])
        own = [raised for raised in signals if raised.run == outcome.run]
        others = [raised for raised in signals if raised.run != outcome.run]
        became = fate(told)
        title = f"{moment(told.started_at)}: {became}; {counted(len(others), 'other signal')} of this person"
        paths = [
            ("tick", ticks([self._at(raised.opened_at) for raised in others])),
            (f"tick {outcome.kind}", ticks([self._at(raised.opened_at) for raised in own])),
            *self._dots([told], outcome.kind),
        ]
        drawn = strip(self._days, self._learning, [path for path in paths if path[1]], title)
        run = f"{outcome.run}, {outcome.stream}" if self._many else outcome.run
        return Row(told.title, run, outcome.kind, outcome.actor, drawn, became)

    def scenario(self, fates: Sequence[Fate]) -> Row:
        first = fates[0]
        scored = [each for each in fates if each.outcome.found is not None]
        found = sum(bool(each.outcome.found) for each in scored)
        became = f"{found:,} of {len(scored):,} raised a signal"
        drawn = strip(self._days, self._learning, self._dots(fates, first.outcome.kind), became)
        who = counted(len({each.outcome.actor for each in fates}), "person", "people")
        return Row(first.title, first.outcome.scenario, first.outcome.kind, who, drawn, became)

    def _dots(self, fates: Sequence[Fate], kind: str) -> list[tuple[str, str]]:
        """Full dots for the incidents that raised a signal, rings for the others."""
        found = "".join(dot(self._at(each.started_at)) for each in fates if each.outcome.found)
        silent = "".join(dot(self._at(each.started_at)) for each in fates if not each.outcome.found)
        dots = [(f"dot {kind}", silent), ("hole", silent), (f"dot {kind}", found)]
        return [(name, outline) for name, outline in dots if outline]

    def _at(self, t: int) -> float:
        return (t - self._begin) / DAY
