"""One writer at a time: the lock on an embedded store's own file or directory."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import PIPE, CompletedProcess, run

import pytest
from builders import line, usage
from processes import started

from detector.stores.base import StoreError
from detector.stores.sqlite import SqliteStore
from detector.stores.sqlite_view import SqliteView
from detector.stores.writer_lock import WriterLock

_WRITER = """
import sys
from pathlib import Path
from detector.stores.sqlite import SqliteStore
store = SqliteStore(Path(sys.argv[1]))
store.commit({b"a": b"theirs"}, (), b"c")
print("open", flush=True)
sys.stdin.read()
"""
_VISITOR = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("SELECT count(*) FROM baseline").fetchall()
database.close()
"""


_WITHOUT_FLOCK = """
import sys
sys.modules["fcntl"] = None
from harness.cli import main
main()
"""


@pytest.fixture(params=["file", "directory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "place"
    if request.param == "file":
        path.touch()
    else:
        path.mkdir()
    return path


@contextmanager
def another_process_writes(path: Path) -> Iterator[None]:
    """From its first commit on until the block ends, and then it is killed."""
    with started([sys.executable, "-c", _WRITER, str(path)], stdin=PIPE, stdout=PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        yield


def test_a_second_lock_is_refused_in_one_line_until_the_first_is_released(place: Path) -> None:
    first = WriterLock(place)
    with pytest.raises(StoreError) as refusal:
        WriterLock(place)
    assert str(refusal.value) == f"{place}: another run is writing to this store; legal: one writer at a time"
    first.release()
    WriterLock(place).release()


def test_to_release_twice_takes_it_from_nobody_else(place: Path) -> None:
    first = WriterLock(place)
    first.release()
    second = WriterLock(place)
    first.release()
    with pytest.raises(StoreError, match="one writer at a time"):
        WriterLock(place)
    second.release()


def test_locks_on_different_places_do_not_meet(place: Path, tmp_path: Path) -> None:
    first, second = WriterLock(place), WriterLock(tmp_path)
    first.release()
    second.release()


def test_nothing_is_created_by_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used as a store"):
        WriterLock(tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []


def test_a_named_pipe_is_refused_by_a_store_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match="cannot be used as a store"):
        SqliteStore(tmp_path / "pipe")


def descriptors() -> list[str]:
    return sorted(entry.name for entry in Path("/proc/self/fd").iterdir())


def test_a_refusal_leaves_no_descriptor_open(tmp_path: Path) -> None:
    with another_process_writes(tmp_path / "state.db"):
        before = descriptors()
        with pytest.raises(StoreError, match="one writer at a time"):
            WriterLock(tmp_path / "state.db")
        assert descriptors() == before


def test_another_process_that_writes_is_met_when_the_store_is_opened_and_not_when_it_is_looked_into(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    with another_process_writes(path):
        with pytest.raises(StoreError, match="one writer at a time"):
            SqliteStore(path)
        with closing(SqliteView(path)) as view:
            assert view.read([b"a"]) == [b"theirs"]


def test_the_lock_goes_with_a_process_that_is_killed_and_its_commits_stay(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with another_process_writes(path):
        pass
    with closing(SqliteStore(path)) as store:
        assert (store.read([b"a"]), store.checkpoint()) == ([b"theirs"], b"c")


def test_a_refused_second_opening_in_one_process_does_not_let_another_application_in(tmp_path: Path) -> None:
    """To close a descriptor of the file would drop SQLite's own locks, and the last to leave removes the log."""
    path = tmp_path / "state.db"
    with closing(SqliteStore(path)) as store:
        store.commit({b"a": b"1"}, (), b"c")
        with pytest.raises(StoreError):
            SqliteStore(path)
        with started([sys.executable, "-c", _VISITOR, str(path)]) as visitor:
            assert visitor.wait() == 0
        assert path.with_name("state.db-wal").exists()


@pytest.mark.parametrize("store", ["state.db", "lmdb:///state", "rocksdb:///state"])
def test_without_flock_a_store_in_files_is_refused_in_one_line_and_leaves_nothing(tmp_path: Path, store: str) -> None:
    (tmp_path / "records.ndjson").touch()
    done = without_flock(tmp_path, "detect", "records.ndjson", "--store", store)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "without flock" in done.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["records.ndjson"]


@pytest.mark.parametrize("store", [(), ("--store", "memory:"), ("--store", "bloom:")])
def test_without_flock_whoever_uses_no_store_in_files_notices_nothing(tmp_path: Path, store: tuple[str, ...]) -> None:
    (tmp_path / "records.ndjson").write_bytes(line(usage(0)))
    assert without_flock(tmp_path, "--help").returncode == 0
    assert without_flock(tmp_path, "detect", "records.ndjson", *store).returncode == 0


def without_flock(directory: Path, *arguments: str) -> "CompletedProcess[str]":
    command = [sys.executable, "-c", _WITHOUT_FLOCK, *arguments]
    return run(command, cwd=directory, capture_output=True, text=True, check=False)
