"""The scorecard as tables for a terminal: what was found and how sure that is, what it costs, what it has to beat."""

from collections.abc import Sequence
from typing import Final

from tabulate import tabulate

from harness.durations import UNDEFINED, seconds_text
from harness.report.columns import hanging, paragraph
from harness.report.stages import stages_table
from harness.scorecard import Latency, Measure, PredictiveValue, Rate, Ratio, Scorecard
from harness.scoring.evidence import ATTACK, FORGOTTEN, HABIT, LOOK_ALIKE, TENURE_DAYS

_CAUSES: Final = {
    ATTACK: "staged attacks",
    LOOK_ALIKE: "staged look-alikes",
    FORGOTTEN: "forgotten values",
    HABIT: "plain habit",
}
"""Other causes go by the name of their process."""
_SMALL: Final = 0.01
"""Smaller shares are told to two digits that count."""


def scorecard_table(card: Scorecard) -> str:
    """Each figure with the counts that it stands on and the interval in which it lies; at last what it cannot say."""
    told = [_found(card), _load(card), _circumstances(card), stages_table(card.stages), paragraph(card.note)]
    return "\n\n".join(filter(None, told))


def _found(card: Scorecard) -> str:
    rows = [*_signals(card), *_incidents(card), *_events(card)]
    return tabulate(rows, headers=["figure", "value (95 % interval)", "from"], disable_numparse=True)


def _signals(card: Scorecard) -> list[Sequence[str]]:
    precision, ppv = card.precision, card.ppv
    return [
        ("precision of signals", _sure(precision), f"{precision.part} true of {precision.of} signals"),
        ("precision at the base rate", _sure(ppv), f"{ppv.base_rate:g} attacks in a person-year"),
    ]


def _incidents(card: Scorecard) -> list[Sequence[str]]:
    recall, oracle, others = card.recall, card.oracle, card.look_alikes
    return [
        ("recall of incidents", _sure(recall), f"{recall.part} found of {recall.of} attack incidents"),
        ("oracle bound on recall", _sure(oracle), f"{oracle.part} of {oracle.of} for a perfect memory"),
        ("look-alikes raising a signal", _sure(others), f"{others.part} of {others.of} harmless incidents"),
        ("detection latency", *_latency(card.latency)),
        ("counted from its first event", *_latency(card.latency_from_start)),
    ]


def _latency(latency: Latency) -> tuple[str, str]:
    p90, longest = seconds_text(latency.p90_seconds), seconds_text(latency.max_seconds)
    return seconds_text(latency.median_seconds), f"median of {latency.of}; p90 {p90}, max {longest}"


def _events(card: Scorecard) -> list[Sequence[str]]:
    precision, recall = card.ranges.precision, card.ranges.recall
    return [
        ("range precision of events", _sure(precision), f"mean over {precision.of} signals"),
        ("range recall of events", _sure(recall), f"mean over {recall.of} attack incidents"),
    ]


def _load(card: Scorecard) -> str:
    """The load and its parts, each with its share of the signals."""
    whole = card.load
    everything = Rate(whole.signals, whole.days * whole.people, whole.low, whole.high)
    parts = {
        "all signals": everything,
        f"people in their first {TENURE_DAYS} days": card.tenure.new,
        "everybody else": card.tenure.settled,
        **{f"cause: {_CAUSES.get(cause, cause)}": rate for cause, rate in card.by_cause.items()},
    }
    return tabulate(
        [_rate(name, rate, whole.signals) for name, rate in parts.items()],
        headers=["load", "signals", "share", "a day per 1,000 people", "95 % interval"],
        colalign=("left", "right", "right", "right", "left"),
        disable_numparse=True,
    )


def _rate(name: str, rate: Rate, whole: int) -> Sequence[str]:
    value = UNDEFINED if rate.value is None else _amount(rate.value)
    ends = "" if rate.low is None or rate.high is None else f"{_amount(rate.low)} to {_amount(rate.high)}"
    return name, f"{rate.signals:,}", _part(rate.signals, whole), value, ends


def _part(part: int, whole: int) -> str:
    """In full percents, but never nothing for something.

    >>> _part(1, 3), _part(1, 877), _part(0, 877), _part(0, 0)
    ('33%', '<1%', '0%', '-')
    """
    if not whole:
        return "-"
    return "<1%" if 0 < part / whole < 0.005 else f"{part / whole:.0%}"


def _amount(value: float) -> str:
    """One decimal, or two digits of what is less than one.

    >>> _amount(29.84), _amount(0.0312), _amount(0)
    ('29.8', '0.031', '0.0')
    """
    return f"{value:.1f}" if value >= 0.95 or not value else f"{value:.2g}"


def _circumstances(card: Scorecard) -> str:
    random, silent = card.floors.random, card.floors.silent
    precision = f"{_share(random.precision)}{_unbeaten(card.precision.value, random.precision)}"
    recall = f"{_share(random.recall)}{_unbeaten(card.recall.value, random.recall)}"
    chance = f"as many signals at random: precision {precision}, recall {recall}"
    told = [
        ("scored", f"{card.load.days:.1f} days of {card.load.people:,} people{_streams(card)}"),
        ("not scored", f"{card.unscored_signals} signals and {card.unscored_incidents} incidents, in learning"),
        ("to beat", f"{chance}; silence: recall {_share(silent.recall)}"),
        *_bound(card),
        ("rests on", ", ".join(f"{name} {value}" for name, value in card.assumptions.items())),
        ("throughput", _throughput(card)),
    ]
    widest = max(len(name) for name, _ in told) + 2
    return "\n".join(hanging(f"{name:<{widest}}", text) for name, text in told)


def _unbeaten(reached: float | None, floor: float | None) -> str:
    return " (not beaten)" if reached is not None and floor is not None and reached <= floor else ""


def _streams(card: Scorecard) -> str:
    return f", in {len(card.streams)} streams" if len(card.streams) > 1 else ""


def _bound(card: Scorecard) -> list[tuple[str, str]]:
    """Why recall exceeds its bound, where it does."""
    if card.recall.part <= card.oracle.part:
        return []
    return [("bound", "may be exceeded by a rule that forgets: it raises signals for what it saw before")]


def _throughput(card: Scorecard) -> str:
    pace, wall = card.throughput.events_per_second, card.throughput.wall_seconds
    if pace is None:
        return f"{UNDEFINED}: no summary given"
    return f"{pace:,.0f} events/s" + ("" if wall is None else f", {wall:.2f} s of wall time, reading included")


def _sure(figure: Ratio | Measure | PredictiveValue) -> str:
    if figure.low is None or figure.high is None:
        return _share(figure.value)
    low, high = _share(figure.low).removesuffix("%"), _share(figure.high).removesuffix("%")
    return f"{_share(figure.value)} ({low} to {high})"


def _share(value: float | None) -> str:
    """A share in percent.

    >>> _share(0.6087), _share(0.00055), _share(0.0), _share(None)
    ('60.9%', '0.055%', '0.0%', 'undefined')
    """
    if value is None:
        return UNDEFINED
    return f"{value * 100:.2g}%" if 0 < value < _SMALL else f"{value:.1%}"
