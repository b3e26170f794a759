"""`vaultdrill describe`."""

import click

from harness.output import json_text

_FORMATS = click.Choice(["table", "json"])


@click.command(epilog="Example: vaultdrill describe company --against other-company")
@click.argument("sources", nargs=-1, required=True, metavar="FILE...|DIR|-")
@click.option(
    "--against", "other", multiple=True, metavar="FILE|DIR", help="Describe these too, and how far apart both are."
)
@click.option("--format", "chosen", type=_FORMATS, default="table", show_default=True)
def describe(sources: tuple[str, ...], other: tuple[str, ...], chosen: str) -> None:
    """What a log looks like: actions, clients, rhythm, events a day, first times, lateness.

    Reads 1Password records as `detect` does, NDJSON, JSON or Parquet: item usages, and sign-ins where there are any;
    a directory is a dataset.
    Shares and rates are those of humans: accounts that only ever fetch from the server, through the SDK or Connect or
    for more than 8 hours of a day, are machines and counted apart. Days and hours are of UTC.
    """
    from harness.record_reader import described
    from harness.report.marginals import described_json, marginals_table

    found = [described(names) for names in (sources, other) if names]
    click.echo(json_text(described_json(found)) if chosen == "json" else marginals_table(found))
