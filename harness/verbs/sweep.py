"""`vaultdrill sweep`."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.destinations import refuse_nowhere
from harness.gates.options import GatesAsked, end_if_failed, gate_options, junit_option
from harness.idle_options import refuse_idle
from harness.output import json_text, opened
from harness.overwriting import refuse_overwriting
from harness.rule_options import chosen_rule
from harness.stream_options import chosen_streams, stream_options

if TYPE_CHECKING:
    from harness.gates.of_sweep import Gated
    from harness.streams import Streams
    from harness.sweep.grid import Grid
    from harness.sweep.result import Sweep, SweepResult

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="Example: vaultdrill sweep --dataset company --learning-duration 3,7,14 --forget-after 7,28 --heatmap h.html"
)
@stream_options
@click.option("--rule", "rule_file", type=_FILE, metavar="FILE", help="The rule around which to sweep.  [shipped]")
@click.option("--learning-method", metavar="LIST", help="duration, threshold.  [the rule's]")
@click.option("--learning-duration", metavar="LIST", help="Days, 0 to 30.  [0,1,3,7,14,21 and the rule's]")
@click.option("--forget-after", metavar="LIST", help="Days, 1 to 30.  [1,3,7,14,21,28,30 and the rule's]")
@click.option("--learning-scope", metavar="LIST", help="Open reading: rule, group.  [both]")
@click.option("--forget-mode", metavar="LIST", help="Open reading: sliding, fixed.  [both]")
@click.option("--multi-value", metavar="LIST", help="Open reading: tuple, any.  [both, of several metrics]")
@click.option("--group-by", multiple=True, metavar="FIELDS", help="Fields; '' for none; repeatable.  [the rule's]")
@click.option("--metrics", multiple=True, metavar="FIELDS", help="Fields; repeatable.  [the rule's]")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=2, show_default=True, metavar="N", help="Threads; results same."
)
@gate_options
@click.option("--all", "everything", is_flag=True, help="Every setting in the table, not the front alone.")
@click.option(
    "--format", "chosen", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True
)
@click.option("--out", type=_FILE, metavar="FILE", help="Write the results here.  [standard output]")
@junit_option
@click.option("--heatmap", type=_FILE, metavar="FILE", help="Draw learning against forgetting: .html, .svg or .png.")
@click.pass_context
def sweep(
    ctx: click.Context,
    /,
    rule_file: Path | None,
    workers: int,
    everything: bool,  # noqa: FBT001 - click's flag
    chosen: str,
    out: Path | None,
    heatmap: Path | None,
    junit_file: Path | None,
    **given: Any,
) -> None:
    """One rule under many settings: what each finds, what it costs, and which is worth changing to.

    Every combination of the lists is tried, on streams that are read once, and scored over the same time: from the end
    of the longest learning on that leaves half of a stream. On the front is what no other setting beats in recall or in
    signals a day. What Datadog's documentation leaves open is tried both ways, and the result says whether the advice
    hangs on it.

    Gates are kept where the rule as it stands keeps them all, or else any setting on the front. Exit code 1: none does.
    """
    _refuse_without_columns()
    from harness.gates.of_sweep import Gated
    from harness.report.appraisal import gates_junit
    from harness.report.sweep_chart import chart_library, write_heatmaps

    gates = GatesAsked.taken(given)
    if not gates.are_any:
        refuse_idle(ctx, ["junit_file"], "without a gate")
    written = {"--out": out, "--heatmap": heatmap, "--junit": junit_file, **gates.written()}
    read = {"the rule": [rule_file], "the baseline": [gates.baseline_file], "read": given["datasets"]}
    refuse_overwriting(written, read)
    refuse_nowhere(written)
    if heatmap is not None:
        chart_library(heatmap)
    asked = {name: given.pop(name) for name in _LISTS}
    streams = chosen_streams(ctx, **given)
    found = _swept(rule_file, asked, streams, workers)
    _warn_of_unseen(found.result)
    gated = Gated.of(found, gates, streams.shown())
    with opened(out) as stream:
        stream.write(_text(found.result, gated, chosen, everything=everything) + b"\n")
    if heatmap is not None:
        write_heatmaps(found.result, heatmap)
    if junit_file is not None:
        with opened(junit_file) as junit:
            junit.write(gates_junit(gated.verdicts))
    gates.keep(gated.figures, gated.subject)
    gates.summarise(_text(found.result, gated, "markdown", everything=False).decode())
    end_if_failed(gated.verdicts)


_LISTS = (
    "learning_method",
    "learning_duration",
    "forget_after",
    "learning_scope",
    "forget_mode",
    "multi_value",
    "group_by",
    "metrics",
)


def _swept(rule_file: Path | None, asked: dict[str, Any], streams: "Streams", workers: int) -> "Sweep":
    grid = _grid(**asked)
    rule = chosen_rule(rule_file)
    from harness.sweep.sweeping import sweep as swept

    return swept(rule, grid, streams, workers)


def _warn_of_unseen(result: "SweepResult") -> None:
    """Say of which fields no event has all: a name that is misspelt would else be taken for a rule that is silent."""
    unseen = [each.setting for each in result.settings if not each.events]
    for keying in dict.fromkeys(", ".join([*each["group_by"], *each["metrics"]]) for each in unseen):
        click.echo(f"warning: no event that the rule selects has all of {keying}", err=True)


def _refuse_without_columns() -> None:
    missing = ", ".join(name for name in ("duckdb", "numba", "pyarrow") if find_spec(name) is None)
    if missing:
        raise click.UsageError(f"sweep: needs {missing}: pip install 'vaultdrill[columnar]'")


def _grid(
    *,
    learning_method: str | None,
    learning_duration: str | None,
    forget_after: str | None,
    learning_scope: str | None,
    forget_mode: str | None,
    multi_value: str | None,
    group_by: tuple[str, ...],
    metrics: tuple[str, ...],
) -> "Grid":
    """The values that the options name. Raises `SweepError`."""
    from detector.rules import FORGET_MODES, LEARNING_SCOPES, MULTI_VALUES
    from harness.sweep.grid import LEARNING_METHODS, Grid, days, fields, names

    def named(option: str, text: str | None, legal: tuple[str, ...]) -> tuple[str, ...]:
        return () if text is None else names(option, text, legal)

    return Grid(
        learning_method=named("--learning-method", learning_method, LEARNING_METHODS),
        learning_duration=() if learning_duration is None else days("--learning-duration", learning_duration, 0),
        forget_after=() if forget_after is None else days("--forget-after", forget_after, 1),
        learning_scope=named("--learning-scope", learning_scope, LEARNING_SCOPES),
        forget_mode=named("--forget-mode", forget_mode, FORGET_MODES),
        multi_value=named("--multi-value", multi_value, MULTI_VALUES),
        group_by=tuple(fields("--group-by", each) for each in group_by),
        metrics=tuple(fields("--metrics", each) for each in metrics),
    )


def _text(result: "SweepResult", gated: "Gated", chosen: str, *, everything: bool) -> bytes:
    from harness.report.gates import gates_markdown, gates_shown, gates_text
    from harness.report.sweep import sweep_markdown, sweep_text

    if chosen == "json":
        return json_text({**result.shown(), "gates": {"of": gated.setting, **gates_shown(gated.verdicts)}})
    swept, gates = (sweep_markdown, gates_markdown) if chosen == "markdown" else (sweep_text, gates_text)
    parts = [swept(result, everything=everything), gates(gated.verdicts, gated.setting)]
    return "\n\n".join(filter(None, parts)).encode()
