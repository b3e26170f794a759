"""The form in which a group's baseline is kept: versioned blobs, opaque to every store.

Every group has a head. Its values are in it, or on pages, each a blob of its own: see `detector.stores.layout`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from detector.stores.base import StoreError
from detector.token import Key
from detector.verdict import UNSET

BLOB_VERSION: Final = 3
"""1 did not say in which run a signal last gained a match; 2 knew of no pages."""
MOST_PAGES: Final = 1 << 20
"""What a damaged head may ask for at most."""


class Baseline:
    """What is known of one group: when it was first seen, and when each value was last seen (nanoseconds)."""

    __slots__ = ("first_seen", "last_seen", "on_page", "pages", "place", "run", "signal")

    def __init__(
        self,
        first_seen: int,
        last_seen: dict[Key, int],
        signal: bytes | None,
        run: int = 0,
        place: int = 0,
        pages: int = 0,
    ) -> None:
        self.first_seen = first_seen
        self.last_seen = last_seen
        self.signal = signal
        """The open signal as JSON, which holds numbers of any size, or None: most events do not need it decoded."""
        self.run = run
        """The run in which the signal last gained a match, if that was one that can be resumed; else 0."""
        self.place = place
        """The signal's place among those that gained matches in that run, from 0."""
        self.pages = pages
        """On how many pages the store has the values: a power of two; 0: they are in the head."""
        self.on_page: Sequence[Sequence[Key]] = ()
        """The values of each page, where that is known."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, int, dict[str, int], bytes | None, int, int, int]).decode
_decode_page = msgspec.msgpack.Decoder(tuple[int, int, dict[str, int]]).decode


def empty_baseline() -> Baseline:
    """A group that nothing is known of."""
    return Baseline(UNSET, {}, None)


def to_blob(baseline: Baseline) -> bytes:
    """A head as a store keeps it: msgpack of version, first seen, values, open signal, its run and place, pages."""
    told = baseline.first_seen, baseline.last_seen, baseline.signal, baseline.run, baseline.place, baseline.pages
    return _encode((BLOB_VERSION, *told))


def from_blob(blob: bytes) -> Baseline:
    """The baseline of a head; of one with pages, its values are missing. Raises `StoreError` where it is damaged.

    >>> from_blob(to_blob(Baseline(1, {"fill": 2}, None))).last_seen
    {'fill': 2}
    """
    try:
        version, first_seen, last_seen, signal, run, place, pages = _decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(_unreadable(blob, error)) from None
    if version != BLOB_VERSION:
        raise StoreError(f"the store holds baselines of version {version}; legal: {BLOB_VERSION}")
    if pages and (last_seen or not _is_legal(pages)):
        raise StoreError(f"the store holds a baseline that cannot be read ({len(last_seen)} values and {pages} pages)")
    return Baseline(first_seen, last_seen, signal, run, place, pages)


def to_page(last_seen: Mapping[Key, int], pages: int) -> bytes:
    """One of so many pages, as a store keeps it: msgpack of version, pages, values."""
    return _encode((BLOB_VERSION, pages, last_seen))


def from_page(blob: bytes, pages: int | None = None) -> dict[Key, int]:
    """The values of a page, which is one of so many if that is known. Raises `StoreError` where it is damaged.

    >>> from_page(to_page({"fill": 2}, 4), 4)
    {'fill': 2}
    """
    try:
        version, its_pages, last_seen = _decode_page(blob)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(_unreadable(blob, error)) from None
    if version != BLOB_VERSION:
        raise StoreError(f"the store holds baselines of version {version}; legal: {BLOB_VERSION}")
    if pages not in (None, its_pages):
        raise StoreError(f"the store is damaged: found a page that is one of {its_pages}; legal: of {pages}")
    return last_seen


def _is_legal(pages: int) -> bool:
    return 2 <= pages <= MOST_PAGES and pages.bit_count() == 1


def _unreadable(blob: bytes, error: Exception) -> str:
    try:
        version, *_ = msgspec.msgpack.decode(blob, type=tuple[object, ...])
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        version = BLOB_VERSION
    if isinstance(version, int) and version != BLOB_VERSION:
        return f"the store holds baselines of version {version}; legal: {BLOB_VERSION}"
    return f"the store holds a baseline that cannot be read ({error})"
