"""The baseline over time: what a rule remembered of whom and when, as the report draws it."""

from typing import Final

import msgspec

MOST_PEOPLE: Final = 60
"""So many groups are drawn one by one; the others are in the line of everybody."""
MOST_VALUES: Final = 12
"""So many values are drawn, those that most groups have shown; the others are counted."""


class NewValue(msgspec.Struct, frozen=True):
    """A match: when, in days since the beginning, and what its event was staged as, None for nothing staged."""

    day: float
    kind: str | None


class Memory(msgspec.Struct, frozen=True):
    """What the rule remembered of one value in one group. Times are days since the beginning."""

    events: int
    remembered: list[tuple[float, float]]
    """From when until when, in order."""
    new: list[NewValue]


class Group(msgspec.Struct, frozen=True):
    """One group, mostly a person: its memories by value, those of the drawn values only."""

    name: str
    events: int
    memories: dict[str, Memory]
    signals: int
    """Matches of all values."""
    staged: list[str]
    """The kinds of what was staged in it: attack, benign."""


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """Groups by values over time."""

    stream: str
    begin: int
    """Nanoseconds since the epoch."""
    days: int
    learned_after: float
    """Days that the rule's own clock learns from its first event; 0 where it has none."""
    noun: str
    """What a group is: a person, or the fields that the rule groups by."""
    values: list[str]
    unshown_values: int
    groups: list[Group]
    """Those with something staged first, then those with signals, then the busiest."""
    of: int
    """How many groups there are in all."""
    everybody: dict[str, list[float]]
    """By value: the share of all groups of which the rule remembered it at the end of each day."""
