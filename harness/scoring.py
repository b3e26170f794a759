"""Scoring: signals against the truth.

A signal is true when one of its matches is labelled as part of an attack; an incident is found when a signal holds one
of its events. Benign look-alikes count as false. What falls into the learning period is counted, and not scored.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence

from detector.instant import SECOND, parse_instant
from harness.scorecard import Latency, Load, Outcome, Ratio, Scorecard
from harness.submission import UNMEASURED, SignalSeen, SummarySeen
from harness.truth import LearningPeriod, Truth, incident_instant
from scenarios.ground_truth import Incident


def score(
    signals: Sequence[SignalSeen], truth: Truth, learning: LearningPeriod, summary: SummarySeen = UNMEASURED
) -> Scorecard:
    """The figures for *signals* on the dataset of *truth*."""
    scored = [s for s in signals if not learning.covers(parse_instant(s.opened_at), [m.uuid for m in s.matches])]
    caught = _first_catches(scored, truth)
    outcomes = [_outcome(incident, caught, truth, learning) for incident in truth.incidents]
    judged = [outcome for outcome in outcomes if outcome.found is not None]
    attacks = [outcome for outcome in judged if outcome.kind == "attack"]
    others = [outcome for outcome in judged if outcome.kind != "attack"]
    return Scorecard(
        rule=learning.rule.name,
        precision=Ratio(sum(_is_true(signal, truth) for signal in scored), len(scored)),
        recall=Ratio(sum(bool(outcome.found) for outcome in attacks), len(attacks)),
        look_alikes=Ratio(sum(bool(outcome.found) for outcome in others), len(others)),
        latency=_latency([o.latency_seconds for o in attacks if o.latency_seconds is not None]),
        load=Load(
            len(scored),
            learning.scored_days(parse_instant(truth.manifest.period.end)),
            truth.people or learning.seen_groups,
        ),
        unscored_signals=len(signals) - len(scored),
        unscored_incidents=len(outcomes) - len(judged),
        outcomes=outcomes,
        assumptions=learning.rule.assumptions(),
        throughput=summary.throughput,
    )


def interesting(signals: Iterable[SignalSeen], truth: Truth) -> set[str]:
    """The events whose groups scoring has to know."""
    return {match.uuid for signal in signals for match in signal.matches} | set(truth.labels)


def _first_catches(signals: Iterable[SignalSeen], truth: Truth) -> dict[str, int]:
    """For each run that a signal holds an event of, the time of the earliest such match (nanoseconds)."""
    caught: dict[str, int] = {}
    for signal in signals:
        for match in signal.matches:
            label = truth.labels.get(match.uuid)
            if label is not None:
                t = parse_instant(match.timestamp)
                caught[label.run] = min(t, caught.get(label.run, t))
    return caught


def _is_true(signal: SignalSeen, truth: Truth) -> bool:
    labels = (truth.labels.get(match.uuid) for match in signal.matches)
    return any(label is not None and label.kind == "attack" for label in labels)


def _outcome(incident: Incident, caught: Mapping[str, int], truth: Truth, learning: LearningPeriod) -> Outcome:
    start = incident_instant(incident)
    unscored = learning.covers(start, truth.events_of(incident.run))
    found_at = caught.get(incident.run)
    return Outcome(
        run=incident.run,
        scenario=incident.scenario,
        kind=incident.kind,
        actor=incident.actor,
        started_at=incident.started_at,
        found=None if unscored else found_at is not None,
        latency_seconds=None if unscored or found_at is None else (found_at - start) / SECOND,
    )


def _latency(seconds: list[float]) -> Latency:
    if not seconds:
        return Latency(0)
    p90 = statistics.quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Latency(len(seconds), statistics.median(seconds), p90, max(seconds))
