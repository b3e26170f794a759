"""A PostgreSQL server as the benchmark sees it."""

from collections.abc import Iterator
from contextlib import closing
from os import sysconf
from pathlib import Path
from typing import Final

import psycopg

from detector.stores import postgresql_schema as schema
from detector.stores.postgresql_url import PostgresUrl
from detector.stores.store_url import StoreUrl

_PROCESSES: Final = Path("/proc")
_PARENT, _USER, _CHILDREN = 1, 11, 13
"""Places in /proc/PID/stat counted from the state at 0: proc(5) has utime, stime, cutime and cstime in a row."""


class PostgresServer:
    """The server of a store's URL; each question has a connection of its own. Raises `StoreError`."""

    def __init__(self, url: StoreUrl) -> None:
        self._url = PostgresUrl.of(url)

    def version(self) -> str | None:
        """As `server_version` has it."""
        with closing(self._url.connected()) as db:
            return f"postgresql {db.info.parameter_status('server_version')}"

    def seconds(self) -> float | None:
        """The postmaster's and its children's, living and ended, as Linux counts them; None on another machine."""
        with closing(self._url.connected()) as db:
            backend = db.info.backend_pid
            if not _is_here(db) or not _is_postgres(backend):
                return None
            postmaster = _stat(backend)[_PARENT]
            own = _stat(postmaster)
            children = [each for each in map(_stat, _processes()) if each[_PARENT] == postmaster]
            ticks = sum(own[_USER : _CHILDREN + 2]) + sum(sum(each[_USER:_CHILDREN]) for each in children)
            return ticks / sysconf("SC_CLK_TCK")

    def has_store(self) -> bool:
        """Whether the store's schema is there; another's of its name is refused."""
        with closing(self._url.connected()) as db:
            return schema.exists(db, self._url)

    def drop(self) -> None:
        """Drop the store's schema, as its one writer."""
        with closing(self._url.connected()) as db:
            schema.lock(db, self._url)
            if schema.exists(db, self._url):
                schema.drop(db, self._url)


def _is_here(db: psycopg.Connection) -> bool:
    """Whether the server's address is this machine's own: behind another, numbers of processes mean others."""
    address = db.info.hostaddr
    return not address or address == "::1" or address.startswith(("127.", "/"))


def _is_postgres(process: int) -> bool:
    try:
        return (_PROCESSES / str(process) / "comm").read_text().startswith("postgres")
    except OSError:
        return False


def _processes() -> Iterator[int]:
    return (int(each.name) for each in _PROCESSES.iterdir() if each.name.isdecimal())


def _stat(process: int) -> list[int]:
    """The numbers of a process from its state (told as 0) on; zeros where it has ended."""
    try:
        told = (_PROCESSES / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return [0] * (_CHILDREN + 2)
    return [0, *map(int, told[1 : _CHILDREN + 2])]
