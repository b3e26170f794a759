"""The scope of expectations: scenarios and their cases, of the library or in a file of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from scenarios.case_id import case_id, scenario_of
from scenarios.document import ScenarioError
from scenarios.expectation import Expectation
from scenarios.ground_truth import Kind
from scenarios.reference import Reference
from scenarios.scenario import Scenario, cases, library
from scenarios.template import Template

_NEAR: Final = 3
"""So many ids are named to whoever mistook one."""
_OUT_OF_PLACE: Final[Mapping[str, tuple[Kind, str]]] = {
    "missed": ("benign", "noisy, since a look-alike is none to be found"),
    "noisy": ("attack", "missed, since a signal is what an attack ought to raise"),
}
"""Which known fault a scenario of which kind cannot have, and what it can."""


class ScopeError(ValueError):
    """Nothing that an expectation can be about; what was found, and what is legal."""

    def __init__(self, found: str, legal: str) -> None:
        super().__init__(f"found {found}; legal: {legal}")
        self.found, self.legal = found, legal


@dataclass(frozen=True, slots=True)
class Scope:
    """What the file *path* may speak of: the library, what is *played* now, by case id, and what lies near the file."""

    path: Path
    played: Mapping[str, Scenario]

    def case(self, written: str) -> str:
        """Return the id of the scenario or case that is *written*, its arguments in the order of their declaration.

        Raise `ScopeError` for a scenario that nobody has, and for a case that no file names.
        """
        scenario = scenario_of(written)
        if written in self.played or (written == scenario and self._is_known(scenario)):
            return written
        if not self._is_known(scenario):
            ids = sorted({*library(), *map(scenario_of, self.played)})
            near = get_close_matches(scenario, ids, n=_NEAR, cutoff=0.4) or ids[:1]
            raise ScopeError("no scenario of that id", f"an id like {', '.join(near)}")
        case, known = self._declared(written), [each for each in self._cases(scenario) if each != scenario]
        if case not in known:
            raise ScopeError("no such case in the scenario's file", f"{', '.join(known) or scenario}")
        return case

    def check(self, case: str, expected: Expectation) -> None:
        """Raise `ScopeError` where *expected* is a fault that no scenario of the kind of *case* can have."""
        kind, legal = _OUT_OF_PLACE.get(expected.outcome, (None, ""))
        if kind is not None and next(iter(self._cases(scenario_of(case)).values())).kind == kind:
            raise ScopeError(f"{expected.outcome}, of {case}", legal)

    def _is_known(self, scenario: str) -> bool:
        return scenario in set(map(scenario_of, self.played)) or self._file(scenario) is not None

    def _file(self, scenario: str) -> Path | None:
        """The scenario's file: in the library, or in a folder of its name where the expectations are, or above that."""
        shipped = library().get(scenario)
        if shipped is not None:
            return shipped
        folder, _, name = scenario.rpartition("/")
        above = self.path.resolve().parents
        places = [*(each / folder for each in above), *(each for each in above if each.name == folder)]
        files = (place / f"{name}{suffix}" for place in places for suffix in (".yaml", ".yml"))
        return next((file for file in files if file.is_file()), None)

    def _cases(self, scenario: str) -> Mapping[str, Scenario]:
        """The scenario and its cases by id, those played now among them."""
        played = {case: each for case, each in self.played.items() if scenario_of(case) == scenario}
        path = self._file(scenario)
        if path is None:
            return played
        try:
            held = cases(scenario if scenario in library() else str(path))
        except ScenarioError as error:
            raise ScopeError(f"a scenario that cannot be read ({error})", "one that can") from error
        return {**held, **played}

    def _declared(self, written: str) -> str:
        """The case id for what is *written* with its arguments in any order."""
        path = self._file(scenario_of(written))
        if path is None:
            return written
        try:
            reference, template = Reference.parse(written), Template.read(path)
            return case_id(reference.name, template.arguments, template.typed(reference.arguments, written))
        except ScenarioError as error:
            _, _, problem = str(error).rpartition(": found ")
            found, _, legal = problem.partition("; legal: ")
            raise ScopeError(found, legal) from error
