"""Compilation: Numba's, kept on disk from one run to the next."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numba

_SOURCES = ("verdict.py", "clock.py", "instant.py", "columnar/*.py", "bulk/*.py")
"""What is compiled, and the constants that are compiled into it."""


def compiled(function: Callable[..., Any]) -> Any:
    """*function* compiled at its first call, or read from the disk if an earlier run has left it there.

    Numba looks at the age of the function's own file only; here the machine code is filed under a digest of all
    the sources that go into it, so that a change to the verdict is never answered from an old compilation.
    Where nothing can be written, each run compiles anew.
    """
    directory = _directory()
    if not _is_writable(directory):  # Numba would look for another place, among the sources first
        return numba.njit(function)
    with _cache_directory(directory):
        return numba.njit(function, cache=True)


@cache
def _directory() -> Path:
    """`$NUMBA_CACHE_DIR`, else the user's cache; in it, a directory for these very sources."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    users = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111, PTH118 - never fails
    here = Path(__file__).parents[1]
    sources = sorted(path for pattern in _SOURCES for path in here.glob(pattern))
    digest = blake2b(b"\0".join(path.read_bytes() for path in sources), digest_size=8).hexdigest()
    return Path(given or users) / "vaultdrill" / f"kernel-{digest}"


@cache
def _is_writable(directory: Path) -> bool:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=directory):
            return True
    except OSError:
        return False


@contextmanager
def _cache_directory(directory: Path) -> Iterator[None]:
    """Numba reads its setting when a function is decorated, so this one is given back at once."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(directory)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before
