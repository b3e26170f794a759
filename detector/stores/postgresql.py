"""Baselines in a PostgreSQL database: a schema of its own for each store, and batches as one transaction.

The lock of the one writer belongs to the connection: between it and the server there must not be a pool that hands out
connections for a transaction at a time.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Final

import psycopg

from detector.stores import postgresql_schema as schema
from detector.stores.base import BaselineStore, Durability, Footprint, StoreError, StoreView
from detector.stores.kinds import SUMMARIES, StoreKind
from detector.stores.postgresql_shards import shards
from detector.stores.postgresql_url import SETTINGS, PostgresUrl
from detector.stores.postgresql_view import PostgresReading, PostgresView, sealed
from detector.stores.store_url import StoreUrl

_LONGEST_GROUP: Final = 2_600
"""Bytes; a B-tree of PostgreSQL takes entries of up to 2704 with their header."""
_BYTES_A_STATEMENT: Final = 16 << 20
"""Far below the 1 GB that a message of PostgreSQL may have, far above a batch."""


class PostgresStore(PostgresReading):
    """A store that one run at a time writes to. Raises `StoreError` where it is refused; nothing is changed then.

    A store found under another durability goes on under this one, with all that it holds.
    """

    def __init__(self, url: PostgresUrl) -> None:
        db = url.connected()
        try:
            schema.lock(db, url)
            self._fresh = not schema.exists(db, url)
            if self._fresh:
                schema.create(db, url)
            schema.identify(db, url)
            schema.keep_as(db, url)
            super().__init__(url, db)
            self.durability = _promise(url, db)
        except StoreError:
            db.close()
            raise
        self._put = self._query(
            "INSERT INTO {schema}.baseline SELECT * FROM unnest(%b::bytea[], %b::bytea[])"
            " ON CONFLICT (grp) DO UPDATE SET blob = EXCLUDED.blob"
        )
        self._delete = self._query("DELETE FROM {schema}.baseline WHERE grp = ANY(%b::bytea[])")
        self._move_on = self._query(
            "INSERT INTO {schema}.progress SELECT 1, %b, EXISTS (SELECT FROM {schema}.baseline)"
            " ON CONFLICT (id) DO UPDATE SET checkpoint = EXCLUDED.checkpoint, filled = EXCLUDED.filled"
        )

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Apply the batch in one transaction. A lost connection leaves open whether it was applied; see `checkpoint`.

        Groups have up to 2600 bytes; a longer one is refused.
        """
        longest = max(map(len, puts), default=0)
        if longest > _LONGEST_GROUP:
            raise StoreError(f"{self._url.shown}: found a group of {longest} bytes; legal: up to {_LONGEST_GROUP}")
        with self._told():
            try:
                self._db.execute("BEGIN")
                self._apply(puts, deletes, checkpoint)
                self._fresh = False  # whatever comes of it: it may have been applied
                self._db.execute("COMMIT")
            except BaseException:
                if not self._db.closed:
                    self._db.rollback()
                raise

    def footprint(self) -> Footprint:
        """Both tables with their indexes, after VACUUM; what the server keeps in memory it does not say."""
        query = self._query(
            "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class"
            " WHERE relnamespace = %s::text::regnamespace AND relkind = 'r'"
        )
        with self._db.unhurried(), self._told():
            self._db.execute(self._query("VACUUM {schema}.baseline, {schema}.progress"))
            row = self._db.execute(query, (f'"{self._url.schema}"',)).fetchone()
        return Footprint(disk=None if row is None else int(row[0]), memory=None)

    def close(self) -> None:
        """End the connection; a store that came with it and was never committed to goes with it."""
        if self._fresh and not self._db.closed:
            with suppress(StoreError):  # the server is away, or somebody keeps something in there
                schema.drop(self._db, self._url)
        self._fresh = False
        super().close()

    def _apply(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        if deletes:
            self._db.execute(self._delete, (list(deletes),))
        for groups, values in _statements(puts):
            self._db.execute(self._put, (groups, values))
        self._db.execute(self._move_on, (sealed(b"", checkpoint),))


def _statements(puts: Mapping[bytes, bytes]) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Groups and values in the order of the index, as many at once as a statement should carry."""
    groups: list[bytes] = []
    values: list[bytes] = []
    size = 0
    for group, blob in sorted(puts.items()):
        groups.append(group)
        values.append(sealed(group, blob))
        size += len(group) + len(blob)
        if size >= _BYTES_A_STATEMENT:
            yield groups, values
            groups, values, size = [], [], 0
    if groups:
        yield groups, values


def _promise(url: PostgresUrl, db: psycopg.Connection) -> Durability:
    """Set the session to the durability, and tell what it comes to on this server."""
    lasting = url.durability == "commit"
    with url.told(db):
        db.execute("SET synchronous_commit = on" if lasting else "SET synchronous_commit = off")
        synced = db.execute("SHOW fsync").fetchone() == ("on",)
    return Durability(url.durability, process=True, server=lasting, power=lasting and synced)


def _opened(url: StoreUrl) -> BaselineStore:
    return PostgresStore(PostgresUrl.of(url))


def _looked_into(url: StoreUrl) -> StoreView:
    return PostgresView(PostgresUrl.of(url))


KIND: Final = StoreKind(SUMMARIES["postgresql"], SETTINGS, _opened, _looked_into, shards=shards)
