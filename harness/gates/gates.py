"""Gates: the bounds that a user set on figures, and whether the figures keep them."""

from typing import Any, Final, Literal

import msgspec

from harness.gates.figures import KINDS, Figure, Figures, Name

On = Literal["point", "lower"]
"""Which end of a figure a gate looks at: the figure itself, or the pessimistic end of its 95 % interval."""
Outcome = Literal["passed", "failed", "skipped"]

OPTIONS: Final[dict[Name, str]] = {
    "recall": "--min-recall",
    "precision": "--min-precision",
    "signals_per_day": "--max-signals-per-day",
    "latency": "--max-latency",
    "missed": "--max-missed",
}


class GateError(ValueError):
    """Gates that cannot be used as they were given; the text is one line."""


class Gates(msgspec.Struct, frozen=True, kw_only=True):
    """The least or the most that each figure may be; None where nothing is asked of it."""

    recall: float | None = None
    precision: float | None = None
    signals_per_day: float | None = None
    latency: float | None = None
    """In seconds."""
    missed: float | None = None
    on: On = "point"

    @property
    def asked(self) -> dict[Name, float]:
        """The bounds that were given."""
        return {name: bound for name in KINDS if (bound := getattr(self, name)) is not None}

    def refuse(self, names: tuple[Name, ...], why: str) -> None:
        """Raise `GateError` where anything is asked of one of the figures *names*."""
        for name in self.asked:
            if name in names:
                raise GateError(f"{OPTIONS[name]}: {why}")


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How one figure did at one gate."""

    gate: str
    """The option that asked."""
    figure: Name
    outcome: Outcome
    on: On
    bound: float | None
    found: float | None
    """What was held against the bound: the figure, or the pessimistic end of its interval."""
    value: float | None
    low: float | None
    high: float | None
    reason: str
    """In words that a person reads, all of it."""

    def shown(self) -> dict[str, Any]:
        """The verdict as JSON has it."""
        return msgspec.structs.asdict(self)


def checked(figures: Figures, gates: Gates) -> list[Verdict]:
    """A verdict for each bound of *gates*. A figure that is null, or has no interval to look at, fails."""
    return [
        verdict_on(OPTIONS[name], name, figures.get(name, Figure(None)), bound, gates.on)
        for name, bound in gates.asked.items()
    ]


def verdict_on(
    gate: str, name: Name, figure: Figure, bound: float, on: On, why: str = "", slack: float = 0.0
) -> Verdict:
    """Hold one figure to one bound, but for *slack*; *why* says in the reason where the bound is from."""
    kind = KINDS[name]
    found = looked_at(name, figure, on)
    kept = found is not None and (found >= bound - slack if kind.more_is_better else found <= bound + slack)
    limit = f"{'at least' if kind.more_is_better else 'at most'} {kind.text(name, bound)}{why}"
    return Verdict(
        gate=gate,
        figure=name,
        outcome="passed" if kept else "failed",
        on=on,
        bound=bound,
        found=found,
        value=figure.value,
        low=figure.low,
        high=figure.high,
        reason=f"{figure_text(name, figure)}; asked: {limit}{_end(name, figure, on)} ({gate})",
    )


def looked_at(name: Name, figure: Figure, on: On) -> float | None:
    """The end of *figure* that a gate looks at; a figure that can have no interval is looked at itself."""
    if figure.value is None or on == "point" or not KINDS[name].has_interval:
        return figure.value
    return figure.low if KINDS[name].more_is_better else figure.high


def figure_text(name: Name, figure: Figure) -> str:
    """A figure with its interval, or why there is none.

    >>> figure_text("recall", Figure(0.5, 0.25, 0.75)), figure_text("precision", Figure(None, absent="no signals"))
    ('recall 50% (95 %: 25% to 75%)', 'precision undefined (no signals)')
    """
    kind = KINDS[name]
    if figure.value is None:
        return f"{kind.title} undefined ({figure.absent})"
    told = f"{kind.title} {kind.text(name, figure.value)}"
    if figure.low is None or figure.high is None:
        return told
    return f"{told} (95 %: {kind.text(name, figure.low)} to {kind.text(name, figure.high)})"


def _end(name: Name, figure: Figure, on: On) -> str:
    """What is to be said where the figure itself is not what was looked at."""
    kind = KINDS[name]
    if on == "point" or not kind.has_interval or figure.value is None:
        return ""
    if looked_at(name, figure, on) is None:
        return " of the interval, and it has none"
    return f" at the {'lower' if kind.more_is_better else 'upper'} end of the interval"
