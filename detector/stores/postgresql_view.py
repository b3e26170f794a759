"""Looking into a store in PostgreSQL, which creates nothing, locks nothing and changes nothing.

PostgreSQL's own checksums of pages may be off, and were by default before version 18: so each value has a CRC-32.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Final, LiteralString

from psycopg.sql import SQL, Identifier, Literal

from detector.stores.base import StoreError
from detector.stores.checksum import checksum
from detector.stores.postgresql_connection import PatientConnection
from detector.stores.postgresql_schema import exists, identify
from detector.stores.postgresql_url import PostgresUrl

_GROUPS_A_QUERY: Final = 5_000
_GROUPS_A_PAGE: Final = 2_000
_CRC: Final = 4
"""Bytes of the checksum that comes before each value."""
_BY_INDEX: Final = "SET enable_seqscan = off; SET enable_sort = off"
"""Of tables that have grown since PostgreSQL last counted their rows, it would sort all of them for a page."""


class PostgresReading:
    """The reading half of a store over an open connection."""

    def __init__(self, url: PostgresUrl, db: PatientConnection) -> None:
        self._url = url
        self._db = db
        self._read = self._query("SELECT grp, blob FROM {schema}.baseline WHERE grp = ANY(%b::bytea[])")
        self._page = self._query("SELECT grp, blob FROM {schema}.baseline ORDER BY grp LIMIT {page}")
        self._next_page = self._query(
            "SELECT grp, blob FROM {schema}.baseline WHERE grp > %b ORDER BY grp LIMIT {page}"
        )
        self._progress = self._query("SELECT checkpoint FROM {schema}.progress")
        with self._told():
            db.execute(_BY_INDEX)

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(groups), _GROUPS_A_QUERY):
            found.update(self._rows(self._read, list(groups[start : start + _GROUPS_A_QUERY])))
        return list(map(found.get, groups))

    def checkpoint(self) -> bytes | None:
        """What the last commit left."""
        with self._told():
            row = self._db.execute(self._progress, binary=True).fetchone()
        return None if row is None else self._unsealed(b"", row[0])

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Every group with its blob, sorted: page by page, so that commits may come in between."""
        page = self._rows(self._page)
        while page:
            yield from page
            page = self._rows(self._next_page, page[-1][0])

    def close(self) -> None:
        """End the connection."""
        self._db.close()

    def _rows(self, query: bytes, *values: object) -> list[tuple[bytes, bytes]]:
        with self._told():
            rows = self._db.execute(query, values, binary=True).fetchall()
        return [(group, self._unsealed(group, value)) for group, value in rows]

    def _unsealed(self, group: bytes, value: bytes) -> bytes:
        if value[:_CRC] != _checksum(group, value[_CRC:]):
            raise StoreError(f"{self._url.shown}: damaged: what it holds differs from its checksum")
        return value[_CRC:]

    def _query(self, text: LiteralString) -> bytes:
        parts = {"schema": Identifier(self._url.schema), "page": Literal(_GROUPS_A_PAGE)}
        return SQL(text).format(**parts).as_bytes(self._db)

    def _told(self) -> AbstractContextManager[None]:
        return self._url.told(self._db)


class PostgresView(PostgresReading):
    """A store as its last commit left it, also while a run writes to it; later commits are not seen.

    Raises `StoreError` where there is no store, or none of ours.
    """

    def __init__(self, url: PostgresUrl) -> None:
        db = url.connected()
        try:
            super().__init__(url, db)
            with self._told():
                db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self._identify()
        except StoreError:
            db.close()
            raise

    def _identify(self) -> None:
        if not exists(self._db, self._url):
            raise StoreError(f"{self._url.shown}: no such store; legal: one that `detect --store` has written")
        identify(self._db, self._url)


def sealed(group: bytes, value: bytes) -> bytes:
    """The value with the checksum of its group and itself before it, as the tables hold it."""
    return _checksum(group, value) + value


def _checksum(group: bytes, value: bytes) -> bytes:
    return checksum(group, value).to_bytes(_CRC, "big")
