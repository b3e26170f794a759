"""From a URL to a store: `memory:`, `sqlite:///state.db`, `redis://host/0` ..., or a plain path, which is SQLite."""

from contextlib import ExitStack, closing
from pathlib import Path

from detector.shard import Shard
from detector.stores.base import BaselineStore, StoreError, StoreView
from detector.stores.kinds import StoreKind, known_schemes, store_kind
from detector.stores.sharded_view import ShardedView
from detector.stores.store_url import StoreUrl


def store_scheme(url: str) -> str:
    """Which kind of store *url* names; a plain path is SQLite.

    >>> store_scheme("memory:"), store_scheme("state.db")
    ('memory', 'sqlite')
    """
    return _parts(url).scheme


def open_store(url: str, shard: Shard | None = None) -> BaselineStore:
    """The store behind *url*, to be written to. Raises `StoreError`, which never repeats a password.

    On a server, a *shard* is a store of its own there, with a writer of its own: all workers have one URL. They divide
    it in one way; beside a store that is whole, or divided into another number of shards, none begins. In a file or
    directory there is one store, which is refused to every shard but the one that began it.

    >>> open_store("memory:").durability.lasts
    False
    """
    parts = _parts(url)
    kind = store_kind(parts.scheme)
    return kind.opened(parts._replace(shard=shard if kind.shards else None))


def look_into(url: str, shard: Shard | None = None) -> StoreView:
    """What the store behind *url* holds; nothing is created, locked or changed. Raises `StoreError` as above.

    Of a store on a server that is divided into shards it is that *shard*, or all of them as one.

    >>> look_into("memory:")
    Traceback (most recent call last):
    ...
    detector.stores.base.StoreError: --store: memory: holds nothing after its process; legal: sqlite:///f.db or a path
    """
    parts = _parts(url)
    kind = store_kind(parts.scheme)
    found = kind.shards(parts) if kind.shards else []
    if shard is None:
        return _together(kind, parts, found) if found else kind.looked_into(parts)
    if kind.shards is None:
        raise StoreError(f"--shard: {parts.scheme}: a store of one worker; legal: no --shard")
    if shard not in found:
        there = f"{', '.join(map(str, found))}, or none for all of them" if found else "none"
        raise StoreError(f"--shard: found {shard}, which {parts.shown()} does not have; legal: {there}")
    return kind.looked_into(parts._replace(shard=shard))


def store_path(url: str) -> Path | None:
    """The file that the store behind *url* is kept in, None where there is none. Raises `StoreError` as above.

    >>> store_path("memory:"), str(store_path("sqlite:///state.db"))
    (None, 'state.db')
    """
    parts = _parts(url)
    return store_kind(parts.scheme).path(parts)


def _parts(url: str) -> StoreUrl:
    """The parts of *url*. Raises `StoreError`, also for a scheme without its colon, which would pass for a path."""
    parts = StoreUrl.of(url)
    if url.isalnum() and url.lower() in known_schemes():
        raise StoreError(f"--store: found {url!r}; legal: {url.lower()}: for the store, ./{url} for a file")
    return parts


def _together(kind: StoreKind, url: StoreUrl, shards: list[Shard]) -> ShardedView:
    with ExitStack() as opened:
        each = (kind.looked_into(url._replace(shard=shard)) for shard in shards)
        views = [opened.enter_context(closing(view)) for view in each]
        together = ShardedView(list(zip(shards, views, strict=True)))
        opened.pop_all()
    return together
