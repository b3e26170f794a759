"""SQLite stores that were damaged: refused in one line, by a look and by a run, never read as something else."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest
from builders import ADA, START
from hypothesis import given
from hypothesis import strategies as st

from detector.stores.base import StoreError, StoreView
from detector.stores.blob import Baseline, to_blob
from detector.stores.sqlite import SqliteStore
from detector.stores.sqlite_file import SCHEMA_VERSION
from detector.stores.sqlite_view import SqliteView
from detector.stores.urls import look_into

Opened: TypeAlias = Callable[[Path], StoreView]
Held: TypeAlias = tuple[list[tuple[bytes, bytes]], bytes | None]
BLOB = to_blob(Baseline(START, {"fill": START, "export": START + 1}, None))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture(params=[SqliteStore, SqliteView])
def opened(request: pytest.FixtureRequest) -> Opened:
    way: Opened = request.param
    return way


def fill(path: Path, groups: int = 40) -> None:
    with closing(SqliteStore(path)) as store:
        store.commit({b"%s%03d" % (ADA.encode(), number): BLOB for number in range(groups)}, (), b"checkpoint")


def held(opened: Opened, path: Path) -> Held:
    with closing(opened(path)) as store:
        return list(store.scan()), store.checkpoint()


def refusal(opened: Opened, path: Path) -> str:
    with pytest.raises(StoreError) as refused:
        held(opened, path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def changed(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE baseline SET blob = CAST(blob || x'00' AS BLOB)", "differs from its checksum"),
        ("UPDATE baseline SET grp = grp || x'00'", "differs from its checksum"),
        ("UPDATE baseline SET blob = 'text'", "differs from its checksum"),
        ("UPDATE baseline SET blob = 7", "differs from its checksum"),
        ("UPDATE progress SET checkpoint = x'00'", "differs from its checksum"),
        ("UPDATE progress SET checkpoint = 10000000000000", "differs from its checksum"),
        ("UPDATE progress SET crc = crc + 1", "differs from its checksum"),
        ("DELETE FROM progress", "baselines without their checkpoint"),
        ("DELETE FROM baseline", "a checkpoint without its baselines"),
        ("DROP TABLE baseline", "no such table"),
        (f"PRAGMA user_version = {SCHEMA_VERSION + 1}", f"found a store of version {SCHEMA_VERSION + 1}; legal: "),
        ("PRAGMA user_version = 1", "found a store of version 1; legal: "),
        ("PRAGMA application_id = 7", "another application"),
    ],
)
def test_what_somebody_else_has_changed_is_refused(path: Path, opened: Opened, statement: str, why: str) -> None:
    fill(path)
    changed(path, statement)
    assert why in refusal(opened, path)


def test_what_remains_of_a_store_whose_tables_are_gone_does_not_become_a_new_one(path: Path, opened: Opened) -> None:
    fill(path)
    changed(path, "DROP TABLE baseline")
    changed(path, "DROP TABLE progress")
    before = path.read_bytes()
    assert "no such table" in refusal(opened, path)
    assert path.read_bytes() == before


def test_a_baseline_under_the_name_of_another_group_is_refused(path: Path, opened: Opened) -> None:
    with closing(SqliteStore(path)) as store:
        store.commit({b"a": b"1", b"b": b"2"}, (), b"c")
    changed(path, "UPDATE baseline SET blob = x'32', crc = (SELECT crc FROM baseline WHERE grp = x'62')")
    assert "differs from its checksum" in refusal(opened, path)


def test_a_file_that_was_cut_off_is_refused(path: Path, opened: Opened) -> None:
    fill(path)
    whole = path.read_bytes()
    for length in (15, 100, 1000, 4096, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        refusal(opened, path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    path = tmp_path_factory.mktemp("whole") / "state.db"
    fill(path)
    return path, path.read_bytes()


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_with_any_bit_flipped_it_is_refused_or_holds_what_it_held(
    whole: tuple[Path, bytes], place: float, bit: int
) -> None:
    path, data = whole
    path.write_bytes(data)
    expected = held(SqliteView, path)
    damaged = bytearray(data)
    damaged[int(place * len(data))] ^= 1 << bit
    path.write_bytes(damaged)
    try:
        found = held(SqliteView, path)
    except StoreError as refused:
        assert "\n" not in str(refused)  # noqa: PT017 - either is right
    else:
        assert found == expected


# Looking


def test_a_look_is_at_one_moment_whatever_a_run_commits_meanwhile(path: Path) -> None:
    fill(path, groups=1)
    with closing(SqliteStore(path)) as writer, closing(SqliteView(path)) as view:
        writer.commit({b"more": BLOB}, (), b"later")
        assert (len(list(view.scan())), view.checkpoint()) == (1, b"checkpoint")


def test_a_file_at_rest_that_a_run_moves_meanwhile_is_not_read_on(path: Path) -> None:
    fill(path, groups=1)
    with closing(SqliteView(path)) as view:
        fill(path, groups=500)
        with pytest.raises(StoreError, match="a run began to write to this store meanwhile"):
            list(view.scan())


def test_what_a_killed_run_had_committed_is_seen(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(SqliteStore(path)) as store:
        store.commit({b"a": BLOB}, (), b"c")
        for ending in ("", "-wal", "-shm"):  # what a killed process leaves
            Path(f"{copy}{ending}").write_bytes(Path(f"{path}{ending}").read_bytes())
    assert held(SqliteView, copy) == ([(b"a", BLOB)], b"c")


def test_an_empty_file_is_no_store_to_look_into(path: Path) -> None:
    path.touch()
    assert "found an empty file" in refusal(SqliteView, path)
    assert path.read_bytes() == b""


@pytest.mark.parametrize("url", ["{}/absent.db", "sqlite:///{}/absent.db"])
def test_a_look_at_nothing_creates_nothing(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError, match="no such store"):
        look_into(url.format(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_path_with_marks_of_an_address_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=rwc#%41.db"
    fill(path, groups=1)
    with closing(look_into(str(path))) as store:
        assert len(list(store.scan())) == 1
