"""Pacing: when the repetitions of the steps of an incident happen."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from scenarios.assignment import Assignment
from scenarios.draws import below
from scenarios.login import suits
from scenarios.opening import in_session
from scenarios.step import ItemUsageStep, Step
from scenarios.trail import Trail

_MS = 1_000_000
_SECOND = 1_000_000_000


@dataclass(frozen=True)
class Pacing:
    """The times of one incident, in nanoseconds since the epoch, among the *trail* of its actor."""

    assignment: Assignment
    trail: Trail
    seed: int

    @cached_property
    def start(self) -> int:
        """When the incident begins: as assigned, or right after an item usage of the actor's in that hour.

        One with an app that suits the first step, if there is any.
        """
        start, scenario, purpose = self.assignment.start, self.assignment.scenario, (self.seed, self.assignment.run)
        if not in_session(scenario):
            return start
        first = min((step for step in scenario.steps if step.by == "actor"), key=lambda step: step.at)
        suited = Trail([usage for usage in self.trail.usages if suits(usage.setting.app, first)])
        moved = suited.anchored(start, *purpose)
        return moved if moved != start else self.trail.anchored(start, *purpose)

    def times(self, number: int, step: Step) -> Iterator[int]:
        """Yield when each repetition of the *number*-th step happens.

        Scenarios tell no time below a millisecond, so those digits are drawn; a stream whose own times are
        coarser gets no finer ones.
        """
        tick = self._usage_tick if isinstance(step, ItemUsageStep) else self.tick
        for k, begin in enumerate(self._begins(step)):
            delay = below(max(step.jitter, _MS), self.seed, self.assignment.run, number, k, "jitter")
            at = begin + step.at + delay
            yield at - at % tick

    def before(self, at: int, *purpose: object) -> int:
        """Return when somebody signed in who does something at *at*: 2 to 10 seconds earlier (assumption)."""
        earlier = at - 2 * _SECOND - below(8 * _SECOND, self.seed, self.assignment.run, *purpose, "before")
        return earlier - earlier % self.tick

    def _begins(self, step: Step) -> Iterator[int]:
        """Yield from when ``at`` counts for each repetition; an active day that never comes brings none."""
        if not isinstance(step.every, str):
            yield from (self.start + k * step.every for k in range(step.repeat))
            return
        for k, usages in enumerate(self.trail.active_days_from(self.start)[: step.repeat]):
            suited = [usage for usage in usages if suits(usage.setting.app, step)] or usages
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
    common, tick = math.gcd(*times), _SECOND
    while common % tick:
        tick //= 10
    return tick
