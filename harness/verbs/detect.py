"""`vaultdrill detect`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

import click

from detector.rules import NewValueRule
from detector.stores.urls import open_store, store_scheme
from harness.detection import Decided
from harness.engines import ENGINES, engine_for
from harness.order import Order, Post
from harness.output import FORMATS, Row, default_format, json_text, opened, write_rows
from harness.progress import events_progress
from harness.report.tables import matches_table, signals_table
from harness.rule_options import chosen_rules, rules_options
from harness.rule_order import rule_by_rule
from harness.summary import Summary

_TABLES: Final = {"signals": signals_table, "matches": matches_table}
_COMPLAINTS_SHOWN: Final = 10
_PATH = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog="Example: vaultdrill detect company --emit matches --format table")
@click.argument("sources", nargs=-1, required=True, metavar="FILE...|DIR|-")
@rules_options
@click.option("--emit", type=click.Choice(["signals", "matches"]), default="signals", show_default=True)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="auto",
    show_default=True,
    help="Event by event, or by columns; auto takes columns for large files and several rules.",
)
@click.option(
    "--store",
    "store_urls",
    multiple=True,
    metavar="URL",
    help="memory:, sqlite:///f.db or a path; one a rule, in their order.  [memory:]",
)
@click.option("--sort", is_flag=True, help="Sort by (timestamp, uuid) first: stream in memory, columnar on disk.")
@click.option("--format", "chosen", type=click.Choice(FORMATS), help="[table at a terminal, else ndjson]")
@click.option("--out", type=_PATH, metavar="FILE", help="Write here instead of standard output.")
@click.option("--summary", "summary_file", type=_PATH, metavar="FILE", help="Write counts and throughput as JSON.")
@click.option("--on-error", type=click.Choice(["stop", "skip"]), default="stop", show_default=True)
def detect(
    sources: tuple[str, ...],
    emit: str,
    engine: str,
    store_urls: tuple[str, ...],
    sort: bool,  # noqa: FBT001 - a flag of the command
    enabled_at: int | None,
    chosen: str | None,
    out: Path | None,
    summary_file: Path | None,
    on_error: str,
    **rule_choice: Any,
) -> None:
    """Decide which events are new to whom.

    Reads item usages, sign-ins and audit events as the 1Password Events API returns them (v1 and v2): one record
    a line, whole pages, or a JSON array, plain, gzip or zstd, Parquet files of such records, or Datadog's log search
    results; a directory is a dataset. Input order is arrival order.

    With several rules the records are read once; what the first rule brings is written first, then the second's.
    """
    rules = chosen_rules(**rule_choice)
    urls = store_urls or ("memory:",) * len(rules)
    if len(urls) != len(rules):
        raise click.UsageError(f"--store: found {len(urls)}; legal: one for each --rule ({len(rules)})")
    if out and summary_file and out.resolve() == summary_file.resolve():
        raise click.UsageError(f"--summary: found {summary_file}, which is --out too; legal: another file")
    complain = _Complaints() if on_error == "skip" else None
    with ExitStack() as ending:
        # What ends last is entered first: files take their names before the state moves on, so that a run
        # that fails in between can be repeated.
        posts = [_post(ending, rule, url) for rule, url in zip(rules, urls, strict=True)]
        order = Order(sources=sources, posts=posts, sort=sort, enabled_at=enabled_at, complain=complain)
        run = engine_for(engine, order)
        told = ending.enter_context(opened(summary_file)) if summary_file else None
        stream = ending.enter_context(opened(out))
        with events_progress(run) as watched:
            rows = rule_by_rule(_rows(watched(run.decided()), emit, rules))
            write_rows(stream, chosen or default_format(out), rows, _TABLES[emit])
        summaries = run.summaries()
        if told is not None:
            shown = [summary.shown() for summary in summaries]
            told.write(json_text(shown[0] if len(shown) == 1 else shown) + b"\n")
    click.echo(_told(summaries), err=True)


def _post(ending: ExitStack, rule: NewValueRule, url: str) -> Post:
    store = ending.enter_context(closing(open_store(url)))
    ending.enter_context(store.run())
    return Post(rule, store, store_scheme(url))


def _rows(
    decided: Iterable[tuple[int, Decided]], emit: str, rules: Sequence[NewValueRule]
) -> Iterator[tuple[int, list[Row]]]:
    """What is to be written; matches tell their rule where there are several (signals always do)."""
    for place, batch in decided:
        if emit == "signals":
            yield place, [signal.shown() for signal in batch.signals]
        elif len(rules) == 1:
            yield place, [match.shown() for match in batch.matches]
        else:
            yield place, [{"rule": rules[place].name, **match.shown()} for match in batch.matches]


def _told(summaries: Sequence[Summary]) -> str:
    if len(summaries) == 1:
        return summaries[0].text()
    return "\n".join(f"{summary.rule.name}\n{summary.text()}" for summary in summaries)


class _Complaints:
    """Shows the first unreadable records one by one; the summary counts them all."""

    def __init__(self) -> None:
        self._left = _COMPLAINTS_SHOWN

    def __call__(self, line: str) -> None:
        self._left -= 1
        if self._left >= 0:
            click.echo(f"skipped: {line}", err=True)
        if self._left == 0:
            click.echo("skipped: further records that cannot be read are only counted", err=True)
