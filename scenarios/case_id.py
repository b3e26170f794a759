"""Ids of cases, ``scenario[name=value,...]``, and of their runs, ``case#number``."""

from collections.abc import Iterable, Mapping
from typing import Final

_ARGUMENTS: Final = "["
_NUMBER: Final = "#"
_EARLIER: Final = "~earlier"


def case_id(scenario: str, arguments: Iterable[str], given: Mapping[str, int | str]) -> str:
    """Return the id of the case of *scenario*, which has these *arguments*, in which some are as *given*.

    >>> case_id("attacks/bulk-export", ["items", "pace"], {"pace": "1s", "items": 5})
    'attacks/bulk-export[items=5,pace=1s]'
    """
    values = ",".join(f"{each}={given[each]}" for each in arguments if each in given)
    return f"{scenario}{_ARGUMENTS}{values}]" if values else scenario


def scenario_of(case: str) -> str:
    """Return the id of the scenario of which *case* is one.

    >>> scenario_of("attacks/bulk-export[items=5,pace=1s]")
    'attacks/bulk-export'
    """
    return case.partition(_ARGUMENTS)[0]


def run_id(case: str, number: int) -> str:
    """Return the id of the run of *case* with that number; runs are counted from 1.

    >>> run_id("attacks/bulk-export[items=5]", 2)
    'attacks/bulk-export[items=5]#2'
    """
    return f"{case}{_NUMBER}{number}"


def earlier_run(run: str) -> str:
    """Return the id of the earlier incident that the story of *run* begins with.

    >>> earlier_run("attacks/second-strike#2")
    'attacks/second-strike#2~earlier'
    """
    return f"{run}{_EARLIER}"


def is_earlier(run: str) -> bool:
    """Return whether *run* is the earlier incident of another.

    >>> is_earlier("attacks/second-strike#2~earlier"), is_earlier("attacks/second-strike#2")
    (True, False)
    """
    return run.endswith(_EARLIER)


def case_of(run: str) -> str:
    """Return the id of the case that *run* is a run of.

    >>> case_of("attacks/second-strike[pace=1s]#2~earlier")
    'attacks/second-strike[pace=1s]'
    """
    return run.rpartition(_NUMBER)[0]
