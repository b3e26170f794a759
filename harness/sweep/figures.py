"""Figures of one setting: those of a scorecard that a sweep compares, counted without a record of each signal."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from harness.panel.evidence import Tally
from harness.scorecard import Latency, Load, Ratio
from harness.scoring.drawing import Draws, resampled
from harness.scoring.evidence import Staged
from harness.scoring.intervals import RESAMPLES, Interval, percentiles, rate_interval, ratio_interval, ratio_of
from harness.scoring.outcomes import latency, outcome


class Figures(NamedTuple):
    """Over all streams; each as `harness.scoring.score` would have it."""

    precision: Ratio
    recall: Ratio
    oracle: Ratio
    load: Load
    latency: Latency
    unscored_signals: int


def figures(tallies: Sequence[Tally], seed: int = 0) -> Figures:
    """What the streams add up to; *seed* is that of the draws behind the intervals."""
    staged = [each for tally in tallies for each in tally.staged]
    outcomes = [outcome(each, "") for each in staged if each.kind == "attack"]
    return Figures(
        precision=_precision(tallies, seed),
        recall=_recall(staged, [each.found_at is not None for each in staged], seed),
        oracle=_recall(staged, [each.detectable_at is not None for each in staged], seed),
        load=_load(tallies, seed),
        latency=latency(each.latency_seconds for each in outcomes),
        unscored_signals=sum(tally.unscored for tally in tallies),
    )


def _precision(tallies: Sequence[Tally], seed: int) -> Ratio:
    true, signals = (sum(int(getattr(tally, name).sum()) for tally in tallies) for name in ("true", "signals"))
    with_true = sum(int(np.count_nonzero(tally.true)) for tally in tallies)
    with_others = sum(int(np.count_nonzero(tally.signals - tally.true)) for tally in tallies)
    drawn = partial(_person_sums, tallies, ("true", "signals"), seed)
    return _ratio(true, signals, min(with_true, with_others), drawn)


def _recall(staged: Sequence[Staged], found: Sequence[bool], seed: int) -> Ratio:
    """Look-alikes are drawn among the attacks, as a scorecard draws them, so that both have one interval."""
    attack = np.array([each.kind == "attack" for each in staged], float)
    cells, alone = np.column_stack([np.array(found, float) * attack, attack]), np.ones(len(staged), np.int64)
    part, of = (int(count) for count in cells.sum(axis=0))
    return _ratio(part, of, min(part, of - part), partial(resampled, cells, alone, seed + 1, RESAMPLES))


def _load(tallies: Sequence[Tally], seed: int) -> Load:
    people, signals = sum(tally.people for tally in tallies), sum(int(tally.signals.sum()) for tally in tallies)
    person_days = sum(tally.days * tally.people for tally in tallies)
    lengths = {tally.days for tally in tallies}
    days = lengths.pop() if len(lengths) == 1 else person_days / people if people else 0.0
    heard = sum(int(np.count_nonzero(tally.signals)) for tally in tallies)
    rate = rate_interval(signals, person_days, heard, lambda: _drawn(_person_sums(tallies, ("signals",), seed)))
    return Load(signals, days, people, *(None if end is None else 1000 * end for end in (rate.low, rate.high)))


def _person_sums(tallies: Sequence[Tally], names: Sequence[str], seed: int) -> Draws:
    """On each draw of people the sums of these counts, and their days; those without a signal share a row."""
    cells, people = [], []
    for tally in tallies:
        everybody = max(len(tally.signals), tally.people)
        own = np.column_stack([*(getattr(tally, name) for name in names), np.zeros(len(tally.signals))])
        own = np.vstack([own, np.zeros(len(names) + 1)])
        own[:, -1] = tally.days * tally.people / max(1, everybody)
        cells.append(own)
        people.append(np.append(np.ones(len(tally.signals), np.int64), everybody - len(tally.signals)))
    return resampled(np.vstack(cells), np.concatenate(people), seed, RESAMPLES)


def _drawn(sums: Draws) -> Interval:
    """The interval of the first column over the second."""
    return percentiles(ratio_of(sums[:, 0], sums[:, 1]))


def _ratio(part: int, of: int, carriers: int, drawn: Callable[[], Draws]) -> Ratio:
    interval = ratio_interval(part, of, carriers, lambda: _drawn(drawn()))
    return Ratio(part, of, interval.low, interval.high, interval.method)
