"""Judgement: whether the incidents of a drill brought about what a rule owes their scenarios."""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from detector.instant import SECOND
from harness.durations import seconds_text
from harness.sighting import Delay, Round, Sighting
from scenarios.expectation import Expectation, Expectations, Origin
from scenarios.ground_truth import Kind
from scenarios.scenario import Scenario

Status = Literal["ok", "failed", "not run", "void"]


class Judged(msgspec.Struct, frozen=True):
    """A sighting, whether anything was asked of its incident, and in words why that failed; None if it did not."""

    sighting: Sighting
    asked: bool
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
    def unasked(self) -> int:
        """Of how many incidents nothing was asked, since none of their events was detectable."""
        return sum(not each.asked for each in self.judged)

    @property
    def status(self) -> Status:
        """``failed`` if an incident fails; else ``not run`` if any could not be staged, or none was; else ``ok``.

        A case in which nothing was asked of any incident proves nothing: it is ``void``.
        """
        if self.failed:
            return "failed"
        if self.not_placed or not self.judged:
            return "not run"
        return "void" if self.unasked == len(self.judged) else "ok"


def judge(rounds: Iterable[Round], cases: Mapping[str, Scenario], expectations: Expectations) -> tuple[CaseResult, ...]:
    """Return how each of *cases* went in *rounds*, in the order of the cases."""
    played = list(rounds)
    return tuple(_case(case, scenario, played, expectations) for case, scenario in cases.items())


def complaint(expected: Expectation, sighting: Sighting) -> str | None:
    """Return in words how the incident of *sighting* fails what is *expected* of it, or None if it does not.

    What is in time is counted from the start of scoring.
    """
    signal = sighting.signal
    if not expected.judges(detectable=sighting.detectable):
        return None
    match expected.outcome, signal:
        case ("signal", None) | ("silence", Delay()):
            return told(signal)
        case "signal", Delay() if expected.limit is not None and signal.seconds * SECOND > expected.limit:
            return f"{told(signal)}, {_counted(signal)}later than {expected.within}"
        case ("missed", Delay()) | ("noisy", None):
            return f"{told(signal)}: {expected.outcome} no more, so the note of it must be corrected"
    return None


def _counted(signal: Delay) -> str:
    """From when on what is in time is counted, where that is not the start of the incident."""
    if signal.seconds == signal.seconds_from_start:
        return ""
    return f"{seconds_text(signal.seconds)} after its first detectable event: "


def told(signal: Delay | None) -> str:
    """How far into an incident its signal came.

    >>> told(Delay(0.0, 120.0)), told(None)
    ('signal 2.0 min into it', 'no signal')
    """
    return "no signal" if signal is None else f"signal {seconds_text(signal.seconds_from_start)} into it"


def _case(case: str, scenario: Scenario, rounds: Iterable[Round], expectations: Expectations) -> CaseResult:
    expected, origin = expectations.of(case, scenario.kind)
    sightings = [each for played in rounds for each in played.sightings if each.case == case]
    return CaseResult(
        case=case,
        kind=scenario.kind,
        techniques=scenario.techniques,
        expected=expected,
        origin=origin,
        judged=tuple(
            Judged(each, expected.judges(detectable=each.detectable), complaint(expected, each)) for each in sightings
        ),
        not_placed=tuple(
            NotPlaced(played.seed, played.not_placed[case]) for played in rounds if case in played.not_placed
        ),
    )
