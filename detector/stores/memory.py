"""The store that forgets with its process: a dict, and the reference that every other store is compared with."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager


class MemoryStore:
    """Baselines in a dict.

    >>> store = MemoryStore()
    >>> store.commit({b"g": b"blob"}, (), b"checkpoint")
    >>> store.read([b"g", b"h"]), store.checkpoint()
    ([b'blob', None], b'checkpoint')
    """

    durability = "none"

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

    @contextmanager
    def run(self) -> Iterator[None]:
        """Keep the block's commits only if it ends well."""
        blobs, checkpoint = dict(self._blobs), self._checkpoint
        try:
            yield
        except BaseException:
            self._blobs, self._checkpoint = blobs, checkpoint
            raise

    def close(self) -> None:
        """Nothing to let go of."""
