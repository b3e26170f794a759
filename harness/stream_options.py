"""The options that say which streams a rule's figures are over, the same for every verb that scores rules itself."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.company_options import DEFAULT_START, chosen_company
from harness.delivery_option import delivery_option
from harness.idle_options import OF_COMPANIES, refuse_idle

if TYPE_CHECKING:
    from harness.streams import Streams

PROFILE: Final = "midsize-1000"
"""As `test` has it: every kind of account that the scenarios ask for is there."""
PEOPLE: Final = 400
DAYS: Final = 75
SEEDS: Final = 5


def stream_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--dataset`, `--seeds` and what describes their companies; together they are what `chosen_streams` takes."""
    options = (
        click.option(
            "--dataset",
            "datasets",
            type=click.Path(path_type=Path),
            multiple=True,
            metavar="DIR",
            help="A dataset with its truth, instead of simulated companies; repeatable.",
        ),
        click.option(
            "--seeds",
            type=click.IntRange(1, 1000),
            default=SEEDS,
            show_default=True,
            metavar="N",
            help="Simulate so many companies.",
        ),
        click.option("--seed", "first", type=int, default=1, show_default=True, metavar="N", help="The first's seed."),
        click.option("--profile", default=PROFILE, show_default=True, metavar="NAME|FILE", help="Their habits."),
        click.option("--people", type=int, default=PEOPLE, show_default=True, metavar="N", help="Of each, on day one."),
        click.option("--days", type=int, default=DAYS, show_default=True, metavar="N", help="How long each works."),
        click.option(
            "--scenario",
            "scenarios",
            multiple=True,
            default=("all",),
            metavar="ID|FILE|all",
            help="What is staged in each, attacks and look-alikes; repeatable.  [all]",
        ),
        delivery_option,
    )
    for option in reversed(options):
        verb = option(verb)
    return verb


def chosen_streams(
    ctx: click.Context,
    *,
    datasets: tuple[Path, ...],
    seeds: int,
    first: int,
    profile: str,
    people: int,
    days: int,
    scenarios: tuple[str, ...],
    delivery: str,
) -> "Streams":
    """The streams that the options describe: the datasets where any is named, else companies.

    Raises one-line errors of what is named, and a usage error for what describes companies beside `--dataset`.
    """
    from harness.streams import Companies, Datasets
    from scenarios.scenario import find

    if datasets:
        refuse_idle(ctx, ("seeds", "first", "scenarios", *OF_COMPANIES), "with --dataset")
        return Datasets(datasets)
    find(scenarios)  # a misspelt one is told before anybody is simulated
    company = chosen_company(profile, people, days, first, date.fromisoformat(DEFAULT_START), delivery)
    return Companies(company, scenarios, range(first, first + seeds))
