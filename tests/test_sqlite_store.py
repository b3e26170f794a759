"""The SQLite store: one file, one writer at a time, three promises, and files that are not ours."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from detector.stores.base import Durability, StoreError
from detector.stores.sqlite import SqliteStore
from detector.stores.sqlite_file import APPLICATION_ID, SCHEMA_VERSION
from detector.stores.sqlite_view import SqliteView
from detector.stores.urls import look_into, open_store, store_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def refused(open_it: Callable[[], object], *words: str) -> None:
    """The refusal is one line with those words in it."""
    with pytest.raises(StoreError) as refusal:
        open_it()
    text = str(refusal.value)
    assert "\n" not in text
    assert all(word in text for word in words), text


def fill(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        store.commit({b"a": b"1"}, (), b"c")


# One writer


def test_a_second_writer_is_refused_when_it_opens_and_welcome_after(path: Path) -> None:
    with closing(SqliteStore(path)) as first:
        refused(lambda: SqliteStore(path), str(path), "one writer at a time")
        first.commit({b"a": b"1"}, (), b"c")
        refused(lambda: SqliteStore(path), str(path), "one writer at a time")
    with closing(SqliteStore(path)) as second:
        assert second.read([b"a"]) == [b"1"]


def test_a_second_writer_by_another_name_of_the_file_is_refused_too(path: Path) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)
    with closing(SqliteStore(link)):
        refused(lambda: SqliteStore(path), "one writer at a time")


def test_who_was_refused_leaves_the_first_writer_in_peace(path: Path) -> None:
    with closing(SqliteStore(path)) as first:
        refused(lambda: SqliteStore(path))
        first.commit({b"a": b"1"}, (), b"c")
        assert first.read([b"a"]) == [b"1"]


def test_a_file_that_cannot_be_a_store_is_not_kept_locked(path: Path) -> None:
    path.write_bytes(b"short")
    refused(lambda: SqliteStore(path))
    path.write_bytes(b"")
    SqliteStore(path).close()


def test_another_application_that_writes_to_the_file_is_told_when_it_opens(path: Path) -> None:
    fill(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        refused(lambda: SqliteStore(path), str(path), "one writer at a time")


def test_a_store_can_be_looked_into_from_the_moment_a_writer_opens_it(path: Path) -> None:
    fill(path)
    with closing(SqliteStore(path)) as writer, closing(SqliteView(path)) as view:
        writer.commit({b"a": b"2"}, (), b"d")
        assert (view.read([b"a"]), view.checkpoint()) == ([b"1"], b"c")
        with closing(SqliteView(path)) as later:
            assert (later.read([b"a"]), later.checkpoint()) == ([b"2"], b"d")


def test_a_look_keeps_no_writer_away(path: Path) -> None:
    fill(path)
    with closing(SqliteView(path)):
        SqliteStore(path).close()


# Commits, pages, room


def test_a_commit_outlives_its_store(path: Path) -> None:
    fill(path)
    with closing(SqliteStore(path)) as store:
        assert (list(store.scan()), store.checkpoint()) == ([(b"a", b"1")], b"c")


def test_a_commit_that_fails_leaves_the_store_as_it_was_and_usable(path: Path) -> None:
    fill(path)
    with closing(SqliteStore(path)) as store:
        with pytest.raises(TypeError):
            store.commit({b"b": b"2", b"c": "no bytes"}, (), b"d")  # type: ignore[dict-item]  # the point of it
        assert (list(store.scan()), store.checkpoint()) == ([(b"a", b"1")], b"c")
        store.commit({b"b": b"2"}, (), b"d")
        assert store.checkpoint() == b"d"


def test_commits_between_the_pages_of_a_scan_leave_the_other_groups_as_they_are(path: Path) -> None:
    before = {b"%05d" % number: b"old" for number in range(2500)}
    with closing(SqliteStore(path)) as store:
        store.commit(before, (), b"c")
        scan = store.scan()
        found = [next(scan)]
        store.commit({b"00001a": b"new", b"02499": b"new"}, [b"02000"], b"d")
        found += scan
    untouched = [told for told in before.items() if told[0] not in (b"02000", b"02499")]
    assert [told for told in found if told[1] == b"old" and told[0] != b"02000"] == untouched
    assert len({group for group, _ in found}) == len(found)


def test_its_room_is_that_of_the_file_with_every_commit_in_it(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        store.commit({b"%d" % number: b"x" * 1000 for number in range(1000)}, (), b"c")
        room = store.footprint()
        assert room.memory is None
        assert room.disk == path.stat().st_size > 1_000_000


def test_its_room_has_the_log_in_it_that_a_look_holds_fast(path: Path) -> None:
    fill(path)
    with closing(SqliteStore(path)) as store, closing(SqliteView(path)):
        store.commit({b"%d" % number: b"x" * 1000 for number in range(1000)}, (), b"c")
        assert (store.footprint().disk or 0) > 1_000_000


# What a URL asks for


@pytest.mark.parametrize(
    ("query", "durability", "synchronous"),
    [
        ("", Durability("normal", process=True, server=True, power=False), 1),
        ("?durability=normal", Durability("normal", process=True, server=True, power=False), 1),
        ("?durability=full", Durability("full", process=True, server=True, power=True), 2),
        ("?durability=off", Durability("off", process=True, server=True, power=False), 0),
    ],
)
def test_a_url_chooses_what_survives(path: Path, query: str, durability: Durability, synchronous: int) -> None:
    with closing(open_store(f"sqlite:///{path}{query}")) as store:
        assert isinstance(store, SqliteStore)
        assert store.durability == durability
        assert store._db.execute("PRAGMA synchronous").fetchone() == (synchronous,)


@pytest.mark.parametrize("query", ["durability=extra", "durability=", "timeout=1"])
def test_another_parameter_is_refused_before_there_is_a_file(path: Path, query: str) -> None:
    refused(lambda: open_store(f"sqlite:///{path}?{query}"), "--store: sqlite: ", "legal: ")
    assert not path.exists()


@pytest.mark.parametrize("url", ["{}", "sqlite:///{}", "sqlite:///{}?durability=full"])
def test_a_path_or_its_url_is_the_same_store(path: Path, url: str) -> None:
    fill(path)
    address = url.format(path)
    assert store_path(address) == path
    with closing(look_into(address)) as view:
        assert view.read([b"a"]) == [b"1"]
    with closing(open_store(address)) as store:
        assert store.read([b"a"]) == [b"1"]


def test_a_name_that_sqlite_takes_for_memory_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fill(Path(":memory:"))
    with closing(SqliteStore(tmp_path / ":memory:")) as store:
        assert store.checkpoint() == b"c"


# A new file, and files that are not ours


def test_a_new_file_goes_again_if_nothing_was_committed_also_when_it_is_closed_twice(path: Path) -> None:
    store = SqliteStore(path)
    assert path.exists()
    store.close()
    store.close()
    assert list(path.parent.iterdir()) == []


def test_what_took_the_place_of_a_new_file_is_not_removed_by_a_second_close(path: Path) -> None:
    store = SqliteStore(path)
    store.close()
    fill(path)
    store.close()
    assert path.exists()


def test_a_new_file_stays_after_a_commit_without_any_group(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        store.commit({}, (), b"c")
    assert list(path.parent.iterdir()) == [path]


def test_an_empty_file_that_was_there_stays_and_bears_our_mark(path: Path) -> None:
    path.touch()
    SqliteStore(path).close()
    assert list(path.parent.iterdir()) == [path]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_database_of_another_application_is_refused_and_left_untouched(path: Path, mode: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA journal_mode = {mode}")
        database.execute("CREATE TABLE baseline (grp, blob)")
    before = contents(path.parent)
    refused(lambda: SqliteStore(path), str(path), "another application")
    assert contents(path.parent) == before


def test_what_another_application_was_killed_over_is_left_for_it_to_mend(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE theirs (name)")
        for ending in ("", "-wal"):
            (folder / f"state.db{ending}").write_bytes(Path(f"{path}{ending}").read_bytes())
    before = contents(folder)
    assert before["state.db-wal"]
    refused(lambda: SqliteStore(folder / "state.db"), "another application")
    assert contents(folder) == before


def test_a_store_of_a_newer_version_is_refused_and_left_untouched(path: Path) -> None:
    fill(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = contents(path.parent)
    refused(lambda: SqliteStore(path), str(path), f"found a store of version {SCHEMA_VERSION + 1}", "legal: ")
    assert contents(path.parent) == before


@pytest.mark.parametrize("content", [b"not a database, but text that is long enough " * 40, b"short"])
def test_a_file_that_is_no_database_is_refused_and_left_untouched(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    refused(lambda: SqliteStore(path), str(path), "not a database")
    assert contents(path.parent) == {path.name: content}


def test_a_folder_and_a_path_into_nowhere_are_refused(tmp_path: Path) -> None:
    refused(lambda: SqliteStore(tmp_path), str(tmp_path))
    refused(lambda: SqliteStore(tmp_path / "nowhere" / "state.db"), "nowhere")
    assert list(tmp_path.iterdir()) == []
