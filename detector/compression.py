"""Compression: gzip and zstd, told by the first bytes, as a stream of what is packed."""

import gzip
import zlib
from collections.abc import Callable
from io import BufferedReader
from typing import IO, Final, NamedTuple, cast

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"
"""A frame of zstd (RFC 8878)."""
_SKIPPABLE: Final = frozenset(bytes([low]) + b"\x2a\x4d\x18" for low in range(0x50, 0x60))
"""A frame that holds something for other tools (the same RFC); `pzstd` and seekable archives begin with one."""


class Unpacked(NamedTuple):
    """What a packed stream holds, and how to tell that it is damaged."""

    stream: IO[bytes]
    form: str
    """The name of the form, for people."""
    damage: tuple[type[Exception], ...]
    """What reading raises where the stream is damaged or ends too soon."""


def unpacked(raw: BufferedReader) -> Unpacked | None:
    """What *raw* holds where it begins as gzip or zstd does, of one frame or of several; None otherwise.

    Memory stays bounded: zstd asks for its window, by default at most 128 MiB; a frame that wants more is refused.
    """
    opened = _form(raw.peek(len(ZSTD))[: len(ZSTD)])
    return opened(raw) if opened else None


def _form(head: bytes) -> Callable[[BufferedReader], Unpacked] | None:
    if head.startswith(GZIP):
        return _gzip
    return _zstd if head == ZSTD or head in _SKIPPABLE else None


def _gzip(raw: BufferedReader) -> Unpacked:
    return Unpacked(cast("IO[bytes]", gzip.GzipFile(fileobj=raw)), "gzip", (EOFError, gzip.BadGzipFile, zlib.error))


def _zstd(raw: BufferedReader) -> Unpacked:
    from detector.zstd import ZstdError, ZstdFile

    return Unpacked(cast("IO[bytes]", ZstdFile(raw)), "zstd", (EOFError, ZstdError))
