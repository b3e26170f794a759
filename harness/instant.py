"""Instants on the command line."""

import click

from detector.instant import InstantError, parse_day_or_instant


def to_instant(ctx: click.Context, param: click.Parameter, text: str | None) -> int | None:  # noqa: ARG001 - click's
    """Nanoseconds since the epoch, of RFC 3339 or of a date for its first moment in UTC: an option's callback."""
    try:
        return None if text is None else parse_day_or_instant(text)
    except InstantError as error:
        raise click.BadParameter(f"{error}, or a date such as 2026-01-31") from None
