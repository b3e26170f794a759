"""The scorecard as a table for a terminal."""

from collections.abc import Sequence

from tabulate import tabulate

from harness.scorecard import Latency, Scorecard

UNDEFINED = "undefined"
_TENS = 10


def scorecard_table(card: Scorecard) -> str:
    """Each figure with the counts that it stands on."""
    rows = [*_quality(card), *_cost(card)]
    return tabulate(rows, headers=["figure", "value", "from"], disable_numparse=True) + f"\n\n{card.note}"


def seconds_text(seconds: float | None) -> str:
    """A duration as a person says it.

    >>> seconds_text(0), seconds_text(0.5), seconds_text(14.3), seconds_text(90), seconds_text(3 * 86400)
    ('0 s', '0.5 s', '14 s', '1.5 min', '3.0 d')
    """
    if seconds is None:
        return UNDEFINED
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s" if not seconds or seconds >= _TENS else f"{seconds:.1f} s"


def delay_text(seconds: float, seconds_from_start: float) -> str:
    """When a signal came: after the begin of scoring, and how far into the incident that is.

    >>> delay_text(0, 120)
    '0 s, 2.0 min into it'
    """
    return f"{seconds_text(seconds)}, {seconds_text(seconds_from_start)} into it"


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
