"""Runs that touch several rooms: a company written as a dataset, and scenarios woven into one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from msgspec import to_builtins

from scenarios.cast import survey
from scenarios.ground_truth import Incident, encode, read_incidents, read_labels
from scenarios.injection import Plan, plan, weave
from scenarios.scenario import Scenario, find
from simulator.company import Block, Company, simulate
from simulator.records import FEEDS
from simulator.rendering import Renderer
from simulator.tables import Tabulator
from simulator.writers import (
    TABLES,
    DatasetWriter,
    FileFormat,
    Header,
    Manifest,
    one_line,
    period,
    read_manifest,
    refuse_used,
)

if TYPE_CHECKING:
    from simulator.row_groups import RowGroups


class RunError(ValueError):
    """A run that cannot begin; the text is one line."""


class Injected(NamedTuple):
    """What an injection staged, and the scenarios it could not place in full with the reason."""

    incidents: list[Incident]
    not_placed: list[tuple[str, str]]


Progress = Callable[[float, int], object]
"""Told the days that are behind a simulation, and its records so far."""


def write_company(
    company: Company,
    out: Path,
    workers: int,
    progress: Progress | None = None,
    form: FileFormat = "ndjson",
    called: Path | None = None,
) -> None:
    """Write a company without incidents to *out*, its feeds in *form*; a refusal names *called*, if not *out*."""
    refuse_used(out)
    write = _write_tables if form == "parquet" else _write_lines
    with DatasetWriter(out, _company_header(company), form, called) as dataset:
        records = 0
        for days, more in write(dataset, company, workers):
            records += more
            if progress is not None:
                progress(days, records)


def _write_lines(dataset: DatasetWriter, company: Company, workers: int) -> Iterator[tuple[float, int]]:
    """Write the company and yield, block by block, the days that are done and the records that are more."""
    # A map holds no block while the next one is made, so the memory of its lines can be used again.
    return map(partial(_append_lines, dataset), simulate(company, workers=workers, rendering=Renderer))


def _append_lines(dataset: DatasetWriter, block: Block) -> tuple[float, int]:
    for name, piece in block.pieces.items():
        dataset.append(name, piece.parts, piece.records)
    return block.days, sum(block.pieces[feed].records for feed in FEEDS)


def _write_tables(dataset: DatasetWriter, company: Company, workers: int) -> Iterator[tuple[float, int]]:
    from simulator.row_groups import Facts, RowGroups  # takes pyarrow, which nobody else waits for

    facts = Facts(company.world().directory)
    groups = {name: RowGroups(name, facts) for name in TABLES}
    yield from map(partial(_append_tables, dataset, groups), simulate(company, workers=workers, rendering=Tabulator))
    for name, group in groups.items():
        for table in group.rest():
            dataset.append_table(name, table)


def _append_tables(dataset: DatasetWriter, groups: Mapping[str, "RowGroups"], block: Block) -> tuple[float, int]:
    for name, columns in block.pieces.items():
        for table in groups[name].add(columns):
            dataset.append_table(name, table)
    return block.days, sum(len(block.pieces[feed]["uuid"]) for feed in FEEDS)


def _company_header(company: Company) -> Header:
    """What the company is made from: profile and delivery as numbers, so that the header is enough to make it again."""
    parameters = {
        "people": company.people,
        "days": company.days,
        "start": company.start.isoformat(),
        "profile": to_builtins(company.profile),
        "delivery": to_builtins(company.delivery),
    }
    return Header(seed=company.seed, parameters=parameters, period=period(company.period.begin, company.period.end))


def write_drill(
    company: Company,
    scenarios: Iterable[str],
    out: Path,
    workers: int,
    progress: Progress | None = None,
) -> Injected:
    """Write a company and, with the company's own seed, weave scenarios into it: exactly `simulate`, then `inject`."""
    chosen = find(scenarios)  # a misspelt one is told before the company is made
    refuse_used(out)
    with _beside(out) as scratch:
        quiet = scratch / "company"
        write_company(company, quiet, workers, progress, called=out)
        return inject(quiet, chosen, company.seed, out)


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A directory for a while, on the same disk as *out*; what the disk refuses is told of *out*."""
    whole = out.absolute()
    with ExitStack() as ending:
        with one_line(out):
            whole.parent.mkdir(parents=True, exist_ok=True)
            scratch = ending.enter_context(TemporaryDirectory(prefix=f".{whole.name}.", dir=whole.parent))
        yield Path(scratch)


def inject(into: Path, scenarios: Iterable[str], seed: int, out: Path) -> Injected:
    """Write to *out* the dataset *into* with scenarios woven in; its own records stay byte for byte as they are."""
    chosen = find(scenarios)
    manifest = read_manifest(into)
    repeated = sorted(set(chosen) & set(manifest.scenarios))
    if repeated:
        raise RunError(f"{into}: --scenario: found {repeated[0]}, which the dataset holds already; legal: another one")
    _refuse_other_feeds(into, manifest)
    labels, incidents = read_labels(_path(into, "labels")), read_incidents(_path(into, "incidents"))
    planned = _planned(into, chosen, seed, {incident.actor for incident in incidents})
    with DatasetWriter(out, _header(manifest, planned, seed)) as dataset:
        for feed in FEEDS:
            with _path(into, feed).open("rb") as original:
                dataset.write(feed, weave(original, planned.additions[feed]))
        if "causes.ndjson" in manifest.files:
            with _path(into, "causes").open("rb") as causes:
                dataset.write("causes", causes)
        dataset.write("labels", map(encode, [*labels, *planned.labels]))
        dataset.write("incidents", map(encode, [*incidents, *planned.incidents]))
    return Injected(planned.incidents, planned.not_placed)


def _refuse_other_feeds(into: Path, manifest: Manifest) -> None:
    for feed in FEEDS:
        if f"{feed}.parquet" in manifest.files:
            raise RunError(f"{into}: found a dataset in Parquet; legal: one in NDJSON")
        if f"{feed}.ndjson" not in manifest.files:
            raise RunError(f"{into}: {feed}.ndjson: not found among the manifest's files; legal: all three feeds")


def _planned(into: Path, chosen: Mapping[str, Scenario], seed: int, busy: Iterable[str]) -> Plan:
    with ExitStack() as open_feeds:
        cast = survey(chain.from_iterable(open_feeds.enter_context(_path(into, feed).open("rb")) for feed in FEEDS))
    for actor in busy:
        cast.actors.pop(actor, None)
    return plan(chosen, cast, seed)


def _header(manifest: Manifest, planned: Plan, seed: int) -> Header:
    """The header of the dataset with what is staged in it, and the seeds to stage it again."""
    staged = sorted({incident.scenario for incident in planned.incidents})
    earlier = manifest.parameters.get("injected", [])
    injected = [*(earlier if isinstance(earlier, list) else []), {"seed": seed, "scenarios": staged}]
    return Header(
        seed=manifest.seed,
        parameters={**manifest.parameters, "injected": injected},
        period=manifest.period,
        scenarios=(*manifest.scenarios, *staged),
        versions=manifest.versions,
    )


def _path(directory: Path, name: str) -> Path:
    return directory / f"{name}.ndjson"
