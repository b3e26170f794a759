"""The options that set gates, the same for every verb that has figures."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from harness.gates.baseline import Baseline, Subject, baseline_text, compared, read_baseline, refuse_other
from harness.gates.figures import KINDS, Figures
from harness.gates.gates import Gates, Verdict, checked
from harness.idle_options import refuse_idle
from harness.output import opened
from harness.report.step_summary import append_summary

_FILE = click.Path(path_type=Path, dir_okay=False)
_SECOND: Final = 1_000_000_000
_OTHERS: Final = ("write_baseline", "tolerance", "step_summary")
OF_GATES: Final = (*KINDS, "gate_on", "baseline", "write_baseline", "tolerance")
"""The options that do nothing where there are no figures, by the names of their parameters."""


def _to_share(_ctx: click.Context, _option: click.Parameter, share: float | None) -> float | None:
    if share is None or 0 <= share <= 1:
        return share
    raise click.BadParameter(f"found {share:g}; legal: 0 to 1")


def _to_amount(_ctx: click.Context, _option: click.Parameter, amount: float | None) -> float | None:
    if amount is None or (amount >= 0 and math.isfinite(amount)):
        return amount
    raise click.BadParameter(f"found {amount:g}; legal: a number, 0 or more")


def _to_seconds(_ctx: click.Context, _option: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    from scenarios.duration import Duration

    try:
        return int(Duration.parse(text)) / _SECOND
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


_OPTIONS = (
    click.option(
        "--min-recall",
        "recall",
        type=float,
        callback=_to_share,
        metavar="SHARE",
        help="Gate: at least this share of the attack incidents is found (0.8).",
    ),
    click.option(
        "--min-precision",
        "precision",
        type=float,
        callback=_to_share,
        metavar="SHARE",
        help="Gate: at least this share of the signals is of an attack.",
    ),
    click.option(
        "--max-signals-per-day",
        "signals_per_day",
        type=float,
        callback=_to_amount,
        metavar="N",
        help="Gate: at most so many signals a day per 1,000 people.",
    ),
    click.option(
        "--max-latency",
        "latency",
        callback=_to_seconds,
        metavar="TIME",
        help="Gate: no attack that is found is found later than this (15m, 8h, 2d) after its first detectable event.",
    ),
    click.option(
        "--max-missed", "missed", type=click.IntRange(min=0), metavar="N", help="Gate: at most so many attacks missed."
    ),
    click.option(
        "--gate-on",
        type=click.Choice(["point", "lower"]),
        default="point",
        show_default=True,
        help="Hold the figure itself to its gate, or the pessimistic end of its 95 % interval: the lower one of what"
        " should be high, the upper one of what should be low. Latency has no interval.",
    ),
    click.option(
        "--baseline",
        type=_FILE,
        metavar="FILE",
        help="Gate: no figure is worse than in this file of --write-baseline, of a rule of the same name over the same"
        " streams.",
    ),
    click.option("--write-baseline", type=_FILE, metavar="FILE", help="Write the figures for a later --baseline."),
    click.option(
        "--tolerance",
        type=float,
        default=0.0,
        show_default=True,
        callback=_to_amount,
        metavar="N",
        help="How much worse than the baseline passes: of recall and precision in absolute terms (0.02 is two points),"
        " of the others as a share of what they were.",
    ),
    click.option(
        "--step-summary",
        type=_FILE,
        metavar="FILE",
        help='Append the result as Markdown; in GitHub Actions: --step-summary "$GITHUB_STEP_SUMMARY".',
    ),
)


def gate_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add the gates to a verb: what `GatesAsked.of` takes."""
    for option in reversed(_OPTIONS):
        verb = option(verb)
    return verb


junit_option = click.option(
    "--junit", "junit_file", type=_FILE, metavar="FILE", help="Write JUnit XML with a test for each gate."
)


@dataclass(frozen=True)
class GatesAsked:
    """What a user asked of the figures, and of the files that tell of them."""

    gates: Gates
    baseline_file: Path | None
    baseline: Baseline | None
    write_baseline: Path | None
    tolerance: float
    step_summary: Path | None

    @classmethod
    def taken(cls, options: dict[str, Any]) -> "GatesAsked":
        """What the options of `gate_options` say, which are taken out of *options*; a baseline is read at once.

        Raises `GateError`, and `click.UsageError` of an option that does nothing.
        """
        ctx = click.get_current_context()
        gates = Gates(**{name: options.pop(name) for name in KINDS}, on=options.pop("gate_on"))
        file = options.pop("baseline")
        if file is None:
            refuse_idle(ctx, ["tolerance"], "without --baseline")
            if not gates.asked:
                refuse_idle(ctx, ["gate_on"], "without a gate")
        before = None if file is None else read_baseline(file)
        return cls(gates, file, before, **{name: options.pop(name) for name in _OTHERS})

    @property
    def are_any(self) -> bool:
        """Whether there is any gate."""
        return bool(self.gates.asked) or self.baseline is not None

    def written(self) -> dict[str, Path | None]:
        """The files for results, by option, for `harness.overwriting.refuse_overwriting`."""
        return {"--write-baseline": self.write_baseline, "--step-summary": self.step_summary}

    def refuse_other_baseline(self, planned: Subject) -> None:
        """Raise `GateError`, before any work, where the baseline is of something else than what is *planned*."""
        if self.baseline is not None and self.baseline_file is not None:
            refuse_other(self.baseline.subject, planned, self.baseline_file)

    def verdicts(self, figures: Figures, subject: Subject) -> list[Verdict]:
        """How *figures* did at every gate. Raises `GateError` where the baseline is of another subject."""
        verdicts = checked(figures, self.gates)
        if self.baseline is None or self.baseline_file is None:
            return verdicts
        against = compared(figures, subject, self.baseline, self.baseline_file, self.tolerance, self.gates.on)
        return [*verdicts, *against]

    def keep(self, figures: Figures, subject: Subject) -> None:
        """Write the baseline that was asked for, whatever the gates say: it tells what was, not what is good."""
        if self.write_baseline is not None:
            with opened(self.write_baseline) as stream:
                stream.write(baseline_text(subject, figures))

    def summarise(self, markdown: str) -> None:
        """Append to the summary of a pipeline's step, if that was asked for."""
        if self.step_summary is not None:
            append_summary(self.step_summary, markdown)


def end_if_failed(verdicts: list[Verdict]) -> None:
    """End with 1 where a gate fails, with a line on stderr for each that does."""
    failed = [verdict for verdict in verdicts if verdict.outcome == "failed"]
    for verdict in failed:
        click.echo(f"gate failed: {verdict.reason}", err=True)
    if failed:
        raise click.exceptions.Exit(1)
