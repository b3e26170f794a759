"""`vaultdrill explain`."""

import os
from collections import Counter
from contextlib import closing
from pathlib import Path

import click

from harness.output import json_text
from harness.rule_options import chosen_rule, rule_options


@click.command(epilog="Example: vaultdrill explain company --uuid 56YE2TYN2VFYRLNSHKPW5NVT5E")
@click.argument("sources", nargs=-1, required=True, metavar="FILE...|DIR|-")
@click.option("--uuid", "uuids", multiple=True, required=True, metavar="UUID", help="The event; may be repeated.")
@rule_options
@click.option("--sort", is_flag=True, help="Sort by (timestamp, uuid) first; holds the events in memory.")
@click.option(
    "--store",
    "store_url",
    default="memory:",
    show_default=True,
    metavar="URL",
    help="What was known before these events: a path (SQLite), or a URL as `vaultdrill stores list` has them; of a"
    " server's store all shards, as one. It is not changed.",
)
@click.option("--on-error", type=click.Choice(["stop", "skip"]), default="stop", show_default=True)
@click.option("--format", "chosen", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(
    sources: tuple[str, ...],
    uuids: tuple[str, ...],
    rule_file: Path | None,
    enabled_at: int | None,
    learning_scope: str | None,
    forget_mode: str | None,
    multi_value: str | None,
    sort: bool,  # noqa: FBT001 - a flag of the command
    store_url: str,
    on_error: str,
    chosen: str,
) -> None:
    """Why an event was new, known, learned or ignored.

    Reads what `detect` reads, in the same order and with the same rule, and tells what the rule knew of the event's
    group at the moment the event arrived: each value, since when and until when; the learning clock; the signal.
    An event that arrives more than once is explained each time.

    With --store give a copy from before the run: the store that `detect` left knows the event already, and would make
    it KNOWN. Where the store is from after the event, a note says so first.

    JSON: a list, in which each has uuid, timestamp, kind, arrival, note, rule, assumptions, verdict (new, known,
    learned, history, not_seen or ignored), why, fields (name, value, read_for), group, values (value, verdict, why),
    ignored (reason, obstacles of kind, part and holds), signal (fate, id, opened_at, matches, suppressed_by), learning
    (active, until, enabled_at, rule_start, group_first_seen), forget_after_days and baseline (value, first_seen,
    last_seen, forgotten_at, forgotten); of a record that cannot be read uuid, verdict and why. Times are RFC 3339;
    what is not there is null.
    """
    from harness.explain.borrowed_store import lender
    from harness.explain.explaining import Explaining
    from harness.report.explanation import explanation_text, unreadable_text
    from harness.report.explanation_json import explanations_json

    rule = chosen_rule(rule_file, learning_scope, forget_mode, multi_value)
    with closing(lender(store_url)) as store:
        explaining = Explaining(rule, store, uuids, enabled_at, *([_skipped] if on_error == "skip" else []))
        told = list(explaining.explained_sorted(sources) if sort else explaining.explained(sources))
    explaining.refuse_missing()
    if chosen == "json":
        click.echo(json_text(explanations_json(told, explaining.unreadable)))
        return
    arrivals = Counter(each.uuid for each in told)
    texts = [explanation_text(each, arrivals[each.uuid]) for each in told]
    shown = "\n\n".join([*texts, *map(unreadable_text, explaining.unreadable)])
    click.echo(click.unstyle(shown) if os.environ.get("NO_COLOR") else shown)  # https://no-color.org


def _skipped(line: str) -> None:
    click.echo(f"skipped: {line}", err=True)
