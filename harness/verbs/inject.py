"""`vaultdrill inject`."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.output import counted
from harness.scenario_option import all_scenarios, scenario_option

if TYPE_CHECKING:
    from harness.injecting import Injected

_PATH = click.Path(path_type=Path)
_SCENARIOS = (".yaml", ".yml")


@click.command(
    epilog="Example: vaultdrill inject --into company --scenario attacks/bulk-export --seed 7 --out attacked"
)
@click.option(
    "--into",
    type=_PATH,
    multiple=True,
    required=True,
    metavar="DIR|FILE",
    help="A dataset, or 1Password logs: a directory or a file, repeatable. They stay as they are.",
)
@scenario_option(required=True)
@click.option(
    "--seed", type=int, default=1, show_default=True, metavar="N", help="Who, when and what: same seed, same bytes."
)
@click.option("--out", type=_PATH, required=True, metavar="DIR", help="An absent or empty directory.")
def inject(into: tuple[Path, ...], scenarios: tuple[str, ...], further: tuple[str, ...], seed: int, out: Path) -> None:
    """Weave scenarios into records: those stay byte for byte, the staged ones among them, the truth beside them.

    The records are a dataset, or what a collector wrote of the Events API: plain, gzip or Parquet, one record a
    line or pages, the kinds in any mix. Give several files in the order in which they were collected; of a
    directory they are taken in order of name. What comes out is a dataset.
    """
    from harness.injecting import inject as weave_in
    from scenarios.scenario import find

    _refuse_logs(further)
    report(weave_in(into, find(all_scenarios(scenarios, further)), seed, out))


def _refuse_logs(further: tuple[str, ...]) -> None:
    """Say what to do where a shell wrote several files after one `--into`, and all but the first became scenarios."""
    from scenarios.reference import scenario_files

    for name in further:
        path = Path(name)
        if (path.is_file() and path.suffix not in _SCENARIOS) or (path.is_dir() and not scenario_files(path)):
            legal = f"--into {name}, one --into for each of them; or their directory"
            raise click.UsageError(f"--into: found {name} without an --into of its own; legal: {legal}")


def report(injected: "Injected") -> None:
    """Say on stderr what was staged of each case, and what could not be."""
    from scenarios.case_id import case_of, is_earlier

    runs = [incident.run for incident in injected.incidents if not is_earlier(incident.run)]
    for case, incidents in Counter(map(case_of, runs)).items():
        click.echo(f"{case}: {counted(incidents, 'incident')}", err=True)
    for warning in [*injected.warnings, *(f"{case}: {reason}" for case, reason in injected.not_placed)]:
        click.echo(f"warning: {warning}", err=True)
