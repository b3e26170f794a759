"""Floors: what detectors get that know nothing, in expectation, so that nobody takes luck for skill."""

from collections.abc import Sequence
from math import expm1, fsum, log1p

from harness.scorecard import Floor, Floors
from harness.scoring.evidence import Evidence


def floors(evidences: Sequence[Evidence]) -> Floors:
    """The floors of the detector that raised as many signals in each stream as *evidences* tell."""
    return Floors(silent=_silent(evidences), random=_random(evidences))


def _silent(evidences: Sequence[Evidence]) -> Floor:
    """A detector that raises nothing: no precision, and no recall where there was anything to find."""
    attacks = any(incident.kind == "attack" for evidence in evidences for incident in evidence.staged)
    return Floor(None, 0.0 if attacks else None)


def _random(evidences: Sequence[Evidence]) -> Floor:
    """A detector that draws as many of each stream's scored events, without replacement, a signal each.

    Each stream is drawn from by itself, as many as the rule raised there, and at most all; then all streams' draws, and
    all their attacks, are counted together. Precision is null where nothing was raised, recall where nothing is staged.

    In expectation over all draws: of its signals the share that attacks have in the events is true, and an incident of
    k events among N is found by n draws with probability 1 - C(N-k, n) / C(N, n) (hypergeometric). So attacks of many
    events are easily hit: in a small company with many of them, chance is a high bar.
    """
    drawn = [min(len(evidence.raised), evidence.watched_events) for evidence in evidences]
    told = zip(evidences, drawn, strict=True)
    true = fsum(n * e.watched_attack_events / e.watched_events for e, n in told if e.watched_events)
    found = [
        _hit(evidence.watched_events, incident.events, n)
        for evidence, n in zip(evidences, drawn, strict=True)
        for incident in evidence.staged
        if incident.kind == "attack"
    ]
    return Floor(true / sum(drawn) if sum(drawn) else None, fsum(found) / len(found) if found else None)


def _hit(events: int, own: int, drawn: int) -> float:
    """How likely *drawn* of *events* hold one of the *own*; exact also where that is next to never."""
    few, many = sorted((own, drawn))
    if few + many > events:
        return 1.0 if few else 0.0
    return -expm1(sum(log1p(-many / (events - place)) for place in range(few)))
