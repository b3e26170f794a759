"""Options of a run that are read from text: which shard, and how late events may come."""

import click

from detector.shard import Shard, ShardError


def to_shard(_ctx: click.Context, _option: click.Parameter, text: str | None) -> Shard | None:
    """The shard of `--shard`. Raises `click.UsageError`."""
    try:
        return None if text is None else Shard.parse(text)
    except ShardError as error:
        raise click.UsageError(f"--shard: {error}") from None


def to_lateness(_ctx: click.Context, _option: click.Parameter, text: str | None) -> int | None:
    """The nanoseconds of `--allowed-lateness`. Raises `click.UsageError`."""
    if text is None:
        return None
    from scenarios.duration import Duration

    try:
        return int(Duration.parse(text))
    except ValueError as error:
        raise click.UsageError(f"--allowed-lateness: {error}") from None
