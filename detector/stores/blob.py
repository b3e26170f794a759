"""The form in which a group's baseline is kept: a versioned blob, opaque to every store."""

import msgspec

from detector.stores.base import StoreError
from detector.token import Key
from detector.verdict import UNSET

BLOB_VERSION = 2
"""1 did not say in which run a signal last gained a match."""


class Baseline:
    """What is known of one group: when it was first seen, and when each value was last seen (nanoseconds)."""

    __slots__ = ("first_seen", "last_seen", "place", "run", "signal")

    def __init__(
        self, first_seen: int, last_seen: dict[Key, int], signal: bytes | None, run: int = 0, place: int = 0
    ) -> None:
        self.first_seen = first_seen
        self.last_seen = last_seen
        self.signal = signal
        """The open signal as JSON, which holds numbers of any size, or None: most events do not need it decoded."""
        self.run = run
        """The run in which the signal last gained a match, if that was one that can be resumed; else 0."""
        self.place = place
        """The signal's place among those that gained matches in that run, from 0."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, int, dict[str, int], bytes | None, int, int]).decode


def empty_baseline() -> Baseline:
    """A group that nothing is known of."""
    return Baseline(UNSET, {}, None)


def to_blob(baseline: Baseline) -> bytes:
    """The baseline as a store keeps it: msgpack of version, first seen, values, open signal, its run and place."""
    told = baseline.first_seen, baseline.last_seen, baseline.signal, baseline.run, baseline.place
    return _encode((BLOB_VERSION, *told))


def from_blob(blob: bytes) -> Baseline:
    """The baseline of a blob. Raises `StoreError` on one that is damaged or of another version.

    >>> from_blob(to_blob(Baseline(1, {"fill": 2}, None))).last_seen
    {'fill': 2}
    """
    try:
        version, first_seen, last_seen, signal, run, place = _decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(_unreadable(blob, error)) from None
    if version != BLOB_VERSION:
        raise StoreError(f"the store holds baselines of version {version}; legal: {BLOB_VERSION}")
    return Baseline(first_seen, last_seen, signal, run, place)


def _unreadable(blob: bytes, error: Exception) -> str:
    try:
        version, *_ = msgspec.msgpack.decode(blob, type=tuple[object, ...])
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        version = BLOB_VERSION
    if isinstance(version, int) and version != BLOB_VERSION:
        return f"the store holds baselines of version {version}; legal: {BLOB_VERSION}"
    return f"the store holds a baseline that cannot be read ({error})"
