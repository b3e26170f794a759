"""Destinations: where results are to go is looked at before any work is done for them."""

from collections.abc import Mapping
from pathlib import Path


class DestinationError(ValueError):
    """A file that could not be written; the text is one line."""


def refuse_nowhere(written: Mapping[str, Path | None]) -> None:
    """Raise `DestinationError` where a file to be *written*, by option, lies in no directory.

    >>> refuse_nowhere({"--html": Path("report.html"), "--junit": None})
    >>> refuse_nowhere({"--html": Path("nowhere/report.html")})
    Traceback (most recent call last):
    ...
    harness.destinations.DestinationError: --html: found nowhere/report.html; legal: a file in a directory that exists
    """
    for option, path in written.items():
        if path is not None and not path.absolute().parent.is_dir():
            raise DestinationError(f"{option}: found {path}; legal: a file in a directory that exists")
