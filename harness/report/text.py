"""The scorecard as a table for a terminal."""

from collections.abc import Sequence

from tabulate import tabulate

from harness.durations import UNDEFINED, seconds_text
from harness.scorecard import Latency, Scorecard


def scorecard_table(card: Scorecard) -> str:
    """Each figure with the counts that it stands on."""
    rows = [*_quality(card), *_cost(card)]
    return tabulate(rows, headers=["figure", "value", "from"], disable_numparse=True) + f"\n\n{card.note}"


def _quality(card: Scorecard) -> list[Sequence[str]]:
    return [
        ("precision", _share(card.precision.value), f"{card.precision.part} true of {card.precision.of} signals"),
        ("recall", _share(card.recall.value), f"{card.recall.part} found of {card.recall.of} attack incidents"),
        (
            "oracle bound on recall",
            _share(card.oracle.value),
            f"a rule that remembers everything could find at most {card.oracle.part} of {card.oracle.of}"
            + ("; one that forgets may find more" if card.recall.part > card.oracle.part else ""),
        ),
        ("detection latency", *_latency(card.latency)),
        ("from the incident's first event", *_latency(card.latency_from_start)),
        (
            "look-alikes that raised a signal",
            _share(card.look_alikes.value),
            f"{card.look_alikes.part} of {card.look_alikes.of} harmless incidents",
        ),
    ]


def _latency(latency: Latency) -> tuple[str, str]:
    return (
        seconds_text(latency.median_seconds),
        f"median of {latency.of} found; p90 {seconds_text(latency.p90_seconds)},"
        f" max {seconds_text(latency.max_seconds)} (event time)",
    )


def _cost(card: Scorecard) -> list[Sequence[str]]:
    load = card.load
    rate = UNDEFINED if load.rate is None else f"{load.rate:.1f}"
    pace = card.throughput.events_per_second
    return [
        (
            "signals a day per 1,000 people",
            rate,
            f"{load.signals} signals, {load.days:.1f} days, {load.people:,} people",
        ),
        (
            "not scored",
            f"{card.unscored_signals} signals",
            f"and {card.unscored_incidents} incidents, in the learning period",
        ),
        ("verdicts rest on", "assumptions", ", ".join(f"{name} {value}" for name, value in card.assumptions.items())),
        ("throughput", UNDEFINED if pace is None else f"{pace:,.0f} events/s", _throughput_source(card)),
    ]


def _throughput_source(card: Scorecard) -> str:
    wall = card.throughput.wall_seconds
    return "no summary given" if wall is None else f"{wall:.2f} s of wall time, reading included"


def _share(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.1%}"
