"""The load generator: batches put to an engine, as fast as it takes them or on a schedule.

On a schedule a batch is late from the moment at which it should have begun, however busy the store was then: measured
from when it did begin, a stall would hide all the waiting that it causes (coordinated omission).
"""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

Batch = TypeVar("Batch")


class Clock(NamedTuple):
    """What time it is in nanoseconds, and a way to let some seconds pass."""

    now: Callable[[], int] = time.perf_counter_ns
    sleep: Callable[[float], None] = time.sleep


class Pass(NamedTuple):
    """One pass of batches. Latencies are in nanoseconds, one a batch."""

    batches: int
    """How many were done."""
    nanoseconds: int
    """From the first one's beginning to the last one's end."""
    op: list[int]
    """From when each began."""
    intended: list[int]
    """From when each should have begun; none without a schedule."""
    unserved: int
    """How many should have begun in the time, and did not."""


def saturated(feed: Callable[[Batch], object], batches: Sequence[Batch], seconds: float, clock: Clock) -> Pass:
    """Feed one batch after the other until the time is up or there are no more."""
    now, op = clock.now, list[int]()
    began = ended = now()
    end = began + int(seconds * 1e9)
    for batch in batches:
        start = now()
        if start >= end:
            break
        feed(batch)
        ended = now()
        op.append(ended - start)
    return Pass(len(op), ended - began, op, [], 0)


def scheduled(
    feed: Callable[[Batch], object], batches: Sequence[Batch], seconds: float, clock: Clock, a_second: float
) -> Pass:
    """Begin so many batches a second, each at its time or, where the one before is not done, right after it."""
    now, op, intended = clock.now, list[int](), list[int]()
    began = ended = now()
    length = int(seconds * 1e9)
    planned = [begin for begin in (round(number * 1e9 / a_second) for number in range(len(batches))) if begin < length]
    for batch, offset in zip(batches, planned, strict=False):
        due = began + offset
        _wait(due, clock)
        start = now()
        if start >= began + length and start > due:
            break
        feed(batch)
        ended = now()
        op.append(ended - start)
        intended.append(ended - due)
    return Pass(len(op), ended - began, op, intended, len(planned) - len(op))


def _wait(due: int, clock: Clock) -> None:
    """Let time pass until *due*: asleep, but for the last fifth of a millisecond, which a sleep may miss."""
    while (left := due - clock.now()) > 0:
        if left > 200_000:
            clock.sleep((left - 200_000) / 1e9)
