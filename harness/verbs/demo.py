"""`vaultdrill demo`."""

import tempfile
from datetime import date
from pathlib import Path

import click

from harness.company_options import chosen_company, company_options

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(epilog="Example: vaultdrill demo --seed 7 --html report.html")
@company_options
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Keep the dataset, signals and scorecard here."
)
@click.option("--html", "page", type=_FILE, metavar="FILE", help="Write the report here: one HTML file, for offline.")
def demo(
    profile: str,
    people: int | None,
    days: int,
    seed: int,
    start: date,
    delivery: str,
    out: Path | None,
    page: Path | None,
) -> None:
    """Tell the whole story: a company, attacks on it, what the rule saw, what it missed and why.

    Everything is simulated on this machine; nothing is asked of any account and nothing leaves the computer.
    """
    from harness.story import tell

    company = chosen_company(profile, people, days, seed, start, delivery)
    with tempfile.TemporaryDirectory(prefix="vaultdrill-") as scratch:
        for paragraph in tell(company, Path(scratch), out, page):
            click.echo(f"{paragraph}\n")
