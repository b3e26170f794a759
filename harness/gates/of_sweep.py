"""What gates see of a sweep: whether any setting keeps them all, and which comes nearest if none does."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from harness.gates.baseline import Subject
from harness.gates.figures import Figures
from harness.gates.gates import Gates, Verdict, checked
from harness.gates.of_card import figures_of, planned
from harness.gates.options import GatesAsked
from harness.sweep.result import Sweep


class Gated(NamedTuple):
    """The setting of a sweep that its gates are asked of."""

    setting: str
    """In a few words."""
    figures: Figures
    subject: Subject
    verdicts: list[Verdict]

    @classmethod
    def of(cls, sweep: Sweep, asked: GatesAsked, over: Mapping[str, Any]) -> "Gated":
        """The `nearest` setting of a sweep over streams, and how it does. Raises `GateError` of another baseline."""
        place = nearest(sweep, asked.gates)
        figures, subject = figures_of(sweep.tried[place].figures), subject_of(sweep, over)
        return cls(named(sweep, place), figures, subject, asked.verdicts(figures, subject))


def nearest(sweep: Sweep, gates: Gates) -> int:
    """The place of the setting that fails the fewest gates: the rule's own where it is among them, else the first.

    It is looked for on the front, as the rule reads the documentation, and among what was scored over the same time.
    """
    settings = sweep.result.settings
    own = next(place for place, each in enumerate(settings) if each.is_current)
    front = [p for p, each in enumerate(settings) if each.is_on_front and each.is_own_reading and each.is_comparable]

    def failures(place: int) -> int:
        return sum(each.outcome == "failed" for each in checked(figures_of(sweep.tried[place].figures), gates))

    return min(dict.fromkeys([own, *front]), key=failures)


def named(sweep: Sweep, place: int) -> str:
    """A setting in a few words.

    It stands in the gates' heading, since all of their figures are its own.
    """
    swept = sweep.result.settings[place]
    forgets = swept.setting["forget_after"]
    whose = "the rule as it stands" if swept.is_current else "the nearest setting"
    return f"{whose}: learns {swept.learning}, forgets after {forgets} d"


def subject_of(sweep: Sweep, over: Mapping[str, Any]) -> Subject:
    """What the gated setting of a sweep over streams is about; the days that are not scored are part of it."""
    scored = {"scored after days": sweep.result.scored_after_days}
    subject = planned(sweep.result.rule, {**over, **scored}, "sweep")
    return replace(subject, incidents=sweep.trial.incidents)
