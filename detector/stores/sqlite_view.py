"""Looking into a SQLite store, which creates nothing, locks nothing and changes nothing."""

import errno
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from detector.stores.base import StoreError
from detector.stores.sqlite_file import identify, is_new, told, whole

_GROUPS_A_QUERY: Final = 500
_PAGE: Final = 1000
"""How many groups a scan reads at once; between two pages there may be commits."""


class SqliteReading:
    """The reading half of a store over an open database."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self._path = path
        self._db = db

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(groups), _GROUPS_A_QUERY):
            some = groups[start : start + _GROUPS_A_QUERY]
            marks = ",".join("?" * len(some))
            query = f"SELECT grp, blob, crc FROM baseline WHERE grp IN ({marks})"  # noqa: S608 - marks, no values
            with self._told():
                for row in self._db.execute(query, some):
                    group, blob = whole(self._path, row)
                    found[group] = blob
        return list(map(found.get, groups))

    def checkpoint(self) -> bytes | None:
        """What the last commit left."""
        with self._told():
            row = self._db.execute("SELECT checkpoint, crc FROM progress").fetchone()
            return whole(self._path, row)[0] if row else None

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Every group with its blob, sorted."""
        page = self._page("", ())
        while page:
            yield from page
            page = self._page("WHERE grp > ?", (page[-1][0],))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _page(self, condition: str, after: tuple[bytes, ...]) -> list[tuple[bytes, bytes]]:
        query = f"SELECT grp, blob, crc FROM baseline {condition} ORDER BY grp LIMIT {_PAGE}"  # noqa: S608 - no values
        with self._told():
            rows = [whole(self._path, row) for row in self._db.execute(query, after)]
        return [(group, blob) for group, blob in rows]

    def _told(self) -> AbstractContextManager[None]:
        return told(self._path)


class SqliteView(SqliteReading):
    """A SQLite store as its last commit left it, also while a run writes to it; later commits are not seen.

    Raises `StoreError` where there is no store, or none of ours.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise StoreError(f"{path}: no such store; legal: one that `detect --store` has written")
        if path.is_dir():
            raise StoreError(f"{path}: cannot be used as a store ({os.strerror(errno.EISDIR)})")
        self._at_rest = None if _has_log(path) else _state(path)
        # Of a file at rest SQLite would leave a log behind; it has to be told that nobody writes to it.
        access = "mode=ro" if self._at_rest is None else "mode=ro&immutable=1"
        with told(path):
            db = sqlite3.connect(f"{path.resolve().as_uri()}?{access}", uri=True, timeout=0, isolation_level=None)
        super().__init__(path, db)
        try:
            with self._told():
                db.execute("BEGIN")  # whatever is looked at is of one moment
                self._identify()
        except StoreError:
            db.close()
            raise

    def _identify(self) -> None:
        if is_new(self._db):
            raise StoreError(f"{self._path}: found an empty file; legal: a store that `detect --store` has written")
        identify(self._path, self._db)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """As ever; and if a run has begun to write to a file that was at rest, that is what is told."""
        try:
            with told(self._path):
                yield
        except StoreError:
            self._refuse_moved()
            raise
        self._refuse_moved()

    def _refuse_moved(self) -> None:
        if self._at_rest is not None and _state(self._path) != self._at_rest:
            raise StoreError(f"{self._path}: a run began to write to this store meanwhile; legal: to look again")


def _has_log(path: Path) -> bool:
    """Whether SQLite keeps a log beside the file: somebody writes to it, or did and was killed."""
    return any(path.with_name(f"{path.name}{ending}").exists() for ending in ("-wal", "-journal"))


def _state(path: Path) -> tuple[int, int]:
    facts = path.stat()
    return facts.st_mtime_ns, facts.st_size
