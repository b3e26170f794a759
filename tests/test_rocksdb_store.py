"""The RocksDB store, beyond what embedded stores have in common: runs without a log, and damage."""

from pathlib import Path

import pytest
from embedded_engines import ROCKSDB
from embedded_losses import is_of_one_commit, killed_after, numbered

from detector.stores.base import StoreError
from detector.stores.rocksdb import RocksStore
from detector.stores.rocksdb_view import RocksView
from detector.stores.urls import look_into, open_store


def test_a_killed_run_without_a_log_leaves_an_earlier_commit(tmp_path: Path) -> None:
    url = f"rocksdb:///{tmp_path}/s?durability=none"
    store = open_store(url)
    store.commit(numbered(1), (), b"1")
    store.close()
    told = killed_after(url, 500)
    for way in (look_into, open_store):
        found = way(url)
        assert 1 <= is_of_one_commit(found) < told
        found.close()


def test_an_orderly_end_without_a_log_loses_nothing(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "s", "none")
    store.commit(numbered(1), (), b"1")
    store.close()
    again = RocksStore(tmp_path / "s", "none")
    assert is_of_one_commit(again) == 1
    again.close()


def test_damage_in_a_table_is_told_or_does_not_matter(tmp_path: Path) -> None:
    path = ROCKSDB.filled(tmp_path / "s", batches=2000)
    (table,) = path.glob("*.sst")
    whole = table.read_bytes()
    told = []
    for place in range(100, len(whole), len(whole) // 20):
        table.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            _read_all(path, 2000)
        except StoreError as error:
            told.append(str(error))
    assert len(told) > 10
    assert all(line.startswith(f"{path}: damaged: ") and "\n" not in line for line in told)


def test_damage_in_the_log_leaves_an_earlier_commit(tmp_path: Path) -> None:
    killed_after(f"rocksdb:///{tmp_path}/s", 50)
    (log,) = (tmp_path / "s").glob("*.log")
    whole = log.read_bytes()
    log.write_bytes(whole[:9000] + bytes([whole[9000] ^ 1]) + whole[9001:])
    view = RocksView(tmp_path / "s")
    assert 0 < is_of_one_commit(view) < 50
    view.close()


@pytest.mark.parametrize("gone", ["CURRENT", "*.sst", "MANIFEST-*"])
def test_a_store_that_has_lost_a_file_is_refused(tmp_path: Path, gone: str) -> None:
    path = ROCKSDB.filled(tmp_path / "s")
    for file in path.glob(gone):
        file.unlink()
    for way in (RocksStore, RocksView):
        with pytest.raises(StoreError, match="damaged"):
            way(path)


def _read_all(path: Path, batches: int) -> None:
    view = RocksView(path)
    try:
        assert is_of_one_commit(view) == batches
        assert view.read(list(numbered(batches))) == list(numbered(batches).values())
    finally:
        view.close()
