"""A run over a store that is killed, or its server is: numbered batches, each told once its commit has returned."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from processes import started

from detector.stores.base import BaselineStore, StoreView
from detector.stores.urls import open_store

ROOM: Final = b"x" * 500


def numbered(number: int) -> dict[bytes, bytes]:
    """The batch of a number: a group that every batch touches, and one of its own."""
    return {b"last": b"%d" % number, b"batch %d" % number: ROOM}


def killed_after(url: str, batches: int, server_killed: Callable[[], None] | None = None) -> int:
    """Kill a run over *url* some time after so many of its commits have returned; the last number that it told.

    With *server_killed* that is called, and the run ends for want of its server.
    """
    command = [sys.executable, __file__, url]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        assert run.stdout is not None
        told = [int(run.stdout.readline()) for _ in range(batches)]
        if server_killed is None:
            run.send_signal(signal.SIGKILL)
        else:
            server_killed()
        rest = run.stdout.read()
        told += [int(line) for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    return told[-1]


def refused_elsewhere(url: str) -> str:
    """What another process is told that opens *url* to write to it."""
    command = [sys.executable, __file__, url, "once"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr.strip().rpartition("StoreError: ")[2] if done.returncode else ""


def is_of_one_commit(store: StoreView) -> int:
    """The number of the commit that the store is left by; state and checkpoint agree on it. 0 before the first."""
    last = int(store.checkpoint() or 0)
    expected = {b"batch %d" % number: ROOM for number in range(1, last + 1)}
    assert dict(store.scan()) == (expected | {b"last": b"%d" % last} if last else {})
    return last


def contents(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file with its inode, time of change and bytes."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {
        str(file.relative_to(folder)): (file.stat().st_ino, file.stat().st_mtime_ns, file.read_bytes())
        for file in files
    }


def _commit_for_ever(store: BaselineStore) -> None:
    number = 0
    while True:
        number += 1
        store.commit(numbered(number), (), b"%d" % number)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    opened = open_store(sys.argv[1])
    if len(sys.argv) == 2:
        _commit_for_ever(opened)
    opened.close()
