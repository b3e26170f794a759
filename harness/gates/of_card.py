"""What gates see of a scorecard."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Protocol

from harness.gates.baseline import Subject
from harness.gates.figures import Figure, Figures, found_figures
from harness.scorecard import Latency, Load, Ratio, Scorecard


class Figured(Protocol):
    """What has the figures of a scorecard that gates ask of."""

    @property
    def recall(self) -> Ratio:
        """Of attack incidents."""

    @property
    def precision(self) -> Ratio:
        """Of signals."""

    @property
    def load(self) -> Load:
        """Of those who read the signals."""

    @property
    def latency(self) -> Latency:
        """From the first detectable event."""


def figures_of(card: Figured) -> Figures:
    """The figures that a gate may ask of."""
    recall, precision, load = card.recall, card.precision, card.load
    return {
        **found_figures(recall.of, recall.part, recall.low, recall.high, card.latency.max_seconds),
        "precision": Figure(precision.value, precision.low, precision.high, "no signal was scored"),
        "signals_per_day": Figure(load.rate, load.low, load.high, "no day of anybody was scored"),
    }


def planned(rule: str, over: Mapping[str, Any], verb: str = "score") -> Subject:
    """What a card will be about that *verb* makes of the *rule* of that name.

    *over* tells of the streams, as `harness.streams.Streams.shown` does.
    """
    return Subject(verb, rule, _named(over))


def subject_of(card: Scorecard, over: Mapping[str, Any], verb: str = "score") -> Subject:
    """What the card is about, which is *over* streams as `planned` has it."""
    return Subject(verb, card.rule, _named(over), card.recall.of + card.look_alikes.of + card.unscored_incidents)


def _named(over: Mapping[str, Any]) -> dict[str, Any]:
    """Streams with their datasets by the last parts of their names: what leads there differs from place to place."""
    if "datasets" not in over:
        return dict(over)
    return {**over, "datasets": [PurePath(each).name or each for each in over["datasets"]]}
