"""From a URL to a store: `memory:`, `sqlite:///state.db`, or a plain path, which is SQLite."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from detector.stores.base import BaselineStore, StoreError
from detector.stores.memory import MemoryStore


def store_scheme(url: str) -> str:
    """Which kind of store *url* names; a plain path is SQLite.

    >>> store_scheme("memory:"), store_scheme("state.db")
    ('memory', 'sqlite')
    """
    scheme, colon, _ = url.partition(":")
    return scheme if colon and re.fullmatch(r"[a-z][a-z0-9+.\-]+", scheme) else "sqlite"


def open_store(url: str) -> BaselineStore:
    """The store behind *url*. Raises `StoreError`, which never repeats more of the URL than its scheme.

    >>> open_store("memory:").durability
    'none'
    """
    scheme = store_scheme(url)
    if not url.startswith(f"{scheme}:"):
        return _sqlite(url)
    if scheme not in _SCHEMES:
        known = ", ".join(sorted(f"{name}:" for name in _SCHEMES))
        raise StoreError(f"--store: found the scheme {scheme!r}; legal: {known} or a path")
    return _SCHEMES[scheme](url.removeprefix(f"{scheme}:"))


def _memory(rest: str) -> BaselineStore:
    if rest.strip("/"):
        raise StoreError("--store: memory: takes nothing after the colon")
    return MemoryStore()


def _sqlite(path: str) -> BaselineStore:
    from detector.stores.sqlite import SqliteStore

    if not path:
        raise StoreError("--store: found no path; legal: sqlite:///relative.db, sqlite:////absolute.db or a path")
    return SqliteStore(Path(path))


def _sqlite_url(rest: str) -> BaselineStore:
    return _sqlite(rest.removeprefix("///") if rest.startswith("///") else "")


_SCHEMES: Final[dict[str, Callable[[str], BaselineStore]]] = {"memory": _memory, "sqlite": _sqlite_url}
