"""Overwriting: a file for results that is also one the run reads is refused, under whatever name it is given."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import msgspec

from detector.stores.mark import takes_nothing_else

Named: TypeAlias = str | Path


class OverwriteError(ValueError):
    """A file for results that the run needs for something else; the text is one line."""


def refuse_overwriting(written: Mapping[str, Path | None], read: Mapping[str, Iterable[Named | None]]) -> None:
    """Raise `OverwriteError` where a file to be *written*, by option, is among those *read*, by what they are.

    Links of both kinds are seen through; `-` among those read is standard input, a directory what its manifest names,
    or all that is in it, or will be in that of a store. Neither may one file be written twice, nor `-`, since results
    share no stream.

    >>> refuse_overwriting({"--out": Path("a.nd"), "--summary": None}, {"a source": ["b.nd"]})
    >>> refuse_overwriting({"--out": Path("a.nd"), "--summary": None}, {"a source": ["./a.nd"]})
    Traceback (most recent call last):
    ...
    harness.overwriting.OverwriteError: --out: found a.nd, which is a source too; legal: another file
    """
    before: dict[str, list[Named]] = {what: [name for name in names if name] for what, names in read.items()}
    for option, target in written.items():
        if target is None:
            continue
        if str(target) == "-":
            raise OverwriteError(f"{option}: found -; legal: a file")
        for what, names in before.items():
            if any(_holds(name, target) for name in names):
                raise OverwriteError(f"{option}: found {target}, which is {what} too; legal: another file")
        before[option] = [target]


def same_file(one: Path, other: Path) -> bool:
    """Whether both names lead to one file, be it there already or not; devices and pipes hold nothing to lose."""
    try:
        facts = one.stat()
        return stat.S_ISREG(facts.st_mode) and os.path.samestat(facts, other.stat())
    except OSError:
        return one.resolve() == other.resolve()


def _holds(name: Named, target: Path) -> bool:
    """Whether what is read under *name* is *target*, or holds it."""
    path = Path(name)
    if str(name) == "-":
        return _is_standard_input(target)
    is_within = path.resolve() in target.resolve().parents
    if not path.is_dir():
        return same_file(path, target) or (is_within and not path.exists())
    if (path / "manifest.json").is_file():
        return any(same_file(held, target) for held in _dataset(path))
    return is_within and (target.is_file() or takes_nothing_else(path))


def _is_standard_input(target: Path) -> bool:
    with suppress(OSError, ValueError, AttributeError):  # no such file yet, no descriptor, closed
        facts = target.stat()
        return stat.S_ISREG(facts.st_mode) and os.path.samestat(facts, os.fstat(sys.stdin.fileno()))
    return False


def _dataset(directory: Path) -> Iterator[Path]:
    """The files of a dataset; what is wrong with its manifest is told where it is read."""
    manifest = directory / "manifest.json"
    yield manifest
    with suppress(OSError, msgspec.DecodeError, KeyError, TypeError):
        yield from [directory / str(name) for name in msgspec.json.decode(manifest.read_bytes())["files"]]
