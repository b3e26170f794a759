"""The contract of a baseline store.

Stores remember; the rule decides. A store maps a key to an opaque blob and nothing more, and commits a batch of blobs
together with a checkpoint: batches are worth 30 to 65 times on networked stores and twice on embedded ones. A key is a
group's bytes, or those of a page of its values (see `detector.stores.layout`): to a store each is a group of its own.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable


class StoreError(ValueError):
    """The store cannot be used: foreign, damaged, newer, gone or in use; the text is one line without a secret."""


class Durability(NamedTuple):
    """What a store promises of a batch once `commit` has returned."""

    setting: str
    """The setting's name, as the URL parameter `durability` takes it: `normal`, `sync`, `unlogged` ..."""
    process: bool
    """Whether the batch survives the sudden death of the process that committed it."""
    server: bool
    """Whether it survives the sudden death of the store's server; of an embedded store, the same as *process*."""
    power: bool
    """Whether it survives the loss of power; of a server, by its own documentation and settings."""
    lasts: bool = True
    """Whether anything is left after an orderly end."""


class Footprint(NamedTuple):
    """How much room a store takes for all that it holds, in bytes; None where it cannot tell."""

    disk: int | None
    memory: int | None


class Approximation(NamedTuple):
    """How far a store is from an exact one, as it is now; rates and shares are parts of 1."""

    fill: float
    """What is in its fullest part, of what that was made for; above 1 the rate *stated* does not hold."""
    false_known: float
    """The rate at which a value that it never saw seems known, estimated by how full it is."""
    stated: float
    """That rate as it was asked for."""
    room: str
    """The parameter of the URL that gives it more room."""

    @property
    def holds(self) -> bool:
        """Whether what was asked for is kept."""
        return self.fill <= 1 and self.false_known <= self.stated


class StoreView(Protocol):
    """What a store holds, to be looked at. Not for sharing between threads."""

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order; None where there is none."""

    def checkpoint(self) -> bytes | None:
        """What the last commit left, or None before the first."""

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Every group with its blob, in the order of the groups' bytes.

        Commits may come in between: a group that they do not touch comes exactly once, as it is.
        """

    def close(self) -> None:
        """Let go of the store; nothing may be asked of it afterwards, but to close it again."""


class BaselineStore(StoreView, Protocol):
    """One writer's memory of every group; a second writer is refused when it opens the store."""

    durability: Durability

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Apply everything or nothing, the checkpoint with it. No group is both put and deleted."""

    def footprint(self) -> Footprint:
        """The room it takes now, after it has tidied up; for measuring, so it may take its time."""


@runtime_checkable
class ApproximateStore(BaselineStore, Protocol):
    """A store that may take a new value for a known one, never the other way round: matches may be missing."""

    def approximation(self) -> Approximation:
        """How far it is from an exact one now."""
