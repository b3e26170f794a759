"""Progress: for a person at a terminal, on stderr, gone when the work is done; nobody else sees any."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from drills import Usage, write_drill

HABIT = [Usage(f"2026-01-{day:02d}T09:00:00Z", "ada", "fill") for day in range(1, 9)]


class Seen(NamedTuple):
    code: int
    out: bytes
    screen: str


def at_a_terminal(*arguments: str) -> Seen:
    """Run the command with its standard output in a pipe and its standard error on a terminal."""
    screen, terminal = pty.openpty()
    command = [sys.executable, "-m", "harness", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal) as process:
        os.close(terminal)
        assert process.stdout is not None
        shown = b""
        while piece := _read(screen):
            shown += piece
        out = process.stdout.read()
    os.close(screen)
    return Seen(process.returncode, out, shown.decode())


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def test_detect_shows_a_count_and_ends_with_its_summary(tmp_path: Path) -> None:
    drill = write_drill(
        tmp_path / "d", [*HABIT, Usage("2026-01-09T09:00:00Z", "ada", "export")], "2026-01-10T00:00:00Z"
    )
    seen = at_a_terminal("detect", str(drill), "--format", "ndjson")
    assert seen.code == 0
    assert seen.out.count(b"\n") == 1
    assert "a second" in seen.screen
    assert "9 events read, 9 selected" in seen.screen


def test_simulate_shows_days_and_says_what_it_staged_below_them(tmp_path: Path) -> None:
    seen = at_a_terminal(
        "simulate", "--people", "20", "--days", "30", "--scenario", "attacks/bulk-reveal", "--out", str(tmp_path / "d")
    )
    assert seen.code == 0
    assert "simulating" in seen.screen
    last_bar, story = seen.screen.rindex("days"), seen.screen.index("attacks/bulk-reveal: ")
    assert last_bar < story
    assert "\n" not in seen.screen[story:].rstrip()


def test_demo_tells_its_story_below_the_bar() -> None:
    screen, terminal = pty.openpty()
    command = [sys.executable, "-m", "harness", "demo", "--people", "20", "--days", "30"]
    with subprocess.Popen(command, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        shown = b""
        while piece := _read(screen):
            shown += piece
    os.close(screen)
    text = shown.decode()
    assert process.returncode == 0
    assert text.rindex("simulating") < text.index("A company of 20 people")
