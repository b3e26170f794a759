"""`vaultdrill stores`."""

import click

from harness.output import json_text


@click.group(epilog="Example: vaultdrill stores list")
def stores() -> None:
    """Where a rule's memory can be kept between runs: what `--store` takes."""


@stores.command("list", short_help="Every kind of store.", epilog="Example: vaultdrill stores list --format json")
@click.option("--format", "chosen", type=click.Choice(["table", "json"]), default="table", show_default=True)
def list_(chosen: str) -> None:
    """Every kind of store, what it promises, and what is missing for it; those of other packages included.

    A store's URL begins with the scheme; a plain path is SQLite's. What follows `?durability=` is one of the
    settings shown; without it, the first. On a server `?store=NAME` keeps stores apart, and the password may come
    from the environment: REDISCLI_AUTH, PGPASSWORD.

    As `json`, for each kind: its `schemes`, the one to use first; whether it is `installed`, and what it `needs` if
    not; its `summary`; and `durability`, each `setting` with what it `promises`, the default first.
    """
    from harness.report.stores import kinds_json, kinds_table
    from harness.store_kinds import kind_rows

    rows = kind_rows()
    click.echo(kinds_table(rows) if chosen == "table" else json_text(kinds_json(rows)))
