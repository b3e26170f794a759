"""Sightings: what a rule saw of the incidents of a drill."""

import msgspec

from harness.hindsight import Review
from scenarios.ground_truth import Incident


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """One incident of a case, by its id, and what the rule saw of it.

    ``signal_after_seconds`` counts from the begin of scoring to the earliest match in a signal, None without one;
    ``detectable`` says whether any of its events could have been told from the actor's own past; ``knew`` is what
    the rule knew of the actor when the incident began.
    """

    seed: int
    case: str
    run: str
    actor: str
    started_at: str
    detectable: bool
    signal_after_seconds: float | None
    knew: str

    @classmethod
    def of(cls, seed: int, case: str, incident: Incident, review: Review) -> "Sighting":
        """Return what *review* says of *incident*, in which *case* was played."""
        found_at = review.signalled_at
        return cls(
            seed=seed,
            case=case,
            run=incident.run,
            actor=incident.actor,
            started_at=incident.started_at,
            detectable=review.detectable_at is not None,
            signal_after_seconds=None if found_at is None else review.latency_seconds(found_at),
            knew=review.knew,
        )


class Round(msgspec.Struct, frozen=True):
    """The cases on the background of one seed: what the rule saw, and which cases could not be staged in full and why.

    An incident that lies before another one of the same case, by the same actor, is part of its background.
    """

    seed: int
    sightings: list[Sighting]
    not_placed: dict[str, str]
