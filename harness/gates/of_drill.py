"""What gates see of a drill: its attacks. It plays no everyday life, so that it has neither precision nor load."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from harness.drill_result import DrillResult
from harness.gates.baseline import Subject
from harness.gates.figures import Figures, Name, found_figures

WITHOUT: Final[tuple[Name, ...]] = ("precision", "signals_per_day")
"""The figures that a drill does not have."""
WHY: Final = "a drill does not count everyday signals; legal: vaultdrill score"


def figures_of(result: DrillResult) -> Figures:
    """The figures that a gate may ask of: any signal finds an attack, at whatever time; intervals are Wilson's."""
    from harness.scoring.intervals import wilson  # takes numpy, for which no help waits

    attacks = result.signalled("attack")
    interval = wilson(attacks.part, attacks.of)
    delays = [delay.seconds for case in result.cases if case.kind == "attack" for delay in case.signals]
    return found_figures(attacks.of, attacks.part, interval.low, interval.high, max(delays, default=None))


def planned(rule: str, background: str, seeds: Sequence[int], cases: Iterable[str]) -> Subject:
    """What a drill will be about."""
    return Subject("test", rule, {"background": background, "seeds": list(seeds), "cases": list(cases)})


def subject_of(result: DrillResult) -> Subject:
    """What the drill is about."""
    subject = planned(result.rule, result.background, result.seeds, [case.case for case in result.cases])
    return replace(subject, incidents=sum(len(case.judged) for case in result.cases))
