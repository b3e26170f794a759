"""Explanations: what a rule made of one event, and everything that it knew when the event arrived."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from detector.clock import learning_kind
from detector.questions import judges_apart
from detector.rules import NewValueRule
from detector.token import Key, Scalar, scalar, scalars
from detector.verdict import GROUP_CLOCK, RULE_CLOCK
from harness.explain.ahead import Ahead
from harness.explain.fields_read import FieldRead
from harness.explain.ignoring import Ignored

Outcome: TypeAlias = Literal["new", "known", "learned", "history", "not_seen", "ignored"]
"""`history`: learned silently from before the rule was enabled; `not_seen`: it came before, and taught nothing."""
Fields: TypeAlias = Mapping[str, Scalar | None]
"""What stands in the fields of an event, None where one is absent."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One value of the event by the names of its fields, what became of it, and why: a sentence without full stop."""

    value: Fields
    outcome: Outcome
    why: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """One value of the group as it was known before the event. Times are nanoseconds since the epoch.

    *first_seen* is None where an earlier run saw it first. *last_seen* is when it was last learned, where forgetting is
    fixed. *forgotten* says whether it was when the event came; *own* whether the event has it.
    """

    value: Fields
    first_seen: int | None
    last_seen: int
    forgotten_at: int
    forgotten: bool
    own: bool


@dataclass(frozen=True, slots=True)
class LearningClock:
    """How far learning had come when the event arrived. Times are nanoseconds since the epoch.

    None: *rule_start* before the first event that the rule sees, *group_first_seen* before the group's first,
    *learning_until* where learning does not go by time, or has not begun.
    """

    enabled_at: int | None
    rule_start: int | None
    group_first_seen: int | None
    learning_until: int | None
    learning: bool


@dataclass(frozen=True, slots=True)
class SignalPart:
    """What a match did: it `opened` a signal, `joined` one, or was `suppressed` by the queries *by*.

    *matches* counts those of the signal so far; *opened_at* is in nanoseconds since the epoch.
    """

    fate: Literal["opened", "joined", "suppressed"]
    id: str | None = None
    opened_at: int | None = None
    matches: int = 0
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What *rule* made of the *arrival*-th event with this *uuid*, at *timestamp* (nanoseconds since the epoch).

    *known* is the group's whole baseline before the event, what was last seen first. *ignored* stands where
    the rule does not see the event; *group* is then None if one of its fields is absent. *ahead* is of a store that
    may know already what came of the event.
    """

    rule: NewValueRule
    uuid: str
    timestamp: int
    kind: str
    arrival: int
    fields: tuple[FieldRead, ...]
    group: Fields | None
    outcome: Outcome
    why: tuple[str, ...]
    values: tuple[Judged, ...] = ()
    ignored: Ignored | None = None
    clock: LearningClock
    known: tuple[Remembered, ...] = ()
    signal: SignalPart | None = None
    ahead: Ahead | None = None


def value_fields(rule: NewValueRule, value: Key) -> dict[str, Scalar | None]:
    """A value by the names of its fields.

    >>> from detector.rules import shipped_rule
    >>> value_fields(shipped_rule(), "export")
    {'@evt.name': 'export'}
    """
    if judges_apart(rule):
        place, _, token = value.partition(":")
        return {rule.metrics[int(place)]: scalar(token)}
    return dict(zip(rule.metrics, scalars(value, len(rule.metrics)), strict=True))


def rests_on(rule: NewValueRule) -> dict[str, str]:
    """Those of the rule's assumptions that can change a verdict of it.

    >>> from detector.rules import shipped_rule
    >>> rests_on(shipped_rule())
    {'learningScope': 'rule', 'forgetMode': 'sliding'}
    """
    told = rule.assumptions()
    idle = set() if learning_kind(rule) in (RULE_CLOCK, GROUP_CLOCK) else {"learningScope"}
    idle |= set() if len(rule.metrics) > 1 else {"multiValue"}
    return {name: value for name, value in told.items() if name not in idle}
