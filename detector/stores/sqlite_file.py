"""A SQLite file of ours: what marks it, how it is refused, and the checksums of its rows.

SQLite itself notices damage to the structure of a file, but not to the bytes within a row: a flipped bit in a time
would change verdicts without a word. So each row has a CRC-32 of its own.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from detector.stores.base import StoreError
from detector.stores.checksum import checksum

APPLICATION_ID: Final = 0x76647231
"""Marks the file as ours (the bytes "vdr1"), where the `file` command and SQLite look for it."""
SCHEMA_VERSION: Final = 2
"""1 had no checksums."""
SCHEMA: Final = f"""
CREATE TABLE baseline (grp BLOB PRIMARY KEY, blob BLOB NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE progress (
    id INTEGER PRIMARY KEY CHECK (id = 1), checkpoint BLOB NOT NULL, crc INTEGER NOT NULL, filled INTEGER NOT NULL
);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""


def refuse_foreign(path: Path, head: bytes) -> None:
    """Raise `StoreError` for a file that is not ours by its first 100 bytes: SQLite might change it in opening it.

    SQLite's file format: the text "SQLite format 3" and a zero byte; from byte 68 on the application's id.
    """
    if head and not head.startswith(b"SQLite format 3\0"):
        raise StoreError(f"{path}: cannot be used as a store (file is not a database)")
    if head and head[68:72] != APPLICATION_ID.to_bytes(4, "big"):
        raise _foreign(path)


def is_new(db: sqlite3.Connection) -> bool:
    """Whether nobody has written to the database yet: it holds nothing and bears no mark."""
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return not tables and _pragma(db, "application_id") == 0 and _pragma(db, "user_version") == 0


def identify(path: Path, db: sqlite3.Connection) -> None:
    """Raise `StoreError` for a database that is not ours, of another version, or not whole."""
    if _pragma(db, "application_id") != APPLICATION_ID:
        raise _foreign(path)
    version = _pragma(db, "user_version")
    if version != SCHEMA_VERSION:
        raise StoreError(f"{path}: found a store of version {version}; legal: {SCHEMA_VERSION}")
    (structure,) = db.execute("PRAGMA quick_check(1)").fetchone()  # about 0.7 s for each GB
    if structure != "ok":
        raise StoreError(f"{path}: damaged: {_one_line(structure)}")
    held, told_of = db.execute("SELECT EXISTS (SELECT * FROM baseline), (SELECT filled FROM progress)").fetchone()
    if held != (told_of or 0):
        found = "baselines without their checkpoint" if held else "a checkpoint without its baselines"
        raise StoreError(f"{path}: damaged: found {found}")


def whole(path: Path, row: tuple[Any, ...]) -> tuple[bytes, ...]:
    """The parts of a row, of which the last is their checksum. Raises `StoreError` where it is another."""
    *parts, crc = row
    if not all(type(part) is bytes for part in parts) or checksum(*parts) != crc:
        raise StoreError(f"{path}: damaged: what it holds differs from its checksum")
    return tuple(parts)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Tell in one line what SQLite refuses."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter: what it would quote of a damaged file
        if "locked" in str(error):
            raise StoreError(f"{path}: another run is writing to this store; legal: one writer at a time") from None
        raise StoreError(f"{path}: cannot be used as a store ({_one_line(str(error))})") from None


def _foreign(path: Path) -> StoreError:
    return StoreError(f"{path}: a SQLite file of another application; legal: a vaultdrill store or a new file")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _pragma(db: sqlite3.Connection, name: str) -> int:
    (value,) = db.execute(f"PRAGMA {name}").fetchone()
    return int(value)
