"""Log files: which files hold the logs that a user names, and in which order."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.log_record import LogError

_DIGITS: Final = re.compile(r"(\d+)")


def log_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files that *paths* name: a file itself; of a directory all that it holds, at any depth.

    Those of a directory come in order of name, numbers in names by value; hidden and empty ones are left out, and a
    file that is named twice comes once. Raise `LogError` for what is no file or directory. Standard input and pipes
    are none: originals must be there afterwards to be compared with.
    """
    return list(dict.fromkeys(file for path in paths for file in (_held_by(path) if path.is_dir() else [_one(path)])))


def _one(path: Path) -> Path:
    if str(path) == "-":
        raise LogError("-: found standard input; legal: files, or a directory of them")
    if not path.is_file():
        found = "something that is no file" if path.exists() else "nothing there"
        raise LogError(f"{path}: found {found}; legal: a dataset, or 1Password logs, files or a directory of them")
    return path


def _held_by(directory: Path) -> list[Path]:
    shown = [file for file in directory.rglob("*") if not _is_hidden(file.relative_to(directory))]
    files = [file for file in shown if file.is_file() and file.stat().st_size]
    if not files:
        raise LogError(f"{directory}: found no file with content; legal: a dataset, or a directory of 1Password logs")
    return sorted(files, key=_by_name)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _by_name(file: Path) -> list[tuple[int, str]]:
    """A key that sorts ``part-9`` before ``part-10``, and text as text.

    >>> sorted([Path("part-10"), Path("part-9")], key=_by_name)[0].name
    'part-9'
    """
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(str(file))]
