"""From a URL to a store: `memory:`, `sqlite:///state.db`, `redis://host/0` ..., or a plain path, which is SQLite."""

from pathlib import Path

from detector.stores.base import BaselineStore, StoreView
from detector.stores.kinds import store_kind
from detector.stores.store_url import StoreUrl


def store_scheme(url: str) -> str:
    """Which kind of store *url* names; a plain path is SQLite.

    >>> store_scheme("memory:"), store_scheme("state.db")
    ('memory', 'sqlite')
    """
    return StoreUrl.of(url).scheme


def open_store(url: str) -> BaselineStore:
    """The store behind *url*, to be written to. Raises `StoreError`, which never repeats a password.

    >>> open_store("memory:").durability.lasts
    False
    """
    parts = StoreUrl.of(url)
    return store_kind(parts.scheme).opened(parts)


def look_into(url: str) -> StoreView:
    """What the store behind *url* holds; nothing is created, locked or changed. Raises `StoreError` as above.

    >>> look_into("memory:")
    Traceback (most recent call last):
    ...
    detector.stores.base.StoreError: --store: memory: holds nothing after its process; legal: sqlite:///f.db or a path
    """
    parts = StoreUrl.of(url)
    return store_kind(parts.scheme).looked_into(parts)


def store_path(url: str) -> Path | None:
    """The file that the store behind *url* is kept in, None where there is none. Raises `StoreError` as above.

    >>> store_path("memory:"), str(store_path("sqlite:///state.db"))
    (None, 'state.db')
    """
    parts = StoreUrl.of(url)
    return store_kind(parts.scheme).path(parts)
