"""The schedule of a scenario: when its steps happen, those that follow the step before them included."""

from collections.abc import Sequence
from typing import NamedTuple

from scenarios.duration import Pace
from scenarios.step import Step


class Slot(NamedTuple):
    """When a step happens: at the earliest ``at`` after the start, and less than ``jitter`` later, in nanoseconds.

    ``every`` is the pace of its repetitions, which is that of the step that it follows, if it follows one.
    """

    step: Step
    at: int
    jitter: int
    every: Pace


def slots(steps: Sequence[Step]) -> list[Slot]:
    """Return when each of *steps* happens, in their order.

    >>> from scenarios.duration import Duration
    >>> from scenarios.step import AuditStep, ItemUsageStep
    >>> share = ItemUsageStep(at=Duration(5), every=Duration(9), action="share")
    >>> log = AuditStep(after="previous", at=Duration(1), jitter=Duration(3), action="share", object_type="item")
    >>> [(slot.at, slot.jitter, slot.every) for slot in slots([share, log])]
    [(5, 0, 9), (6, 3, 9)]
    """
    found: list[Slot] = []
    for step in steps:
        if step.after == "previous" and found:
            before = found[-1]
            found.append(Slot(step, before.at + step.at, before.jitter + step.jitter, before.every))
        else:
            found.append(Slot(step, step.at, step.jitter, step.every))
    return found
