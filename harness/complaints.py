"""Complaints of `--on-error skip`: what could not be read, told on standard error."""

from typing import Final

import click

from detector.reading import Missing

_SHOWN: Final = 10


class Complaints:
    """Shows the first unreadable records one by one, the summary counts them all; and whatever is missing."""

    def __init__(self) -> None:
        self._left = _SHOWN

    def __call__(self, line: str) -> None:
        """Tell of *line*."""
        if isinstance(line, Missing):
            click.echo(f"warning: {line}", err=True)
            return
        self._left -= 1
        if self._left >= 0:
            click.echo(f"skipped: {line}", err=True)
        if self._left == 0:
            click.echo("skipped: further records that cannot be read are only counted", err=True)
