"""`vaultdrill test`."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from detector.rules import NewValueRule, load_rule, shipped_rule
from harness.company_options import DEFAULT_START, chosen_company
from harness.delivery_option import delivery_option
from harness.idle_options import OF_COMPANIES, OF_DRILLS, refuse_idle
from harness.output import opened
from harness.overwriting import refuse_overwriting
from harness.scenario_filter import filter_option, filtered
from harness.subjects import Subjects

if TYPE_CHECKING:
    from harness.background import Background
    from harness.drill import Drill
    from harness.drill_result import DrillResult
    from scenarios.expectation import Expectations
    from scenarios.scenario import Scenario
    from simulator.company import Company


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
@click.option("--allow-not-run", is_flag=True, help="Pass although some case could not be staged.")
@click.option("--workers", type=_AT_LEAST_ONE, metavar="N", help="Processes; nothing depends on it.  [the processors]")
@click.pass_context
def test(
    ctx: click.Context,
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
) -> None:
    """Stage scenarios, run a rule over them, and hold each incident to what the rule owes its scenario.

    Without arguments the whole library is played. Every scenario and each of its cases is woven, once for each seed,
    into one company's records. A file with a rule's own tests is run as it is, without a company.

    Expectations may speak of scenarios in the library, of those played, and of any <id>.yaml to be found from the
    folder of their file or one above it. An attack of which they say nothing owes a signal within 15m, a look-alike
    silence. Kept in a folder named expectations, they are not taken for scenarios.

    Exit code 1: an expectation is not met, a rule's own test fails, a case could not be staged, or nothing was asked.
    """
    from harness.drill import Drill
    from harness.report.colour import coloured
    from harness.report.outcome import outcome_junit, outcome_text
    from harness.rule_tests import run_rule_tests

    subjects = Subjects.sorted(paths or ["all"])
    _refuse_idle(ctx, subjects, given, junit_file)
    needed = [*subjects.scenarios, *subjects.rules, rule_file, expectations_file, *given]
    refuse_overwriting({"--junit": junit_file}, {"needed for the test": needed})
    with ExitStack() as ending:
        junit = ending.enter_context(opened(junit_file)) if junit_file else None
        own = {path: run_rule_tests(path) for path in subjects.rules}
        result = None
        if subjects.scenarios:
            rule = load_rule(rule_file) if rule_file else shipped_rule()
            cases = _cases(subjects.scenarios)
            owed = _owed(rule, expectations_file, cases)
            company = chosen_company(profile, people, days, first, date.fromisoformat(DEFAULT_START), delivery)
            drill = Drill(rule, filtered(cases, filters), _background(given, company))
            named = str(rule_file) if rule_file else "the shipped rule"
            result = _played(drill, named, owed, range(first, first + seeds), workers or os.cpu_count() or 1)
        shown = outcome_text(result, own, chosen)
        plain = chosen != "table" or os.environ.get("NO_COLOR")  # https://no-color.org: any text but the empty one
        click.echo(shown if plain else coloured(shown))
        if junit is not None:
            junit.write(outcome_junit(result, subjects.scenarios, own, not_run_is_fine=allow_not_run))
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
        refuse_idle(ctx, OF_DRILLS, "beside a rule's own tests alone")
    if given:
        refuse_idle(ctx, OF_COMPANIES, "with --background")
    if junit == Path("-"):
        raise click.UsageError("--junit: found -, but standard output holds the results; legal: a file")


def _owed(rule: NewValueRule, file: Path | None, cases: Mapping[str, "Scenario"]) -> "Expectations":
    """What the rule owes; where nothing is written, or for a rule of another name, that is said on stderr."""
    from scenarios.expectation import Expectations
    from scenarios.expectation_file import load_expectations, shipped_expectations

    source = file or shipped_expectations(rule.name)
    if source is None:
        click.echo(f"warning: no expectations are written for {rule.name!r}; the defaults hold", err=True)
        return Expectations(rule.name)
    owed = load_expectations(source, cases)
    if owed.rule != rule.name:
        click.echo(f"warning: {source}: the expectations are written for {owed.rule!r}, not {rule.name!r}", err=True)
    return owed


def _background(given: tuple[Path, ...], company: "Company") -> "Background":
    from harness.background import Given, Simulated

    return Given(given) if given else Simulated(company)


def _played(drill: "Drill", rule_file: str, owed: "Expectations", seeds: Sequence[int], workers: int) -> "DrillResult":
    """The drill over all seeds; a person at a terminal sees them go by, and how long they took."""
    from harness.drill_result import DrillResult
    from harness.judgement import judge

    watched = sys.stderr is not None and sys.stderr.isatty()
    rounds = drill.rounds(seeds, workers)
    with click.progressbar(rounds, len(seeds), "drilling", file=sys.stderr, hidden=not watched) as bar:
        judged = judge(bar, drill.cases, owed)
    return DrillResult(
        rule=drill.rule.name,
        rule_file=rule_file,
        expectations=_told(owed),
        background=str(drill.background),
        caveat=drill.background.caveat,
        seeds=tuple(seeds),
        cases=judged,
    )


def _told(owed: "Expectations") -> str:
    from scenarios.expectation_file import shipped_expectations

    if owed.source is None:
        return "the defaults"
    shipped = shipped_expectations(owed.rule)
    if owed.source == shipped:
        return f"{shipped.name}, shipped"
    return f"{owed.source}, in place of the shipped ones" if shipped else str(owed.source)
