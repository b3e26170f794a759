"""The RocksDB store: what it refuses, what a killed run leaves, and how it is looked into."""

from pathlib import Path

import pytest
from embedded_losses import contents, is_of_one_commit, killed_after, numbered, refused_elsewhere

from detector.stores.base import StoreError
from detector.stores.rocksdb import RocksStore
from detector.stores.rocksdb_view import RocksView
from detector.stores.urls import look_into, open_store, store_path


def a_store(path: Path, batches: int = 3) -> Path:
    store = RocksStore(path)
    for number in range(1, batches + 1):
        store.commit(numbered(number), (), b"%d" % number)
    store.close()
    return path


def refusal(path: Path, url: str = "rocksdb:///{}") -> str:
    before = contents(path.parent)
    for way in (open_store, look_into):
        with pytest.raises(StoreError) as error:
            way(url.format(path))
        assert "\n" not in str(error.value)
    assert contents(path.parent) == before
    return str(error.value)


def test_a_url_names_the_directory_and_the_durability(tmp_path: Path) -> None:
    for setting, survives in {"wal": (True, False), "sync": (True, True), "none": (False, False)}.items():
        store = open_store(f"rocksdb:///{tmp_path}/s?durability={setting}")
        assert (store.durability.setting, store.durability.process, store.durability.power) == (setting, *survives)
        store.close()
    assert store_path("rocksdb:///dir/s?durability=sync") == Path("dir/s")


def test_an_unknown_durability_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "s", "rocksdb:///{}?durability=full").endswith("found 'full'; legal: wal, sync, none")


def test_a_parent_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no directory"):
        RocksStore(tmp_path / "none" / "s")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("mine")
    assert "found a file" in refusal(tmp_path / "s")


def test_a_directory_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "letter.txt").write_text("mine")
    assert "a directory with other things in it" in refusal(tmp_path / "s")


def test_a_rocksdb_of_another_application_is_refused(tmp_path: Path) -> None:
    path = a_store(tmp_path / "s")
    (path / "VAULTDRILL").unlink()
    assert "a directory with other things in it" in refusal(path)


@pytest.mark.parametrize(("mark", "told"), [("rocksdb 2\n", "version 2; legal: 1"), ("lmdb 1\n", "a store of lmdb")])
def test_another_version_and_another_engine_are_refused(tmp_path: Path, mark: str, told: str) -> None:
    path = a_store(tmp_path / "s")
    (path / "VAULTDRILL").write_text(mark)
    assert told in refusal(path)


def test_a_second_writer_is_refused_in_another_process_too(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "s")
    told = f"{tmp_path}/s: another run is writing to this store; legal: one writer at a time"
    assert refused_elsewhere(f"rocksdb:///{tmp_path}/s") == told
    store.close()
    assert refused_elsewhere(f"rocksdb:///{tmp_path}/s") == ""


def test_a_directory_that_was_never_committed_to_goes_again(tmp_path: Path) -> None:
    RocksStore(tmp_path / "s").close()
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_was_there_before_stays(tmp_path: Path) -> None:
    RocksStore(tmp_path).close()
    assert tmp_path.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_looking_at_nothing_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such store"):
        RocksView(tmp_path / "s")
    assert list(tmp_path.iterdir()) == []


def test_looking_changes_nothing(tmp_path: Path) -> None:
    path = a_store(tmp_path / "s")
    before = contents(path)
    view = RocksView(path)
    assert is_of_one_commit(view) == 3
    view.close()
    assert contents(path) == before


def test_a_view_shows_one_moment_of_a_store_that_is_written_to(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "s")
    for number in range(1, 200):
        store.commit(numbered(number), (), b"%d" % number)
        if number % 50 == 0:
            view = RocksView(tmp_path / "s")
            store.commit(numbered(number + 1), (), b"%d" % (number + 1))
            store.footprint()
            assert is_of_one_commit(view) == number
            view.close()
    store.close()


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
    path = a_store(tmp_path / "s", batches=2000)
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
    path = a_store(tmp_path / "s")
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
