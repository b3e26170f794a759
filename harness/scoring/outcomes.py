"""Outcomes: what became of each incident, one by one and scenario by scenario, and how long it took."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from detector.instant import SECOND, instant_text
from harness.scorecard import Latency, Outcome, ScenarioRecall
from harness.scoring.evidence import Evidence, Staged
from harness.scoring.intervals import wilson
from scenarios.ground_truth import Incident

if TYPE_CHECKING:
    from harness.hindsight import Review


def outcome(staged: Staged, stream: str) -> Outcome:
    """What became of a scored incident. Who finds it before its first detectable event takes no time."""
    found, due = staged.found_at, staged.started_at if staged.detectable_at is None else staged.detectable_at
    return Outcome(
        run=staged.run,
        scenario=staged.scenario,
        kind=staged.kind,
        actor=staged.person,
        started_at=instant_text(staged.started_at),
        detectable_at=None if staged.detectable_at is None else instant_text(staged.detectable_at),
        found=found is not None,
        latency_seconds=None if found is None else max(0, found - due) / SECOND,
        seconds_from_start=None if found is None else (found - staged.started_at) / SECOND,
        stream=stream,
    )


def with_unscored(
    scored: Iterable[Outcome], incidents: Iterable[Incident], reviews: "Mapping[str, Review]", stream: str
) -> list[Outcome]:
    """What became of each of the *incidents* of a stream, in their order; *scored* may hold other streams' too."""
    known = {each.run: each for each in scored if each.stream == stream}
    return [known.get(each.run) or _unscored(each, reviews[each.run], stream) for each in incidents]


def _unscored(incident: Incident, review: "Review", stream: str) -> Outcome:
    return Outcome(
        run=incident.run,
        scenario=incident.scenario,
        kind=incident.kind,
        actor=incident.actor,
        started_at=incident.started_at,
        detectable_at=None if review.detectable_at is None else instant_text(review.detectable_at),
        found=None,
        latency_seconds=None,
        seconds_from_start=None,
        stream=stream,
    )


def latency(taken: Iterable[float | None]) -> Latency:
    """Of those that were found. The 90th percentile interpolates between the two nearest."""
    seconds = [each for each in taken if each is not None]
    if not seconds:
        return Latency(0)
    p90 = statistics.quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Latency(len(seconds), statistics.median(seconds), p90, max(seconds))


def by_scenario(evidences: Sequence[Evidence]) -> list[ScenarioRecall]:
    """Attacks first, then by name; incidents of a scenario are few, so that their intervals are Wilson's."""
    grouped: dict[tuple[str, str], list[Staged]] = {}
    for evidence in evidences:
        for staged in evidence.staged:
            grouped.setdefault((staged.kind, staged.scenario), []).append(staged)
    return [_recall(grouped[key]) for key in sorted(grouped)]


def _recall(played: Sequence[Staged]) -> ScenarioRecall:
    found = sum(each.found_at is not None for each in played)
    interval = wilson(found, len(played))
    return ScenarioRecall(
        scenario=played[0].scenario,
        kind=played[0].kind,
        incidents=len(played),
        found=found,
        detectable=sum(each.detectable_at is not None for each in played),
        low=interval.low,
        high=interval.high,
    )
