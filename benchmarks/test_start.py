"""`vaultdrill --help` answers at once: in bare interpreter starts, and in seconds."""

import statistics
import subprocess
import sys
import time


def wall_seconds(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def test_help_takes_less_than_twelve_bare_starts_and_a_quarter_of_a_second() -> None:
    pairs = [(wall_seconds("-c", "pass"), wall_seconds("-m", "harness", "--help")) for _ in range(15)]
    starts = statistics.median(ours / bare for bare, ours in pairs)
    seconds = statistics.median(ours for _, ours in pairs)
    print(f"\n--help: {seconds:.3f} s, {starts:.1f} bare interpreter starts")
    assert starts < 12
    assert seconds < 0.25
