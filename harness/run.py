"""Runs that touch several rooms: a company written as a dataset, and scenarios woven into one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import to_builtins

from harness.injecting import Injected, NothingPlaced, inject
from harness.scratch import beside
from scenarios.scenario import find
from simulator.company import Block, Company, simulate
from simulator.records import FEEDS
from simulator.rendering import Renderer
from simulator.tables import Tabulator
from simulator.writers import (
    TABLES,
    DatasetWriter,
    FileFormat,
    Header,
    one_line,
    period,
    refuse_used,
)

if TYPE_CHECKING:
    from simulator.row_groups import RowGroups


class RunError(ValueError):
    """A run that cannot begin; the text is one line."""


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
    """Write a company and, with the company's own seed, weave scenarios into it: exactly `simulate`, then `inject`.

    Where nobody of it can play any of them, it is written without.
    """
    chosen = find(scenarios)  # a misspelt one is told before the company is made
    refuse_used(out)
    with beside(out) as scratch:
        quiet = scratch / "company"
        write_company(company, quiet, workers, progress, called=out)
        try:
            return inject(quiet, chosen, company.seed, out)
        except NothingPlaced as refused:
            with one_line(out):
                quiet.replace(out)
            return Injected([], refused.not_placed)
