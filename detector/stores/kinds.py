"""Kinds of stores by the scheme of their URLs: ours, and those that other packages bring.

Another package brings one through the entry-point group `vaultdrill.stores`: the name is the scheme, the object a
`StoreKind`. Drivers load when a store of theirs is opened, and no sooner.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, NamedTuple

from detector.shard import Shard
from detector.stores.base import BaselineStore, StoreError, StoreView
from detector.stores.store_url import StoreUrl

GROUP: Final = "vaultdrill.stores"


class StoreKind(NamedTuple):
    """How stores of one kind are opened; each function takes the whole URL and raises `StoreError`."""

    summary: str
    """What it is, in a few words."""
    settings: Mapping[str, str]
    """What the parameter `durability` may be, the default first, and what each promises."""
    opened: Callable[[StoreUrl], BaselineStore]
    """Open it to be written to; it comes into being with that."""
    looked_into: Callable[[StoreUrl], StoreView]
    """Open it to be looked at: nothing is created, locked or changed."""
    path: Callable[[StoreUrl], Path | None] = lambda _: None
    """The file or directory that it is kept in, if there is one on this machine."""
    lasts: bool = True
    """Whether anything of it is left after its process."""
    shards: Callable[[StoreUrl], list[Shard]] | None = None
    """The shards of a store that are there, each a store of its own at the URL with that `shard`, with a writer of its
    own; `opened` refuses to begin one beside the whole store, or another number of parts. None: the kind has no such
    stores, and each worker takes a URL of its own."""


_OURS: Final = {
    "memory": "memory",
    "sqlite": "sqlite",
    "rocksdb": "rocksdb",
    "lmdb": "lmdb",
    "redis": "redis",
    "rediss": "redis",
    "valkey": "redis",
    "valkeys": "redis",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "bloom": "bloom",
}
"""The first of the schemes that mean the same, which is also the module of `detector.stores` that defines `KIND`."""
SUMMARIES: Final = {
    "memory": "a dict, gone with the process",
    "sqlite": "one file, in the standard library",
    "rocksdb": "a RocksDB directory, for large state",
    "lmdb": "an LMDB directory, read by way of memory",
    "redis": "a Valkey or Redis server",
    "postgresql": "a schema of a PostgreSQL database",
    "bloom": "Bloom filters, small and gone with the process: may miss matches, adds none",
}
"""What our kinds are, by the first of their schemes: here, so that who lacks a driver can be told."""
_INSTALL: Final = "pip install 'vaultdrill[stores]'"


def known_schemes() -> list[str]:
    """Every scheme there is, ours first, whether its driver is installed or not."""
    return [*_OURS, *sorted(entry_points(group=GROUP).names - _OURS.keys())]


def first_scheme(scheme: str) -> str:
    """The scheme that *scheme* is another name of, if it is one.

    >>> first_scheme("rediss"), first_scheme("lmdb"), first_scheme("mine")
    ('redis', 'lmdb', 'mine')
    """
    return _OURS.get(scheme, scheme)


def store_kind(scheme: str) -> StoreKind:
    """The kind of a scheme. Raises `StoreError` where there is none, or its driver is missing.

    >>> store_kind("memory").lasts
    False
    """
    if scheme in _OURS:
        return _ours(scheme)
    found = entry_points(group=GROUP, name=scheme)
    if not found:
        known = ", ".join(f"{name}:" for name in known_schemes())
        raise StoreError(f"--store: found the scheme {scheme!r}; legal: {known} or a path (drivers: {_INSTALL})")
    return _theirs(scheme)


def _ours(scheme: str) -> StoreKind:
    module = _OURS[scheme]
    try:
        kind: StoreKind = import_module(f"detector.stores.{module}").KIND
    except ModuleNotFoundError as error:
        if f"{error.name}.".startswith("detector."):
            told = f"this installation lacks its own module {error.name}; legal: to install vaultdrill again"
            raise StoreError(f"--store: {scheme}: {told}") from None
        raise StoreError(f"--store: {scheme}: needs the package {error.name}: {_INSTALL}") from None
    return kind


def _theirs(scheme: str) -> StoreKind:
    (entry, *_) = entry_points(group=GROUP, name=scheme)
    try:
        kind = entry.load()
    except Exception as error:  # whatever another package's module raises as it loads
        reason = " ".join(str(error).split())
        raise StoreError(f"--store: {scheme}: {entry.value} cannot be loaded ({reason})") from None
    if not isinstance(kind, StoreKind):
        raise StoreError(f"--store: {scheme}: {entry.value} is a {type(kind).__name__}; legal: a StoreKind")
    return kind
