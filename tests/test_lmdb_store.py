"""The LMDB store: what it refuses, what a killed run leaves, and how it is looked into."""

import subprocess
import sys
from pathlib import Path

import pytest
from embedded_losses import contents, is_of_one_commit, numbered, refused_elsewhere
from processes import started

import detector.stores.lmdb
from detector.stores.base import StoreError
from detector.stores.lmdb import LmdbStore
from detector.stores.lmdb_view import LmdbView
from detector.stores.urls import look_into, open_store, store_path


def a_store(path: Path, batches: int = 3) -> Path:
    store = LmdbStore(path)
    for number in range(1, batches + 1):
        store.commit(numbered(number), (), b"%d" % number)
    store.close()
    return path


def refusal(path: Path, url: str = "lmdb:///{}") -> str:
    before = contents(path.parent)
    for way in (open_store, look_into):
        with pytest.raises(StoreError) as error:
            way(url.format(path))
        assert "\n" not in str(error.value)
    assert contents(path.parent) == before
    return str(error.value)


def test_a_url_names_the_directory_and_the_durability(tmp_path: Path) -> None:
    for setting, survives in {"sync": (True, True), "nosync": (True, False)}.items():
        store = open_store(f"lmdb:///{tmp_path}/s?durability={setting}")
        assert (store.durability.setting, store.durability.process, store.durability.power) == (setting, *survives)
        store.close()
    assert store_path("lmdb:///dir/s?durability=sync") == Path("dir/s")


def test_an_unknown_durability_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "s", "lmdb:///{}?durability=full").endswith("found 'full'; legal: sync, nosync")


def test_a_parent_that_is_missing_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no directory"):
        LmdbStore(tmp_path / "none" / "s")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("mine")
    assert "found a file" in refusal(tmp_path / "s")


def test_a_directory_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "letter.txt").write_text("mine")
    assert "a directory with other things in it" in refusal(tmp_path / "s")


def test_an_lmdb_of_another_application_is_refused(tmp_path: Path) -> None:
    path = a_store(tmp_path / "s")
    (path / "VAULTDRILL").unlink()
    assert "a directory with other things in it" in refusal(path)


@pytest.mark.parametrize(("mark", "told"), [("lmdb 2\n", "version 2; legal: 1"), ("rocksdb 1\n", "a store of rocksdb")])
def test_another_version_and_another_engine_are_refused(tmp_path: Path, mark: str, told: str) -> None:
    path = a_store(tmp_path / "s")
    (path / "VAULTDRILL").write_text(mark)
    assert told in refusal(path)


def test_a_second_writer_is_refused_in_another_process_too(tmp_path: Path) -> None:
    store = LmdbStore(tmp_path / "s")
    told = f"{tmp_path}/s: another run is writing to this store; legal: one writer at a time"
    assert refused_elsewhere(f"lmdb:///{tmp_path}/s") == told
    store.close()
    assert refused_elsewhere(f"lmdb:///{tmp_path}/s") == ""


def test_a_directory_that_was_never_committed_to_goes_again(tmp_path: Path) -> None:
    LmdbStore(tmp_path / "s").close()
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_was_there_before_stays(tmp_path: Path) -> None:
    LmdbStore(tmp_path).close()
    assert tmp_path.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_looking_at_nothing_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such store"):
        LmdbView(tmp_path / "s")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("readers", ["listed", "gone"])
def test_looking_changes_nothing_but_the_list_of_readers(tmp_path: Path, readers: str) -> None:
    path = a_store(tmp_path / "s")
    if readers == "gone":
        (path / "lock.mdb").unlink()
    before = contents(path)
    view = LmdbView(path)
    assert is_of_one_commit(view) == 3
    view.close()
    after = contents(path)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= {"lock.mdb"}


def test_a_view_shows_one_moment_of_a_store_that_is_written_to(tmp_path: Path) -> None:
    store = LmdbStore(tmp_path / "s")
    for number in range(1, 200):
        store.commit(numbered(number), (), b"%d" % number)
        if number % 50 == 0:
            view = LmdbView(tmp_path / "s")
            store.commit(numbered(number + 1), (), b"%d" % (number + 1))
            store.footprint()
            assert is_of_one_commit(view) == number
            view.close()
    store.close()


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
    data = a_store(tmp_path / "s", batches=100) / "data.mdb"
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
