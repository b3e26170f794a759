"""Injection: plan who plays which scenario when, and weave the records of it into a stream."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import NamedTuple

import msgspec

from scenarios.audition import begin, unfit
from scenarios.cast import Cast
from scenarios.draws import draw
from scenarios.enactment import Enactment
from scenarios.ground_truth import Incident, Label
from scenarios.scenario import Scenario
from simulator.records import FEEDS, encode, parse_timestamp, timestamp_text


class Addition(NamedTuple):
    """One record to add to a feed: its time in nanoseconds since the epoch and its line."""

    at: int
    line: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """What to add to each feed, in order of time, and the truth about it.

    ``labels`` and ``incidents`` are in order of scenario, run and time. ``not_placed`` names each scenario
    that fewer actors play than it asks for, with the reason.
    """

    additions: dict[str, list[Addition]] = field(default_factory=lambda: {feed: [] for feed in FEEDS})
    labels: list[Label] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    not_placed: list[tuple[str, str]] = field(default_factory=list)

    def add(self, scenario_id: str, enactment: Enactment) -> None:
        """Take in one incident: its records, labels and summary."""
        scenario, run, events = enactment.scenario, enactment.run, enactment.events()
        for event in events:
            self.additions[event.feed].append(Addition(event.at, encode(event.record)))
            self.labels.append(Label(event.uuid, scenario_id, run, event.step, scenario.kind))
        incident = Incident(
            run=run,
            scenario=scenario_id,
            kind=scenario.kind,
            actor=enactment.actor.email,
            started_at=timestamp_text(events[0].at),
            ended_at=timestamp_text(events[-1].at),
            techniques=scenario.techniques,
            events=len(events),
        )
        self.incidents.append(incident)


def plan(scenarios: Mapping[str, Scenario], cast: Cast, seed: int) -> Plan:
    """Return who of *cast* plays which of *scenarios*, given by id, and when.

    Each scenario ranks the actors by a hash of seed, scenario and email and takes the first that are fit for
    the part and free: nobody plays twice. Scenarios choose in order of id, so one scenario more changes
    the others only where it takes an actor from them. An incident begins after ``after_history`` of its
    actor's own history, while they are still active, and ends within the stream.
    """
    result, busy = Plan(), set[str]()
    for scenario_id, scenario in sorted(scenarios.items()):
        refusals = Counter[str]()
        runs = list(islice(_runs(scenario_id, scenario, cast, seed, busy, refusals), scenario.count))
        busy.update(enactment.actor.email for enactment in runs)
        for enactment in runs:
            result.add(scenario_id, enactment)
        if len(runs) < scenario.count:
            result.not_placed.append((scenario_id, _shortage(len(runs), scenario.count, refusals)))
    for additions in result.additions.values():
        additions.sort()
    return result


def _runs(
    scenario_id: str,
    scenario: Scenario,
    cast: Cast,
    seed: int,
    busy: set[str],
    refusals: Counter[str],
) -> Iterator[Enactment]:
    """Yield an enactment for each actor who can play, best rank first; count the others as *refusals*."""
    numbers = count(1)
    for actor in sorted(cast.actors.values(), key=lambda each: draw(seed, scenario_id, each.email)):
        refusal = "playing in another scenario" if actor.email in busy else unfit(scenario, actor)
        start = None if refusal else begin(scenario, actor, cast, seed, scenario_id, actor.email)
        if start is None:
            refusals[refusal or "without a suitable time after their history"] += 1
        else:
            yield Enactment(scenario, f"{scenario_id}#{next(numbers)}", actor, cast, start, seed)


def _shortage(placed: int, wanted: int, refusals: Counter[str]) -> str:
    """Return in words why only *placed* of *wanted* incidents could be placed."""
    why = ", ".join(f"{number} {refusal}" for refusal, number in sorted(refusals.items()))
    return f"{placed} of {wanted} placed; the other actors: {why or 'none'}"


class _Timed(msgspec.Struct):
    """What weaving reads of a line."""

    timestamp: str


_TIMED = msgspec.json.Decoder(_Timed)


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
    for line in original:
        at = _time(line) if waiting else None
        while at is not None and waiting and waiting[0].at < at:
            yield waiting.popleft().line
        yield line if line.endswith(b"\n") or not waiting else line + b"\n"
    yield from (addition.line for addition in waiting)


def _time(line: bytes) -> int | None:
    """Return the time of a record, in nanoseconds since the epoch, or None if it cannot be read."""
    try:
        return parse_timestamp(_TIMED.decode(line).timestamp)
    except (msgspec.DecodeError, ValueError):
        return None
