"""A store that does nothing once it is loaded: what a run over it takes is the harness and the engine."""

from collections.abc import Collection, Mapping

from detector.stores.memory import MemoryStore


class NoopStore(MemoryStore):
    """Answers from a dict as it was loaded; from `settle` on, what is committed is dropped.

    A run has its own view of everybody it has met lately, so that it does nearly the work that it would over a store;
    whom it must ask for again it finds as loaded, so that its matches are not those of a store.

    >>> store = NoopStore()
    >>> store.commit({b"g": b"blob"}, (), b"checkpoint")
    >>> store.settle()
    >>> store.commit({b"g": b"other"}, (), b"checkpoint")
    >>> store.read([b"g"])
    [b'blob']
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_settled = False

    def settle(self) -> None:
        """Take nothing more."""
        self._is_settled = True

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Take the batch, or drop it."""
        if not self._is_settled:
            super().commit(puts, deletes, checkpoint)
