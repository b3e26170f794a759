"""Killed at any moment, a run goes on after its last commit, and its results are those of a run that nobody killed."""

import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

import pytest
from killed_runs import KILLS, finished, running, simulated, uninterrupted
from store_places import PLACES

LASTING: Final = [kind for kind in PLACES if kind != "memory"]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("killed"))


def killed(command: Sequence[str], commits: int, pause: float) -> bool:
    """Kill the command some seconds after so many commits; whether it was still running."""
    with running(command, commits) as child:
        time.sleep(pause)
        still = child.poll() is None
        child.kill()
    return still


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
