"""A store that keeps nothing: what is left of a measurement over it is the harness and the engine."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from detector.stores.base import Durability, Footprint


class NoopStore:
    """Takes every batch and forgets it; only the checkpoint stays, as the engine asks for its own.

    The engine finds nobody known in it, so its matches are not those of a store.

    >>> store = NoopStore()
    >>> store.commit({b"g": b"blob"}, (), b"checkpoint")
    >>> store.read([b"g"]), store.footprint()
    ([None], Footprint(disk=None, memory=None))
    """

    durability = Durability("none", process=False, server=False, power=False)

    def __init__(self) -> None:
        self._checkpoint: bytes | None = None

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """Nothing of anybody."""
        return [None] * len(groups)

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:  # noqa: ARG002
        """Forget the batch."""
        self._checkpoint = checkpoint

    def checkpoint(self) -> bytes | None:
        """What the last commit left."""
        return self._checkpoint

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Nothing."""
        return iter(())

    def footprint(self) -> Footprint:
        """None that it could tell of."""
        return Footprint(disk=None, memory=None)

    def close(self) -> None:
        """Nothing to let go of."""
