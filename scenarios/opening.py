"""Openings: the hours in which an actor may begin to play a scenario."""

from collections.abc import Iterator
from typing import NamedTuple

from scenarios.actor import Actor
from scenarios.cast import Cast
from scenarios.duration import DAY, HOUR
from scenarios.interval import Interval, intervals
from scenarios.reading import OPENS
from scenarios.scenario import Scenario
from scenarios.schedule import slots
from scenarios.step import SignInStep
from scenarios.trail import WAKE


class Opening(NamedTuple):
    """A stretch of time within one hour in which an incident may begin, and how likely against others.

    ``begin`` and ``end``, which is out, in nanoseconds since the epoch.
    """

    begin: int
    end: int
    weight: int


def in_session(scenario: Scenario) -> bool:
    """Return whether *scenario* begins in a session that the stream shows: the actor acts before they sign in.

    Attempts to sign in that fail need no session, and an administrator has their own. Who is absent has none.
    """
    own = sorted((slot for slot in slots(scenario.steps) if slot.step.by == "actor"), key=lambda slot: slot.at)
    steps = [slot.step for slot in own]
    acts = (step for step in steps if not isinstance(step, SignInStep) or step.category in OPENS)
    first = next(acts, None)
    return scenario.when.while_absent is None and first is not None and not isinstance(first, SignInStep)


def openings(scenario: Scenario, actor: Actor, cast: Cast) -> Iterator[Opening]:
    """Yield when *actor* may begin to play, hour by hour, in order of time.

    At work: on days on which they were active, an hour as likely as they were active in it, night and rare hours
    excepted, see `Actor.work`; for who is absent, on their `Actor.weekdays`.
    At night: an hour of their own night; any: any hour. What begins in a session of theirs begins in an hour
    in which they used an item: wherever in this hour that was, all that ``when`` asks for holds.
    """
    anchored, length = in_session(scenario), _length(scenario)
    for span in intervals(scenario, actor, cast):
        last = min(span.end, span.over_by - length + 1) - (WAKE if anchored else 0)
        for at, weight in _hours(scenario, actor, span.begin, last):
            begin, end = max(at, span.begin), min(at + HOUR, last)
            whole = begin == at and end == at + HOUR
            if (whole or not anchored) and _in_time(scenario, actor, span, begin if anchored else end):
                yield Opening(begin, end, weight)


def _hours(scenario: Scenario, actor: Actor, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the hours, and their weights, that reach into the time from *begin* to *end* and that ``hours`` allows."""
    anchored, weights = in_session(scenario), _weights(scenario.when.hours, actor)
    wanted = sum(1 << hour for hour, weight in enumerate(weights) if weight)
    at_work = scenario.when.hours == "work"
    present = anchored or (at_work and scenario.when.while_absent is None)
    weekdays = actor.weekdays if at_work and not present else range(7)
    for number in range(begin // DAY, (end - 1) // DAY + 1):
        day = actor.days.get(number)
        if day is None and (present or number % 7 not in weekdays):
            continue
        hours = wanted & day.hours if day and anchored else wanted
        for hour in range(24):
            at = number * DAY + hour * HOUR
            if hours >> hour & 1 and begin < at + HOUR and at < end:
                yield at, weights[hour]


def _length(scenario: Scenario) -> int:
    """Return how long *scenario* takes at most, in nanoseconds, apart from steps that wait for active days."""
    spans = (
        slot.at + (slot.step.repeat - 1) * slot.every + slot.jitter
        for slot in slots(scenario.steps)
        if not isinstance(slot.every, str)
    )
    return max(spans, default=0)


def _in_time(scenario: Scenario, actor: Actor, span: Interval, since: int) -> bool:
    """Return whether the days with an item usage from *since* on are as many as the steps ask for, and in time."""
    waiting = [slot for slot in slots(scenario.steps) if isinstance(slot.every, str)]
    if not waiting:
        return True
    ends = sorted(day.last for day in actor.days.values() if day.last >= since)
    return all(
        slot.step.repeat <= len(ends) and ends[slot.step.repeat - 1] + WAKE + slot.at + slot.jitter <= span.over_by
        for slot in waiting
    )


def _weights(which: str, actor: Actor) -> list[int]:
    """Return a weight for each hour of the day."""
    if which == "any":
        return [1] * 24
    if which == "night":
        night = actor.night
        return [int(hour in night) for hour in range(24)]
    return actor.work
