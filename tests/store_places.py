"""Places for every exact store: a URL for each test, where nothing is yet. A server starts when it is first needed."""

import atexit
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cache, partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from postgres_server import PostgresServer, postgres_cluster
from valkey_server import ValkeyServer

from detector.stores.contract import Opening
from detector.stores.urls import open_store

Place: TypeAlias = Callable[[Path], str]
"""From a folder to the URL of a store where nothing is yet."""

_NUMBERS: Final = count()
_AT_END: Final = ExitStack()
atexit.register(_AT_END.close)


@cache
def _postgres() -> PostgresServer:
    return _AT_END.enter_context(postgres_cluster()).server()


@cache
def _valkey() -> ValkeyServer:
    server = ValkeyServer(Path(_AT_END.enter_context(TemporaryDirectory())), appendonly="yes")
    _AT_END.callback(server.stop)
    return server


def _in_valkey(_: Path) -> str:
    return f"{_valkey().url}?store=place{next(_NUMBERS)}"


def _in_postgres(_: Path) -> str:
    return _postgres().url(parameters=f"store=place{next(_NUMBERS)}")


SURVIVING: Final = {"redis": "&durability=fsync", "postgresql": "&durability=commit"}
"""What makes the URL of a server's store one whose commits survive the server's sudden death."""
PLACES: Final[Mapping[str, Place]] = {
    "memory": lambda _: "memory:",
    "sqlite": lambda folder: f"sqlite:///{folder / 'state.db'}",
    "rocksdb": lambda folder: f"rocksdb:///{folder / 'rocks'}",
    "lmdb": lambda folder: f"lmdb:///{folder / 'lmdb'}",
    "redis": _in_valkey,
    "postgresql": _in_postgres,
}


def kill_server(kind: str) -> None:
    """End the kind's server as the kernel does when memory is short, and start it on what it has on its disk."""
    server = _valkey() if kind == "redis" else _postgres()
    server.kill()
    server.start()


def fresh(kind: str, folder: Path) -> Opening:
    """What opens the same place of that kind at each call."""
    return partial(open_store, PLACES[kind](folder))
