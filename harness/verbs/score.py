"""`vaultdrill score`."""

from dataclasses import replace
from pathlib import Path

import click

from detector.rules import LEARNING_SCOPES, load_rule, shipped_rule
from harness.instant import to_instant
from harness.output import json_text

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog="Example: vaultdrill score --signals signals.ndjson --dataset company --format json")
@click.option("--signals", "signals_file", type=_FILE, required=True, metavar="FILE", help="What `detect` wrote.")
@click.option("--dataset", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where the truth is.")
@click.option("--summary", "summary_file", type=_FILE, metavar="FILE", help="What `detect --summary` wrote.")
@click.option("--rule", "rule_file", type=_FILE, metavar="FILE", help="The rule that ran.  [the shipped rule]")
@click.option(
    "--enabled-at", metavar="TIME", callback=to_instant, help="When it was enabled.  [the first selected event]"
)
@click.option(
    "--learning-scope", type=click.Choice(LEARNING_SCOPES), help="Whose clock it learned on.  [the summary's]"
)
@click.option("--format", "chosen", type=click.Choice(["table", "json"]), default="table", show_default=True)
def score(
    signals_file: Path,
    dataset: Path,
    summary_file: Path | None,
    rule_file: Path | None,
    enabled_at: int | None,
    learning_scope: str | None,
    chosen: str,
) -> None:
    """Precision, recall, detection latency, load and throughput, each with its counts.

    The rule and its clock decide what the learning period was: give the same as to `detect`.
    """
    from harness.hindsight import Hindsight
    from harness.report.text import scorecard_table
    from harness.scoring import score as scored
    from harness.submission import events_held, read_signals, read_summary
    from harness.truth import read_truth

    summary = read_summary(summary_file)
    rule = load_rule(rule_file) if rule_file else shipped_rule()
    rule = summary.assumed(rule)
    rule = replace(rule, learning_scope=learning_scope or rule.learning_scope)
    truth, signals = read_truth(dataset), read_signals(signals_file, rule.name)
    hindsight = Hindsight(rule, truth, enabled_at, events_held(signals))
    card = scored(signals, hindsight, summary)
    click.echo(json_text(card.shown()) if chosen == "json" else scorecard_table(card))
