"""`vaultdrill score`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from msgspec import structs

from detector.rules import NewValueRule
from harness.base_rate_option import base_rate_option
from harness.destinations import refuse_nowhere
from harness.gates.options import GatesAsked, end_if_failed, gate_options, junit_option
from harness.idle_options import OF_COMPANIES, refuse_idle
from harness.output import opened
from harness.overwriting import refuse_overwriting
from harness.rule_options import chosen_rule, rule_options
from harness.stream_options import chosen_streams, stream_options

if TYPE_CHECKING:
    from harness.appraising import Appraisal, Remembering

_FILE = click.Path(path_type=Path, dir_okay=False)
_KNOBS: Final = ("learning_scope", "forget_mode", "multi_value")


@click.command(epilog="Example: vaultdrill score --signals signals.ndjson --dataset company --max-signals-per-day 200")
@click.option(
    "--signals", "signals_file", type=_FILE, metavar="FILE", help="What `detect` wrote, or another tool.  [the rule's]"
)
@click.option("--summary", "summary_file", type=_FILE, metavar="FILE", help="What `detect --summary` wrote.")
@rule_options
@stream_options
@base_rate_option
@gate_options
@click.option(
    "--format", "chosen", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True
)
@click.option("--html", "html_file", type=_FILE, metavar="FILE", help="Write the report, one file for a browser.")
@junit_option
@click.pass_context
def score(
    ctx: click.Context,
    /,
    signals_file: Path | None,
    summary_file: Path | None,
    rule_file: Path | None,
    enabled_at: int | None,
    base_rate: float,
    chosen: str,
    html_file: Path | None,
    junit_file: Path | None,
    **others: Any,
) -> None:
    """Precision, recall, detection latency, load and throughput, each with its counts and its interval.

    With --signals, of signals on one dataset; the rule and its clock decide what the learning period was: give the same
    as to `detect`. Without, of the rule itself: on datasets, or on companies that are simulated for it.

    The oracle bound is the recall of a rule that never forgets. Range precision and recall (Tatbul et al. 2018) tell
    how much of a signal's events is attack, and how much of an attack's events is under a signal.

    Exit code 1: a gate failed. A figure that is undefined fails its gate.
    """
    from harness.appraising import Appraiser
    from harness.gates.of_card import figures_of, planned, subject_of
    from harness.report.appraisal import appraisal_markdown, appraisal_text, gates_junit
    from harness.submission import read_signals, read_summary
    from simulator.writers import read_manifest

    knobs = {name: others.pop(name) for name in _KNOBS}
    asked = GatesAsked.taken(others)
    _refuse_idle(ctx, asked, signals_file, others["datasets"])
    streams = chosen_streams(ctx, **others)
    needed = [signals_file, summary_file, rule_file, asked.baseline_file, *others["datasets"]]
    written = {"--html": html_file, "--junit": junit_file, **asked.written()}
    refuse_overwriting(written, {"needed for the score": needed})
    refuse_nowhere(written)
    for directory in others["datasets"]:
        read_manifest(directory)  # one that is none is told before the first is scored
    summary = read_summary(summary_file)
    told = {**structs.asdict(summary.assumptions), **{name: knob for name, knob in knobs.items() if knob}}
    rule, remembering = chosen_rule(rule_file, **told), _remembering(html_file)
    asked.refuse_other_baseline(planned(rule.name, streams.shown()))
    appraiser = Appraiser(base_rate=base_rate, enabled_at=enabled_at, remembering=remembering)
    if signals_file is None:
        simulated = streams if others["datasets"] else appraiser.stages.each("simulate", streams)
        appraisal = appraiser.of_rule(rule, simulated)
    else:
        (stream,) = streams
        appraisal = appraiser.of_signals(read_signals(signals_file, rule.name), rule, stream, summary)
    figures, subject = figures_of(appraisal.card), subject_of(appraisal.card, streams.shown())
    verdicts = asked.verdicts(figures, subject)
    click.echo(appraisal_text(appraisal.card, verdicts, chosen))
    if html_file is not None:
        _write_html(html_file, appraisal, rule)
    if junit_file is not None:
        with opened(junit_file) as junit:
            junit.write(gates_junit(verdicts))
    asked.keep(figures, subject)
    asked.summarise(appraisal_markdown(appraisal.card, verdicts))
    end_if_failed(verdicts)


def _refuse_idle(ctx: click.Context, asked: GatesAsked, signals: Path | None, datasets: tuple[Path, ...]) -> None:
    """Refuse options that would do nothing, and signals without the one dataset that they were raised on."""
    if not asked.are_any:
        refuse_idle(ctx, ["junit_file"], "without a gate")
    if signals is None:
        refuse_idle(ctx, ["summary_file"], "without --signals")
        return
    refuse_idle(ctx, ["seeds", "first", "scenarios", *OF_COMPANIES], "with --signals")
    if len(datasets) != 1:
        raise click.UsageError(f"--dataset: found {len(datasets)} with --signals; legal: the one they were raised on")


def _remembering(html: Path | None) -> "Remembering | None":
    """What a report needs of the first stream; what it cannot be made without is refused before any work."""
    if html is None:
        return None
    from harness.report.html.page import refuse_without_library
    from harness.report.html.remembering import baseline_of

    refuse_without_library()
    return lambda hindsight, stream: baseline_of(hindsight.rule, hindsight.truth, hindsight.enabled_at, stream)


def _write_html(path: Path, appraisal: "Appraisal", rule: NewValueRule) -> None:
    from harness.report.html.page import write_html
    from harness.report.html.reporting import report_of

    report = report_of(
        appraisal.card,
        appraisal.evidences,
        rule=rule,
        manifests=appraisal.manifests,
        reviews=appraisal.reviews,
        baseline=appraisal.remembered,
    )
    write_html(report, path)
