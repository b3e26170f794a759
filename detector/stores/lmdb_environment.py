"""LMDB environments: opened once a process, checked for their length, and what they refuse told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import disk_usage
from typing import Final, TypeAlias

import lmdb

from detector.stores.base import StoreError
from detector.stores.directory import one_line

_DATA: Final = "data.mdb"
_DAMAGED: Final = (lmdb.CorruptedError, lmdb.InvalidError, lmdb.PageNotFoundError, lmdb.VersionMismatchError)
_LITTLE_ROOM: Final = 1 << 20
"""Bytes: a commit writes many pages at once, and those that still have room may be few."""
Transaction: TypeAlias = "lmdb.Transaction[bytes]"
_open: Final[dict[tuple[int, int], lmdb.Environment]] = {}
"""What this process has open, by device and inode: LMDB forbids opening a file twice."""


def opened(path: Path, **how: bool | int) -> lmdb.Environment:
    """The environment in a directory, known to `LmdbView` until `forget`. Raises what LMDB raises, and `StoreError`."""
    env = lmdb.open(str(path), **how)  # type: ignore[arg-type]
    needed = (env.info()["last_pgno"] + 1) * env.stat()["psize"]
    if (path / _DATA).stat().st_size < needed:  # to read beyond its end would end the process
        env.close()
        raise StoreError(f"{path}: damaged: {_DATA} is shorter than {needed} bytes")
    _open[_identity(path)] = env
    return env


def begun(env: lmdb.Environment) -> Transaction:
    """A read transaction over the environment as it is now."""
    try:
        return env.begin()
    except lmdb.MapResizedError:  # a run has enlarged the map since we opened it
        env.set_mapsize(0)
        return env.begin()


def forget(env: lmdb.Environment) -> None:
    """The environment is about to be closed."""
    for identity in [identity for identity, known in _open.items() if known is env]:
        del _open[identity]


def refuse_lost(path: Path) -> None:
    """Raise `StoreError` for a marked directory that has lost its data; LMDB would begin anew."""
    data = path / _DATA
    if not data.is_file() or not data.stat().st_size:
        raise StoreError(f"{path}: damaged: {_DATA} is missing or empty")


def open_here(path: Path) -> lmdb.Environment | None:
    """The environment that this process has open over the directory, by whatever path."""
    return _open.get(_identity(path))


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Tell in one line what LMDB refuses."""
    try:
        yield
    except _DAMAGED as error:
        raise StoreError(f"{path}: damaged: {one_line(error)}") from None
    except (lmdb.Error, OSError) as error:
        raise StoreError(f"{path}: cannot be used as a store ({one_line(error)}{_full(path)})") from None


def _full(path: Path) -> str:
    """What to add where there is no room left: LMDB calls a page that was cut short an input/output error."""
    try:
        free = disk_usage(path).free
    except OSError:
        return ""
    return "; the disk is full, or nearly so" if free < _LITTLE_ROOM else ""


def _identity(path: Path) -> tuple[int, int]:
    facts = (path / _DATA).stat()
    return facts.st_dev, facts.st_ino
