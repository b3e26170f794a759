"""`vaultdrill test`."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import click

from detector.rules import NewValueRule, load_rule, shipped_rule
from harness.company_options import DEFAULT_START, chosen_company
from harness.delivery_option import delivery_option
from harness.output import json_text, opened
from harness.scenario_filter import FilterError, filter_option, filtered
from harness.subjects import Subjects

if TYPE_CHECKING:
    from harness.background import Background
    from harness.drill import Drill
    from harness.drill_result import DrillResult
    from harness.rule_tests import RuleTest
    from scenarios.expectation import Expectations
    from scenarios.scenario import Scenario
    from simulator.company import Company

    OwnTests: TypeAlias = dict[Path, list[RuleTest]]

PROFILE: Final = "midsize-1000"
"""It has every kind of account that the library asks for, service accounts and auditors among them."""
PEOPLE: Final = 400
"""Enough that the rarest part of the library (an account that nobody uses any more) finds somebody to play it."""
DAYS: Final = 75
"""Two weeks of history, a second strike 40 days after the first, and some weeks in which they may begin."""

_FILE = click.Path(path_type=Path, dir_okay=False)
_AT_LEAST_ONE = click.IntRange(min=1)


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
    help="What the rule owes each scenario.  [those that are shipped for a rule of its name]",
)
@filter_option
@click.option("--seeds", type=_AT_LEAST_ONE, default=5, show_default=True, metavar="N", help="How many companies.")
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
@click.option("--allow-not-run", is_flag=True, help="Pass although nobody could play some case.")
@click.option("--workers", type=_AT_LEAST_ONE, metavar="N", help="Processes; nothing depends on it.  [the processors]")
def test(
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

    Exit code 1: an expectation is not met, a rule's own test fails, or a case could not be staged.
    """
    from harness.drill import Drill
    from harness.report.colour import coloured
    from harness.rule_tests import run_rule_tests

    subjects = Subjects.sorted(paths or ["all"])
    with ExitStack() as ending:
        junit = ending.enter_context(opened(junit_file)) if junit_file else None
        own = {path: run_rule_tests(path) for path in subjects.rules}
        result = None
        if subjects.scenarios:
            rule = load_rule(rule_file) if rule_file else shipped_rule()
            cases = _cases(subjects.scenarios)
            owed = _owed(rule, expectations_file, cases)
            company = chosen_company(profile, people, days, first, date.fromisoformat(DEFAULT_START), delivery)
            drill = Drill(rule, _filtered(cases, filters), _background(given, company))
            result = _played(drill, owed, range(first, first + seeds), workers or os.cpu_count() or 1)
        shown = _shown(result, own, chosen)
        plain = chosen != "table" or os.environ.get("NO_COLOR")  # https://no-color.org: any text but the empty one
        click.echo(shown if plain else coloured(shown))
        if junit is not None:
            junit.write(_junit(result, own, allow_not_run))
    met = result is None or result.is_met(not_run_is_fine=allow_not_run)
    if not (met and all(each.passed for tests in own.values() for each in tests)):
        raise click.exceptions.Exit(1)


def _cases(references: Iterable[str]) -> dict[str, "Scenario"]:
    """Every case that *references* name, each once."""
    from scenarios.scenario import cases

    return {case: scenario for reference in references for case, scenario in cases(reference).items()}


def _filtered(cases: Mapping[str, "Scenario"], filters: Iterable[str]) -> dict[str, "Scenario"]:
    found = filtered(cases, filters)
    if not found:
        raise FilterError("--filter: found no scenario that it fits; legal: see `vaultdrill scenarios list`")
    return found


def _owed(rule: NewValueRule, file: Path | None, cases: Iterable[str]) -> "Expectations":
    """What the rule owes; where nothing is written, or for a rule of another name, that is said on stderr."""
    from scenarios.expectation import Expectations
    from scenarios.expectation_file import load_expectations, shipped_expectations

    source = file or shipped_expectations(rule.name)
    if source is None:
        click.echo(f"warning: no expectations are written for {rule.name!r}; the defaults hold", err=True)
        return Expectations(rule.name)
    owed = load_expectations(source, list(cases))
    if owed.rule != rule.name:
        click.echo(f"warning: {source}: the expectations are written for {owed.rule!r}, not {rule.name!r}", err=True)
    return owed


def _background(given: tuple[Path, ...], company: "Company") -> "Background":
    from harness.background import Given, Simulated

    return Given(given) if given else Simulated(company)


def _played(drill: "Drill", owed: "Expectations", seeds: Sequence[int], workers: int) -> "DrillResult":
    """The drill over all seeds; a person at a terminal sees them go by, and how long they took."""
    from harness.drill_result import DrillResult
    from harness.judgement import judge

    watched = sys.stderr is not None and sys.stderr.isatty()
    rounds = drill.rounds(seeds, workers)
    with click.progressbar(rounds, len(seeds), "drilling", file=sys.stderr, hidden=not watched) as bar:
        judged = judge(bar, drill.cases, owed)
    return DrillResult(
        rule=drill.rule.name,
        expectations="default expectations" if owed.source is None else owed.source.name,
        background=str(drill.background),
        caveat=drill.background.caveat,
        seeds=tuple(seeds),
        cases=judged,
    )


def _shown(result: "DrillResult | None", own: "OwnTests", chosen: str) -> str:
    """The drill, if there was one, and after it the tests of each rule's own."""
    from harness.report.drill import drill_markdown, drill_text
    from harness.report.rule_tests import rule_tests_shown, rule_tests_text

    if chosen == "json":
        drilled = {} if result is None else result.shown()
        return json_text({**drilled, "rule_tests": [rule_tests_shown(*each) for each in own.items()]}).decode()
    if chosen == "table":
        parts = [] if result is None else [drill_text(result)]
        return "\n\n".join([*parts, *(rule_tests_text(*each) for each in own.items())])
    parts = [] if result is None else [drill_markdown(result)]
    return "\n\n".join([*parts, *(f"```\n{rule_tests_text(*each)}\n```" for each in own.items())])


def _junit(result: "DrillResult | None", own: "OwnTests", allow_not_run: bool) -> bytes:  # noqa: FBT001 - a flag
    from harness.report.junit import drill_suites, junit_xml
    from harness.report.rule_tests import rule_tests_suite

    drilled = drill_suites(result, not_run_is_fine=allow_not_run) if result else []
    return junit_xml([*drilled, *(rule_tests_suite(*each) for each in own.items())])
