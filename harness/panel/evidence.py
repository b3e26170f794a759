"""Evidence from columns: what `harness.scoring.judged` makes of a rule's own signals, by row ids instead of uuids."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detector.instant import parse_instant
from detector.rules import NewValueRule
from detector.token import Key
from detector.verdict import UNSET
from harness.panel.clocks import Clocks
from harness.panel.marks import Marks
from harness.panel.passing import Matched, gathered
from harness.panel.raising import Raising
from harness.panel.traces import UNTRACED, Trace
from harness.panel.watched import Watched
from harness.scoring.evidence import Evidence, Staged
from harness.scoring.ranges import Span, Spans, mean_reward
from harness.truth import Truth, incident_instant
from scenarios.ground_truth import Incident

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Stream(NamedTuple):
    """What a rule is judged on."""

    name: str
    truth: Truth
    marks: Marks
    watched: Watched
    traces: dict[int, Trace]


class Tally(NamedTuple):
    """So much of the evidence as is quickly counted."""

    signals: "NDArray[np.int64]"
    """Scored ones, of each person who has any."""
    true: "NDArray[np.int64]"
    """Those of them that hold an attack's event."""
    unscored: int
    """How many signals came before the scored time."""
    staged: list[Staged]
    days: float
    people: int


class Judgement:
    """A rule that found *matched*, seen beside the truth; nothing before *since* is scored."""

    def __init__(self, stream: Stream, rule: NewValueRule, matched: Matched, since: int = UNSET) -> None:
        watched, truth = stream.watched, stream.truth
        self._stream = stream
        self._clocks = Clocks(rule, matched, since)
        signals = gathered(watched, rule, matched)
        self._raising = Raising(watched, stream.marks, matched, signals, self._clocks)
        self._end = parse_instant(truth.manifest.period.end)
        self._scored = [incident for incident in truth.incidents if not _is_learned(stream, incident, self._clocks)]
        self._attacked = _ranges(stream, self._scored)
        self._events = _scored_events(stream, self._clocks)

    def evidence(self) -> Evidence:
        """All that a scorecard is made from."""
        watched, clocks, truth = self._stream.watched, self._clocks, self._stream.truth
        return Evidence(
            stream=self._stream.name,
            raised=self._raising.raised(self._attacked),
            staged=self._staged(),
            unscored_signals=self._raising.unscored,
            unscored_incidents=len(truth.incidents) - len(self._scored),
            days=clocks.days(self._end),
            people=self._people,
            new_person_days=clocks.new_person_days(watched.first_seen.values(), self._end),
            watched_events=clocks.count(watched.t, watched.group),
            watched_attack_events=int(self._events[self._stream.marks.runs.is_attack].sum()),
        )

    def tally(self) -> Tally:
        """What is quickly counted, at any number of signals."""
        signals, true = self._raising.by_owner()
        unscored, days = self._raising.unscored, self._clocks.days(self._end)
        return Tally(signals, true, unscored, self._staged(), days, self._people)

    @property
    def _people(self) -> int:
        return self._stream.truth.people or len(self._stream.watched.first_seen)

    def _staged(self) -> list[Staged]:
        """The scored incidents."""
        stream, signalled = self._stream, self._raising.ranges(self._attacked)
        made, caught = [], self._raising.caught()
        for incident in self._scored:
            code, trace = stream.marks.runs.codes[incident.run], _trace(stream, incident)
            staged = Staged(
                run=incident.run,
                scenario=incident.scenario,
                kind=incident.kind,
                person=incident.actor,
                started_at=incident_instant(incident),
                detectable_at=trace.detectable_at,
                found_at=caught.get(code),
                events=int(self._events[code]),
                reward=mean_reward(trace.spans, signalled) if incident.kind == "attack" else 0.0,
            )
            made.append(staged)
        return made


def _trace(stream: Stream, incident: Incident) -> Trace:
    return stream.traces.get(stream.marks.runs.codes[incident.run], UNTRACED)


def _is_learned(stream: Stream, incident: Incident, clocks: Clocks) -> bool:
    """Whether its scoring would start while the rule learned, or before it ran."""
    trace = _trace(stream, incident)
    starts = incident_instant(incident) if trace.detectable_at is None else trace.detectable_at
    return clocks.covers(starts, trace.group)


def _ranges(stream: Stream, scored: list[Incident]) -> dict[Key, Spans]:
    """Where the scored attacks are, by group."""
    found: dict[Key, list[Span]] = {}
    for incident in scored:
        for group, span in _trace(stream, incident).spans.items() if incident.kind == "attack" else ():
            found.setdefault(group, []).append(span)
    return {group: Spans(held) for group, held in found.items()}


def _scored_events(stream: Stream, clocks: Clocks) -> "NDArray[np.int64]":
    """By run, how many of its events came in scored time."""
    rows, watched = stream.watched.staged, stream.watched
    learned = clocks.cover(watched.t[rows], watched.group[rows])
    return np.bincount(watched.run[rows][~learned], minlength=len(stream.marks.runs.names))
