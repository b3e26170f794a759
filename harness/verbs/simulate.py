"""`vaultdrill simulate`."""

from datetime import datetime
from pathlib import Path

import click

from harness.progress import days_progress
from harness.scenario_option import all_scenarios, scenario_option


@click.command(epilog="Example: vaultdrill simulate --people 60 --days 42 --seed 7 --scenario all --out company")
@click.option("--people", type=int, default=60, show_default=True, metavar="N", help="How many work there.")
@click.option("--days", type=int, default=42, show_default=True, metavar="N", help="How long, in days.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="Same seed, same bytes.")
@click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2026-01-05",
    show_default="2026-01-05",
    metavar="DATE",
    help="First day, UTC.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="An absent or empty directory."
)
@scenario_option(required=False)
@click.option(
    "--workers", type=int, default=1, show_default=True, metavar="N", help="Processes; the bytes do not depend on it."
)
def simulate(
    people: int,
    days: int,
    seed: int,
    start: datetime,
    out: Path,
    scenarios: tuple[str, ...],
    further: tuple[str, ...],
    workers: int,
) -> None:
    """Write a company's item usages, sign-ins and audit events as a dataset.

    The directory holds the three feeds, labels.ndjson, incidents.ndjson and manifest.json. It is written as a
    whole or not at all.
    """
    from harness.run import write_company, write_drill
    from harness.verbs.inject import report
    from simulator.company import Company

    company = Company(people, days, seed, start.date())
    chosen = all_scenarios(scenarios, further)
    with days_progress("simulating", days) as progress:
        injected = write_drill(company, chosen, out, workers, progress) if chosen else None
        if injected is None:
            write_company(company, out, workers, progress)
    if injected is not None:
        report(injected)
