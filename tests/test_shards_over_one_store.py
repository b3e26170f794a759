"""Several workers at the same time over one store on a server, each with a shard of it, find what one worker finds."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest
from killed_runs import running, simulated, uninterrupted
from store_places import PLACES

from detector.shard import Shard

SERVERS: Final = ("redis", "postgresql")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("shared"))


@pytest.fixture(params=SERVERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store on a server, where nothing is yet."""
    return PLACES[request.param](tmp_path)


class Workers:
    """The commands of so many workers that share a store, and the results that they write."""

    def __init__(self, company: Path, folder: Path, url: str, parts: int, emit: str) -> None:
        self.shards = [str(Shard(part, parts)) for part in range(1, parts + 1)]
        self.outs = [folder / f"{part}.ndjson" for part in range(parts)]
        common = ("detect", str(company), "--engine", "stream", "--emit", emit, "--store", url)
        self.commands = [
            (*common, "--shard", shard, "--out", str(out)) for shard, out in zip(self.shards, self.outs, strict=True)
        ]

    def results(self) -> list[list[bytes]]:
        """The lines that each has written."""
        return [out.read_bytes().splitlines() for out in self.outs]


def vaultdrill(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "harness", *command], capture_output=True, text=True, check=False)


def ends_well(command: Sequence[str]) -> None:
    """The server learns of the death of a worker a moment later."""
    until = time.monotonic() + 20
    while (done := vaultdrill(command)).returncode and "another run is writing" in done.stderr:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert done.returncode == 0, done.stderr


def is_in_order(some: list[bytes], whole: list[bytes]) -> bool:
    left: Iterator[bytes] = iter(whole)
    return all(line in left for line in some)


def assert_together(workers: Workers, whole: bytes) -> None:
    """The workers have found what one finds, each its part of it in the same order, and each has some."""
    found, expected = workers.results(), whole.splitlines()
    assert all(found)
    assert Counter(line for lines in found for line in lines) == Counter(expected)
    assert all(is_in_order(lines, expected) for lines in found)


@pytest.mark.parametrize(("parts", "emit"), [(2, "matches"), (3, "matches"), (3, "signals")])
def test_workers_at_the_same_time_find_together_what_one_finds(
    url: str, parts: int, emit: str, company: Path, tmp_path: Path
) -> None:
    workers = Workers(company, tmp_path, url, parts, emit)
    with ExitStack() as ending:
        started = [ending.enter_context(running(command, commits=0)) for command in workers.commands]
        said = [worker.communicate() for worker in started]
    assert [worker.returncode for worker in started] == [0] * parts, said
    assert_together(workers, uninterrupted(company, tmp_path, "--emit", emit))


def test_a_worker_that_is_killed_goes_on_beside_the_others(url: str, company: Path, tmp_path: Path) -> None:
    workers = Workers(company, tmp_path, url, 2, "matches")
    survivor, victim = workers.commands
    with running(survivor, commits=0) as alive:
        with running(victim, commits=3) as dying:
            dying.kill()
        told = vaultdrill(["state", "show", "--store", url, "--shard", "2/2", "--limit", "0", "--format", "json"])
        (run,) = json.loads(told.stdout)["state"]["open_runs"]
        assert (run["shard"], run["out"]) == ("2/2", str(workers.outs[1]))
        assert run["events"] >= 1200
        ends_well(victim)
        said = alive.communicate()
    assert alive.returncode == 0, said
    assert_together(workers, uninterrupted(company, tmp_path, "--emit", "matches"))
    ends_well(victim)
    assert_together(workers, uninterrupted(company, tmp_path, "--emit", "matches"))


def test_a_second_worker_of_one_shard_is_refused_in_one_line(url: str, company: Path, tmp_path: Path) -> None:
    workers = Workers(company, tmp_path, url, 2, "matches")
    first = workers.commands[0]
    with running(first, commits=1) as busy:
        busy.send_signal(signal.SIGSTOP)  # so that it does not end before the second has come
        second = vaultdrill([*first[:-1], str(tmp_path / "other.ndjson")])
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.count("\n") == 1
    assert "another run is writing to this store" in second.stderr
    assert not (tmp_path / "other.ndjson").exists()
