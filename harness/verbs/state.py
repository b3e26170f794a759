"""`vaultdrill state`."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

import click

from harness.engine_options import to_shard
from harness.instant import to_instant
from harness.output import Row, json_text, opened, write_rows

if TYPE_CHECKING:
    from detector.shard import Shard
    from harness.report.state import Look

_ROWS_AT_ONCE = 1_000
_TABLE_ROWS = 50


@click.group(epilog="Example: vaultdrill state show --store state.db --group ada@example.com")
def state() -> None:
    """What a store remembers from one run of `detect --store` to the next."""


@state.command(
    short_help="What is known of whom, and until when.",
    epilog="Example: vaultdrill state show --store state.db --at 2026-03-01",
)
@click.option(
    "--store", "url", required=True, metavar="URL", help="A path, or a URL as `vaultdrill stores list` has them."
)
@click.option("--shard", metavar="I/N", callback=to_shard, help="One shard of a server's store.  [all of them, as one]")
@click.option("--group", "asked", metavar="G", help="One group with each of its values: a value, or FIELD=VALUE,...")
@click.option(
    "--at",
    metavar="TIME",
    callback=to_instant,
    help="What is forgotten by then: RFC 3339 or a date, not before the latest sighting.  [the latest sighting]",
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help=f"The first N groups.  [table: {_TABLE_ROWS}]")
@click.option("--format", "chosen", type=click.Choice(["table", "json", "ndjson"]), default="table", show_default=True)
@click.pass_context
def show(
    ctx: click.Context,
    url: str,
    shard: "Shard | None",
    asked: str | None,
    at: int | None,
    limit: int | None,
    chosen: str,
) -> None:
    """What is known of whom, and until when, in the time of the events.

    A line for each group, or with --group for each value of one; a group of several fields is written as
    FIELD=VALUE,FIELD=VALUE or as a JSON array of the values. Looking changes nothing and disturbs no run. Ends with 1
    if nothing is known of the group.

    Of a store that several workers share all shards are shown as one, each as its last commit left it. A run that was
    interrupted, or has not ended yet, is told of: what it reads, where it writes and how far its last commit is.

    JSON: `state` has rule, rule_settings, assumptions, enabled_at, rule_start, live, learning_until, shards, open_runs
    (shard, run, sources, out, emit, sort, events, bytes_written), groups, known and forgotten (values) and at; each of
    `groups`, or `group`, has group, first_seen, learning_until, known, forgotten, last_seen, next_forgotten (value,
    at) and signal (id, opened_at, last_match_at, open_until, open, matches). With --group, values has value,
    last_seen, forgotten_at and known. Times are RFC 3339; what is not there is null.
    """
    from detector.state import State
    from detector.stores.urls import look_into
    from harness.report.state import Look
    from harness.state import moment_of_look

    with closing(look_into(url, shard)) as store:
        found = State(store)
        extent = found.extent()
        look = Look(found, extent, moment_of_look(extent, at))
        if asked is None:
            _show_groups(look, limit, chosen)
        else:
            ctx.exit(_show_group(look, asked, chosen))


def _show_groups(look: "Look", limit: int | None, chosen: str) -> None:
    from harness.report.state import group_row, head_row
    from harness.report.state_table import groups_table

    if chosen == "table":
        click.echo(groups_table(look, look.state.groups(), _TABLE_ROWS if limit is None else limit))
        return
    rows = (group_row(look, group) for group in islice(look.state.groups(), limit))
    if chosen == "json":
        click.echo(json_text({"state": head_row(look), "groups": list(rows)}))
        return
    with opened(None) as stream:
        write_rows(stream, "ndjson", _batches(rows), str)


def _show_group(look: "Look", asked: str, chosen: str) -> int:
    """Show one group; the exit code."""
    from harness.report.state import group_json, head_row, value_rows
    from harness.report.state_table import group_table
    from harness.state import group_keys, near, refuse_json

    keys = group_keys(asked, look.state.rule.group_by)
    group = next((known for known in map(look.state.group, keys) if known is not None), None)
    if group is None:
        refuse_json(asked, look.state.rule.group_by)
        other = near(look.state, keys)
        click.echo(f"vaultdrill: nothing is known of {asked}{f', but of {other}' if other else ''}", err=True)
        return 1
    if chosen == "table":
        click.echo(group_table(look, group))
    elif chosen == "json":
        click.echo(json_text({"state": head_row(look), "group": group_json(look, group)}))
    else:
        with opened(None) as stream:
            write_rows(stream, "ndjson", [value_rows(look, group)], str)
    return 0


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        yield batch
