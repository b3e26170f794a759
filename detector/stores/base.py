"""The contract of a baseline store, and the form in which a group's baseline is kept.

Stores remember; the rule decides. A store maps a group to an opaque blob and nothing more, and commits a batch of blobs
together with a checkpoint: batches are worth 30 to 65 times on networked stores and twice on embedded ones.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from detector.token import Key
from detector.verdict import UNSET

BLOB_VERSION = 1


class StoreError(ValueError):
    """The store cannot be used: foreign, damaged, newer or in use; the text is one line."""


class StoreView(Protocol):
    """What a store holds, to be looked at. Not for sharing between threads."""

    def read(self, groups: Sequence[bytes]) -> list[bytes | None]:
        """The blobs of the groups, in their order; None where there is none."""

    def checkpoint(self) -> bytes | None:
        """What the last commit left, or None before the first."""

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        """Every group with its blob, in the order of the groups' bytes."""

    def close(self) -> None:
        """Let go of the store; nothing may be asked of it afterwards."""


class BaselineStore(StoreView, Protocol):
    """One writer's memory of every group."""

    durability: str
    """What survives the end of the process, in words: `none`, `commit` ..."""

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        """Apply everything or nothing, the checkpoint with it."""

    def run(self) -> AbstractContextManager[None]:
        """A block of commits that are kept only if it ends well."""


class Baseline:
    """What is known of one group: when it was first seen, and when each value was last seen (nanoseconds)."""

    __slots__ = ("first_seen", "last_seen", "signal")

    def __init__(self, first_seen: int, last_seen: dict[Key, int], signal: bytes | None) -> None:
        self.first_seen = first_seen
        self.last_seen = last_seen
        self.signal = signal
        """The open signal as JSON, which holds numbers of any size, or None: most events do not need it decoded."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, int, dict[str, int], bytes | None]).decode


def empty_baseline() -> Baseline:
    """A group that nothing is known of."""
    return Baseline(UNSET, {}, None)


def to_blob(baseline: Baseline) -> bytes:
    """The baseline as a store keeps it: msgpack of version, first seen, values, open signal."""
    return _encode((BLOB_VERSION, baseline.first_seen, baseline.last_seen, baseline.signal))


def from_blob(blob: bytes) -> Baseline:
    """The baseline of a blob. Raises `StoreError` on one that is damaged or of another version.

    >>> from_blob(to_blob(Baseline(1, {"fill": 2}, None))).last_seen
    {'fill': 2}
    """
    try:
        version, first_seen, last_seen, signal = _decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"the store holds a baseline that cannot be read ({error})") from None
    if version != BLOB_VERSION:
        raise StoreError(f"the store holds baselines of version {version}; legal: {BLOB_VERSION}")
    return Baseline(first_seen, last_seen, signal)
