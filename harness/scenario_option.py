"""`--scenario ID...|FILE...|all`, shared by the verbs that stage scenarios."""

from collections.abc import Callable
from typing import Any

import click


def scenario_option(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add `--scenario`; ids may follow one another after it, or each have a `--scenario` of its own."""

    def add(verb: Callable[..., Any]) -> Callable[..., Any]:
        option = click.option(
            "--scenario",
            "scenarios",
            multiple=True,
            required=required,
            metavar="ID...|FILE...|all",
            help="Which attacks and look-alikes to stage, ID[ARGUMENT=VALUE,...] to vary one; repeatable.",
        )
        return click.argument("further", nargs=-1, metavar="")(option(verb))

    return add


def all_scenarios(scenarios: tuple[str, ...], further: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of an option and those that followed it; raises where there was no option to follow.

    >>> all_scenarios(("attacks/bulk-export",), ("attacks/bulk-reveal",))
    ('attacks/bulk-export', 'attacks/bulk-reveal')
    """
    if further and not scenarios:
        raise click.UsageError(f"found {further[0]!r} without an option; legal: --scenario {further[0]}")
    return scenarios + further
