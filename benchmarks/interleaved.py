"""Ratios that survive a noisy machine: pieces of work in turn, on one core, by processor time."""

import gc
import os
import statistics
import time
from collections.abc import Callable, Mapping


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of one run of *work*."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def ratio(limit: Callable[[], object], ours: Callable[[], object], rounds: int = 7) -> float:
    """How many times as fast *ours* is as *limit*: the median over rounds that run both, after one that does not count.

    Pins the process to one core where the system allows it.
    """
    return ratios({"limit": limit}, ours, rounds)["limit"]


def ratios(others: Mapping[str, Callable[[], object]], ours: Callable[[], object], rounds: int = 5) -> dict[str, float]:
    """How many times as fast *ours* is as each of the *others*: as `ratio` has it, all of them in every round."""
    pin()
    for work in (*others.values(), ours):
        work()
    rows = []
    for _ in range(rounds):
        others_took = [seconds(work) for work in others.values()]
        took = seconds(ours)
        rows.append([other / took for other in others_took])
    return dict(zip(others, map(statistics.median, zip(*rows, strict=True)), strict=True))


def pin() -> None:
    """Keep the process on one core where the system allows it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
