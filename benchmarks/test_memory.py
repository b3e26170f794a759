"""Memory of `detect` grows with (group, value) pairs, not with events: 5 million events need what 1 million need."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.workload import lines

PEOPLE = 2_000
REPEATED = 100_000
ALLOWED = 1.1


def stream(events: int) -> Iterator[bytes]:
    """Some 100,000 lines again and again: what the stream's length does, nothing else."""
    data = b"\n".join(lines(REPEATED, PEOPLE)) + b"\n"
    for _ in range(events // REPEATED):
        yield data


def peak_megabytes(events: int) -> float:
    """The greatest resident memory of a `detect` that has read so many events from a pipe and waits for more.

    Asked of the living process: what the system tells of a dead child counts its parent's memory at the fork too.
    """
    command = [sys.executable, "-m", "harness", "detect", "-", "--emit", "matches", "--out", os.devnull]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        for data in stream(events):
            process.stdin.write(data)
        process.stdin.flush()
        status = Path(f"/proc/{process.pid}/status").read_text()
        _, told = process.communicate()
    assert process.returncode == 0, told
    assert f"{events:,} events read" in told.decode()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, which Linux has")
def test_five_million_events_need_the_memory_of_one_million() -> None:
    one, five = peak_megabytes(1_000_000), peak_megabytes(5_000_000)
    print(f"\npeak memory of detect: {one:.1f} MB at 1 million events, {five:.1f} MB at 5 million")
    assert five <= ALLOWED * one
