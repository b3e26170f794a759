"""`vaultdrill test`."""

import os
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from detector.rules import load_rule, shipped_rule
from harness.company_options import DEFAULT_START, chosen_company
from harness.delivery_option import delivery_option
from harness.destinations import refuse_nowhere
from harness.gates.gates import Verdict
from harness.gates.options import OF_GATES, GatesAsked, end_if_failed, gate_options
from harness.idle_options import OF_COMPANIES, OF_DRILLS, refuse_idle
from harness.output import opened
from harness.overwriting import refuse_overwriting
from harness.scenario_filter import filter_option, filtered
from harness.subjects import Subjects

if TYPE_CHECKING:
    from scenarios.scenario import Scenario


PROFILE: Final = "midsize-1000"
"""It has every kind of account that the library asks for, service accounts and auditors among them."""
PEOPLE: Final = 400
"""Enough that the rarest part of the library (an account that nobody uses any more) finds somebody to play it."""
DAYS: Final = 75
"""Two weeks of history, a second strike 40 days after the first, and some weeks in which they may begin."""

_FILE = click.Path(path_type=Path, dir_okay=False)
_AT_LEAST_ONE = click.IntRange(min=1)
_SEEDS = click.IntRange(1, 1000)


@click.command(epilog="Example: vaultdrill test --rule rule.yaml --filter technique=T1555.005 --junit drill.xml")
@click.argument("paths", nargs=-1, metavar="[ID|FILE|DIR]...")
@click.option(
    "--rule", "rule_file", type=_FILE, metavar="FILE", help="Datadog's rule JSON, or YAML.  [the shipped rule]"
)
@click.option(
    "--expectations",
    "expectations_file",
    type=_FILE,
    metavar="FILE",
    help="What the rule owes each scenario; replaces the shipped ones.  [those shipped for a rule of its name]",
)
@filter_option
@click.option("--seeds", type=_SEEDS, default=5, show_default=True, metavar="N", help="How many companies.")
@click.option("--seed", "first", type=int, default=1, show_default=True, metavar="N", help="The first one's seed.")
@click.option("--profile", default=PROFILE, show_default=True, metavar="NAME|FILE", help="Their habits.")
@click.option("--people", type=int, default=PEOPLE, show_default=True, metavar="N", help="Of each on the first day.")
@click.option("--days", type=int, default=DAYS, show_default=True, metavar="N", help="How long each is simulated.")
@delivery_option
@click.option(
    "--background",
    "given",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DIR|LOGS",
    help="A dataset or 1Password logs instead of simulated companies; repeatable.",
)
@click.option(
    "--format", "chosen", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True
)
@click.option("--junit", "junit_file", type=_FILE, metavar="FILE", help="Write JUnit XML too.")
@gate_options
@click.option("--allow-not-run", is_flag=True, help="Pass although some case could not be staged.")
@click.option("--workers", type=_AT_LEAST_ONE, metavar="N", help="Processes; nothing depends on it.  [the processors]")
@click.pass_context
def test(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    rule_file: Path | None,
    expectations_file: Path | None,
    filters: tuple[str, ...],
    seeds: int,
    first: int,
    profile: str,
    people: int,
    days: int,
    delivery: str,
    given: tuple[Path, ...],
    chosen: str,
    junit_file: Path | None,
    allow_not_run: bool,  # noqa: FBT001 - a flag of the command
    workers: int | None,
    **gating: Any,
) -> None:
    """Stage scenarios, run a rule over them, and hold each incident to what the rule owes its scenario.

    Without arguments the whole library is played. Every scenario and each of its cases is woven, once for each seed,
    into one company's records. A file with a rule's own tests is run as it is, without a company.

    Expectations may speak of scenarios in the library, of those played, and of any <id>.yaml to be found from the
    folder of their file or one above it. An attack of which they say nothing owes a signal within 15m, a look-alike
    silence. Kept in a folder named expectations, they are not taken for scenarios.

    Gates hold the drill as a whole: recall is the share of all attacks that raised a signal, whatever was expected of
    them. Everyday signals are not counted here: precision and signals a day are gates of `vaultdrill score`.

    Exit code 1: an expectation is not met, a rule's own test fails, a case could not be staged, nothing was asked, or a
    gate failed.
    """
    from harness.drill import Drill
    from harness.drilling import background_of, owed_by, played
    from harness.gates import of_drill
    from harness.report.colour import coloured
    from harness.report.outcome import outcome_junit, outcome_text
    from harness.rule_tests import run_rule_tests

    subjects = Subjects.sorted(paths or ["all"])
    _refuse_idle(ctx, subjects, given, junit_file)
    asked = GatesAsked.taken(gating)
    asked.gates.refuse(of_drill.WITHOUT, of_drill.WHY)
    needed = [*subjects.scenarios, *subjects.rules, rule_file, expectations_file, asked.baseline_file, *given]
    written = {"--junit": junit_file, **asked.written()}
    refuse_overwriting(written, {"needed for the test": needed})
    refuse_nowhere(asked.written())
    with ExitStack() as ending:
        junit = ending.enter_context(opened(junit_file)) if junit_file else None
        own = {path: run_rule_tests(path) for path in subjects.rules}
        result, verdicts = None, list[Verdict]()
        if subjects.scenarios:
            rule = load_rule(rule_file) if rule_file else shipped_rule()
            cases = _cases(subjects.scenarios)
            owed = owed_by(rule, expectations_file, cases)
            company = chosen_company(profile, people, days, first, date.fromisoformat(DEFAULT_START), delivery)
            drill = Drill(rule, filtered(cases, filters), background_of(given, company))
            named, chosen_seeds = str(rule_file) if rule_file else "the shipped rule", range(first, first + seeds)
            asked.refuse_other_baseline(of_drill.planned(rule.name, str(drill.background), chosen_seeds, drill.cases))
            result = played(drill, named, owed, chosen_seeds, workers or os.cpu_count() or 1)
            figures, subject = of_drill.figures_of(result), of_drill.subject_of(result)
            verdicts = asked.verdicts(figures, subject)
            asked.keep(figures, subject)
        shown = outcome_text(result, own, chosen, verdicts)
        plain = chosen != "table" or os.environ.get("NO_COLOR")  # https://no-color.org: any text but the empty one
        click.echo(shown if plain else coloured(shown))
        if junit is not None:
            junit.write(outcome_junit(result, subjects.scenarios, own, verdicts, not_run_is_fine=allow_not_run))
        asked.summarise(outcome_text(result, own, "markdown", verdicts))
    end_if_failed(verdicts)
    met = result is None or result.is_met(not_run_is_fine=allow_not_run)
    if not (met and all(each.passed for tests in own.values() for each in tests)):
        raise click.exceptions.Exit(1)


def _cases(references: Iterable[str]) -> dict[str, "Scenario"]:
    """Every case that *references* name, each once."""
    from scenarios.scenario import cases

    return {case: scenario for reference in references for case, scenario in cases(reference).items()}


def _refuse_idle(ctx: click.Context, subjects: Subjects, given: tuple[Path, ...], junit: Path | None) -> None:
    """Refuse options that would do nothing, and a report where the results go."""
    if not subjects.scenarios:
        refuse_idle(ctx, (*OF_DRILLS, *OF_GATES), "beside a rule's own tests alone")
    if given:
        refuse_idle(ctx, OF_COMPANIES, "with --background")
    if junit == Path("-"):
        raise click.UsageError("--junit: found -, but standard output holds the results; legal: a file")
