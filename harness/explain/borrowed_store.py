"""A borrowed store: what another store held, to go on from without changing it."""

from collections.abc import Sequence

from detector.stores.base import StoreView
from detector.stores.memory import MemoryStore
from detector.stores.urls import look_into, open_store, store_scheme


class BorrowedStore(MemoryStore):
    """Baselines of *lender* until this process commits its own, which stay in memory.

    >>> lender = MemoryStore()
    >>> lender.commit({b"g": b"old"}, (), b"checkpoint")
    >>> store = BorrowedStore(lender)
    >>> store.commit({b"h": b"new"}, (), b"later")
    >>> store.read([b"g", b"h"]), lender.read([b"h"])
    ([b'old', b'new'], [None])
    """

    def __init__(self, lender: StoreView) -> None:
        super().__init__()
        self._lender = lender

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order."""
        own = super().read(groups)
        lent = iter(self._lender.read([group for group, blob in zip(groups, own, strict=True) if blob is None]))
        return [next(lent) if blob is None else blob for blob in own]

    def checkpoint(self) -> bytes | None:
        """What the last commit left, the lender's before the first."""
        own = super().checkpoint()
        return self._lender.checkpoint() if own is None else own

    def close(self) -> None:
        """Let go of the lender."""
        self._lender.close()


def lender(url: str) -> StoreView:
    """What the store behind *url* holds; that of `memory:` is nothing. Raises `StoreError`.

    >>> lender("memory:").checkpoint() is None
    True
    """
    return open_store(url) if store_scheme(url) == "memory" else look_into(url)
