"""The store that forgets with its process: a dict, and the reference that every other store is compared with."""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from detector.stores.base import BaselineStore, Durability, Footprint, StoreError, StoreView
from detector.stores.kinds import SUMMARIES, StoreKind
from detector.stores.store_url import StoreUrl


class MemoryStore:
    """Baselines in a dict.

    >>> store = MemoryStore()
    >>> store.commit({b"g": b"blob"}, (), b"checkpoint")
    >>> store.read([b"g", b"h"]), store.checkpoint()
    ([b'blob', None], b'checkpoint')
    """

    durability = Durability("none", process=False, server=False, power=False, lasts=False)

    def __init__(self) -> None:
        self._blobs: dict[bytes, bytes] = {}
        self._checkpoint: bytes | None = None

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order."""
        return list(map(self._blobs.get, groups))

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Apply the batch."""
        self._blobs.update(puts)
        for group in deletes:
            self._blobs.pop(group, None)
        self._checkpoint = checkpoint

    def checkpoint(self) -> bytes | None:
        """What the last commit left."""
        return self._checkpoint

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Every group with its blob, sorted."""
        return iter(sorted(self._blobs.items()))

    def footprint(self) -> Footprint:
        """The dict with its keys and blobs."""
        held = sum(sys.getsizeof(group) + sys.getsizeof(blob) for group, blob in self._blobs.items())
        return Footprint(disk=None, memory=sys.getsizeof(self._blobs) + held)

    def close(self) -> None:
        """Nothing to let go of."""


def _opened(url: StoreUrl) -> BaselineStore:
    if url.only("durability").rest.strip("/"):
        raise StoreError("--store: memory: takes nothing after the colon but parameters")
    url.choice("durability", _SETTINGS, "none")
    return MemoryStore()


def _not_there(url: StoreUrl) -> StoreView:  # noqa: ARG001 - as every kind has it
    raise StoreError("--store: memory: holds nothing after its process; legal: sqlite:///f.db or a path")


_SETTINGS: Final = {"none": "nothing outlives the process"}
KIND: Final = StoreKind(SUMMARIES["memory"], _SETTINGS, _opened, _not_there, lasts=False)
