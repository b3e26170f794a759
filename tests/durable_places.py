"""Places for stores of every durability that the README's table has a row for, and that table itself."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from postgres_server import PostgresCluster
from store_places import PLACES
from valkey_server import ValkeyServer

README: Final = Path(__file__).parent.parent / "README.md"
_HEAD: Final = "| URL | durability (default first) | process killed | server killed | power lost |"
_LOGS: Final = {
    "": {},
    " with `appendonly yes`": {"appendonly": "yes"},
    " with `appendfsync always`": {"appendonly": "yes", "appendfsync": "always"},
}
"""How a server is configured, as the table says it after the setting."""


class Promise(NamedTuple):
    """A row of the table: of which store, under which setting, and what survives what."""

    scheme: str
    setting: str
    configured: str
    """How the server is, where the promise depends on that."""
    process: bool
    server: bool
    power: bool


class DurablePlace(NamedTuple):
    """Where a store is, and how its server is killed and comes back; nothing for a store without a server."""

    url: str
    kill: Callable[[], None] | None = None
    restart: Callable[[], None] | None = None
    end: Callable[[], None] = lambda: None


def promises() -> list[Promise]:
    """The rows of the README's table; an empty first cell is that of the row above."""
    return list(_promises())


def _promises() -> Iterator[Promise]:
    lines = README.read_text().partition(_HEAD)[2].splitlines()[2:]
    scheme = ""
    for line in lines:
        if not line.startswith("|"):
            return
        url, durability, *survives = (cell.strip() for cell in line.strip("|").split("|"))
        scheme = url.strip("`").partition(":")[0] or scheme
        found = re.fullmatch(r"`(\w+)`(.*)", durability)
        assert found, line
        assert set(survives) <= {"kept", "lost"}, line
        yield Promise(scheme, found[1], found[2], *(cell == "kept" for cell in survives))


def durable_place(promise: Promise, folder: Path, cluster: Callable[[], PostgresCluster]) -> DurablePlace:
    """A place that is as the row has it, where nothing is yet."""
    if promise.scheme == "redis":
        return _in_valkey(promise, folder)
    if promise.scheme == "postgresql":
        return _in_postgres(promise, cluster())
    assert not promise.configured, promise
    return DurablePlace(f"{PLACES[promise.scheme](folder)}?durability={promise.setting}")


def _in_valkey(promise: Promise, folder: Path) -> DurablePlace:
    server = ValkeyServer(folder, **_LOGS[promise.configured])
    return DurablePlace(f"{server.url}?durability={promise.setting}", server.kill, server.start, server.stop)


def _in_postgres(promise: Promise, cluster: PostgresCluster) -> DurablePlace:
    assert not promise.configured, promise
    server = cluster.server()
    server.stop()
    server.settings["fsync"] = "on"  # as every server is that somebody relies on
    server.restart()
    url = server.url(parameters=f"durability={promise.setting}")
    return DurablePlace(url, server.kill, server.restart, server.kill)
