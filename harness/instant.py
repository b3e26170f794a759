"""Instants on the command line."""

from typing import Any

import click

from detector.instant import InstantError, parse_day_or_instant


class Instant(click.ParamType[int]):
    """An instant in RFC 3339, or a date for its first moment in UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Nanoseconds since the epoch."""
        try:
            return parse_day_or_instant(value)
        except InstantError as error:
            self.fail(str(error), param, ctx)
