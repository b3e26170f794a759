"""What a store's server spent of processor time, where that can be told."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from os import sysconf
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from detector.stores.store_url import StoreUrl

_REDIS: Final = ("redis", "rediss", "valkey", "valkeys")
_POSTGRESQL: Final = ("postgresql", "postgres")
_OURS: Final = ("store", "durability")
"""Parameters that are not the driver's."""


def server_seconds(url: StoreUrl) -> float | None:
    """Processor seconds that the server of *url* has used so far; None of an embedded store, or where nobody says.

    Redis and Valkey tell it (`INFO cpu`); of PostgreSQL it is the postmaster's and its children's, as Linux counts
    them, if they run on this machine: their clients' share and all others'.
    """
    asked: Callable[[StoreUrl], float | None]
    if url.scheme in _REDIS:
        asked = _redis
    elif url.scheme in _POSTGRESQL:
        asked = _postgresql
    else:
        return None
    try:
        return asked(url)
    except Exception:
        return None


def server_version(url: StoreUrl) -> str | None:
    """Name and version of the server of *url*, None where there is none or nobody says."""
    with suppress(Exception):
        if url.scheme in _REDIS:
            with _redis_client(url) as client:
                told = client.info("server")
            return f"{told.get('server_name', 'redis')} {told.get('valkey_version') or told['redis_version']}"
        if url.scheme in _POSTGRESQL:
            with _postgresql_client(url) as client:
                return f"postgresql {client.execute('SHOW server_version').fetchone()[0]}"
    return None


def _redis(url: StoreUrl) -> float:
    with _redis_client(url) as client:
        used = client.info("cpu")
    return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


def _redis_client(url: StoreUrl) -> Any:
    import redis

    secure = url.scheme.endswith("s") and url.scheme != "redis"
    return redis.Redis.from_url(_bare(url, "rediss" if secure else "redis"))


def _postgresql(url: StoreUrl) -> float | None:
    with _postgresql_client(url) as client:
        backend = int(client.execute("SELECT pg_backend_pid()").fetchone()[0])
        if not Path(f"/proc/{backend}/comm").read_text().startswith("postgres"):
            return None
        postmaster = _stat(backend)[1]
        own = _stat(int(postmaster))
        living = sum(each[11] + each[12] for each in map(_stat, _processes()) if each[1] == postmaster)
    return (sum(own[11:15]) + living) / sysconf("SC_CLK_TCK")


def _postgresql_client(url: StoreUrl) -> Any:
    import psycopg

    return psycopg.connect(_bare(url, "postgresql"), autocommit=True)


def _bare(url: StoreUrl, scheme: str) -> str:
    """The URL as drivers take it."""
    parts = urlsplit(url.whole)
    kept = "&".join(each for each in parts.query.split("&") if each.partition("=")[0] not in _OURS)
    return urlunsplit((scheme, *parts[1:3], kept, ""))


def _processes() -> Iterator[int]:
    return (int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal())


def _stat(process: int) -> list[int]:
    """The numbers of /proc/PID/stat after its state, from the parent on at 1; zeros where the process has ended."""
    try:
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return [0] * 15
    return [0, *map(int, told[1:15])]
