"""Progress: how far a run that can be resumed has come, as its last commit tells."""

from collections.abc import Iterable, Mapping
from zlib import crc32

import msgspec

from detector.event import Event


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What a commit holds of the run that can be resumed."""

    run: int
    """Which of the store's runs that can be resumed it is, from 1."""
    order: Mapping[str, str]
    """What was asked for, by option: it goes on only as it began."""
    events: int = 0
    """How many selected events are decided; 0 where the sources cannot be read again."""
    digest: int = 0
    """The CRC-32 of their uuids, one after the other."""
    first: str = ""
    """The uuid of the first of them."""
    length: int = 0
    """How many bytes of the results belong to them."""
    counts: Mapping[str, int] = {}
    """What was counted so far and cannot be counted again."""
    ended: bool = False
    """Whether the open signals were written too, after *length*."""


def digest_of(events: Iterable[Event], before: int = 0) -> int:
    """The CRC-32 of the uuids of *events*, which follow those whose digest is *before*."""
    return crc32("".join([event.uuid for event in events]).encode("utf-8", "surrogatepass"), before)
