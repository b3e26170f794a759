"""Baselines in one SQLite file: the default for a path."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from detector.stores.base import StoreError
from detector.stores.sqlite_file import SCHEMA, checksum, identify, is_new, told
from detector.stores.sqlite_view import SqliteReading

_PROGRESS: Final = "INSERT OR REPLACE INTO progress VALUES (1, ?, ?, EXISTS (SELECT * FROM baseline))"


class SqliteStore(SqliteReading):
    """Baselines in a SQLite file in WAL mode with `synchronous=NORMAL`.

    A commit survives the death of the process; the last ones may be lost when the machine loses power. One
    writer at a time: a second is refused. A file that it made, and that nobody has committed to when it is closed,
    goes again.

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
        self._is_ours = not path.exists()
        with told(path):
            super().__init__(path, sqlite3.connect(path, timeout=0, isolation_level=None))
        try:
            with told(path):
                self._identify()
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file, or remove it."""
        if self._is_ours:
            with suppress(sqlite3.Error, OSError):  # somebody else has it open, and may want it
                self._withdraw()
        super().close()

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Apply the batch in one transaction, or as a part of the run that is open."""
        if not self._db.in_transaction:
            with self.run():
                return self.commit(puts, deletes, checkpoint)
        rows = ((group, blob, checksum(group, blob)) for group, blob in puts.items())
        with self._told():
            self._db.executemany("INSERT OR REPLACE INTO baseline VALUES (?, ?, ?)", rows)
            self._db.executemany("DELETE FROM baseline WHERE grp = ?", ((group,) for group in deletes))
            self._db.execute(_PROGRESS, (checkpoint, checksum(checkpoint)))
        return None

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

    def _withdraw(self) -> None:
        """Remove the file, locked against everybody else, if there was no commit."""
        if self._db.execute("SELECT EXISTS (SELECT * FROM progress)").fetchone()[0]:
            return
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = DELETE")  # takes the log away, which needs the file for itself
        self._db.execute("BEGIN EXCLUSIVE")
        if not self._db.execute("SELECT EXISTS (SELECT * FROM progress)").fetchone()[0]:
            self._path.resolve().unlink()

    def _identify(self) -> None:
        """Refuse a database that is not ours before anything in it is touched; make an empty one ours."""
        if is_new(self._db):
            self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
        else:
            identify(self._path, self._db)
