"""Recovery: how long a store takes to answer again."""

import shutil
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from detector.event import Event
from detector.stores.base import StoreError
from detector.stores.urls import store_path
from harness.bench.place import elsewhere, opened_at
from harness.scratch import beside

_ATTEMPTS: Final = 5
"""A store's own threads may move its files while they are copied; then it is done again."""


def after_a_kill(url: str, event: Event) -> float | None:
    """Seconds from opening a store whose process was killed to its first answer; *url*'s is open, and idle.

    A copy of its files is opened, which is what a process leaves that dies now. None of a store that is not kept in
    files, or whose files would not stand still.
    """
    path = store_path(url)
    for _ in range(_ATTEMPTS if path is not None else 0):
        assert path is not None
        with beside(path) as scratch:
            copy = scratch / "store"
            try:
                _copy(path, copy)
                return after_the_end(elsewhere(url, copy), event)
            except (OSError, StoreError):  # an error of copying is one of the system's
                continue
    return None


def after_the_end(url: str, event: Event) -> float:
    """The same of a store that was closed. Raises `StoreError`."""
    start = time.perf_counter()
    with closing(opened_at(url)) as store:
        store.checkpoint()
        store.read([event.group.encode()])
        return time.perf_counter() - start


def _copy(path: Path, copy: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, copy)
        return
    for ending in ("", "-wal"):
        part = path.with_name(f"{path.name}{ending}")
        if part.exists():
            shutil.copyfile(part, copy.with_name(f"{copy.name}{ending}"))
