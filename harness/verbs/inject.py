"""`vaultdrill inject`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.output import counted
from harness.scenario_option import all_scenarios, scenario_option

if TYPE_CHECKING:
    from harness.run import Injected

_DIRECTORY = click.Path(path_type=Path)


@click.command(
    epilog="Example: vaultdrill inject --into company --scenario attacks/bulk-export --seed 7 --out attacked"
)
@click.option("--into", type=_DIRECTORY, required=True, metavar="DIR", help="A dataset; it stays as it is.")
@scenario_option(required=True)
@click.option(
    "--seed", type=int, default=1, show_default=True, metavar="N", help="Who, when and what: same seed, same bytes."
)
@click.option("--out", type=_DIRECTORY, required=True, metavar="DIR", help="An absent or empty directory.")
def inject(into: Path, scenarios: tuple[str, ...], further: tuple[str, ...], seed: int, out: Path) -> None:
    """Weave scenarios into a dataset: its records byte for byte, theirs among them, the truth beside them."""
    from harness.run import inject as weave_in

    report(weave_in(into, all_scenarios(scenarios, further), seed, out))


def report(injected: "Injected") -> None:
    """Say on stderr what was staged, and what could not be."""
    runs = [incident.scenario for incident in injected.incidents]
    for scenario in dict.fromkeys(runs):
        click.echo(f"{scenario}: {counted(runs.count(scenario), 'incident')}", err=True)
    for scenario, reason in injected.not_placed:
        click.echo(f"warning: {scenario}: {reason}", err=True)
