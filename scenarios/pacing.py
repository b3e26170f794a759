"""Pacing: when the repetitions of the steps of an incident happen."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from scenarios.assignment import Assignment
from scenarios.cast import Cast
from scenarios.draws import below
from scenarios.duration import MILLISECOND, SECOND
from scenarios.login import suits
from scenarios.opening import in_session
from scenarios.schedule import slots
from scenarios.step import ItemUsageStep, Step
from scenarios.trail import Trail


@dataclass(frozen=True)
class Pacing:
    """The times of one incident, in nanoseconds since the epoch, among the *trail* of its actor in *cast*."""

    assignment: Assignment
    trail: Trail
    cast: Cast
    seed: int

    @cached_property
    def start(self) -> int:
        """When the incident begins: as assigned, or right after an item usage of the actor's in that hour.

        One with an app that suits the first step, if there is any.
        """
        start, scenario, purpose = self.assignment.start, self.assignment.scenario, (self.seed, self.assignment.run)
        if not in_session(scenario):
            return start
        first = min((slot for slot in slots(scenario.steps) if slot.step.by == "actor"), key=lambda slot: slot.at).step
        suited = Trail([usage for usage in self.trail.usages if suits(usage.setting.app, first, self.cast.does)])
        moved = suited.anchored(start, *purpose)
        return moved if moved != start else self.trail.anchored(start, *purpose)

    def times(self, number: int, step: Step, repeat: int) -> Iterator[int]:
        """Yield when each of *repeat* repetitions of the *number*-th step happens.

        Scenarios tell no time below a millisecond, so those digits are drawn; a stream whose own times are
        coarser gets no finer ones.
        """
        tick = self._usage_tick if isinstance(step, ItemUsageStep) else self.tick
        for k, begin in enumerate(self._begins(number, step, repeat)):
            delay = below(max(step.jitter, MILLISECOND), self.seed, self.assignment.run, number, k, "jitter")
            at = begin + step.at + delay
            yield at - at % tick

    def before(self, at: int, *purpose: object) -> int:
        """Return when somebody signed in who does something at *at*: 2 to 10 seconds earlier (assumption)."""
        earlier = at - 2 * SECOND - below(8 * SECOND, self.seed, self.assignment.run, *purpose, "before")
        return earlier - earlier % self.tick

    def _begins(self, number: int, step: Step, repeat: int) -> Iterator[int]:
        """Yield from when ``at`` counts for each repetition; an active day that never comes brings none."""
        if step.after == "previous":
            yield from self.times(number - 1, self.assignment.scenario.steps[number - 2], repeat)
            return
        if not isinstance(step.every, str):
            yield from (self.start + k * step.every for k in range(repeat))
            return
        for k, usages in enumerate(self.trail.active_days_from(self.start)[:repeat]):
            suited = [usage for usage in usages if suits(usage.setting.app, step, self.cast.does)] or usages
            usage = suited[below(len(suited), self.seed, self.assignment.run, k, "active day")]
            yield max(usage.at, self.start)

    @cached_property
    def _usage_tick(self) -> int:
        return _tick(usage.at for usage in self.trail.usages)

    @cached_property
    def tick(self) -> int:
        """What all times of sign-ins and audit events are multiples of, in nanoseconds, as the trail shows."""
        return _tick(session.at for session in self.trail.sessions) if self.trail.sessions else self._usage_tick


def _tick(times: Iterable[int]) -> int:
    """Return the longest of a second, a tenth of one ... a nanosecond that all *times* are whole multiples of."""
    common, tick = math.gcd(*times), SECOND
    while common % tick:
        tick //= 10
    return tick
