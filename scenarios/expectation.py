"""What a rule owes each scenario: a signal in time, silence, or what is known to go wrong and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NamedTuple

from scenarios.duration import Duration
from scenarios.ground_truth import Kind

WITHIN: Final = "signal within "
"""How an expectation of a signal is written, before its duration."""


class Expectation(NamedTuple):
    """What one incident of a scenario must bring about.

    ``signal``: some signal holds an event of it, whose match comes at most ``within`` after scoring starts.
    ``silence`` and ``missed``: no signal holds an event of it. ``noisy``: some signal does. The first and
    the second say what ought to be, the others, with a ``reason``, what is.

    >>> str(Expectation("signal", within="15m")), str(Expectation("missed", reason="it is done every day"))
    ('signal within 15m', 'missed')
    """

    outcome: Literal["signal", "silence", "missed", "noisy"]
    within: str = ""
    reason: str = ""

    def __str__(self) -> str:
        return WITHIN + self.within if self.outcome == "signal" else self.outcome

    @property
    def limit(self) -> Duration | None:
        """``within`` in nanoseconds, or None where any time, or none, will do."""
        return Duration.parse(self.within) if self.within else None


DEFAULTS: Final[Mapping[Kind, Expectation]] = {
    "attack": Expectation("signal", within="15m"),
    "benign": Expectation("silence"),
}
"""What a rule owes a scenario of which its expectations say nothing.

A quarter of an hour: whoever is called then may still find the session open (assumption).
"""

Origin = Literal["case", "scenario", "default"]
"""Whether an expectation is written for the case itself, for its scenario, or is the default of its kind."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """What the rule of a name owes; ``source`` is the file that says so, None where there is none.

    >>> Expectations("A rule").of("benign/archive-export", "benign")
    (Expectation(outcome='silence', within='', reason=''), 'default')
    """

    rule: str
    source: Path | None = None
    entries: Mapping[str, Expectation] = field(default_factory=dict)

    def of(self, case: str, kind: Kind) -> tuple[Expectation, Origin]:
        """Return what the rule owes *case*, given by its id, and which entry says so."""
        scenario = scenario_of(case)
        if case != scenario and case in self.entries:
            return self.entries[case], "case"
        if scenario in self.entries:
            return self.entries[scenario], "scenario"
        return DEFAULTS[kind], "default"


def scenario_of(case: str) -> str:
    """Return the id of the scenario of which *case* is one.

    >>> scenario_of("attacks/bulk-export[items=5,pace=1s]")
    'attacks/bulk-export'
    """
    return case.partition("[")[0]
