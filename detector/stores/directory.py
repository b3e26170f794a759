"""The directory of an embedded store: what marks it as ours, how it is refused, and how it comes and goes."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from detector.stores.base import StoreError
from detector.stores.mark import MARK
from detector.stores.writer_lock import WriterLock

BEGUN: Final = "VAULTDRILL.begun"
"""The file that is there before the mark: while it is, nothing was committed, and what a killed process left can go."""


class StoreDirectory:
    """The directory *path* for one writer: locked, and either new and empty or a store of this engine and version.

    *files* are the patterns of what the engine creates in it. What a process that was killed before the mark has left
    is removed. Raises `StoreError` otherwise, and leaves everything as it was. A parent that is missing is not created.
    """

    def __init__(self, path: Path, engine: str, version: int, files: Sequence[str]) -> None:
        self.path = path
        self._files = (MARK, *files, BEGUN)
        self._mark = _mark(engine, version)
        self._made = _made(path)
        try:
            self._lock = WriterLock(path)
        except StoreError:
            self._remove_made()
            raise
        try:
            self.is_new = self._is_new()
            if self.is_new:
                (path / BEGUN).touch()
            else:
                identify(path, engine, version)
        except OSError as error:
            self._remove_made()
            self.release()
            raise _unusable(path, error) from None
        except StoreError:
            self.release()
            raise

    def mark(self) -> None:
        """Mark it as a store, now that the engine has created its files."""
        try:
            with (self.path / MARK).open("xb") as file:
                file.write(self._mark)
                file.flush()
                os.fsync(file.fileno())
            (self.path / BEGUN).unlink()
            for folder in (self.path, self.path.resolve().parent):
                _synchronise(folder)
        except OSError as error:
            raise _unusable(self.path, error) from None

    def withdraw(self) -> None:
        """Remove the engine's files, the mark, and the directory if it was made here and holds nothing else."""
        with suppress(OSError):
            (self.path / BEGUN).touch()  # who is killed in between leaves what the next one may remove
            self._clear()
            self._remove_made()

    def release(self) -> None:
        """Let the next one write; may be called again."""
        self._lock.release()

    def size(self) -> int:
        """The bytes of its files."""
        return sum(entry.stat().st_size for entry in os.scandir(self.path) if entry.is_file())

    def _is_new(self) -> bool:
        """Whether the directory is empty, or is once it is rid of what somebody only began."""
        found = list(self.path.iterdir())
        is_begun = self.path / BEGUN in found and all(any(map(file.match, self._files)) for file in found)
        if is_begun:
            self._clear()
        return is_begun or not found

    def _clear(self) -> None:
        for pattern in self._files:
            for file in self.path.glob(pattern):
                file.unlink()

    def _remove_made(self) -> None:
        if self._made:
            with suppress(OSError):  # somebody else has put something there
                self.path.rmdir()


def identify(path: Path, engine: str, version: int) -> None:
    """Raise `StoreError` for a directory that is not a store of this engine and version."""
    refuse_other(path)
    try:
        found = (path / MARK).read_bytes()
    except FileNotFoundError:
        found = b""
    except OSError as error:
        raise _unusable(path, error) from None
    name, _, theirs = found.decode("ascii", "replace").strip().partition(" ")
    if name != engine:
        what = f"a store of {name}" if name.isalnum() and len(name) < 20 else "a directory with other things in it"
        raise StoreError(f"{path}: found {what}; legal: a vaultdrill store of {engine} or a new directory")
    if found != _mark(engine, version):
        shown = theirs if theirs.isdigit() and len(theirs) < 9 else "an unknown kind"
        raise StoreError(f"{path}: found a store of version {shown}; legal: {version}")


def refuse_other(path: Path) -> None:
    """Raise `StoreError` where there is something that is no directory."""
    if path.exists() and not path.is_dir():
        raise StoreError(f"{path}: found a file; legal: a directory of a store, or a new one")


def refuse_missing(path: Path) -> None:
    """Raise `StoreError` where there is no store to look into."""
    refuse_other(path)
    if not path.exists() or not any(path.iterdir()):
        raise StoreError(f"{path}: no such store; legal: one that `detect --store` has written")


def one_line(error: Exception) -> str:
    """What an engine says, in one line."""
    return " ".join(str(error).split())


def _made(path: Path) -> bool:
    refuse_other(path)
    try:
        path.mkdir()
    except FileExistsError:
        return False
    except FileNotFoundError:
        raise StoreError(f"{path}: there is no directory {path.parent}; legal: one that exists") from None
    except OSError as error:
        raise _unusable(path, error) from None
    return True


def _mark(engine: str, version: int) -> bytes:
    return f"{engine} {version}\n".encode()


def _synchronise(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path}: cannot be used as a store ({error.strerror})")
