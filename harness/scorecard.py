"""The scorecard: what a detection found, what it cost, and on how much evidence each figure stands.

A figure is null where there was nothing to count, never a silent 0 or 1. *low* and *high* are the ends of its 95 %
interval, None where there is none; how they are made is told in `harness.scoring.intervals`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from harness.submission import Throughput

SELF_TEST = (
    "On simulated people this is a self-test of the rule's logic and windows, not evidence about a real organisation."
)
ON_LOGS = (
    "On real logs with staged attacks this is evidence about those people and those attacks; every signal outside the"
    " staged incidents counts as false, though nobody says that it is."
)


def caveat(seed: int | None) -> str:
    """What the figures on a dataset cannot say; *seed* is that of its people's simulation, None on real logs."""
    return ON_LOGS if seed is None else SELF_TEST


class Ratio(msgspec.Struct, frozen=True):
    """A share *part* / *of*; undefined, and null in JSON, where there was nothing to count."""

    part: int
    of: int
    low: float | None = None
    high: float | None = None
    method: str | None = None
    """How the interval was made: `wilson` or `bootstrap`."""

    @property
    def value(self) -> float | None:
        """The share, or None."""
        return self.part / self.of if self.of else None

    def shown(self, part: str) -> dict[str, Any]:
        """The share as JSON has it, its part under a name of its own."""
        interval = {"low": self.low, "high": self.high, "interval": self.method}
        return {"value": self.value, part: self.part, "of": self.of, **interval}


class Measure(msgspec.Struct, frozen=True):
    """A figure that is no share of counts: a mean over *of* signals or incidents."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    of: int = 0


class Latency(msgspec.Struct, frozen=True):
    """Detection latency in seconds of event time, to the first match that found an incident: over *of* incidents."""

    of: int
    median_seconds: float | None = None
    p90_seconds: float | None = None
    max_seconds: float | None = None


class Load(msgspec.Struct, frozen=True):
    """Signals a day per 1,000 people: what the rule asks of those who read its signals.

    Over several streams *people* are those of all of them, and *days* how long each was scored, on average.
    """

    signals: int
    days: float
    people: int
    low: float | None = None
    high: float | None = None

    @property
    def rate(self) -> float | None:
        """Signals a day per 1,000 people, or None where there were no days or people."""
        return self.signals / self.days / self.people * 1000 if self.days and self.people else None


class Rate(msgspec.Struct, frozen=True):
    """A part of the load: so many signals in so many days of people."""

    signals: int
    person_days: float
    low: float | None = None
    high: float | None = None

    @property
    def value(self) -> float | None:
        """Signals a day per 1,000 people, or None where nobody had a day."""
        return self.signals / self.person_days * 1000 if self.person_days else None

    def shown(self) -> dict[str, Any]:
        """The part as JSON has it."""
        rate = {"value": self.value, "low": self.low, "high": self.high}
        return {"signals": self.signals, "person_days": self.person_days, "per_day_per_1000": rate}


class Ranges(msgspec.Struct, frozen=True):
    """Range-based precision, over signals, and recall, over attack incidents: see `harness.scoring.ranges`."""

    precision: Measure
    recall: Measure


class Tenure(msgspec.Struct, frozen=True):
    """The load of those who are new, and of all others: see `harness.scoring.evidence.TENURE_DAYS`."""

    new: Rate
    settled: Rate


class PredictiveValue(msgspec.Struct, frozen=True):
    """What a signal is worth where attacks are as rare as *base_rate* says: see `harness.scoring.base_rate`."""

    base_rate: float
    """Attack incidents in a person-year."""
    value: float | None
    true_per_incident: float | None
    """True signals per scored attack incident."""
    false_per_person_year: float | None
    """False signals in a person-year, those of staged look-alikes left out."""
    low: float | None = None
    high: float | None = None


class Floor(msgspec.Struct, frozen=True):
    """What a detector that knows nothing gets; see `harness.scoring.floors`."""

    precision: float | None
    recall: float | None


class Floors(msgspec.Struct, frozen=True):
    """The detectors that any rule has to beat: one that says nothing, one that draws as many signals at random."""

    silent: Floor
    random: Floor


class ScenarioRecall(msgspec.Struct, frozen=True):
    """What became of a scenario's scored incidents; of a harmless one *found* means that it raised a signal."""

    scenario: str
    kind: Literal["attack", "benign"]
    incidents: int
    found: int
    detectable: int
    low: float | None = None
    high: float | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What became of one incident: *found* is None where it fell into the learning period and is not scored.

    *detectable_at* is the time of its first detectable event (see `harness.hindsight.Review`), None where it has none.
    """

    run: str
    scenario: str
    kind: str
    actor: str
    started_at: str
    detectable_at: str | None
    found: bool | None
    latency_seconds: float | None
    """From its first detectable event, or from its start where it has none."""
    seconds_from_start: float | None
    """From its first event of all: how far it had come when it was found."""
    stream: str = ""


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one detection over one or more streams."""

    rule: str
    streams: list[str]
    precision: Ratio
    recall: Ratio
    oracle: Ratio
    """The attack incidents with a detectable event: what a rule could find at most that remembers everything."""
    look_alikes: Ratio
    ranges: Ranges
    latency: Latency
    """From the first detectable event of an incident, or from its start where it has none. A rule that watches the same
    keys answers that event at once, so that only what it forgot, and other tools, take time."""
    latency_from_start: Latency
    """From the first event of an incident."""
    load: Load
    by_cause: dict[str, Rate]
    """The load by what brought the signals about, the largest part first."""
    tenure: Tenure
    ppv: PredictiveValue
    floors: Floors
    by_scenario: list[ScenarioRecall]
    unscored_signals: int
    unscored_incidents: int
    outcomes: list[Outcome]
    assumptions: dict[str, str]
    """The knobs that the verdicts rest on, where Datadog's documentation leaves the meaning open."""
    throughput: Throughput
    stages: Sequence[Any] = ()
    """Of the run, as `harness.stages.Stage`."""
    note: str
    """What the figures cannot say, see `caveat`."""

    def shown(self) -> dict[str, Any]:
        """The scorecard as JSON has it."""
        return {
            "rule": self.rule,
            "streams": self.streams,
            "precision": self.precision.shown("true"),
            "recall": {**self.recall.shown("found"), "oracle": self.oracle.shown("detectable")},
            "look_alikes": self.look_alikes.shown("raised"),
            "ranges": _fields(self.ranges),
            "detection_latency": _fields(self.latency),
            "detection_latency_from_start": _fields(self.latency_from_start),
            "load": self._load(),
            "tenure": {"new": self.tenure.new.shown(), "settled": self.tenure.settled.shown()},
            "ppv": _fields(self.ppv),
            "floors": _fields(self.floors),
            "by_scenario": [_fields(each) for each in self.by_scenario],
            "unscored": {"signals": self.unscored_signals, "incidents": self.unscored_incidents},
            "throughput": _fields(self.throughput),
            "stages": [_fields(stage) for stage in self.stages],
            "assumptions": self.assumptions,
            "incidents": [_fields(outcome) for outcome in self.outcomes],
            "note": self.note,
        }

    def _load(self) -> dict[str, Any]:
        by_cause = {cause: rate.shown() for cause, rate in self.by_cause.items()}
        return {"signals_per_day_per_1000_people": self.load.rate, **_fields(self.load), "by_cause": by_cause}


def _fields(figure: Any) -> dict[str, Any]:
    shown: Mapping[str, Any] = msgspec.to_builtins(figure)
    return dict(shown)
