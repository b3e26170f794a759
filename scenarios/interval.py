"""Intervals: the stretches of time in which the days of an actor let a scenario begin."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from scenarios.actor import Actor, Habit
from scenarios.cast import Cast
from scenarios.duration import DAY
from scenarios.scenario import Moment, Scenario

_WEEK = 7 * DAY

LATELY = 14
"""Days: what somebody does often, they did within as many before (assumption)."""


class Interval(NamedTuple):
    """From ``begin`` until before ``end`` an incident may begin; at ``over_by`` it must be over. Nanoseconds."""

    begin: int
    end: int
    over_by: int


def intervals(scenario: Scenario, actor: Actor, cast: Cast) -> list[Interval]:
    """Return when the days of *actor* let *scenario* begin, in order of time; hours of the day are not looked at.

    Never before they did what the scenario asks that they have done, or did lately what it asks that they do often;
    never across a suspension of theirs; and after their last item usage only where ``when`` asks for a last day or
    an absence.
    """
    when = scenario.when
    began = [actor.habits[action].began + 1 for action in scenario.actor.has_done]
    earliest = max([actor.first + when.after_history, *began])
    latest = cast.last + 1 if when.within_history is None else actor.first + when.within_history + 1
    found = _within(_outside(_picked(when, actor, cast), cast.suspensions(actor)), [(earliest, latest)])
    for action in scenario.actor.often:
        found = _within(found, list(_alive(actor.habits[action])))
    return list(found)


def _picked(when: Moment, actor: Actor, cast: Cast) -> Iterator[Interval]:
    """Yield the days that *when* picks."""
    if when.last_day:
        if actor.last + _WEEK <= cast.last:
            yield Interval(actor.last - DAY, actor.last + DAY + 1, cast.last)
    elif when.after_absence is not None:
        for begin, end in _absences(actor, actor.last):
            if end - begin >= when.after_absence:
                midnight = end - end % DAY
                yield Interval(max(midnight, begin + when.after_absence), midnight + DAY, cast.last)
    elif when.while_absent is not None:
        for begin, end in _absences(actor, cast.last):
            yield Interval(begin + when.while_absent, end, end)
    else:
        until = actor.last if when.within_first is None else min(actor.last, cast.first + when.within_first)
        yield Interval(actor.first, until + 1, cast.last)


def _absences(actor: Actor, end: int) -> Iterator[tuple[int, int]]:
    """Yield each stretch between two successive days with an item usage, and the one from the last to *end*."""
    days = [actor.days[number] for number in sorted(actor.days)]
    yield from ((before.last, after.first) for before, after in pairwise(days))
    if end > actor.last:
        yield actor.last, end


def _alive(habit: Habit) -> Iterator[tuple[int, int]]:
    """Yield the stretches in each moment of which they did it within the 14 days before, at whatever time of a day."""
    first, *days = sorted(habit.days)
    begin, end = habit.began + 1, (first + LATELY) * DAY
    for day in days:
        if (day + 1) * DAY > end:
            yield begin, end
            begin = (day + 1) * DAY
        end = (day + LATELY) * DAY
    yield begin, end


def _within(found: Iterable[Interval], stretches: list[tuple[int, int]]) -> Iterator[Interval]:
    """Yield what of *found* lies in *stretches*, each from its start until before its end."""
    for span in found:
        for begin, end in stretches:
            if max(span.begin, begin) < min(span.end, end):
                yield Interval(max(span.begin, begin), min(span.end, end), span.over_by)


def _outside(found: Iterable[Interval], suspensions: list[tuple[int, int | None]]) -> Iterator[Interval]:
    """Yield what is left of *found* outside *suspensions*, into which no incident may reach."""
    for span in found:
        begin = span.begin
        for closed, reopened in suspensions:
            yield Interval(begin, min(span.end, closed), min(span.over_by, closed))
            begin = span.end if reopened is None else max(begin, reopened)
        yield Interval(begin, span.end, span.over_by)
