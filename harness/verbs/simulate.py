"""`vaultdrill simulate`."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.company_options import chosen_company, company_options
from harness.output import counted
from harness.progress import records_progress
from harness.scenario_option import all_scenarios, scenario_option

if TYPE_CHECKING:
    from simulator.company import Company
    from simulator.writers import FileFormat


@click.command(
    epilog="Example: vaultdrill simulate --profile midsize-1000 --days 90 --seed 7 --delivery realistic --out company"
)
@company_options
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="An absent or empty directory."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "parquet"]),
    default="ndjson",
    show_default=True,
    help="Of the feeds; Parquet needs the extra `columnar`.",
)
@scenario_option(required=False)
@click.option(
    "--workers", type=int, default=1, show_default=True, metavar="N", help="Processes; the bytes do not depend on it."
)
def simulate(
    profile: str,
    people: int | None,
    days: int,
    seed: int,
    start: date,
    delivery: str,
    out: Path,
    form: "FileFormat",
    scenarios: tuple[str, ...],
    further: tuple[str, ...],
    workers: int,
) -> None:
    """Write a company's item usages, sign-ins and audit events as a dataset.

    The directory holds the three feeds in the order in which they arrived, causes (which harmless process brought
    an event about), labels, incidents and manifest.json. It is written as a whole or not at all.
    """
    from harness.run import write_company, write_drill
    from harness.verbs.inject import report

    company = chosen_company(profile, people, days, seed, start, delivery)
    chosen = all_scenarios(scenarios, further)
    if chosen and form != "ndjson":
        raise click.UsageError(f"--format: found {form} with --scenario; legal: ndjson")
    with records_progress("simulating", days) as progress:
        injected = write_drill(company, chosen, out, workers, progress) if chosen else None
        if injected is None:
            write_company(company, out, workers, progress, form)
    click.echo(_written(out, company), err=True)
    if injected is not None:
        report(injected)


def _written(out: Path, company: "Company") -> str:
    """What *out* holds; others join while the people of the first day work and leave, so they are not all."""
    from simulator.records import FEEDS
    from simulator.writers import read_manifest

    files = read_manifest(out).files
    records = sum(file.records for name, file in files.items() if Path(name).stem in FEEDS)
    people = counted(company.people, "person", "people")
    return f"{out}: {counted(records, 'record')}, {people} on the first day, {counted(company.days, 'day')}"
