"""Servers of stores: what the benchmark asks of them beside the contract, and how it leaves nothing there."""

from typing import Protocol

from detector.stores.kinds import first_scheme
from detector.stores.store_url import StoreUrl


class Server(Protocol):
    """The server of one store. What it cannot tell is None; its methods raise `StoreError` where it is away."""

    def version(self) -> str | None:
        """Its name and version."""

    def seconds(self) -> float | None:
        """Processor seconds that it has used so far, for this client and all others."""

    def has_store(self) -> bool:
        """Whether the store is there; False where there is nothing at all."""

    def drop(self) -> None:
        """Take the store away with all that it holds, if nobody else writes to it."""


def server_of(url: str) -> Server | None:
    """The server of the store behind *url*; None of an embedded store, and of one that another package brings.

    >>> server_of("memory:")
    """
    parts = StoreUrl.of(url)
    kind = first_scheme(parts.scheme)
    if kind == "redis":
        from harness.bench.redis_server import RedisServer

        return RedisServer(parts)
    if kind == "postgresql":
        from harness.bench.postgresql_server import PostgresServer

        return PostgresServer(parts)
    return None
