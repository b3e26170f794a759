"""Injection: the records of all incidents, and how they are woven into a stream."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from scenarios.assignment import Assignment
from scenarios.case_id import earlier_run, scenario_of
from scenarios.cast import Cast
from scenarios.enactment import Enactment
from scenarios.event import Event
from scenarios.ground_truth import Incident, Kind, Label
from scenarios.trail import Trail
from simulator.records import FEEDS, encode, parse_timestamp, timestamp_text


class Addition(NamedTuple):
    """One record to add to a feed: its time in nanoseconds since the epoch and its line."""

    at: int
    line: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """What to add to each feed, in order of time, and the truth about it.

    ``labels`` and ``incidents`` are in the order of the assignments, each with its earlier incident first, and
    labels in order of time.
    """

    additions: dict[str, list[Addition]] = field(default_factory=lambda: {feed: [] for feed in FEEDS})
    labels: list[Label] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)

    def add(self, assignment: Assignment, run: str, kind: Kind, events: Sequence[Event]) -> None:
        """Take in the *events* of one incident, in order of time: its records, labels and summary."""
        scenario = scenario_of(assignment.case)
        for event in events:
            self.additions[event.feed].append(Addition(event.at, encode(event.record)))
            self.labels.append(Label(event.uuid, scenario, run, event.step, kind))
        incident = Incident(
            run=run,
            scenario=scenario,
            kind=kind,
            actor=assignment.actor.email,
            started_at=timestamp_text(events[0].at),
            ended_at=timestamp_text(events[-1].at),
            techniques=assignment.scenario.techniques if kind == "attack" else (),
            events=len(events),
            administrator=_administrator(assignment, events),
        )
        self.incidents.append(incident)


def _administrator(assignment: Assignment, events: Iterable[Event]) -> str | None:
    """Return the email of the administrator who brings about some of *events*, or None if nobody but the actor does."""
    by = {assignment.scenario.steps[event.step - 1].by for event in events}
    return assignment.administrator.email if assignment.administrator and "administrator" in by else None


def stage(assignments: Iterable[Assignment], trails: Mapping[str, Trail], cast: Cast, seed: int) -> Plan:
    """Return what the *assignments* leave behind in the stream of *cast*, whose people have *trails* by email.

    Steps that belong to an earlier incident are the run ``<run>~earlier``, of a kind of its own. Nothing about one
    assignment depends on the others.
    """
    plan = Plan()
    for assignment in assignments:
        steps = assignment.scenario.steps
        events = Enactment(assignment, trails, cast, seed).events()
        earlier = [event for event in events if steps[event.step - 1].earlier]
        own = [event for event in events if not steps[event.step - 1].earlier]
        if earlier:
            kind = steps[earlier[0].step - 1].earlier or assignment.scenario.kind
            plan.add(assignment, earlier_run(assignment.run), kind, earlier)
        if own:
            plan.add(assignment, assignment.run, assignment.scenario.kind, own)
    for additions in plan.additions.values():
        additions.sort()
    return plan


class _Timed(msgspec.Struct):
    """What weaving reads of a line."""

    timestamp: str


_TIMED = msgspec.json.Decoder(_Timed)
_TO_THE_SECOND = len("2026-01-01T00:00:00")


def weave(original: Iterable[bytes], additions: Sequence[Addition]) -> Iterator[bytes]:
    r"""Yield the lines of *original*, byte for byte and in order, with those of *additions* among them.

    *additions* are in order of time; each goes before the first original line that is later than itself, or
    to the end. Lines whose time cannot be read pass through. A last line without its newline gets one if
    something follows.

    >>> first, last = b'{"timestamp":"2026-01-01T00:00:00Z"}\n', b'{"timestamp":"2026-01-01T00:00:02Z"}\n'
    >>> list(weave([first, last], [Addition(1_767_225_601_000_000_000, b"{}\n")])) == [first, b"{}\n", last]
    True
    """
    waiting = deque(additions)
    due = _second(waiting)
    for line in original:
        timestamp = _timestamp(line) if waiting else ""
        if waiting and not (timestamp[:_TO_THE_SECOND] < due and timestamp.endswith("Z")):
            at = _instant(timestamp)
            while at is not None and waiting and waiting[0].at < at:
                yield waiting.popleft().line
            due = _second(waiting)
        yield line if line.endswith(b"\n") or not waiting else line + b"\n"
    yield from (addition.line for addition in waiting)


def _second(waiting: Sequence[Addition]) -> str:
    """Return the second in which the first of *waiting* happens, as text: what is less, in UTC, is before it."""
    return timestamp_text(waiting[0].at)[:_TO_THE_SECOND] if waiting else ""


def _timestamp(line: bytes) -> str:
    try:
        return _TIMED.decode(line).timestamp
    except (msgspec.DecodeError, ValueError):
        return ""


def _instant(timestamp: str) -> int | None:
    """Return a time in nanoseconds since the epoch, or None if it cannot be read."""
    try:
        return parse_timestamp(timestamp)
    except ValueError:
        return None
