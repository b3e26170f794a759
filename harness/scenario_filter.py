"""`--filter KEY=VALUE`: which scenarios, by what they say of themselves; for the verbs that list and play them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import click

from scenarios.case_id import scenario_of
from scenarios.scenario import Scenario


class FilterError(ValueError):
    """A filter that cannot be read or leaves nothing; one line with what was found and what is legal."""


_READ: Final[Mapping[str, Callable[[str, Scenario], Iterable[str]]]] = {
    "id": lambda case, _: (case, scenario_of(case)),
    "kind": lambda _, scenario: (scenario.kind,),
    "technique": lambda _, scenario: (name for each in scenario.techniques for name in (each, each.partition(".")[0])),
    "tactic": lambda _, scenario: scenario.tactics,
}
"""What a scenario has under each key; one of them must fit. A technique stands for its sub-techniques too."""


@dataclass(frozen=True, slots=True)
class ScenarioFilter:
    """A key and what its value has to look like, `*` standing for any text; upper and lower case are one.

    >>> ScenarioFilter.parse("id=attacks/bulk-*")
    ScenarioFilter(key='id', pattern='attacks/bulk-*')
    """

    key: str
    pattern: str

    @classmethod
    def parse(cls, text: str) -> "ScenarioFilter":
        """Return the filter that *text* writes, or raise `FilterError`."""
        key, equals, pattern = text.partition("=")
        if key not in _READ or not equals or not pattern:
            raise FilterError(f"--filter: found {text[:60]!r}; legal: KEY=VALUE, KEY one of {', '.join(_READ)}")
        return cls(key, pattern)

    def fits(self, case: str, scenario: Scenario) -> bool:
        """Return whether *scenario*, whose id or case id is *case*, is one of those that are meant."""
        wanted = re.compile(".*".join(map(re.escape, self.pattern.split("*"))), re.DOTALL | re.IGNORECASE)
        return any(wanted.fullmatch(found) for found in _READ[self.key](case, scenario))


def filtered(scenarios: Mapping[str, Scenario], texts: Iterable[str]) -> dict[str, Scenario]:
    """Return those of *scenarios*, by their ids, that all of the filters *texts* fit.

    Raise `FilterError` for one that cannot be read, and where they leave nothing.
    """
    filters = [ScenarioFilter.parse(text) for text in texts]
    found = {case: each for case, each in scenarios.items() if all(one.fits(case, each) for one in filters)}
    if filters and not found:
        raise FilterError("--filter: found no scenario that it fits; legal: see `vaultdrill scenarios list`")
    return found


filter_option = click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="KEY=VALUE",
    help="Only these: id (with *), kind, technique, tactic; repeatable, all must hold.",
)
"""Adds the option to a verb, as *filters*."""
