"""A process that is killed while it brings a store, or results, into being: the next begins as if it had not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from embedded_losses import contents

from detector.stores.base import StoreError
from detector.stores.urls import open_store
from harness.journal import Journal
from harness.output import opened

_KILLED = """
import os, sys
import detector.stores.directory as directory
from detector.stores.urls import open_store

def die(*_):
    os.kill(os.getpid(), 9)

setattr(*{"before the mark": (directory.StoreDirectory, "mark"), "within it": (os, "fsync")}[sys.argv[2]], die)
open_store(sys.argv[1])
"""
KINDS = ("rocksdb", "lmdb")


def killed(url: str, moment: str) -> None:
    assert subprocess.run([sys.executable, "-c", _KILLED, url, moment], check=False).returncode == -9


@pytest.mark.parametrize("moment", ["before the mark", "within it"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_store_that_was_only_begun_is_begun_again(kind: str, moment: str, tmp_path: Path) -> None:
    url = f"{kind}:///{tmp_path}/s"
    killed(url, moment)
    assert contents(tmp_path / "s")
    store = open_store(url)
    store.commit({b"g": b"blob"}, (), b"checkpoint")
    store.close()
    store = open_store(url)
    assert store.checkpoint() == b"checkpoint"
    store.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_somebody_else_put_there_meanwhile_is_left_with_all_the_rest(kind: str, tmp_path: Path) -> None:
    url = f"{kind}:///{tmp_path}/s"
    killed(url, "before the mark")
    (tmp_path / "s" / "letter.txt").write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(StoreError, match="a directory with other things in it"):
        open_store(url)
    assert contents(tmp_path) == before


def test_results_that_a_process_of_the_same_number_left_are_in_nobodys_way(tmp_path: Path) -> None:
    """In a container the number of a process is ever the same."""
    out = tmp_path / "out.ndjson"
    left = tmp_path / f".out.ndjson.{os.getpid()}.partial"
    left.write_text("half a li")
    with opened(out) as stream:
        stream.write(b"whole\n")
    assert out.read_bytes() == b"whole\n"
    left.write_text("half a li")
    journal = Journal(out)
    with journal.opened() as stream:
        stream.write(b"first\n")
        journal.keep()
    assert [path.name for path in tmp_path.iterdir()] == ["out.ndjson"]
    assert out.read_bytes() == b"first\n"


def test_the_name_of_the_results_is_on_the_disk_before_the_store_hears_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the loss of power might bring back a longer file of an earlier run, to be cut and gone on with."""
    synchronised: list[Path] = []
    fsync = os.fsync

    def seen(descriptor: int) -> None:
        synchronised.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", seen)
    journal = Journal(tmp_path / "out.ndjson")
    with journal.opened() as stream:
        stream.write(b"first\n")
        journal.keep()
    assert synchronised == [tmp_path.resolve() / f".out.ndjson.{os.getpid()}.partial", tmp_path.resolve()]


def test_results_that_were_written_after_the_last_commit_go(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "out.ndjson")
    with journal.opened() as stream:
        stream.write(b"first\n")
        journal.keep()
        stream.write(b"second\n")
        stream.flush()
    assert (tmp_path / "out.ndjson").read_bytes() == b"first\n"


_FULL = """
import os, resource, sys
from detector.stores.base import StoreError
from detector.stores.urls import open_store

store = open_store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
try:
    for number in range(100):
        store.commit({b"%d" % number: os.urandom(1000)}, (), b"%d" % number)
except StoreError as error:
    print(error)
try:
    store.close()
except StoreError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
store = open_store(sys.argv[1])
print(store.checkpoint() is not None)
"""


@pytest.mark.parametrize("kind", ["sqlite", "rocksdb", "lmdb"])
def test_a_disk_that_is_full_is_told_in_one_line_by_commit_and_close_and_the_next_one_may_write(
    kind: str, tmp_path: Path
) -> None:
    pytest.importorskip("resource")
    ran = subprocess.run(
        [sys.executable, "-c", _FULL, f"{kind}:///{tmp_path}/s"], capture_output=True, text=True, check=False
    )
    *told, is_kept = ran.stdout.splitlines()
    assert (ran.stderr, is_kept) == ("", "True")
    assert told
    assert all(line.startswith(f"{tmp_path}/s: ") for line in told)
