"""Judgement: whether the incidents of a drill brought about what a rule owes their scenarios."""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from detector.instant import SECOND
from harness.report.text import delay_text
from harness.sighting import Delay, Round, Sighting
from scenarios.expectation import Expectation, Expectations, Origin
from scenarios.ground_truth import Kind
from scenarios.scenario import Scenario

Status = Literal["ok", "failed", "not run"]


class Judged(msgspec.Struct, frozen=True):
    """A sighting, and in words why it fails what was expected; None if it does not."""

    sighting: Sighting
    failure: str | None


class NotPlaced(msgspec.Struct, frozen=True):
    """A case that could not be staged in full on the background of one seed, with the reason."""

    seed: int
    reason: str


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """One case over all seeds, with what was expected of the rule and which entry says so."""

    case: str
    kind: Kind
    techniques: tuple[str, ...]
    expected: Expectation
    origin: Origin
    judged: tuple[Judged, ...]
    not_placed: tuple[NotPlaced, ...]

    @property
    def failed(self) -> list[Judged]:
        """The incidents that fail."""
        return [each for each in self.judged if each.failure is not None]

    @property
    def signals(self) -> list[Delay]:
        """The delay of the signal of each incident that raised one."""
        return [each.sighting.signal for each in self.judged if each.sighting.signal is not None]

    @property
    def status(self) -> Status:
        """``failed`` if an incident fails; else ``not run`` if any could not be staged or none was; else ``ok``."""
        if self.failed:
            return "failed"
        return "not run" if self.not_placed or not self.judged else "ok"


def judge(rounds: Iterable[Round], cases: Mapping[str, Scenario], expectations: Expectations) -> tuple[CaseResult, ...]:
    """Return how each of *cases* went in *rounds*, in the order of the cases."""
    played = list(rounds)
    return tuple(_case(case, scenario, played, expectations) for case, scenario in cases.items())


def complaint(expected: Expectation, signal: Delay | None) -> str | None:
    """Return in words how an incident fails what is *expected* of it, or None if it does not.

    *signal* is when one held an event of it, None: never. What is in time is counted from the begin of scoring.

    >>> complaint(Expectation("signal", within="15m"), Delay(901.0, 1021.0))
    'signal after 15.0 min, 17.0 min into it, later than 15m'
    """
    found = "no signal" if signal is None else f"signal after {delay_text(signal.seconds, signal.seconds_from_start)}"
    match expected.outcome, signal:
        case ("signal", None) | ("silence", Delay()):
            return found
        case "signal", Delay(seconds) if expected.limit is not None and seconds * SECOND > expected.limit:
            return f"{found}, later than {expected.within}"
        case ("missed", Delay()) | ("noisy", None):
            return f"{found}: {expected.outcome} no more, so the note of it must be corrected"
    return None


def _case(case: str, scenario: Scenario, rounds: Iterable[Round], expectations: Expectations) -> CaseResult:
    expected, origin = expectations.of(case, scenario.kind)
    sightings = [each for played in rounds for each in played.sightings if each.case == case]
    return CaseResult(
        case=case,
        kind=scenario.kind,
        techniques=scenario.techniques,
        expected=expected,
        origin=origin,
        judged=tuple(Judged(each, complaint(expected, each.signal)) for each in sightings),
        not_placed=tuple(
            NotPlaced(played.seed, played.not_placed[case]) for played in rounds if case in played.not_placed
        ),
    )
