"""Figures and verdicts, as the tests of gates write them."""

from harness.gates.baseline import Baseline, Subject
from harness.gates.figures import Figure, Figures
from harness.gates.gates import Verdict

SUBJECT = Subject("score", "My rule", {"seeds": [1, 2]}, 7)
NOTHING: Figures = {
    "recall": Figure(None, absent="no attack incident was scored"),
    "precision": Figure(None, absent="no signal was scored"),
    "signals_per_day": Figure(None, absent="no day of anybody was scored"),
    "latency": Figure(None, absent="no attack incident was found"),
    "missed": Figure(None, absent="no attack incident was scored"),
}
"""Of a run without anything to count."""


def figures(
    recall: float | None = 0.8,
    precision: float | None = 0.5,
    signals: float | None = 10,
    latency: float | None = 60,
    missed: float | None = 2,
) -> Figures:
    """Figures with intervals: shares reach 0.1 to both sides, amounts to half and to twice of themselves."""

    def share(value: float | None) -> Figure:
        return Figure(value) if value is None else Figure(value, max(0.0, value - 0.1), min(1.0, value + 0.1))

    def amount(value: float | None) -> Figure:
        return Figure(value) if value is None else Figure(value, value / 2, value * 2)

    return {
        "recall": share(recall),
        "precision": share(precision),
        "signals_per_day": amount(signals),
        "latency": Figure(latency),
        "missed": amount(missed),
    }


def baseline(held: Figures) -> Baseline:
    return Baseline(subject=SUBJECT, figures=held)


def outcomes(verdicts: list[Verdict]) -> dict[str, str]:
    return {verdict.figure: verdict.outcome for verdict in verdicts}
