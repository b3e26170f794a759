"""Killed at any moment, a run goes on after its last commit, and its results are those of a run that nobody killed."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

import pytest
from hypothesis import settings
from processes import started
from store_places import PLACES

from harness.cli import main

CHILD: Final = """
import sys
import harness.detection
from harness.cli import main
from harness.resuming import Resuming

harness.detection.COMMITTED = 400
commit = Resuming.commit

def told(self, counts):
    commit(self, counts)
    sys.stdout.write(".")
    sys.stdout.flush()

Resuming.commit = told
main()
"""
"""The command with smaller batches, that writes a dot after each of its commits."""
LASTING: Final = [kind for kind in PLACES if kind != "memory"]
KILLS: Final = 50 if settings.get_current_profile_name() == "nightly" else 5


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed") / "company"
    call(
        "simulate", "--profile", "startup-50", "--days", "60", "--seed", "3", "--scenario", "all", "--out", str(folder)
    )
    return folder


def call(*arguments: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["vaultdrill", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 0


def uninterrupted(company: Path, folder: Path, *options: str) -> bytes:
    call("detect", str(company), "--engine", "stream", *options, "--out", str(folder / "whole.ndjson"))
    return (folder / "whole.ndjson").read_bytes()


def killed(command: Sequence[str], commits: int, pause: float) -> bool:
    """Kill the command some seconds after so many commits; whether it was still running."""
    with started([sys.executable, "-c", CHILD, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        child.stdout.read(commits)
        time.sleep(pause)
        still = child.poll() is None
        child.kill()
    return still


def finished(command: Sequence[str]) -> str:
    done = subprocess.run([sys.executable, "-c", CHILD, *command], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.decode()


@pytest.mark.parametrize("emit", ["signals", "matches"])
@pytest.mark.parametrize("kind", LASTING)
def test_a_run_that_is_killed_at_random_moments_ends_as_one_that_is_not(
    kind: str, emit: str, company: Path, tmp_path: Path
) -> None:
    random = Random(f"{kind} {emit}")
    whole = uninterrupted(company, tmp_path, "--emit", emit)
    out = tmp_path / "results.ndjson"
    where = ["--store", PLACES[kind](tmp_path), "--out", str(out)]
    command = ["detect", str(company), "--engine", "stream", "--emit", emit, *where]
    kills = 0
    for _ in range(KILLS if emit == "signals" else 2):
        kills += killed(command, random.randint(1, 9), random.random() * 0.03)
        assert whole.startswith(out.read_bytes())
    assert kills
    finished(command)
    assert out.read_bytes() == whole
