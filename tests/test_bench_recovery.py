"""How long a store takes to answer again: what is opened is what a killed process would leave."""

from contextlib import closing
from pathlib import Path

import pytest

from detector.event import Event
from detector.stores.base import BaselineStore
from detector.stores.urls import open_store
from harness.bench import recovery
from harness.bench.place import opened_at
from harness.bench.recovery import after_a_kill, after_the_end

EVENT = Event("U", 0, "ada", ("fill",), None, None)


@pytest.mark.parametrize("scheme", ["sqlite", "rocksdb", "lmdb"])
def test_what_is_opened_holds_every_commit_and_the_store_itself_is_not_touched(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[bytes | None]] = []

    def looked_into(url: str) -> BaselineStore:
        store = opened_at(url)
        seen.append([store.checkpoint(), *store.read([b"ada"])])
        return store

    monkeypatch.setattr(recovery, "opened_at", looked_into)
    url = f"{scheme}:///{tmp_path}/state"
    with closing(open_store(url)) as store:
        store.commit({b"ada": b"blob"}, (), b"checkpoint")
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
        taken = after_a_kill(url, EVENT)
        after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert taken is not None
    assert taken > 0
    assert seen == [[b"checkpoint", b"blob"]]
    assert after == before


def test_a_store_without_files_cannot_be_copied() -> None:
    assert after_a_kill("memory:", EVENT) is None


def test_files_that_never_stand_still_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[Path] = []

    def moving(path: Path, copy: Path) -> None:
        tries.append(path)
        raise OSError

    monkeypatch.setattr(recovery, "_copy", moving)
    assert after_a_kill(f"sqlite:///{tmp_path}/s.db", EVENT) is None
    assert len(tries) == 5


def test_a_store_that_was_closed_is_opened_where_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.db"
    with closing(open_store(url)) as store:
        store.commit({b"ada": b"blob"}, (), b"checkpoint")
    assert after_the_end(url, EVENT) > 0
