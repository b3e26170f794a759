"""Places: where a store is that is measured. What a user keeps is never touched."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

from detector.clock import CHECKPOINT_VERSION, Clock, read_clock
from detector.stores.base import BaselineStore, StoreError, StoreView
from detector.stores.kinds import store_kind
from detector.stores.store_url import StoreUrl
from detector.stores.urls import look_into, open_store
from harness.bench.noop import NoopStore
from harness.bench.server import Server, server_of
from harness.bench.traffic import RULE_NAME
from harness.scratch import beside

NOOP: Final = "noop:"
_CHUNK: Final = 10_000


def opened_at(url: str) -> BaselineStore:
    """The store behind *url*, the no-op store among them. Raises `StoreError`."""
    return NoopStore() if url == NOOP else open_store(url)


@contextmanager
def fresh(url: str) -> Iterator[str]:
    """The URL of a store of *url*'s kind and parameters that holds nothing, and is gone or empty afterwards.

    One that is kept in a file is made in a directory of its own beside it. A server's must not be there, unless the
    benchmark left it behind; one that another package brings has to be empty. Raises `StoreError`.
    """
    if url == NOOP:
        yield url
        return
    parts = StoreUrl.of(url)
    kind = store_kind(parts.scheme)
    path = kind.path(parts)
    if path is not None:
        with beside(path) as scratch:
            yield elsewhere(url, scratch / "store")
    elif not kind.lasts:
        yield url
    else:
        with _cleared(url):
            yield url


@contextmanager
def default_urls() -> Iterator[list[str]]:
    """The embedded stores that are installed, in a temporary directory; memory first."""
    with TemporaryDirectory(prefix="vaultdrill-bench-") as scratch:
        kept = [f"{scheme}:///{quote(scratch)}/{scheme}" for scheme in ("sqlite", "rocksdb", "lmdb") if _has(scheme)]
        yield ["memory:", *kept]


def _has(scheme: str) -> bool:
    try:
        store_kind(scheme)
    except StoreError:
        return False
    return True


def elsewhere(url: str, path: Path) -> str:
    """The URL of a store of *url*'s kind and parameters at another path."""
    parts = StoreUrl.of(url)
    query = parts.whole.partition("?")[2] if "://" in parts.whole else ""
    return f"{parts.scheme}:///{quote(str(path))}" + (f"?{query}" if query else "")


@contextmanager
def _cleared(url: str) -> Iterator[None]:
    server = server_of(url)
    clear = partial(_empty, url) if server is None else partial(_drop, url, server)
    clear()
    try:
        yield
    finally:
        clear()


def _drop(url: str, server: Server) -> None:
    """Take away a server's store that is the benchmark's own. Raises `StoreError` for any other that is there."""
    if server.has_store():
        with closing(look_into(url)) as store:
            _own(url, store)
        server.drop()


def _empty(url: str) -> None:
    """Empty a store that is the benchmark's own. Raises `StoreError` for one with anything else in it."""
    with closing(open_store(url)) as store:
        clock = _own(url, store)
        if clock is not None:
            groups = [group for group, _ in store.scan()]
            start = Clock(CHECKPOINT_VERSION, clock.rule).encode()
            for first in range(0, max(1, len(groups)), _CHUNK):
                store.commit({}, groups[first : first + _CHUNK], start)


def _own(url: str, store: StoreView) -> Clock | None:
    """The clock of a store that is the benchmark's own, None of an empty one. Raises `StoreError` for any other."""
    clock = read_clock(store)
    if clock is not None and clock.rule.get("name") != RULE_NAME:
        raise StoreError(f"--store: {StoreUrl.of(url).shown()}: found a rule's state; legal: an empty store")
    if clock is None and next(store.scan(), None) is not None:
        raise StoreError(f"--store: {StoreUrl.of(url).shown()}: found baselines; legal: an empty store")
    return clock
