"""Two workers against one: a whole company to a directory in memory, by the clock on the wall.

Others on the machine cost two workers more than one, so the best of some rounds counts on each side. Start-up, the time
of two days, is taken off: it is a second, whatever the days.
"""

import os
import shutil
from pathlib import Path
from time import perf_counter

import pytest

from benchmarks.blocks import company
from harness.run import write_company
from simulator.writers import FileFormat

DAYS, START_UP, ROUNDS = 40, 2, 5
FORMS: tuple[FileFormat, ...] = ("ndjson", "parquet")
GOAL = 1.4
MEMORY = Path("/dev/shm")

pytestmark = pytest.mark.skipif(
    not MEMORY.is_dir() or (os.cpu_count() or 1) < 2, reason="needs two cores and a directory in memory"
)


def wall_seconds(days: int, workers: int, form: FileFormat) -> float:
    out = MEMORY / f"vaultdrill-{os.getpid()}"
    start = perf_counter()
    try:
        write_company(company(days), out, workers, form=form)
        return perf_counter() - start
    finally:
        shutil.rmtree(out, ignore_errors=True)


@pytest.mark.xfail(
    reason="1.0 to 1.2 for NDJSON, 1.2 to 1.3 for Parquet: SHA-256 has the second core already; see README"
)
@pytest.mark.parametrize("form", FORMS)
def test_two_workers_are_well_faster_than_one(form: FileFormat) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))  # an earlier benchmark may have pinned this process
    best = {(days, workers): float("inf") for days in (START_UP, DAYS) for workers in (1, 2)}
    for _ in range(ROUNDS):
        for days, workers in best:
            best[days, workers] = min(best[days, workers], wall_seconds(days, workers, form))
    one, two = (best[DAYS, workers] - best[START_UP, workers] for workers in (1, 2))
    print(f"\n{form}: two workers {one / two:.2f} times one ({best[DAYS, 1]:.1f} and {best[DAYS, 2]:.1f} s in all)")
    assert one / two >= GOAL
