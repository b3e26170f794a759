"""`vaultdrill detect`."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from detector.rules import FORGET_MODES, LEARNING_SCOPES, MULTI_VALUES, NewValueRule, load_rule, shipped_rule
from detector.stores.urls import open_store, store_scheme
from harness.detection import Decided, Detection
from harness.instant import to_instant
from harness.output import FORMATS, Row, default_format, json_text, opened, write_rows
from harness.progress import events_progress
from harness.report.tables import matches_table, signals_table

_TABLES: Final = {"signals": signals_table, "matches": matches_table}
_COMPLAINTS_SHOWN: Final = 10
_PATH = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog="Example: vaultdrill detect company --emit matches --format table")
@click.argument("sources", nargs=-1, required=True, metavar="FILE...|DIR|-")
@click.option(
    "--rule", "rule_file", type=_PATH, metavar="FILE", help="Datadog's rule JSON, or YAML.  [the shipped rule]"
)
@click.option("--emit", type=click.Choice(["signals", "matches"]), default="signals", show_default=True)
@click.option("--engine", type=click.Choice(["auto", "stream"]), default="auto", show_default=True)
@click.option(
    "--store",
    "store_url",
    default="memory:",
    show_default=True,
    metavar="URL",
    help="memory:, sqlite:///f.db or a path.",
)
@click.option("--sort", is_flag=True, help="Sort by (timestamp, uuid) first; holds the events in memory.")
@click.option(
    "--enabled-at", metavar="TIME", callback=to_instant, help="When the rule was enabled.  [the first selected event]"
)
@click.option("--learning-scope", type=click.Choice(LEARNING_SCOPES), help="Whose clock learning runs on.")
@click.option("--forget-mode", type=click.Choice(FORGET_MODES), help="Whether seeing a value again refreshes it.")
@click.option("--multi-value", type=click.Choice(MULTI_VALUES), help="Several metrics: one tuple, or any of them.")
@click.option("--format", "chosen", type=click.Choice(FORMATS), help="[table at a terminal, else ndjson]")
@click.option("--out", type=_PATH, metavar="FILE", help="Write here instead of standard output.")
@click.option("--summary", "summary_file", type=_PATH, metavar="FILE", help="Write counts and throughput as JSON.")
@click.option("--on-error", type=click.Choice(["stop", "skip"]), default="stop", show_default=True)
def detect(
    sources: tuple[str, ...],
    rule_file: Path | None,
    emit: str,
    engine: str,  # noqa: ARG001 - both choices stream
    store_url: str,
    sort: bool,  # noqa: FBT001 - a flag of the command
    enabled_at: int | None,
    learning_scope: str | None,
    forget_mode: str | None,
    multi_value: str | None,
    chosen: str | None,
    out: Path | None,
    summary_file: Path | None,
    on_error: str,
) -> None:
    """Decide which events are new to whom.

    Reads item usages, sign-ins and audit events as the 1Password Events API returns them (v1 and v2): one record
    a line, whole pages, or a JSON array, plain or gzip, or Parquet files of such records; a directory is a dataset.
    Input order is arrival order.
    """
    rule = _with_knobs(load_rule(rule_file) if rule_file else shipped_rule(), learning_scope, forget_mode, multi_value)
    for warning in rule.warnings():
        click.echo(f"warning: {warning}", err=True)
    if out and summary_file and out.resolve() == summary_file.resolve():
        raise click.UsageError(f"--summary: found {summary_file}, which is --out too; legal: another file")
    complain = _Complaints() if on_error == "skip" else None
    with ExitStack() as ending:
        store = ending.enter_context(closing(open_store(store_url)))
        # What ends last is entered first: files take their names before the state moves on, so that a run
        # that fails in between can be repeated.
        ending.enter_context(store.run())
        detection = Detection(rule, store, store_scheme(store_url), enabled_at, complain)
        told = ending.enter_context(opened(summary_file)) if summary_file else None
        stream = ending.enter_context(opened(out))
        batches = detection.reader.sorted(sources) if sort else detection.reader.batches(sources)
        with events_progress(detection) as watched:
            rows = _rows(watched(detection.decided(batches)), emit)
            write_rows(stream, chosen or default_format(out), rows, _TABLES[emit])
        summary = detection.summary()
        if told is not None:
            told.write(json_text(summary.shown()) + b"\n")
    click.echo(summary.text(), err=True)


def _with_knobs(rule: NewValueRule, scope: str | None, mode: str | None, multi: str | None) -> NewValueRule:
    knobs = {"learning_scope": scope, "forget_mode": mode, "multi_value": multi}
    return replace(rule, **{name: value for name, value in knobs.items() if value})  # type: ignore[arg-type]


def _rows(decided: Iterable[Decided], emit: str) -> Iterator[list[Row]]:
    for batch in decided:
        yield [shown.shown() for shown in (batch.matches if emit == "matches" else batch.signals)]


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
