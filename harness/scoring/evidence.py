"""Evidence: what was raised and what was staged in one stream, with all that a figure of the scorecard is made from.

Whoever produces it, from a file of signals or from columns, has joined signals and truth already: nothing after this
needs a record, a label or a uuid. Figures are functions of evidence alone, so that they can be computed again on any
resample of it.
"""

from typing import Final, Literal

import msgspec

Cause = str
"""`ATTACK`, `LOOK_ALIKE`, `FORGOTTEN`, `HABIT`, or a process of causes.ndjson: joiner, leaver, role-change ..."""
ATTACK: Final = "attack"
LOOK_ALIKE: Final = "look-alike"
"""A staged harmless incident."""
FORGOTTEN: Final = "forgotten"
"""A value that the group had shown before, and the rule no longer knew."""
HABIT: Final = "habit"
"""A value that the group had never shown, and nothing that anybody knows of brought it about."""
TENURE_DAYS: Final = 30
"""So long somebody counts as new."""


class Raised(msgspec.Struct, frozen=True):
    """A scored signal."""

    person: str
    """Who its first event is of: the `@usr.email`, else the group in words. Unique within the stream."""
    opened_at: int
    """Nanoseconds since the epoch."""
    cause: Cause
    """The first that holds: an attack's event is among its matches; a staged harmless one is; a process brought about
    the earliest match that any did; its first match has a forgotten value; plain habit."""
    run: str | None
    """The staged incident, of an attack first, one of whose events is among its matches."""
    is_new_person: bool
    """Whether the person was seen for the first time less than `TENURE_DAYS` before, and after the learning period."""
    reward: float
    """Its range-based precision, from 0 to 1: see `harness.scoring.ranges`."""


class Staged(msgspec.Struct, frozen=True):
    """A scored incident. Times are nanoseconds since the epoch."""

    run: str
    scenario: str
    kind: Literal["attack", "benign"]
    person: str
    """The actor's email."""
    started_at: int
    detectable_at: int | None
    """When the first of its events, in arrival order, happened that has a value which its group showed in no earlier
    event, in arrival order too, but the incident's own. Where events come late, another may have happened before it."""
    found_at: int | None
    """The earliest of its events in a signal."""
    events: int
    """How many of its events the rule saw in scored time."""
    reward: float
    """Its range-based recall, from 0 to 1: see `harness.scoring.ranges`."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One rule on one stream."""

    stream: str
    """A name for it, unique among those that are scored together: `seed 3`, a directory."""
    raised: list[Raised]
    """In the order of their opening."""
    staged: list[Staged]
    unscored_signals: int
    """In the learning period, or before the rule was enabled."""
    unscored_incidents: int
    days: float
    """Of scored time."""
    people: int
    new_person_days: float
    """Days of scored time that people spent in their first `TENURE_DAYS`, all together."""
    watched_events: int
    """That the rule saw in scored time."""
    watched_attack_events: int
    """Those of them that are an attack's."""
