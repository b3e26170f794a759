"""The options that say which company to simulate, the same for every verb that does."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click

from harness.delivery_option import delivery_option, parse_delivery

if TYPE_CHECKING:
    from simulator.company import Company

DEFAULT_PROFILE: Final = "startup-50"
DEFAULT_START: Final = "2026-01-05"


def company_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--profile`, `--people`, `--days`, `--seed`, `--start` and `--delivery` to a verb."""
    options = (
        click.option(
            "--profile",
            default=DEFAULT_PROFILE,
            show_default=True,
            metavar="NAME|FILE",
            help="An organisation's habits: startup-50, midsize-1000, enterprise-20000, or a file of `fit`.",
        ),
        click.option(
            "--people", type=int, metavar="N", help="How many work there on the first day.  [default: the profile's]"
        ),
        click.option("--days", type=int, default=42, show_default=True, metavar="N", help="How long, in days."),
        click.option("--seed", type=int, default=1, show_default=True, metavar="N", help="Same seed, same bytes."),
        click.option(
            "--start",
            default=DEFAULT_START,
            show_default=True,
            metavar="DATE",
            callback=_to_day,
            help="First day, UTC.",
        ),
        delivery_option,
    )

    for option in reversed(options):
        verb = option(verb)
    return verb


def _to_day(ctx: click.Context, param: click.Parameter, text: str) -> date:  # noqa: ARG001 - click's
    """The day that `--start` names: a callback of the option."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:  # Python knows other forms of a day
        raise click.UsageError(f"--start: found {text[:60]}; legal: a day like 2026-01-31")
    return day


def chosen_company(profile: str, people: int | None, days: int, seed: int, start: date, delivery: str) -> "Company":
    """Return the company that the options describe; their errors are one line each."""
    from simulator.company import Company
    from simulator.profile_file import load_profile

    habits = load_profile(profile)
    headcount = habits.people if people is None else people
    return Company(headcount, days, seed, start, habits, parse_delivery(delivery, habits))
