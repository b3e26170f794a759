"""One writer at a time: a lock on an embedded store's own file or directory, gone with its process.

Where there is no `flock`, which is on Windows, the import of this module raises `StoreError`.
"""

import os
from pathlib import Path
from typing import Final

from detector.stores.base import StoreError

try:
    from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
except ModuleNotFoundError:  # Windows: whoever opens such a store is told, whoever does not never comes here
    raise StoreError(
        "--store: found a system without flock, which guards stores in files; legal: memory:, bloom: or a server"
    ) from None

_held: Final[set[tuple[int, int]]] = set()
"""Device and inode of what this process has locked.

Asked before a second descriptor is opened: to close that would drop every POSIX lock that the process holds on the
file, and SQLite keeps its own locks so.
"""


class WriterLock:
    """The right to write to the file or directory *path*, held until `release` or the end of the process.

    It is a `flock`, which POSIX locks do not see, nor it them; whoever only looks takes none. Where the store takes
    POSIX locks on *path* itself, lock before it opens the file and release after it has closed it. Raises `StoreError`
    if somebody else holds it, this process included, and if there is no such file. Nothing is created.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     WriterLock(Path(folder)).release()
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            facts = path.stat()
            if (facts.st_dev, facts.st_ino) in _held:
                raise _taken(path)
            # A named pipe would keep us waiting for its writer.
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            raise _unusable(path, error) from None
        try:
            self._take()
        except BaseException:
            os.close(self._descriptor)
            raise
        _held.add(self._identity)

    def head(self, length: int) -> bytes:
        """The first bytes of the file, read without another descriptor. Raises `StoreError` for a directory."""
        try:
            return os.pread(self._descriptor, length, 0)
        except OSError as error:
            raise _unusable(self._path, error) from None

    def release(self) -> None:
        """Let the next one write; may be called again."""
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, -1
        _held.discard(self._identity)
        flock(descriptor, LOCK_UN)  # a forked process may have the descriptor still
        os.close(descriptor)

    def _take(self) -> None:
        try:
            flock(self._descriptor, LOCK_EX | LOCK_NB)
            there, locked = self._path.stat(), os.fstat(self._descriptor)
        except (BlockingIOError, FileNotFoundError):  # the latter: who held it has just removed it
            raise _taken(self._path) from None
        except OSError as error:
            raise _unusable(self._path, error) from None
        self._identity = locked.st_dev, locked.st_ino
        if (there.st_dev, there.st_ino) != self._identity:
            raise _taken(self._path)


def _taken(path: Path) -> StoreError:
    return StoreError(f"{path}: another run is writing to this store; legal: one writer at a time")


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path}: cannot be used as a store ({error.strerror})")
