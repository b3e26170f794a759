"""The URL of a store in PostgreSQL: what of it is ours, what is libpq's, and what may be told of a connection."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from detector.stores.base import StoreError
from detector.stores.postgresql_connection import CONNECT_SECONDS, PatientConnection
from detector.stores.store_name import StoreName
from detector.stores.store_url import StoreUrl

SETTINGS: Final = {
    "commit": "a commit is on the server's disk when it returns (synchronous_commit=on)",
    "async": "a commit is on disk within moments; the server's sudden death loses the last ones",
    "unlogged": "the server's sudden death loses everything (UNLOGGED tables)",
}
PREFIX: Final = "vaultdrill_"
"""What the names of all our schemas begin with."""
_LONGEST: Final = 63
"""Bytes that PostgreSQL keeps of a name (NAMEDATALEN less one)."""
_OURS: Final = ("store", "durability")
_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
_KNOWN: Final = {option.keyword.decode() for option in pq.Conninfo.get_defaults()} | {"ssl"}


class PostgresUrl(NamedTuple):
    """A URL taken apart. `conninfo` may hold a password; what `told` raises does not."""

    shown: str
    conninfo: str
    """The URL as libpq takes it: environment, password file and service file go on working."""
    secrets: tuple[str, ...]
    name: StoreName
    durability: str

    @classmethod
    def of(cls, url: StoreUrl) -> "PostgresUrl":
        """The parts of *url*. Raises `StoreError`."""
        name = _name(url)
        durability = url.choice("durability", SETTINGS, "commit")
        conninfo = _libpq(url)
        return cls(url.shown(), conninfo, _secrets(url.scheme, conninfo), name, durability)

    @property
    def schema(self) -> str:
        """The schema that the store, or the shard of it, lies in."""
        return f"{PREFIX}{self.name}"

    def connected(self) -> PatientConnection:
        """A connection that commits by itself. Raises `StoreError`."""
        options: dict[str, Any] = {"fallback_application_name": "vaultdrill"}
        if "connect_timeout" not in conninfo_to_dict(self.conninfo) and "PGCONNECT_TIMEOUT" not in os.environ:
            options["connect_timeout"] = CONNECT_SECONDS
        with self.told():
            return PatientConnection.connect(self.conninfo, autocommit=True, **options)

    @contextmanager
    def told(self, db: psycopg.Connection | None = None) -> Iterator[None]:
        """Tell in one line, without a secret, what PostgreSQL or libpq refuses."""
        try:
            yield
        except psycopg.Error as error:
            reason = self._without_secrets(error)
            if db is not None and db.closed:
                raise StoreError(
                    f"{self.shown}: the server went away ({reason});"
                    " legal: to run again, which goes on after the last commit"
                ) from None
            if _is_locked_out(error):
                raise StoreError(
                    f"{self.shown}: the server refused user or password; legal: those in the URL, or a password in"
                    " PGPASSWORD or the password file"
                ) from None
            raise StoreError(f"{self.shown}: cannot be used as a store ({reason})") from None

    def _without_secrets(self, error: psycopg.Error) -> str:
        first = (error.diag.message_primary or str(error).strip() or type(error).__name__).splitlines()[0]
        for secret in self.secrets:
            first = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "...", first)
        return " ".join(first.split())


def _is_locked_out(error: psycopg.Error) -> bool:
    """Whether user or password are why there is no connection; the text is all that libpq gives."""
    lacks_one = error.pgconn is not None and error.pgconn.needs_password
    return lacks_one or "password authentication failed" in str(error)


def _name(url: StoreUrl) -> StoreName:
    found = url.parameters.get("store", "vaultdrill")
    name = StoreName(found, url.shard)
    longest = _LONGEST - len(PREFIX) - (len(str(name)) - len(found))
    if not _NAME.fullmatch(found) or len(found) > longest:
        raise StoreError(f"--store: {url.scheme}: store: found {found!r}; legal: 1 to {longest} letters, digits and _")
    return name


def _libpq(url: StoreUrl) -> str:
    other = next((name for name in url.parameters if name not in _KNOWN and name not in _OURS), None)
    if other is not None:
        raise StoreError(f"--store: {url.scheme}: found the parameter {other!r}; legal: store, durability and libpq's")
    # As they were written: libpq decodes them in its own way, in which a plus is no space.
    given = url.whole.partition("?")[2].split("&")
    theirs = "&".join(parameter for parameter in given if parameter.partition("=")[0] not in _OURS)
    return f"{url.scheme}:{url.rest}?{theirs}" if theirs else f"{url.scheme}:{url.rest}"


def _secrets(scheme: str, conninfo: str) -> tuple[str, ...]:
    """Password and user of a URL; what libpq says of a malformed one would repeat them."""
    _, _, after = conninfo.partition("//")
    authority, *others = re.split("[/?]", after)
    try:
        parts = conninfo_to_dict(conninfo)
        # Where libpq takes the first half of a password for a port, or the second for a host.
        cut = authority.count("@") > 1 or any("@" in other for other in others)
    except (psycopg.Error, ValueError):
        cut = True
    if cut:
        raise StoreError(
            f"--store: {scheme}: found a malformed URL; legal: {scheme}://[user[:password]@]host[:port]/database,"
            " with %40 for @, %2F for / and %3F for ? in names and passwords"
        )
    return tuple(str(parts[name]) for name in ("password", "user", "sslpassword") if parts.get(name))
