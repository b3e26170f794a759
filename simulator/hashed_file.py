"""A file that knows the SHA-256 of what was written to it, worked out beside the writing."""

from concurrent.futures import Executor, Future
from hashlib import sha256
from pathlib import Path
from typing import Any

_SMALL = 2**16  # bytes hashed sooner than another thread is woken


class HashedFile:
    """The file *path*, written from its beginning; *beside* is a pool of threads.

    Hashing costs what writing costs, and hashlib lets other threads run meanwhile: while a piece is written it
    is hashed by *beside*, one piece at a time. There is no buffer: hand over large pieces. Raise OSError as the
    system does.
    """

    def __init__(self, path: Path, beside: Executor) -> None:
        self._file = path.open("wb", buffering=0)
        self._beside = beside
        self._digest = sha256()
        self._hashing: Future[None] | None = None

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._file.closed

    def write(self, data: Any) -> int:
        """Append *data*, all of it; it must not change afterwards."""
        view = memoryview(data).cast("B")
        self._hash(view)
        rest = view
        while rest:  # the system may take a part only
            rest = rest[self._file.write(rest) :]
        return len(view)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def hexdigest(self) -> str:
        """Return the SHA-256 of all that was written, in hexadecimal."""
        self._wait()
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close the file."""
        self._wait()
        self._file.close()

    def _hash(self, view: memoryview) -> None:
        self._wait()
        if len(view) < _SMALL:
            self._digest.update(view)
        else:
            self._hashing = self._beside.submit(self._digest.update, view)

    def _wait(self) -> None:
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None
