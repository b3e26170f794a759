"""Texts in a file: written one after the other, read by their places."""

import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class TextFile:
    """Keeps texts on disk at *path*, which must be new; errors are the system's."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def append(self, texts: Any) -> "NDArray[np.int64]":
        """Write a binary array; where each of its texts starts, and the end."""
        _, offsets, data = texts.buffers()
        within = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
        starts: NDArray[np.int64] = within + (self._size - within[0])
        rest = memoryview(data or b"")[within[0] : within[-1]]
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        self._size = int(starts[-1])
        return starts

    def read(self, start: int, end: int) -> bytes:
        """A text by its place."""
        return os.pread(self._descriptor, end - start, start)
