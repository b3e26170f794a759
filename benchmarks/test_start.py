"""`vaultdrill --help` answers at once, the columnar engine soon: in bare interpreter starts, and in seconds."""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.workload import lines

LINES = 100_000
PEOPLE = 400


def wall_seconds(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def seconds_to_first_line(command: list[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """From the start of a process to the first line that it writes; and its processor time to its end."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        took = time.perf_counter() - start
        _, told = process.communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode == 0, told
    assert first.startswith(b'{"uuid":')
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_takes_less_than_twelve_bare_starts_and_a_quarter_of_a_second() -> None:
    pairs = [(wall_seconds("-c", "pass"), wall_seconds("-m", "harness", "--help")) for _ in range(15)]
    starts = statistics.median(ours / bare for bare, ours in pairs)
    seconds = statistics.median(ours for _, ours in pairs)
    print(f"\n--help: {seconds:.3f} s, {starts:.1f} bare interpreter starts")
    assert starts < 12
    assert seconds < 0.25


def test_a_second_columnar_process_reaches_its_first_match_in_less_than_two_seconds(tmp_path: Path) -> None:
    path = tmp_path / "usages.ndjson"
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in lines(LINES, PEOPLE))
    command = [sys.executable, "-m", "harness", "detect", str(path), "--engine", "columnar", "--emit", "matches"]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "compiled")}
    command += ["--format", "ndjson"]
    cold, _ = seconds_to_first_line(command, environment)
    runs = [seconds_to_first_line(command, environment) for _ in range(5)]
    warm, processor = (statistics.median(column) for column in zip(*runs, strict=True))
    bare = statistics.median(wall_seconds("-c", "pass") for _ in range(5))
    print(
        f"\nfirst match of {LINES:,} lines by columns: {warm:.2f} s, {warm / bare:.0f} bare starts; cold {cold:.1f} s"
    )
    print(f"processor time of the whole run: {processor:.2f} s")
    assert warm < 2
