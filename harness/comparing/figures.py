"""The figures of a comparison: those of a scorecard, side by side, and what lies between them."""

import math
from collections.abc import Sequence
from typing import Literal, Protocol

from harness.comparing.comparison import Compared, Difference, Figure, Split, Unit
from harness.comparing.pairing import Pairing, between
from harness.comparing.splitting import split
from harness.scorecard import Rate, Ratio, Scorecard
from harness.scoring.base_rate import YEAR_DAYS
from harness.scoring.columns import Columns
from harness.scoring.differences import split_interval, square_and_add
from harness.scoring.drawing import Floats
from harness.scoring.intervals import FEW, UNKNOWN, Interval, is_few, percentiles, rate_interval, ratio_of, wilson

Better = Literal["higher", "lower"] | None


class _Valued(Protocol):
    """What has a value and an interval, whatever it is made from."""

    @property
    def value(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


def figures(pairing: Pairing) -> list[Compared]:
    """All figures but the parts of the load."""
    a, b = pairing.cards
    return [
        _precision(pairing),
        _incidents(pairing, "recall", a.recall, b.recall, split(pairing.evidences, "attack")),
        _incidents(pairing, "look-alikes", a.look_alikes, b.look_alikes, split(pairing.evidences, "benign")),
        _load(pairing),
        _mean("range precision", a.ranges.precision, b.ranges.precision, pairing.of_people("reward", "signals")),
        _mean("range recall", a.ranges.recall, b.ranges.recall, pairing.of_incidents("covered", "attack")),
        _ppv(pairing),
        _latency(pairing),
    ]


def causes(pairing: Pairing) -> list[Compared]:
    """The parts of the load by what brought the signals about, the largest of both rules together first."""
    names = {cause for card in pairing.cards for cause in card.by_cause}
    parts = {name: [_part(*side, name) for side in zip(pairing.cards, pairing.columns, strict=True)] for name in names}
    ordered = sorted(parts, key=lambda name: (-sum(part.signals for part in parts[name]), name))
    held = {name: (pairing.columns[0].of_cause(name), pairing.columns[1].of_cause(name)) for name in ordered}
    return [_rates(pairing, name, parts[name], held[name], None) for name in ordered]


def _part(card: Scorecard, columns: Columns, cause: str) -> Rate:
    return card.by_cause.get(cause) or _none_of(columns.person_days)


def _none_of(person_days: float) -> Rate:
    """No signal in so many days of people, with the interval of none."""
    none = rate_interval(0, person_days, 0, lambda: UNKNOWN)
    return Rate(0, person_days, none.low, None if none.high is None else none.high * 1000)


def _precision(pairing: Pairing) -> Compared:
    a, b = (card.precision for card in pairing.cards)
    few = any(is_few(each.part, each.of) for each in (a, b))
    interval = _by_counts(a, b) if few else pairing.of_people("true", "signals")
    return _compared("precision", "share", "higher", (_share(a), _share(b)), interval)


def _incidents(pairing: Pairing, name: str, a: Ratio, b: Ratio, parted: Split) -> Compared:
    """Recall, or the look-alikes that raised a signal: of the same incidents, as far as both have scored them.

    What tells the rules apart are the incidents that only one of them found. Where those are few, which is the rule,
    draws would take four of four for proof; then counts decide.
    """
    is_recall = name == "recall"
    only_a, only_b = len(parted.only_a), len(parted.only_b)
    scored = parted.both + only_a + only_b + parted.neither
    if only_a + only_b >= FEW and not any(is_few(each.part, each.of) for each in (a, b)):
        interval = pairing.of_incidents("found", "attack" if is_recall else "look_alike")
    else:
        interval = split_interval(only_a, only_b, scored) if scored == a.of == b.of else _by_counts(a, b)
    return _compared(name, "share", "higher" if is_recall else "lower", (_share(a), _share(b)), interval)


def _by_counts(a: Ratio, b: Ratio) -> Interval:
    """By the two sides' own intervals from counts alone, whatever they are shown with."""
    if a.value is None or b.value is None:
        return UNKNOWN
    return square_and_add(a.value, wilson(a.part, a.of), b.value, wilson(b.part, b.of))


def _load(pairing: Pairing) -> Compared:
    a, b = (
        Rate(card.load.signals, columns.person_days, card.load.low, card.load.high)
        for card, columns in zip(pairing.cards, pairing.columns, strict=True)
    )
    return _rates(pairing, "load", (a, b), pairing.both("signals"), "lower")


def _rates(pairing: Pairing, name: str, rates: Sequence[Rate], held: tuple[Floats, Floats], better: Better) -> Compared:
    """*held* says of each side's signals which are meant."""
    a, b = rates
    told = (Figure(a.value, a.low, a.high, a.signals), Figure(b.value, b.low, b.high, b.signals))
    if a.value is None or b.value is None:
        return _compared(name, "rate", better, told, UNKNOWN)
    if min(a.signals, b.signals) < FEW:
        interval = square_and_add(a.value, Interval(a.low, a.high), b.value, Interval(b.low, b.high))
    else:
        sums = pairing.draws.person_sums(*enumerate(held))
        interval = between(ratio_of(sums[:, :2], sums[:, 2:]) * 1000, pairing.draws.people_apart(held))
    return _compared(name, "rate", better, told, interval)


def _mean(name: str, a: _Valued, b: _Valued, interval: Interval) -> Compared:
    told = (Figure(a.value, a.low, a.high), Figure(b.value, b.low, b.high))
    return _compared(name, "share", "higher", told, interval)


def _ppv(pairing: Pairing) -> Compared:
    """By Bayes on each draw of incidents and people; see `harness.scoring.base_rate`."""
    a, b = (columns.true_of_each(own) for columns, own in zip(pairing.columns, pairing.evidences, strict=True))
    attacks, unstaged = pairing.both("attack"), pairing.both("unstaged")
    incidents = pairing.draws.incident_sums((0, a), (1, b), *enumerate(attacks))
    people = pairing.draws.person_sums(*enumerate(unstaged))
    found = pairing.cards[0].ppv.base_rate * ratio_of(incidents[:, :2], incidents[:, 2:])
    drawn = ratio_of(found, found + ratio_of(people[:, :2], people[:, 2:]) * YEAR_DAYS)
    apart = pairing.draws.incidents_apart((a, b)) + pairing.draws.people_apart(unstaged)
    return _mean("PPV", pairing.cards[0].ppv, pairing.cards[1].ppv, between(drawn, apart))


def _latency(pairing: Pairing) -> Compared:
    a, b = (
        [math.inf if each.latency_seconds is None or each.kind != "attack" else each.latency_seconds for each in own]
        for own in (card.outcomes for card in pairing.cards)
    )
    drawn = pairing.draws.incident_medians((0, a), (1, b))
    ends = [percentiles(drawn[:, side]) for side in (0, 1)]
    latencies = [card.latency for card in pairing.cards]
    told = [
        Figure(each.median_seconds, end.low, end.high, of=each.of) for each, end in zip(latencies, ends, strict=True)
    ]
    interval = between(drawn, pairing.draws.incidents_apart((a, b)))
    return _compared("median latency", "seconds", "lower", told, interval)


def _share(ratio: Ratio) -> Figure:
    return Figure(ratio.value, ratio.low, ratio.high, ratio.part, ratio.of)


def _compared(name: str, unit: Unit, better: Better, sides: Sequence[Figure], interval: Interval) -> Compared:
    a, b = sides
    if a.value is None or b.value is None:
        return Compared(name, unit, better, a, b, Difference())
    method = interval.method if interval.method in ("bootstrap", "square-and-add") else None
    told = Difference(b.value - a.value, interval.low, interval.high, method, interval.excludes(0))
    return Compared(name, unit, better, a, b, told)
