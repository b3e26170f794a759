"""Baselines in one SQLite file: the default for a path."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from detector.stores.base import StoreError

APPLICATION_ID: Final = 0x76647231
"""Marks the file as ours (the bytes "vdr1"), where the `file` command and SQLite look for it."""
SCHEMA_VERSION: Final = 1
_GROUPS_A_QUERY: Final = 500
_SCHEMA = f"""
CREATE TABLE baseline (grp BLOB PRIMARY KEY, blob BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE progress (id INTEGER PRIMARY KEY CHECK (id = 1), checkpoint BLOB NOT NULL);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
"""


class SqliteStore:
    """Baselines in a SQLite file in WAL mode with `synchronous=NORMAL`.

    A commit survives the death of the process; the last ones may be lost when the machine loses power. One
    writer at a time: a second is refused.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = SqliteStore(Path(folder) / "state.db")
    ...     store.commit({b"g": b"blob"}, (), b"checkpoint")
    ...     found = store.read([b"g", b"h"])
    ...     store.close()
    >>> found
    [b'blob', None]
    """

    durability = "commit (process), checkpoint (power)"

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._told():
            self._db = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            with self._told():
                self._identify()
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
        except StoreError:
            self._db.close()
            raise

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(groups), _GROUPS_A_QUERY):
            some = groups[start : start + _GROUPS_A_QUERY]
            marks = ",".join("?" * len(some))
            with self._told():
                found.update(self._db.execute(f"SELECT grp, blob FROM baseline WHERE grp IN ({marks})", some))  # noqa: S608
        return list(map(found.get, groups))

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Apply the batch in one transaction, or as a part of the run that is open."""
        if not self._db.in_transaction:
            with self.run():
                return self.commit(puts, deletes, checkpoint)
        with self._told():
            self._db.executemany("INSERT OR REPLACE INTO baseline VALUES (?, ?)", puts.items())
            self._db.executemany("DELETE FROM baseline WHERE grp = ?", ((group,) for group in deletes))
            self._db.execute("INSERT OR REPLACE INTO progress VALUES (1, ?)", (checkpoint,))
        return None

    def checkpoint(self) -> bytes | None:
        """What the last commit left."""
        with self._told():
            row = self._db.execute("SELECT checkpoint FROM progress").fetchone()
        return bytes(row[0]) if row else None

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Every group with its blob, sorted."""
        with self._told():
            yield from self._db.execute("SELECT grp, blob FROM baseline ORDER BY grp")

    @contextmanager
    def run(self) -> Iterator[None]:
        """Hold the file's write lock for the block; keep its commits only if it ends well."""
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            with self._told():
                self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk has rolled back already
                self._db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _identify(self) -> None:
        """Refuse a database that is not ours before anything in it is touched; make an empty one ours."""
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
            return
        (owner,) = self._db.execute("PRAGMA application_id").fetchone()
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if owner != APPLICATION_ID:
            raise StoreError(
                f"{self._path}: a SQLite file of another application; legal: a vaultdrill store or a new file"
            )
        if version != SCHEMA_VERSION:
            raise StoreError(f"{self._path}: found a store of version {version}; legal: {SCHEMA_VERSION}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell in one line what SQLite refuses."""
        try:
            yield
        except sqlite3.Error as error:
            if "locked" in str(error):
                raise StoreError(
                    f"{self._path}: another run is writing to this store; legal: one writer at a time"
                ) from None
            raise StoreError(f"{self._path}: cannot be used as a store ({error})") from None
