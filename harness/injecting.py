"""Injecting: scenarios woven into a dataset or into 1Password's own logs, which stay byte for byte as they are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from harness.original import Original, read_original
from harness.scratch import beside
from scenarios.assignment import assign
from scenarios.case_id import case_of
from scenarios.cast import survey
from scenarios.ground_truth import Incident, encode
from scenarios.injection import Plan, stage, weave
from scenarios.persons import Persons
from scenarios.scenario import Scenario
from scenarios.trail import follow
from simulator.records import FEEDS
from simulator.writers import DatasetWriter, Header, one_line, refuse_used

NotPlaced = list[tuple[str, str]]
"""Case ids that are not staged as often as they ask for, each with the reason in words."""


class InjectionError(ValueError):
    """An injection that cannot begin; the text is one line."""


class NothingPlaced(InjectionError):  # noqa: N818 - it says what happened
    """Nobody in the records could play any of the scenarios; *not_placed* says why."""

    def __init__(self, not_placed: NotPlaced) -> None:
        super().__init__(not_placed)
        self.not_placed = not_placed

    def __str__(self) -> str:
        (case, why), *others = self.not_placed
        more = f" (and {len(others)} more)" if others else ""
        return f"--scenario: nothing could be placed; {case}: {why}{more}"


class Injected(NamedTuple):
    """The incidents that an injection staged, the cases that it could not place in full, and what else to know."""

    incidents: list[Incident]
    not_placed: NotPlaced
    warnings: Sequence[str] = ()


def inject(into: Path | Sequence[Path], scenarios: Mapping[str, Scenario], seed: int, out: Path) -> Injected:
    """Write to *out* a dataset of the records in *into* with *scenarios*, by case id, woven in.

    *into* is a dataset, or files or directories of 1Password logs, see `read_original`. Its records stay byte for
    byte as they are and in their order; who played in an earlier injection plays no second time. The dataset is
    there as a whole or not at all: raise `InjectionError`, `NothingPlaced` or a one-line error of the reading.
    """
    sources = [into] if isinstance(into, Path) else list(into)
    refuse_used(out)
    with beside(out) as scratch:
        with one_line(out):  # what a source refuses is told of the source before it comes here
            original = read_original(sources, scratch)
        _refuse_repeated(sources[0], scenarios, original)
        plan, not_placed = _planned(original, scenarios, seed)
        if not plan.incidents and not_placed:
            raise NothingPlaced(not_placed)
        _write(original, plan, _header(original.header, plan, seed), out)
    return Injected(plan.incidents, not_placed, original.warnings)


def _refuse_repeated(into: Path, scenarios: Mapping[str, Scenario], original: Original) -> None:
    repeated = sorted(set(scenarios) & set(original.header.scenarios))
    if repeated:
        found = f"found {repeated[0]}, which the dataset holds already"
        raise InjectionError(f"{into}: --scenario: {found}; legal: another one")


def _planned(original: Original, scenarios: Mapping[str, Scenario], seed: int) -> tuple[Plan, NotPlaced]:
    """Cast the parts in one pass over the records, and follow those who were chosen in a second."""
    cast = survey(original.lines())
    played = {email for incident in original.incidents for email in incident.people}
    for email in Persons(cast.actors.values()).emails(played):
        cast.actors.pop(email, None)
    assignments, not_placed = assign(scenarios, cast, seed)
    trails = follow(original.lines(), set().union(*(each.emails for each in assignments)))
    return stage(assignments, trails, cast, seed), not_placed


def _write(original: Original, plan: Plan, header: Header, out: Path) -> None:
    with DatasetWriter(out, header) as dataset:
        for feed in FEEDS:
            with original.feeds[feed].open("rb") as lines:
                dataset.write(feed, weave(lines, plan.additions[feed]))
        if original.causes:
            with original.causes.open("rb") as causes:
                dataset.write("causes", causes)
        dataset.write("labels", map(encode, [*original.labels, *plan.labels]))
        dataset.write("incidents", map(encode, [*original.incidents, *plan.incidents]))


def _header(original: Header, plan: Plan, seed: int) -> Header:
    """The header of the original with what is staged in it, and the seeds to stage it again."""
    staged = sorted({case_of(incident.run) for incident in plan.incidents})
    earlier = original.parameters.get("injected", [])
    injected = [*(earlier if isinstance(earlier, list) else []), {"seed": seed, "scenarios": staged}]
    return Header(
        seed=original.seed,
        parameters={**original.parameters, "injected": injected},
        period=original.period,
        scenarios=(*original.scenarios, *staged),
        versions=original.versions,
    )
