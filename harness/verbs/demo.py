"""`vaultdrill demo`."""

import tempfile
from datetime import datetime
from pathlib import Path

import click

_START = "2026-01-05"


@click.command(epilog="Example: vaultdrill demo --seed 7")
@click.option("--people", type=int, default=60, show_default=True, metavar="N", help="How many work there.")
@click.option("--days", type=int, default=42, show_default=True, metavar="N", help="How long, in days.")
@click.option("--seed", type=int, default=7, show_default=True, metavar="N", help="Another seed, another company.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Keep the dataset, signals and scorecard here."
)
def demo(people: int, days: int, seed: int, out: Path | None) -> None:
    """Tell the whole story: a company, attacks on it, what the rule saw, what it missed and why.

    Everything is simulated on this machine; nothing is asked of any account and nothing leaves the computer.
    """
    from harness.story import tell
    from simulator.company import Company

    company = Company(people, days, seed, datetime.fromisoformat(_START).date())
    with tempfile.TemporaryDirectory(prefix="vaultdrill-") as scratch:
        for paragraph in tell(company, Path(scratch), out):
            click.echo(f"{paragraph}\n")
