"""Which shards of a store there are in a PostgreSQL database: each is a schema of its own, `vaultdrill_NAME/1-of-2`."""

from contextlib import closing
from hashlib import sha256
from typing import Final

import psycopg

from detector.shard import Shard
from detector.stores.base import StoreError
from detector.stores.postgresql_url import PREFIX, PostgresUrl
from detector.stores.store_name import StoreName
from detector.stores.store_url import StoreUrl

_SCHEMAS: Final = "SELECT nspname FROM pg_namespace WHERE nspname = %(whole)s OR starts_with(nspname, %(whole)s || '/')"


def refuse_conflict(db: psycopg.Connection, url: PostgresUrl) -> None:
    """Raise `StoreError` where this store, or shard, may not begin beside what there is; within a transaction.

    Nobody else of the same name can begin before that transaction has ended.
    """
    key = int.from_bytes(sha256(f"{PREFIX}{url.name.name}/".encode()).digest()[:8], signed=True, byteorder="big")
    with url.told(db):
        db.execute("SELECT pg_advisory_xact_lock(%s)", (key,))
    if (why := url.name.conflict(_found(db, url))) is not None:
        raise StoreError(f"{url.shown}: {why}")


def shards(url: StoreUrl) -> list[Shard]:
    """The shards of the store behind *url*; none where it is whole, or not there. Raises `StoreError`."""
    parts = PostgresUrl.of(url)
    with closing(parts.connected()) as db:
        return sorted(found.shard for found in _found(db, parts) if found.shard is not None)


def _found(db: psycopg.Connection, url: PostgresUrl) -> list[StoreName]:
    """The store and the shards of that name."""
    with url.told(db):
        rows = db.execute(_SCHEMAS, {"whole": f"{PREFIX}{url.name.name}"}).fetchall()
    names = (StoreName.parse(schema.removeprefix(PREFIX)) for (schema,) in rows)
    return [name for name in names if name is not None]
