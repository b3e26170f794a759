"""Commits held back: a run over a store that moves it on at its end, in one go, or not at all."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from heapq import merge
from operator import itemgetter

from detector.stores.base import BaselineStore, Footprint


class HeldStore:
    """What *store* holds, and what was committed here since; `release` hands that on as one commit.

    What is held back takes memory: the blobs of all groups that were touched.

    >>> from detector.stores.memory import MemoryStore
    >>> below = MemoryStore()
    >>> held = HeldStore(below)
    >>> held.commit({b"g": b"blob"}, (), b"checkpoint")
    >>> held.read([b"g"]), below.read([b"g"])
    ([b'blob'], [None])
    >>> held.release()
    >>> below.read([b"g"]), below.checkpoint()
    ([b'blob'], b'checkpoint')
    """

    def __init__(self, store: BaselineStore) -> None:
        self.durability = store.durability
        self._store = store
        self._puts: dict[bytes, bytes] = {}
        self._deletes: set[bytes] = set()
        self._checkpoint: bytes | None = None

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order."""
        below = [group for group in groups if group not in self._puts and group not in self._deletes]
        blobs: dict[bytes, bytes | None] = {**dict(zip(below, self._store.read(below), strict=True)), **self._puts}
        return list(map(blobs.get, groups))

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Hold the batch back."""
        self._puts.update(puts)
        self._deletes.difference_update(puts)
        self._deletes.update(deletes)
        for group in deletes:
            self._puts.pop(group, None)
        self._checkpoint = checkpoint

    def release(self) -> None:
        """Commit what was held back, if there was any commit."""
        if self._checkpoint is not None:
            self._store.commit(self._puts, self._deletes, self._checkpoint)
        self._puts, self._deletes, self._checkpoint = {}, set(), None

    def checkpoint(self) -> bytes | None:
        """What the last commit left, here or below."""
        return self._store.checkpoint() if self._checkpoint is None else self._checkpoint

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Every group with its blob, sorted."""
        hidden = self._puts.keys() | self._deletes
        below = (told for told in self._store.scan() if told[0] not in hidden)
        return merge(below, sorted(self._puts.items()), key=itemgetter(0))

    def footprint(self) -> Footprint:
        """The room below."""
        return self._store.footprint()

    def close(self) -> None:
        """Let go of the store; what is held back is lost."""
        self._store.close()
