"""A journal: a file of results that grows commit by commit, and is cut back to the last one where a run goes on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from harness.output import NamedStream, OutputError, telling


class Journal:
    """The results *out*. What was there before stays until the first commit; write to it within `opened`."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self._target = out.resolve()
        self._beginning = self._target.with_name(f".{self._target.name}.{os.getpid()}.partial")
        self._stream: IO[bytes] | None = None
        self._kept: int | None = None
        """How long the file was at the last commit, None before the first."""

    def go_on(self, length: int) -> None:
        """Go on after the first *length* bytes, which is what the last commit left. Raises `OutputError`."""
        if not self.reaches(length):
            raise OutputError(
                f"{self.out}: found less than an interrupted run has written; legal: {length:,} bytes or more,"
                " as the store tells, or --abandon"
            )
        self._kept = length

    def reaches(self, length: int) -> bool:
        """Whether there are so many bytes of results."""
        with telling(self.out):
            return (self._target.stat().st_size if self._target.exists() else 0) >= length

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """The journal as a stream; at the end it holds what was committed and nothing else."""
        path, mode = (self._beginning, "xb") if self._kept is None else (self._target, "r+b")
        with telling(self.out):
            self._beginning.unlink(missing_ok=True)  # of who was killed: in a container, numbers come again
            stream = self._stream = path.open(mode)
        try:
            with telling(self.out):
                stream.truncate(stream.seek(self._kept or 0))
            yield cast("IO[bytes]", NamedStream(self.out, stream))
        finally:
            with suppress(OSError):  # what went wrong first is told
                self._tidy(stream)

    def keep(self) -> int:
        """Bring what was written to the disk, under the name of the results; how many bytes there are.

        It is on the disk before a store hears of it, so that no store is ever ahead of its results.
        """
        stream = self._stream
        assert stream is not None
        with telling(self.out):
            stream.flush()
            os.fsync(stream.fileno())
            if self._kept is None:
                self._beginning.replace(self._target)
                _synchronise(self._target.parent)  # or the loss of power would bring back what was there before
            self._kept = stream.tell()
        return self._kept

    def _tidy(self, stream: IO[bytes]) -> None:
        if self._kept is None:
            self._beginning.unlink(missing_ok=True)
        else:
            stream.flush()
            stream.truncate(self._kept)
        stream.close()


def _synchronise(folder: Path) -> None:
    """Bring the names in a directory to the disk, where the system does so."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
