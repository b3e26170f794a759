"""Baselines in one SQLite file: the default for a path."""

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from detector.stores.base import BaselineStore, Durability, Footprint, StoreError, StoreView
from detector.stores.checksum import checksum
from detector.stores.kinds import SUMMARIES, StoreKind
from detector.stores.sqlite_file import SCHEMA, identify, is_new, refuse_foreign, told
from detector.stores.sqlite_view import SqliteReading, SqliteView
from detector.stores.store_url import StoreUrl
from detector.stores.writer_lock import WriterLock

_SETTINGS: Final = {
    "normal": "survives the death of the process; a loss of power may take the last commits",
    "full": "survives a loss of power",
    "off": "survives the death of the process; a loss of power may damage the file",
}
_DURABILITIES: Final = {
    setting: Durability(setting, process=True, server=True, power=setting == "full") for setting in _SETTINGS
}
"""What `PRAGMA synchronous` promises of a file in WAL mode (sqlite.org/pragma.html#pragma_synchronous)."""
_PATIENCE: Final = 1.0
"""Seconds; a look may lock the file for a moment as it opens or closes it."""
_LOG_PAGES: Final = 10_000
"""40 MB; pages that many batches change are then taken into the file once (SQLite's own limit is 1000)."""
_CACHE_KIB: Final = 64 << 10
"""Pages kept at hand; with SQLite's own 2 MB a batch reads most of its pages again."""
_PROGRESS: Final = "INSERT OR REPLACE INTO progress VALUES (1, ?, ?, EXISTS (SELECT * FROM baseline))"


class SqliteStore(SqliteReading):
    """Baselines in a SQLite file in WAL mode; *setting* is its `PRAGMA synchronous`: `normal`, `full` or `off`.

    One writer at a time: a second is refused when it opens the file. A file that it made, and never committed to,
    goes again when it is closed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = SqliteStore(Path(folder) / "state.db")
    ...     store.commit({b"g": b"blob"}, (), b"checkpoint")
    ...     found = store.read([b"g", b"h"])
    ...     store.close()
    >>> found
    [b'blob', None]
    """

    def __init__(self, path: Path, setting: str = "normal") -> None:
        self.durability = _DURABILITIES[setting]
        self._is_ours = _made(path)
        self._lock = WriterLock(path)
        try:
            refuse_foreign(path, self._lock.head(100))
            with told(path):  # resolved: ":memory:" is a file, too
                database = sqlite3.connect(path.resolve(), timeout=_PATIENCE, isolation_level=None)
        except BaseException:
            self._lock.release()
            raise
        super().__init__(path, database)
        try:
            with self._told():
                self._prepare(setting)
        except BaseException:
            self.close()
            raise

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Apply the batch in one transaction."""
        rows = ((group, blob, checksum(group, blob)) for group, blob in puts.items())
        try:
            with self._told():
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany("INSERT OR REPLACE INTO baseline VALUES (?, ?, ?)", rows)
                self._db.executemany("DELETE FROM baseline WHERE grp = ?", ((group,) for group in deletes))
                self._db.execute(_PROGRESS, (checkpoint, checksum(checkpoint)))
                self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk has rolled back already
                self._db.execute("ROLLBACK")
            raise

    def footprint(self) -> Footprint:
        """The file, after its log has been taken into it; of a log that a look still needs, the rest."""
        with self._told():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        file = self._path.resolve()
        log = file.with_name(f"{file.name}-wal")
        return Footprint(disk=sum(part.stat().st_size for part in (file, log) if part.exists()), memory=None)

    def close(self) -> None:
        """Close the file, or remove it, and let the next one write; may be called again."""
        if self._is_ours:
            with suppress(sqlite3.Error, OSError):  # somebody looks at it: it stays, empty
                self._withdraw()
            self._is_ours = False
        super().close()
        self._lock.release()  # last: see there

    def _withdraw(self) -> None:
        """Remove the file if there was no commit."""
        if self._db.execute("SELECT EXISTS (SELECT * FROM progress)").fetchone()[0]:
            return
        self._db.execute("PRAGMA busy_timeout = 0")
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = DELETE")  # takes the log away, which needs the file for itself
        self._path.resolve().unlink()

    def _prepare(self, setting: str) -> None:
        """Refuse a database that is not ours before anything in it is touched; make an empty one ours."""
        if is_new(self._db):
            self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
        else:
            identify(self._path, self._db)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(f"PRAGMA synchronous = {setting}")
        self._db.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}").fetchall()
        self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._db.executescript("BEGIN IMMEDIATE; ROLLBACK;")  # it can be written to, and its log is there for looks


def _made(path: Path) -> bool:
    """Whether there was no such file, and now is. Raises `StoreError` where there cannot be one."""
    try:
        path.resolve().touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError as error:
        raise StoreError(f"{path}: cannot be used as a store ({error.strerror})") from None
    return True


def _opened(url: StoreUrl) -> BaselineStore:
    setting = url.only("durability").choice("durability", _SETTINGS, "normal")
    return SqliteStore(url.path(), setting)


def _looked_into(url: StoreUrl) -> StoreView:
    return SqliteView(url.only("durability").path())


KIND: Final = StoreKind(SUMMARIES["sqlite"], _SETTINGS, _opened, _looked_into, StoreUrl.path)
