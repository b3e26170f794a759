"""Figures: what gates may ask of, each with its 95 % interval, whatever it was computed from.

`harness.gates.of_card` has those of a scorecard, `harness.gates.of_drill` those of a drill.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from harness.durations import seconds_text

_LONG: Final = 180
"""Seconds that nobody reads as such any more; they are told exactly too, so that a bound and what broke it differ."""
Name = Literal["recall", "precision", "signals_per_day", "latency", "missed"]


class Figure(msgspec.Struct, frozen=True):
    """A figure, or why there is none; *low* and *high* are None where it has no interval."""

    value: float | None
    low: float | None = None
    high: float | None = None
    absent: str = "it is undefined"


Figures: TypeAlias = dict[Name, Figure]


class Kind(NamedTuple):
    """What a gate has to know of a figure."""

    more_is_better: bool
    title: str
    is_share: bool = False
    """Whether it lies between 0 and 1."""
    has_interval: bool = True

    def text(self, name: Name, value: float) -> str:
        """A value of it as a person reads it."""
        if name == "latency":
            exactly = f"{value:,.6g} s"
            return exactly if value < _LONG else f"{seconds_text(value)} ({exactly})"
        return f"{100 * value:.4g}%" if self.is_share else f"{value:,.4g}"


KINDS: Final[dict[Name, Kind]] = {
    "recall": Kind(more_is_better=True, title="recall", is_share=True),
    "precision": Kind(more_is_better=True, title="precision", is_share=True),
    "signals_per_day": Kind(more_is_better=False, title="signals a day per 1,000 people"),
    "latency": Kind(more_is_better=False, title="longest detection latency", has_interval=False),
    "missed": Kind(more_is_better=False, title="missed attack incidents"),
}
"""All figures, in the order in which they are told. A maximum has no interval that is worth the name."""


def found_figures(of: int, part: int, low: float | None, high: float | None, latency: float | None) -> Figures:
    """What is known of attack incidents: *part* found of *of*, its interval, and the longest *latency* in seconds.

    The interval of the missed ones is that of recall.
    """
    absent = "no attack incident was scored"
    few, many = (None if end is None or not of else (1 - end) * of for end in (high, low))
    return {
        "recall": Figure(part / of if of else None, low, high, absent),
        "latency": Figure(latency, absent="no attack incident was found"),
        "missed": Figure(of - part if of else None, few, many, absent),
    }
