"""Drilling: what a drill needs, and its playing, as somebody at a terminal sees it."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from detector.rules import NewValueRule
from harness.background import Background, Given, Simulated
from harness.drill import Drill
from harness.drill_result import DrillResult
from harness.judgement import judge
from scenarios.expectation import Expectations
from scenarios.expectation_file import load_expectations, shipped_expectations
from scenarios.scenario import Scenario
from simulator.company import Company


def owed_by(rule: NewValueRule, file: Path | None, cases: Mapping[str, Scenario]) -> Expectations:
    """What the rule owes; where nothing is written, or for a rule of another name, that is said on stderr."""
    source = file or shipped_expectations(rule.name)
    if source is None:
        click.echo(f"warning: no expectations are written for {rule.name!r}; the defaults hold", err=True)
        return Expectations(rule.name)
    owed = load_expectations(source, cases)
    if owed.rule != rule.name:
        click.echo(f"warning: {source}: the expectations are written for {owed.rule!r}, not {rule.name!r}", err=True)
    return owed


def background_of(given: tuple[Path, ...], company: Company) -> Background:
    """What is given, or else companies like *company*."""
    return Given(given) if given else Simulated(company)


def played(drill: Drill, rule_file: str, owed: Expectations, seeds: Sequence[int], workers: int) -> DrillResult:
    """The drill over all seeds; a person at a terminal sees them go by, and how long they took."""
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


def _told(owed: Expectations) -> str:
    if owed.source is None:
        return "the defaults"
    shipped = shipped_expectations(owed.rule)
    if owed.source == shipped:
        return f"{shipped.name}, shipped"
    return f"{owed.source}, in place of the shipped ones" if shipped else str(owed.source)
