"""What a sweep has found, for tables, charts and gates."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from detector.rules import NewValueRule
from harness.scorecard import Ratio, Scorecard
from harness.sweep.advice import advice, hangs_on
from harness.sweep.landscape import Landscape
from harness.sweep.trying import Trial, Tried


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """One setting."""

    setting: dict[str, Any]
    learning: str
    """How it learns, in words."""
    precision: Ratio
    recall: Ratio
    oracle: Ratio
    missed: int
    signals: int
    unscored_signals: int
    """Raised before the scored time: what a rule asks when it is new, and none of the figures has."""
    signals_per_day_per_1000: float | None
    signals_low: float | None
    signals_high: float | None
    latency_median_seconds: float | None
    state_pairs: int
    state_bytes: int
    events: int
    seconds: float
    """Of processor time, for the pass that judges all events."""
    is_on_front: bool
    """Whether no other setting, under the same reading, finds as much with as few signals and is better in one."""
    is_current: bool
    is_comparable: bool
    """Whether it was scored over the same time as the others."""
    is_own_reading: bool
    """Whether what the documentation leaves open is read as the rule has it."""

    @property
    def events_per_second(self) -> float | None:
        """How fast the pass was."""
        return self.events / self.seconds if self.seconds else None

    def shown(self) -> dict[str, Any]:
        """The setting as JSON has it."""
        told = msgspec.to_builtins(self)
        told["precision"], told["recall"] = self.precision.shown("true"), self.recall.shown("found")
        told["oracle"] = self.oracle.shown("detectable")
        return {**told, "events_per_second": self.events_per_second}


class SweepResult(msgspec.Struct, frozen=True, kw_only=True):
    """All settings, the rule's own first, and what follows."""

    rule: str
    streams: list[str]
    scored_after_days: int
    """Nothing before so many days is scored, under any setting, so that all are scored over the same time."""
    settings: list[Swept]
    advice: str
    hangs_on: dict[str, str]
    """For each open reading that was tried, whether the advice is another one under it, and why."""
    note: str
    """What the figures cannot say."""

    def shown(self) -> dict[str, Any]:
        """The result as JSON has it."""
        told = msgspec.to_builtins(self)
        return {**told, "settings": [each.shown() for each in self.settings]}


class Sweep(NamedTuple):
    """The result, and what can still be asked of it."""

    result: SweepResult
    tried: Sequence[Tried]
    trial: Trial

    def card(self, place: int) -> Scorecard:
        """The scorecard of a setting, by its place among those of the result: what a gate is asked of."""
        return self.trial.card(self.tried[place].setting)


def swept(rule: NewValueRule, trial: Trial, tried: Sequence[Tried], streams: Sequence[str]) -> Sweep:
    """What follows from the settings that were *tried* over *streams*, the rule's own first."""
    landscape = Landscape(rule, tried, trial.learning_days)
    front = landscape.on_front()
    as_read = {id(each) for each in landscape.under(landscape.own.setting.reading())}
    result = SweepResult(
        rule=rule.name,
        streams=list(streams),
        scored_after_days=trial.learning_days,
        settings=[_swept(each, place, front, landscape, as_read) for place, each in enumerate(tried)],
        advice=advice(landscape, trial),
        hangs_on=hangs_on(landscape),
        note=trial.note,
    )
    return Sweep(result, tried, trial)


def _swept(tried: Tried, place: int, front: set[int], landscape: Landscape, as_read: set[int]) -> Swept:
    found = tried.figures
    return Swept(
        setting=tried.setting.shown(),
        learning=tried.setting.learning(),
        precision=found.precision,
        recall=found.recall,
        oracle=found.oracle,
        missed=found.recall.of - found.recall.part,
        signals=found.load.signals,
        unscored_signals=found.unscored_signals,
        signals_per_day_per_1000=found.load.rate,
        signals_low=found.load.low,
        signals_high=found.load.high,
        latency_median_seconds=found.latency.median_seconds,
        state_pairs=tried.state_pairs,
        state_bytes=tried.state_bytes,
        events=tried.events,
        seconds=tried.seconds,
        is_on_front=place in front,
        is_current=place == 0,
        is_comparable=landscape.is_comparable(tried),
        is_own_reading=id(tried) in as_read,
    )
