"""The option that says how rare attacks are outside of drills."""

import math
from collections.abc import Callable
from typing import Any, Final

import click

DEFAULT: Final = 0.01
"""`harness.scoring.base_rate.DEFAULT`, for which no help waits."""


def base_rate_option(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--base-rate``, refused before any work: the figure itself would refuse it after all of it."""
    return click.option(
        "--base-rate",
        type=float,
        default=DEFAULT,
        show_default=True,
        callback=_to_rate,
        metavar="RATE",
        help="Attack incidents in a person-year, for what a signal is worth outside of drills (PPV).",
    )(verb)


def _to_rate(_ctx: click.Context, _option: click.Parameter, rate: float) -> float:
    if 0 < rate < math.inf:
        return rate
    raise click.BadParameter(f"found {rate:g}; legal: a positive number")
