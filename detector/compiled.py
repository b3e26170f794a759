"""Compilation: Numba's, kept on disk from one run to the next."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numba

_SOURCES = ("verdict.py", "kernel.py")


def compiled(function: Callable[..., Any]) -> Any:
    """*function* compiled at its first call, or read from the disk if an earlier run has left it there.

    Numba looks at the age of the function's own file only; here the machine code is filed under a digest of all
    the sources that go into it, so that a change to the verdict is never answered from an old compilation.
    Where nothing can be written, each run compiles anew.
    """
    with _cache_directory(_directory()):
        try:
            return numba.njit(function, cache=True)
        except RuntimeError:  # no place to write to
            return numba.njit(function)


def _directory() -> Path:
    """`$NUMBA_CACHE_DIR`, else the user's cache; in it, a directory for these very sources."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    users = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111, PTH118 - never fails
    here = Path(__file__).parent
    digest = blake2b(b"\0".join((here / name).read_bytes() for name in _SOURCES), digest_size=8).hexdigest()
    return Path(given or users) / "vaultdrill" / f"kernel-{digest}"


@contextmanager
def _cache_directory(directory: Path) -> Iterator[None]:
    """Numba reads its setting when a function is decorated, so this one is given back at once."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(directory)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before
