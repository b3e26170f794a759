"""Scoring: from evidence to figures.

A signal is true when one of its matches is labelled as part of an attack; an incident is found when a signal holds one
of its events. Benign look-alikes count as false. Scoring of an incident starts at its first *detectable* event (see
`harness.hindsight.Review`), else at its start; what then falls into the learning period is counted, and not scored.

Beside recall stands its oracle bound: the share of the scored attacks that have a detectable event, which is what a
rule could find at most that remembers everything. A rule that forgets may exceed it: it raises a signal again for a
value that it saw, forgot, and sees once more, and such a value is not detectable.

Nothing is point-adjusted: that counts all of an incident's events as found with the first, and lets chance look good
(Kim et al., "Towards a Rigorous Evaluation of Time-Series Anomaly Detection", AAAI 2022).
"""

from collections.abc import Callable, Sequence
from math import fsum
from typing import Any

import msgspec
import numpy as np

from detector.rules import NewValueRule
from harness.hindsight import Hindsight
from harness.scorecard import Measure, Ranges, Ratio, Scorecard, caveat
from harness.scoring.base_rate import DEFAULT, ppv
from harness.scoring.columns import Columns, Floats
from harness.scoring.evidence import Evidence
from harness.scoring.floors import floors
from harness.scoring.intervals import UNKNOWN, Interval, Resampling, ratio_interval
from harness.scoring.judged import judged
from harness.scoring.load import by_cause, load, tenure
from harness.scoring.outcomes import by_scenario, latency, outcome, with_unscored
from harness.submission import UNMEASURED, SignalSeen, SummarySeen, Throughput


def scorecard(
    evidences: Sequence[Evidence],
    *,
    rule: NewValueRule,
    base_rate: float = DEFAULT,
    throughput: Throughput = UNMEASURED.throughput,
    stages: Sequence[Any] = (),
    note: str = "",
    seed: int = 0,
) -> Scorecard:
    """The figures of *rule* over all streams of *evidences*; *seed* is that of the draws behind the intervals.

    *base_rate* is in attack incidents per person-year; *stages* are `harness.stages.Stage`s. Raises `BaseRateError`.
    """
    columns, draws = Columns.of(evidences), Resampling(evidences, seed=seed)
    outcomes = [outcome(staged, evidence.stream) for evidence in evidences for staged in evidence.staged]
    attacks = [each for each in outcomes if each.kind == "attack"]
    return Scorecard(
        rule=rule.name,
        streams=[evidence.stream for evidence in evidences],
        **_ratios(columns, draws),
        ranges=_ranges(columns, draws),
        latency=latency(each.latency_seconds for each in attacks),
        latency_from_start=latency(each.seconds_from_start for each in attacks),
        load=load(evidences, columns, draws),
        by_cause=by_cause(columns, draws),
        tenure=tenure(columns, draws),
        ppv=ppv(evidences, base_rate, columns, draws),
        floors=floors(evidences),
        by_scenario=by_scenario(evidences),
        unscored_signals=sum(evidence.unscored_signals for evidence in evidences),
        unscored_incidents=sum(evidence.unscored_incidents for evidence in evidences),
        outcomes=outcomes,
        assumptions=rule.assumptions(),
        throughput=throughput,
        stages=stages,
        note=note,
    )


def score(
    signals: Sequence[SignalSeen],
    hindsight: Hindsight,
    summary: SummarySeen = UNMEASURED,
    base_rate: float = DEFAULT,
    stages: Sequence[Any] = (),
    stream: str = "",
) -> Scorecard:
    """The figures for *signals*, whoever raised them, on the dataset of *hindsight*; all its incidents are told.

    The name of the *stream* is that of the dataset's directory, unless it is given. For signals of another tool
    *hindsight* has to be `asked` for the events that they hold. Raises `BaseRateError`.
    """
    truth, name = hindsight.truth, stream or hindsight.truth.directory.name
    evidence = judged(signals, hindsight, name)
    card = scorecard(
        [evidence],
        rule=hindsight.rule,
        base_rate=base_rate,
        throughput=summary.throughput,
        stages=stages,
        note=caveat(truth.manifest.seed),
    )
    told = with_unscored(card.outcomes, truth.incidents, hindsight.reviews, name)
    return msgspec.structs.replace(card, outcomes=told)


def _ratios(columns: Columns, draws: Resampling) -> dict[str, Ratio]:
    attack, other = columns.attack, columns.look_alike
    of_incidents = draws.by_incident, draws.incidents_with
    return {
        "precision": _ratio(columns.true, columns.signals, draws.by_person, draws.people_with),
        "recall": _ratio(columns.found * attack, attack, *of_incidents),
        "oracle": _ratio(columns.detectable * attack, attack, *of_incidents),
        "look_alikes": _ratio(columns.found * other, other, *of_incidents),
    }


def _ratio(part: Floats, of: Floats, drawn: Any, carriers: Callable[[Floats], int]) -> Ratio:
    counts = int(part.sum()), int(of.sum())
    interval = ratio_interval(*counts, min(carriers(part), carriers(of - part)), lambda: drawn(part, of))
    return Ratio(*counts, interval.low, interval.high, interval.method)


def _ranges(columns: Columns, draws: Resampling) -> Ranges:
    precision = _mean(columns.reward, columns.signals, draws.by_person)
    return Ranges(precision, _mean(columns.covered, columns.attack, draws.by_incident))


def _mean(rewards: Floats, of: Floats, drawn: Any) -> Measure:
    """A mean over those that *of* counts; if they are all alike, a draw would promise certainty, so there is none."""
    counted = int(of.sum())
    if not counted:
        return Measure()
    own = rewards[of > 0]
    interval: Interval = UNKNOWN if np.ptp(own) == 0 else drawn(rewards, of)
    if interval.is_point:
        interval = UNKNOWN
    return Measure(fsum(own) / counted, interval.low, interval.high, counted)
