"""Idle options: what is given on the command line beside something that leaves it nothing to do, and is refused."""

from collections.abc import Iterable
from typing import Final

import click
from click.core import ParameterSource

OF_COMPANIES: Final = ("profile", "people", "days", "delivery")
"""Options that describe simulated companies, by the names of their parameters."""
OF_DRILLS: Final = (*OF_COMPANIES, "rule_file", "expectations_file", "filters", "seeds", "first", "given")
"""Options that do nothing where no scenario is played."""


def refuse_idle(ctx: click.Context, names: Iterable[str], why: str) -> None:
    """Raise a usage error, one line, for the first of the parameters *names* that was given by hand; *why* it idles."""
    for name in names:
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(each.opts[0] for each in ctx.command.params if each.name == name)
            raise click.UsageError(f"{option}: does nothing {why}; legal: leave it out")
