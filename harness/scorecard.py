"""The scorecard: what a detection found, what it cost, and on how much evidence each figure stands."""

from typing import Any

import msgspec

from harness.submission import Throughput

SELF_TEST = (
    "On simulated people this is a self-test of the rule's logic and windows, not evidence about a real organisation."
)
ON_LOGS = "On real logs every signal outside the staged incidents counts as false, though nobody says that it is."


def caveat(seed: int | None) -> str:
    """What the figures on a dataset cannot say; *seed* is that of its people's simulation, None on real logs."""
    return ON_LOGS if seed is None else SELF_TEST


class Ratio(msgspec.Struct, frozen=True):
    """A share *part* / *of*; undefined, and null in JSON, where there was nothing to count."""

    part: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, or None."""
        return self.part / self.of if self.of else None


class Latency(msgspec.Struct, frozen=True):
    """Detection latency in seconds of event time, to the first match that found an incident: over *of* incidents."""

    of: int
    median_seconds: float | None = None
    p90_seconds: float | None = None
    max_seconds: float | None = None


class Load(msgspec.Struct, frozen=True):
    """Signals a day per 1,000 people: what the rule asks of those who read its signals."""

    signals: int
    days: float
    people: int

    @property
    def rate(self) -> float | None:
        """Signals a day per 1,000 people, or None where there were no days or people."""
        return self.signals / self.days / self.people * 1000 if self.days and self.people else None


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


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one detection on one dataset."""

    rule: str
    precision: Ratio
    recall: Ratio
    oracle: Ratio
    """The attack incidents with a detectable event: what a rule could find at most that remembers everything."""
    look_alikes: Ratio
    latency: Latency
    """From the first detectable event of an incident, or from its start where it has none. A rule that watches the same
    keys answers that event at once, so that only what it forgot, and other tools, take time."""
    latency_from_start: Latency
    """From the first event of an incident."""
    load: Load
    unscored_signals: int
    unscored_incidents: int
    outcomes: list[Outcome]
    assumptions: dict[str, str]
    """The knobs that the verdicts rest on, where Datadog's documentation leaves the meaning open."""
    throughput: Throughput
    note: str
    """What the figures cannot say, see `caveat`."""

    def shown(self) -> dict[str, Any]:
        """The scorecard as JSON has it."""
        return {
            "rule": self.rule,
            "precision": {"value": self.precision.value, "true": self.precision.part, "of": self.precision.of},
            "recall": {
                "value": self.recall.value,
                "found": self.recall.part,
                "of": self.recall.of,
                "oracle": {"value": self.oracle.value, "detectable": self.oracle.part, "of": self.oracle.of},
            },
            "look_alikes": {"raised": self.look_alikes.part, "of": self.look_alikes.of},
            "detection_latency": msgspec.structs.asdict(self.latency),
            "detection_latency_from_start": msgspec.structs.asdict(self.latency_from_start),
            "load": {"signals_per_day_per_1000_people": self.load.rate, **msgspec.structs.asdict(self.load)},
            "unscored": {"signals": self.unscored_signals, "incidents": self.unscored_incidents},
            "throughput": msgspec.structs.asdict(self.throughput),
            "assumptions": self.assumptions,
            "incidents": [msgspec.structs.asdict(outcome) for outcome in self.outcomes],
            "note": self.note,
        }
