"""What a rule owes each scenario: a signal in time, silence, or what is known to go wrong and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NamedTuple

from scenarios.case_id import scenario_of
from scenarios.duration import Duration
from scenarios.ground_truth import Kind

WITHIN: Final = "signal within "
"""How an expectation of a signal is written, before its duration."""
WHERE_DETECTABLE: Final = " where detectable"
"""What may be written after the duration: who does only what they have done before owes nothing."""


class Expectation(NamedTuple):
    """What one incident of a scenario must bring about.

    ``signal``: some signal holds an event of it, whose match comes at most ``within`` after scoring starts;
    ``where_detectable``: that is asked only of an incident with a detectable event, and of others nothing.
    ``silence`` and ``missed``: no signal holds an event of it. ``noisy``: some signal does. The first and
    the second say what ought to be, the others, with a ``reason``, what is.

    >>> str(Expectation("signal", within="15m")), str(Expectation("missed", reason="it is done every day"))
    ('signal within 15m', 'missed')
    """

    outcome: Literal["signal", "silence", "missed", "noisy"]
    within: str = ""
    reason: str = ""
    where_detectable: bool = False

    def __str__(self) -> str:
        if self.outcome != "signal":
            return self.outcome
        return WITHIN + self.within + (WHERE_DETECTABLE if self.where_detectable else "")

    @property
    def short(self) -> str:
        """The same for a narrow column.

        >>> Expectation("signal", within="15m", where_detectable=True).short
        'in 15m if new'
        """
        if self.outcome != "signal":
            return self.outcome
        return f"in {self.within}" + (" if new" if self.where_detectable else "")

    def judges(self, *, detectable: bool) -> bool:
        """Whether it asks anything of an incident, with a detectable event or without one."""
        return detectable or not self.where_detectable

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
    (Expectation(outcome='silence', within='', reason='', where_detectable=False), 'default')
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
