"""Several processes make what one makes, in the same order, and what they hand over stays what it is."""

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import active_children
from multiprocessing.process import BaseProcess
from pathlib import Path
from pickle import PickleBuffer
from typing import Any

import numpy as np
import pytest
from processes import started

from simulator.workers import Workers, WorkersError


def open_shop(size: int) -> Callable[[int], dict[str, Any]]:
    return partial(make, size)


def make(size: int, task: int) -> dict[str, Any]:
    if task < 0:
        raise ValueError(f"task: found {task}; legal: 0 or more")
    return {"array": np.full(size, task), "parts": Parts(task), "task": task}


class Parts:
    """Buffers that are made while they are pickled."""

    def __init__(self, task: int) -> None:
        self._task = task

    def __iter__(self) -> Iterator[bytes]:
        yield from (b"%d" % self._task * length for length in (1, 0, 100))

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, map(PickleBuffer, self)


def told(made: dict[str, Any]) -> tuple[int, list[int], bytes]:
    return made["task"], made["array"].tolist(), b"".join(made["parts"])


TASKS = list(range(12))
EXPECTED = [(task, [task] * 1000, b"%d" % task * 101) for task in TASKS]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_is_made_comes_in_the_order_of_the_tasks(count: int) -> None:
    assert list(map(told, Workers(count, partial(open_shop, 1000)).make(TASKS))) == EXPECTED


def test_what_is_kept_stays_while_more_is_made() -> None:
    kept = list(Workers(2, partial(open_shop, 1000)).make(TASKS))
    gc.collect()
    assert list(map(told, kept)) == EXPECTED


def test_without_memory_to_share_the_same_comes_through_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.memfd_create", raising=False)
    assert list(map(told, Workers(2, partial(open_shop, 1000)).make(TASKS))) == EXPECTED


def test_nothing_to_do_is_nothing_made() -> None:
    assert list(Workers(2, partial(open_shop, 1)).make([])) == []


@pytest.mark.parametrize("count", [1, 2])
def test_a_task_that_fails_fails_the_whole(count: int) -> None:
    with pytest.raises(ValueError, match=r"\Atask: found -1; legal: 0 or more\Z"):
        list(Workers(count, partial(open_shop, 10)).make([1, 2, -1, 3, 4, 5]))


def test_one_may_stop_asking() -> None:
    made = Workers(2, partial(open_shop, 1000)).make(TASKS)
    assert told(next(made)) == EXPECTED[0]
    made.close()  # type: ignore[attr-defined]


def test_buffers_that_memory_to_share_refuses_come_through_pipes() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, before[1]))  # an array takes 8,000
    try:
        assert list(map(told, Workers(2, partial(open_shop, 1000)).make(TASKS))) == EXPECTED
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def open_no_shop() -> Callable[[int], int]:
    raise MemoryError


@pytest.mark.parametrize("count", [1, 2])
def test_a_shop_that_cannot_open_fails_the_whole_in_silence(count: int, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MemoryError):
        list(Workers(count, open_no_shop).make(TASKS))
    assert capfd.readouterr().err == ""


def kill_oneself(task: int) -> int:
    if task == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def open_deadly_shop() -> Callable[[int], int]:
    return kill_oneself


def test_a_worker_that_is_killed_ends_the_work_with_one_line() -> None:
    with pytest.raises(WorkersError, match=r"\Aworkers: found one killed, [^\n]*; legal: [^\n]*\Z"):
        list(Workers(2, open_deadly_shop).make(TASKS))


WITHOUT_END = """
import os, time
from simulator.workers import Workers

def open_shop():
    return work

def work(task):
    if task < 2:
        time.sleep(0.5)  # so that both workers have one
        return os.getpid()
    time.sleep(600)

if __name__ == "__main__":
    made = Workers(2, open_shop).make(range(9))
    print(next(made), next(made), flush=True)
    next(made)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc, which Linux has")
@pytest.mark.parametrize("how", ["SIGKILL", "SIGHUP"])
def test_workers_end_when_their_parent_is_gone(tmp_path: Path, how: str) -> None:
    (tmp_path / "work.py").write_text(WITHOUT_END)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, str(tmp_path / "work.py")]
    with started(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert all(map(runs, workers))
        parent.send_signal(getattr(signal, how))
    until = time.monotonic() + 30
    while any(map(runs, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert [worker for worker in workers if runs(worker)] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_workers_start_ends_the_work_once_they_have(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def end(*_: object) -> None:
        raise InterruptedError

    start, started = BaseProcess.start, []

    def disturbed(process: BaseProcess) -> None:
        signal.raise_signal(number)
        start(process)
        started.append(process)

    monkeypatch.setattr(BaseProcess, "start", disturbed)
    before = signal.signal(number, end)
    try:
        with pytest.raises(InterruptedError):
            list(Workers(2, partial(open_shop, 10)).make(TASKS))
        assert signal.getsignal(number) is end
    finally:
        signal.signal(number, before)
    assert len(started) == 1
    assert active_children() == []


def runs(process: int) -> bool:
    """Whether a process works still; one that has ended may wait as a zombie for somebody to ask how."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
