"""Where a Valkey or Redis server is, who asks, and which of its stores is meant."""

import os
import re
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from detector.stores.base import StoreError
from detector.stores.store_name import StoreName
from detector.stores.store_url import StoreUrl, host_and_port

PARAMETERS: Final = ("store", "durability", "socket", "ca", "cert", "key")
_PORT: Final = 6379
_NAME: Final = re.compile(r"[A-Za-z0-9._\-]{1,100}")
_PASSWORDS: Final = ("REDISCLI_AUTH", "VALKEYCLI_AUTH")
"""Where redis-cli and valkey-cli look for a password."""


class RedisAddress(NamedTuple):
    """The parts of a URL `redis://[user:password@]host[:port][/database]`; only *shown* may be printed."""

    shown: str
    host: str
    port: int
    socket: str | None
    """The path of a Unix socket, which then stands for host and port."""
    database: int
    user: str | None
    password: str | None
    tls: bool
    ca: str | None
    cert: str | None
    key: str | None
    store: StoreName

    @classmethod
    def of(cls, url: StoreUrl) -> "RedisAddress":
        """The parts of *url*; a password that it does not give is the environment's. Raises `StoreError`."""
        url.only(*PARAMETERS)
        tls = url.scheme in ("rediss", "valkeys")
        if not url.rest.startswith("//"):
            raise StoreError(f"--store: {url.scheme}: found no host; legal: {url.scheme}://host:6379/0")
        given = url.parameters
        if not tls and (unfit := [name for name in ("ca", "cert", "key") if name in given]):
            raise StoreError(f"--store: {url.scheme}: {unfit[0]}: takes TLS; legal with rediss: and valkeys:")
        host, port = host_and_port(url)
        parts = urlsplit(f"{url.scheme}:{url.rest}")
        from_environment = next((os.environ[name] for name in _PASSWORDS if os.environ.get(name)), None)
        return cls(
            shown=url.shown(),
            host=host or "localhost",
            port=_PORT if port is None else port,
            socket=given.get("socket"),
            database=_database(url, parts.path),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else from_environment,
            tls=tls,
            ca=given.get("ca"),
            cert=given.get("cert"),
            key=given.get("key"),
            store=_store(url),
        )


def _database(url: StoreUrl, path: str) -> int:
    number = path.strip("/") or "0"
    if not re.fullmatch(r"[0-9]{1,5}", number):
        raise StoreError(
            f"--store: {url.scheme}: found a database that is no number; legal: {url.scheme}://host:6379/0"
        )
    return int(number)


def _store(url: StoreUrl) -> StoreName:
    name = url.parameters.get("store", "vaultdrill")
    if not _NAME.fullmatch(name):
        raise StoreError(f"--store: {url.scheme}: store: found {name!r}; legal: letters, digits and - _ . (up to 100)")
    return StoreName(name, url.shard)
