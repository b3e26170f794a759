"""The LMDB store, beyond what embedded stores have in common: readers, the map, long groups and damage."""

import subprocess
import sys
from pathlib import Path

import pytest
from embedded_engines import LMDB
from embedded_losses import is_of_one_commit, numbered
from processes import started

import detector.stores.lmdb
from detector.stores.base import StoreError
from detector.stores.lmdb import LmdbStore
from detector.stores.lmdb_view import LmdbView


def test_a_list_of_readers_that_is_gone_stays_so(tmp_path: Path) -> None:
    path = LMDB.filled(tmp_path / "s")
    (path / "lock.mdb").unlink()
    view = LmdbView(path)
    assert is_of_one_commit(view) == 3
    view.close()
    assert not (path / "lock.mdb").exists()


def test_a_view_of_another_process_does_not_hold_up_the_writer(tmp_path: Path) -> None:
    store = LmdbStore(tmp_path / "s")
    store.commit(numbered(1), (), b"1")
    command = [sys.executable, "-c", _LOOK, f"lmdb:///{tmp_path}/s"]
    with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as looking:
        assert looking.stdin is not None
        assert looking.stdout is not None
        assert looking.stdout.readline() == b"1\n"
        store.commit({b"much": bytes(80 << 20)}, (), b"2")
        assert looking.communicate(b"\n")[0] == b"1\n"
    store.close()


def test_the_map_grows_with_what_it_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector.stores.lmdb, "_MAP_AT_FIRST", 1 << 20)
    store = LmdbStore(tmp_path / "s", "nosync")
    for number in range(3):
        store.commit({b"%d" % number: bytes(9 << 20)}, (), b"%d" % number)
    assert [len(blob or b"") for blob in store.read([b"0", b"1", b"2"])] == [9 << 20] * 3
    store.close()
    view = LmdbView(tmp_path / "s")
    assert [group for group, _ in view.scan()] == [b"0", b"1", b"2"]
    view.close()


def test_a_new_store_takes_little_room(tmp_path: Path) -> None:
    store = LmdbStore(tmp_path / "s")
    store.commit(numbered(1), (), b"1")
    assert 0 < (store.footprint().disk or 0) < 100_000
    store.close()


@pytest.mark.parametrize("length", [0, 509, 510, 511, 512, 100_000])
def test_groups_of_any_length_come_in_the_order_of_their_bytes(tmp_path: Path, length: int) -> None:
    groups = [b"a" * length, b"a" * length + b"\0", b"b" * length + b"c", b"a" * 510, b"a" * 511, b"a", b"c"]
    store = LmdbStore(tmp_path / "s")
    store.commit({group: group[-3:] for group in groups}, (), b"1")
    assert list(store.scan()) == sorted({group: group[-3:] for group in groups}.items())
    store.commit({}, groups[:1], b"2")
    assert store.read(groups[:2]) == [None, groups[1][-3:]]
    store.close()


def test_more_keys_of_full_length_than_a_page_has(tmp_path: Path) -> None:
    groups = [b"%0510d" % number for number in range(2500)]
    store = LmdbStore(tmp_path / "s")
    store.commit(dict.fromkeys(groups, b"x"), (), b"1")
    assert [group for group, _ in store.scan()] == groups
    store.close()


@pytest.mark.parametrize("sought", [b"the blob", b"the group", b"the end of a long group", b"the checkpoint"])
def test_a_changed_byte_is_told_and_not_read(tmp_path: Path, sought: bytes) -> None:
    store = LmdbStore(tmp_path / "s")
    store.commit({b"the group": b"the blob", b"l" * 600 + b"the end of a long group": b"long"}, (), b"the checkpoint")
    store.close()
    data = tmp_path / "s" / "data.mdb"
    data.write_bytes(data.read_bytes().replace(sought, sought.upper()))
    view = LmdbView(tmp_path / "s")
    with pytest.raises(StoreError, match="differs from its checksum"):
        view.checkpoint(), list(view.scan())
    view.close()


@pytest.mark.parametrize("damage", ["gone", "short", "no LMDB", "empty"])
def test_a_data_file_that_is_not_whole_is_refused(tmp_path: Path, damage: str) -> None:
    data = LMDB.filled(tmp_path / "s", batches=100) / "data.mdb"
    whole = data.read_bytes()
    data.unlink()
    if damage != "gone":
        data.write_bytes({"short": whole[: len(whole) // 2], "no LMDB": b"mine" * 5000, "empty": b""}[damage])
    for way in (LmdbStore, LmdbView):
        with pytest.raises(StoreError, match="damaged") as error:
            way(tmp_path / "s")
        assert "\n" not in str(error.value)


_LOOK = """
import sys
from detector.stores.urls import look_into
view = look_into(sys.argv[1])
print(view.checkpoint().decode(), flush=True)
sys.stdin.readline()
print(view.checkpoint().decode(), flush=True)
assert len(list(view.scan())) == 2
"""
