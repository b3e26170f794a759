"""Time per event stays what it is from 10^6 to 10^8 events; memory stays state plus a batch.

The kernel judges batches that are made one at a time, so that nothing but its own state grows. From Parquet, a process
of its own tells its time and its greatest resident memory.
"""

import subprocess
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from benchmarks.codes import actions, parts
from benchmarks.flat import write
from benchmarks.interleaved import pin
from benchmarks.judging import Batch, CodesJudge, batches

PEOPLE: Final = 10_000
ALLOWED: Final = 1.5
MEGABYTES: Final = 1_000
FEW, SOME, MANY = 1_000_000, 10_000_000, 100_000_000

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, which Linux has")


class Judged(NamedTuple):
    nanoseconds: float
    """Of each event, the making of them not counted."""
    found: int


def judged(events: int) -> Judged:
    """So many events by the kernel alone."""
    judge, took, found, high = CodesJudge(), 0.0, 0, (0, 0)
    for part in parts(events, PEOPLE, actions):
        (batch,) = batches(part)
        high = (max(high[0], batch.groups), max(high[1], batch.values))  # codes met, by all parts until now
        start = time.process_time()
        found += len(judge.matches(Batch(batch.rows, *high)))
        took += time.process_time() - start
    return Judged(took / events * 1e9, found)


class Run(NamedTuple):
    seconds: float
    """To the rows of matches: how many there are to describe does not grow with the events."""
    megabytes: float
    """Of a run that describes them."""
    found: int


# The process itself tells of its memory: what the system tells of a dead child counts its parent's at the fork too.
_DETECT: Final = """
import sys, time
from pathlib import Path
from benchmarks.interleaved import pin
from benchmarks.test_columnar import judged, ours
pin()
path = Path(sys.argv[1])
found = len(ours(path))
peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
start = time.process_time()
judged(path)
print(time.process_time() - start, peak, found)
"""


def detected(path: Path) -> Run:
    """The columnar engine over a file, in a process of its own."""
    command = [sys.executable, "-c", _DETECT, str(path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return Run(float(told[0]), float(told[1]), int(told[2]))


def test_kernels_time_per_event_is_constant_from_a_million_to_a_hundred_million() -> None:
    pin()
    judged(FEW)  # compiled, and its memory warm
    few, many = judged(FEW).nanoseconds, judged(MANY).nanoseconds
    print(f"\nkernel: {few:.2f} ns an event of a million, {many:.2f} ns of a hundred million")
    assert many <= ALLOWED * few


@on_linux
def test_ten_million_events_of_parquet_need_less_than_a_gigabyte(tmp_path: Path) -> None:
    run = detected(write(tmp_path / "usages.parquet", SOME, PEOPLE))
    print(f"\n{SOME:,} events of Parquet, {run.found:,} matches: {run.megabytes:.0f} MB, {run.seconds:.1f} s")
    assert run.found == judged(SOME).found
    assert run.megabytes < MEGABYTES


@on_linux
@pytest.mark.long
def test_a_hundred_million_events_of_parquet_need_less_than_a_gigabyte_and_no_longer_each(tmp_path: Path) -> None:
    many = detected(write(tmp_path / "many.parquet", MANY, PEOPLE))
    (tmp_path / "many.parquet").unlink()
    some = detected(write(tmp_path / "some.parquet", SOME, PEOPLE))
    print(f"\n{MANY:,} events of Parquet, {many.found:,} matches: {many.megabytes:.0f} MB, {many.seconds:.0f} s")
    print(f"{SOME:,}: {some.found:,} matches, {some.megabytes:.0f} MB, {some.seconds:.1f} s")
    assert many.found == judged(MANY).found
    assert many.megabytes < MEGABYTES
    assert many.seconds / MANY <= ALLOWED * some.seconds / SOME
