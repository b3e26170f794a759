"""Sightings: what a rule saw of the incidents of a drill."""

import msgspec

from harness.hindsight import Review
from scenarios.ground_truth import Incident


class Delay(msgspec.Struct, frozen=True):
    """How long a signal took, in seconds of event time: after the start of scoring, and after the first event of all.

    Scoring begins with the first event that could be told from the actor's own past. A rule that watches the same
    keys answers that one at once, so that only the second says how far the incident had come.
    """

    seconds: float
    seconds_from_start: float

    @classmethod
    def of(cls, review: Review, found_at: int) -> "Delay":
        """Return the delay of a signal whose match was at *found_at*."""
        return cls(review.latency_seconds(found_at), review.seconds_from_start(found_at))


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """One incident of a case, by its id, and what the rule saw of it.

    ``signal`` says when the earliest match in a signal came, None without one;
    ``detectable`` says whether any of its events could have been told from the actor's own past; ``knew`` is what
    the rule knew of the actor when the incident began, ``why`` what was new then, or why nothing was.
    """

    seed: int
    case: str
    run: str
    actor: str
    started_at: str
    detectable: bool
    signal: Delay | None
    knew: str
    why: str

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
            signal=None if found_at is None else Delay.of(review, found_at),
            knew=review.knew,
            why=review.why,
        )


class Round(msgspec.Struct, frozen=True):
    """The cases on the background of one seed: what the rule saw, and which cases could not be staged in full and why.

    An incident that lies before another one of the same case, by the same actor, is part of its background.
    """

    seed: int
    sightings: list[Sighting]
    not_placed: dict[str, str]
