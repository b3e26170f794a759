"""Scoring: signals against the truth.

A signal is true when one of its matches is labelled as part of an attack; an incident is found when a signal holds one
of its events. Benign look-alikes count as false. Scoring of an incident starts at its first *detectable* event (see
`harness.hindsight.Review`), else at its start; what then falls into the learning period is counted, and not scored.

Beside recall stands its oracle bound: the share of the scored attacks that have a detectable event, which is what a
rule could find at most that remembers everything. A rule that forgets may exceed it: it raises a signal again for a
value that it saw, forgot, and sees once more, and such a value is not detectable.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence

from detector.instant import instant_text, parse_instant
from harness.hindsight import Hindsight, Review
from harness.scorecard import Latency, Load, Outcome, Ratio, Scorecard, caveat
from harness.submission import UNMEASURED, SignalSeen, SummarySeen
from harness.truth import Truth
from scenarios.ground_truth import Incident


def score(signals: Sequence[SignalSeen], hindsight: Hindsight, summary: SummarySeen = UNMEASURED) -> Scorecard:
    """The figures for *signals*, whoever raised them, on the dataset of *hindsight*.

    For signals of another tool *hindsight* has to be `asked` for the events that they hold.
    """
    truth = hindsight.truth
    scored = [s for s in signals if not hindsight.covers(parse_instant(s.opened_at), [m.uuid for m in s.matches])]
    caught = truth.first_of_each_run((m.uuid, parse_instant(m.timestamp)) for s in scored for m in s.matches)
    outcomes = [_outcome(incident, hindsight.reviews[incident.run], caught) for incident in truth.incidents]
    judged = [outcome for outcome in outcomes if outcome.found is not None]
    attacks = [outcome for outcome in judged if outcome.kind == "attack"]
    others = [outcome for outcome in judged if outcome.kind != "attack"]
    return Scorecard(
        rule=hindsight.rule.name,
        precision=Ratio(sum(_is_true(signal, truth) for signal in scored), len(scored)),
        recall=Ratio(sum(bool(outcome.found) for outcome in attacks), len(attacks)),
        oracle=Ratio(sum(outcome.detectable_at is not None for outcome in attacks), len(attacks)),
        look_alikes=Ratio(sum(bool(outcome.found) for outcome in others), len(others)),
        latency=_latency(outcome.latency_seconds for outcome in attacks),
        latency_from_start=_latency(outcome.seconds_from_start for outcome in attacks),
        load=_load(len(scored), hindsight),
        unscored_signals=len(signals) - len(scored),
        unscored_incidents=len(outcomes) - len(judged),
        outcomes=outcomes,
        assumptions=hindsight.rule.assumptions(),
        throughput=summary.throughput,
        note=caveat(truth.manifest.seed),
    )


def _is_true(signal: SignalSeen, truth: Truth) -> bool:
    labels = (truth.labels.get(match.uuid) for match in signal.matches)
    return any(label is not None and label.kind == "attack" for label in labels)


def _outcome(incident: Incident, review: Review, caught: Mapping[str, int]) -> Outcome:
    found_at = None if review.learning else caught.get(incident.run)
    return Outcome(
        run=incident.run,
        scenario=incident.scenario,
        kind=incident.kind,
        actor=incident.actor,
        started_at=incident.started_at,
        detectable_at=None if review.detectable_at is None else instant_text(review.detectable_at),
        found=None if review.learning else found_at is not None,
        latency_seconds=None if found_at is None else review.latency_seconds(found_at),
        seconds_from_start=None if found_at is None else review.seconds_from_start(found_at),
    )


def _load(signals: int, hindsight: Hindsight) -> Load:
    truth = hindsight.truth
    days = hindsight.scored_days(parse_instant(truth.manifest.period.end))
    return Load(signals, days, truth.people or hindsight.seen_groups)


def _latency(taken: Iterable[float | None]) -> Latency:
    seconds = [each for each in taken if each is not None]
    if not seconds:
        return Latency(0)
    p90 = statistics.quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Latency(len(seconds), statistics.median(seconds), p90, max(seconds))
