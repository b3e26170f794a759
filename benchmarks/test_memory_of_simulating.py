"""Memory of simulating is flat in days: 80 days of a company need what 20 need, the processes together."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.blocks import PEOPLE

# Megabytes: the lines of a block that waits, or row groups, which the four blocks of 20 days need not fill. Were what
# is written kept, 60 days more would be 340 MB as columns and 1,370 MB as lines.
ALLOWED = 160
_LOOK = 0.02  # seconds


def resident_megabytes(process: int) -> float:
    """Resident memory of a process and of those it started; 0 for one that is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        # A worker is started by a helper's thread, so children of all threads count.
        for task in Path(f"/proc/{process}/task").iterdir():
            children += (task / "children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    own = int((status.partition("VmRSS:")[2].split() or ["0"])[0]) / 1024
    return own + sum(resident_megabytes(int(child)) for child in set(children))


def peak_megabytes(out: Path, days: int, workers: int, form: str, people: int = PEOPLE) -> float:
    """The greatest resident memory of all processes of a `simulate`."""
    command = [sys.executable, "-m", "harness", "simulate", "--profile", "midsize-1000", "--delivery", "realistic"]
    command += ["--people", str(people), "--days", str(days), "--workers", str(workers)]
    command += ["--format", form, "--out", str(out)]
    peak = 0.0
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            peak = max(peak, resident_megabytes(process.pid))
            time.sleep(_LOOK)
    assert process.returncode == 0
    return peak


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, which Linux has")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("form", ["ndjson", "parquet"])
def test_eighty_days_need_the_memory_of_twenty(tmp_path: Path, form: str, workers: int) -> None:
    few, many = (peak_megabytes(tmp_path / f"{days}", days, workers, form) for days in (20, 80))
    print(f"\n{form}, {workers} workers: at most {few:.0f} MB at 20 days, {many:.0f} MB at 80")
    assert many <= few + ALLOWED
