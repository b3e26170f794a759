"""From a URL to a store: `memory:`, `sqlite:///state.db`, or a plain path, which is SQLite.

A store is opened to be written to, and comes into being with it; or it is looked into, and stays as it is.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from detector.stores.base import BaselineStore, StoreError, StoreView
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
    kind, rest = _split(url)
    return kind.opened(rest)


def look_into(url: str) -> StoreView:
    """What the store behind *url* holds; nothing is created, locked or changed. Raises `StoreError` as above.

    >>> look_into("memory:")
    Traceback (most recent call last):
    ...
    detector.stores.base.StoreError: --store: memory: holds nothing after its process; legal: sqlite:///f.db or a path
    """
    kind, rest = _split(url)
    return kind.looked_into(rest)


def store_path(url: str) -> Path | None:
    """The file that the store behind *url* is kept in, None where there is none. Raises `StoreError` as above.

    >>> store_path("memory:"), str(store_path("sqlite:///state.db"))
    (None, 'state.db')
    """
    kind, rest = _split(url)
    return kind.path(rest)


class _Kind(NamedTuple):
    """A kind of store: how the rest of its URL is opened, and to which file it leads."""

    opened: Callable[[str], BaselineStore]
    looked_into: Callable[[str], StoreView]
    path: Callable[[str], Path | None]


def _split(url: str) -> tuple[_Kind, str]:
    """The kind of store that *url* names, and what follows the scheme's colon."""
    scheme = store_scheme(url)
    if not url.startswith(f"{scheme}:"):
        return _KINDS["sqlite"], f"///{url}" if url else ""
    if scheme not in _KINDS:
        known = ", ".join(sorted(f"{name}:" for name in _KINDS))
        raise StoreError(f"--store: found the scheme {scheme!r}; legal: {known} or a path")
    return _KINDS[scheme], url.removeprefix(f"{scheme}:")


def _memory(rest: str) -> BaselineStore:
    if rest.strip("/"):
        raise StoreError("--store: memory: takes nothing after the colon")
    return MemoryStore()


def _no_memory(_rest: str) -> StoreView:
    raise StoreError("--store: memory: holds nothing after its process; legal: sqlite:///f.db or a path")


def _nowhere(_rest: str) -> None:
    return None


def _sqlite(rest: str) -> BaselineStore:
    from detector.stores.sqlite import SqliteStore

    return SqliteStore(_path(rest))


def _sqlite_view(rest: str) -> StoreView:
    from detector.stores.sqlite_view import SqliteView

    return SqliteView(_path(rest))


def _path(rest: str) -> Path:
    path = rest.removeprefix("///") if rest.startswith("///") else ""
    if not path:
        raise StoreError("--store: found no path; legal: sqlite:///relative.db, sqlite:////absolute.db or a path")
    return Path(path)


_KINDS: Final = {"memory": _Kind(_memory, _no_memory, _nowhere), "sqlite": _Kind(_sqlite, _sqlite_view, _path)}
