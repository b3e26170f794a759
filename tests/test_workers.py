"""Several processes make what one makes, in the same order, and what they hand over stays what it is."""

import gc
from collections.abc import Callable, Iterator
from functools import partial
from pickle import PickleBuffer
from typing import Any

import numpy as np
import pytest

from simulator.workers import Workers


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
