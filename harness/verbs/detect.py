"""`vaultdrill detect`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from detector.rules import NewValueRule
from detector.shard import Shard
from harness.complaints import Complaints
from harness.detection import Decided
from harness.engine_options import to_lateness, to_shard
from harness.engines import ENGINES, engine_for
from harness.journal import Journal
from harness.order import Order, Post
from harness.output import FORMATS, Row, default_format, json_text, opened, write_rows
from harness.overwriting import refuse_overwriting
from harness.progress import events_progress
from harness.report.tables import results_table
from harness.rule_options import chosen_rules, rules_options
from harness.rule_order import rule_by_rule
from harness.stages import Stages
from harness.store_option import posts, store_files, store_urls
from harness.summary import Summary

_PATH = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog="Example: vaultdrill detect company --emit matches --format table")
@click.argument("sources", nargs=-1, required=True, metavar="FILE...|DIR|-")
@rules_options
@click.option(
    "--emit",
    type=click.Choice(["signals", "matches"]),
    default="signals",
    show_default=True,
    help="Signals, each with its matches, in the order in which they closed; or matches alone, as the events came.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="auto",
    show_default=True,
    help="Event by event, or by columns, which needs the extra vaultdrill[columnar]. auto takes columns where the bytes"
    " to be read, times the rules, repay their start, and for a pipe with several rules.",
)
@click.option(
    "--store",
    "stores",
    multiple=True,
    metavar="URL",
    help="memory:, a path (SQLite), or a URL as `vaultdrill stores list` has them; one a rule.  [memory:]",
)
@click.option("--abandon", is_flag=True, help="Leave a run that was interrupted over the store as it is.")
@click.option(
    "--shard",
    metavar="I/N",
    callback=to_shard,
    help="Decide the I-th of N parts of all groups. On a server all workers have one --store.",
)
@click.option(
    "--allowed-lateness",
    "lateness",
    metavar="TIME",
    callback=to_lateness,
    help="No event comes later than this after a newer one (15m, 8h, 2d): what is forgotten may then be dropped.",
)
@click.option("--sort", is_flag=True, help="Sort by (timestamp, uuid) first: stream in memory, columnar on disk.")
@click.option(
    "--format",
    "chosen",
    type=click.Choice(FORMATS),
    help="One row a line, one array, or a table.  [table at a terminal, else ndjson]",
)
@click.option("--out", type=_PATH, metavar="FILE", help="Write here instead of standard output.")
@click.option(
    "--summary",
    "summary_file",
    type=_PATH,
    metavar="FILE",
    help="Write counts and throughput, by stage too, as JSON: an object, or with several rules a list of them in their"
    " order.",
)
@click.option(
    "--on-error",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="At a record that cannot be read: end with 2 and write nothing, or tell of it, count it and go on.",
)
def detect(
    sources: tuple[str, ...],
    emit: str,
    engine: str,
    stores: tuple[str, ...],
    abandon: bool,  # noqa: FBT001 - a flag of the command
    shard: Shard | None,
    lateness: int | None,
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

    With --store and --out, what is decided is committed every 10,000 events: state, place in the sources and length of
    FILE together. The same command goes on after the last commit, whatever ended it. Without --out, or with several
    rules, the store moves on at the end, and not at all if the run fails.

    With several rules the records are read once by columns, and once for each rule by --engine stream; what the first
    rule brings is written first, then the second's. Their stores move on one after the other: a run that was ended
    between two of them has written its results, and is not run again over them until the last ones have caught up.
    """
    rule_files = rule_choice["rule_files"]
    read = {"a source": sources, "--rule": rule_files, "--store": store_files(stores)}
    refuse_overwriting({"--out": out, "--summary": summary_file}, read)
    rules = chosen_rules(**rule_choice)
    urls = store_urls(stores, len(rules))
    complain = Complaints() if on_error == "skip" else None
    with ExitStack() as ending:
        # What ends last is entered first: files take their names before the state moves on, so that a run
        # that fails in between can be repeated.
        posted = posts(ending, rules, urls, shard)
        order = Order(
            sources=sources,
            posts=posted,
            sort=sort,
            enabled_at=enabled_at,
            complain=complain,
            shard=shard,
            lateness=lateness,
            journal=_journal(out, chosen, posted),
            emit=emit,
            abandon=abandon,
        )
        with order.stages.during("start"):
            run = engine_for(engine, order)
        told = ending.enter_context(opened(summary_file)) if summary_file else None
        stream = ending.enter_context(opened(out) if run.journal is None else run.journal.opened())
        with events_progress(run) as watched, order.stages.during("write"):
            rows = rule_by_rule(_rows(watched(run.decided()), emit, rules))
            write_rows(stream, chosen or default_format(out), rows, results_table(emit, len(rules)))
        summaries = _staged(run.summaries(), emit, order.stages)
        if told is not None:
            shown = [summary.shown() for summary in summaries]
            told.write(json_text(shown[0] if len(shown) == 1 else shown) + b"\n")
    click.echo(_told(summaries), err=True)


def _journal(out: Path | None, chosen: str | None, posted: Sequence[Post]) -> Journal | None:
    """The journal of results, if it can be cut back and gone on with, and the state beside it outlives the run."""
    grows = out is not None and (out.is_file() or not out.exists()) and chosen in (None, "ndjson")
    return Journal(out) if out and grows and len(posted) == 1 and posted[0].at_once else None


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


def _staged(summaries: list[Summary], emit: str, stages: Stages) -> list[Summary]:
    """The summaries with the stages of their run, once these know how much each handled."""
    stages.count("decide", sum(summary.selected for summary in summaries))
    stages.count("write", sum(getattr(summary, emit) for summary in summaries))
    return [replace(summary, stages=stages.told()) for summary in summaries]


def _told(summaries: Sequence[Summary]) -> str:
    if len(summaries) == 1:
        return summaries[0].text()
    return "\n".join(f"{summary.rule.name}\n{summary.text()}" for summary in summaries)
