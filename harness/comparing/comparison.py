"""A comparison: what two rules did on the same streams, and which of their differences are more than chance."""

from typing import Any, Literal

import msgspec

Unit = Literal["share", "rate", "seconds"]
"""A share from 0 to 1, signals a day per 1,000 people, or seconds of event time."""


class Figure(msgspec.Struct, frozen=True):
    """A figure of one rule with its 95 % interval; None where it is undefined, or has none."""

    value: float | None
    low: float | None = None
    high: float | None = None
    part: int | None = None
    """Of a share, what it counts; of a rate, the signals."""
    of: int | None = None


class Difference(msgspec.Struct, frozen=True):
    """B - A with its paired 95 % interval; None where either figure is undefined."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    interval: Literal["bootstrap", "square-and-add"] | None = None
    is_distinguishable: bool = False
    """Whether it is more than chance: its interval leaves out 0."""


class Compared(msgspec.Struct, frozen=True):
    """One figure of both rules."""

    name: str
    unit: Unit
    better: Literal["higher", "lower"] | None
    """None where neither is good or bad in itself."""
    a: Figure
    b: Figure
    difference: Difference

    @property
    def favours_b(self) -> int:
        """1 where B is better, -1 where A is, 0 where that cannot be told."""
        if not self.difference.is_distinguishable or self.better is None or self.difference.value is None:
            return 0
        return 1 if (self.difference.value > 0) == (self.better == "higher") else -1


class Split(msgspec.Struct, frozen=True):
    """What became of the incidents of a kind that both rules have scored; each is named as `run (stream)`."""

    both: int
    only_a: list[str]
    only_b: list[str]
    neither: int
    p: float
    """How likely so uneven a split is where neither rule is better: the exact test of McNemar."""


class Side(msgspec.Struct, frozen=True):
    """One of the two rules."""

    source: str
    """Its file, as it was named."""
    rule: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; *conclusion* is one sentence that follows from the figures."""

    a: Side
    b: Side
    differ_in: dict[str, tuple[Any, Any]]
    """The settings that decide a verdict or a signal and are not the same, of A and of B."""
    streams: dict[str, Any]
    told_streams: str
    figures: list[Compared]
    causes: list[Compared]
    """The parts of the load by what brought the signals about."""
    attacks: Split
    look_alikes: Split
    base_rate: float
    """Attack incidents in a person-year, for the PPV."""
    conclusion: str
    note: str

    def shown(self) -> dict[str, Any]:
        """The comparison as JSON has it."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        figures = {"figures": _by_name(told["figures"]), "causes": _by_name(told["causes"])}
        return {name: value for name, value in (told | figures).items() if name != "told_streams"}

    def figure(self, name: str) -> Compared:
        """The figure of that name."""
        return next(each for each in self.figures if each.name == name)


def _by_name(figures: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["name"]: {key: value for key, value in each.items() if key != "name"} for each in figures}
