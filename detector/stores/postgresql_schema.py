"""A store's schema in a PostgreSQL database: what marks it as ours, how it comes, is refused, and goes.

The mark is the schema's comment, which a dump keeps and which outlives what a crash takes from unlogged tables. Both
tables are logged, or both are unlogged: so baselines and the checkpoint vanish together.
"""

from hashlib import sha256
from typing import Final

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from detector.stores.base import StoreError
from detector.stores.postgresql_connection import PatientConnection
from detector.stores.postgresql_shards import refuse_conflict
from detector.stores.postgresql_url import PostgresUrl

FORMAT_VERSION: Final = 1
_MARK: Final = "vaultdrill baseline store, format "
_CREATE: Final = """
CREATE SCHEMA {schema};
COMMENT ON SCHEMA {schema} IS {mark};
CREATE {kind} TABLE {schema}.baseline (grp bytea PRIMARY KEY, blob bytea NOT NULL) WITH (fillfactor = 75);
CREATE {kind} TABLE {schema}.progress (
    id integer PRIMARY KEY CHECK (id = 1), checkpoint bytea NOT NULL, filled boolean NOT NULL
);
ALTER TABLE {schema}.baseline ALTER COLUMN grp SET STORAGE PLAIN, ALTER COLUMN blob SET STORAGE EXTERNAL;
"""
"""Room for a new version of a row beside the old one, which no index then has to hear of; times hardly compress."""
_DROP: Final = "DROP TABLE {schema}.baseline, {schema}.progress; DROP SCHEMA {schema}"
_HELD: Final = """
SELECT EXISTS (SELECT FROM {schema}.baseline), coalesce((SELECT filled FROM {schema}.progress), false)
"""
_KINDS: Final = """
SELECT relname, relpersistence FROM pg_class WHERE relnamespace = {schema}::regnamespace AND relkind = 'r'
"""


def lock(db: psycopg.Connection, url: PostgresUrl) -> None:
    """Become the store's one writer until the connection ends. Raises `StoreError` where there is another.

    The server learns a moment later that a writer has gone, so it is asked to wait for that long.
    """
    key = int.from_bytes(sha256(url.schema.encode()).digest()[:8], signed=True, byteorder="big")
    with url.told(db):
        try:
            with db.transaction():
                db.execute("SET LOCAL lock_timeout = '1s'")
                db.execute("SELECT pg_advisory_lock(%s)", (key,))  # the session's: it outlasts the transaction
        except psycopg.errors.LockNotAvailable:
            told = "another run is writing to this store; legal: one writer at a time"
            raise StoreError(f"{url.shown}: {told}") from None


def exists(db: psycopg.Connection, url: PostgresUrl) -> bool:
    """Whether there is a schema of the store's name that is ours. Raises `StoreError` for one that is not."""
    query = "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s"
    with url.told(db):
        row = db.execute(query, (url.schema,)).fetchone()
    if row is None:
        return False
    mark = row[0] or ""
    if not mark.startswith(_MARK):
        raise StoreError(f"{url.shown}: schema {url.schema} is of another application; legal: another store=NAME")
    version = mark.removeprefix(_MARK)
    if version != str(FORMAT_VERSION):
        raise StoreError(f"{url.shown}: found a store of version {version!r}; legal: {FORMAT_VERSION}")
    return True


def create(db: psycopg.Connection, url: PostgresUrl) -> None:
    """Bring the store into being, all of it or nothing. Raises `StoreError` beside one that is divided otherwise."""
    kind = SQL("UNLOGGED" if url.durability == "unlogged" else "")
    mark = Literal(f"{_MARK}{FORMAT_VERSION}")
    with url.told(db), db.transaction():
        refuse_conflict(db, url)
        db.execute(SQL(_CREATE).format(schema=Identifier(url.schema), mark=mark, kind=kind))


def drop(db: psycopg.Connection, url: PostgresUrl) -> None:
    """Take the store away, unless somebody keeps something else in its schema."""
    with url.told(db):
        db.execute(SQL(_DROP).format(schema=Identifier(url.schema)))


def identify(db: psycopg.Connection, url: PostgresUrl) -> None:
    """Raise `StoreError` for a store of ours that is not whole."""
    if set(_kinds(db, url)) != {"baseline", "progress"}:
        raise StoreError(f"{url.shown}: damaged: schema {url.schema} does not have the tables of a store")
    with url.told(db):
        row = db.execute(SQL(_HELD).format(schema=Identifier(url.schema))).fetchone()
    held, told_of = row or (False, False)
    if held != told_of:
        found = "baselines without their checkpoint" if held else "a checkpoint without its baselines"
        raise StoreError(f"{url.shown}: damaged: found {found}")


def keep_as(db: PatientConnection, url: PostgresUrl) -> None:
    """Make the tables logged or unlogged, as the URL's durability has it; what they hold stays."""
    kind, letter = ("UNLOGGED", "u") if url.durability == "unlogged" else ("LOGGED", "p")
    others = [name for name, found in _kinds(db, url).items() if found != letter]
    change = SQL("ALTER TABLE {table} SET {kind}")
    changes = [change.format(table=Identifier(url.schema, name), kind=SQL(kind)) for name in others]
    if changes:
        with db.unhurried(), url.told(db):  # a view in progress has to end first: rather than wait for it, say so
            db.execute(SQL("; ").join([SQL("SET LOCAL lock_timeout = '2s'"), *changes]))


def _kinds(db: psycopg.Connection, url: PostgresUrl) -> dict[str, str]:
    """The tables by name, with `p` for permanent and `u` for unlogged."""
    quoted = Literal(f'"{url.schema}"')
    with url.told(db):
        return {name: _text(kind) for name, kind in db.execute(SQL(_KINDS).format(schema=quoted))}


def _text(kind: str | bytes) -> str:
    """A value of the type "char", which psycopg gives as one or the other by its format."""
    return kind.decode() if isinstance(kind, bytes) else kind
