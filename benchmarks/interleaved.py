"""Ratios that survive a noisy machine: two pieces of work in turn, on one core, by processor time."""

import gc
import os
import statistics
import time
from collections.abc import Callable


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
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    limit()
    ours()
    return statistics.median(seconds(limit) / seconds(ours) for _ in range(rounds))
