"""The single definition of "new".

Everything here is a pure function of integers: event times and windows are nanoseconds, choices are the small
constants below. Nothing is read from a clock, a store or a rule object, so that every engine (one event at a
time or a column of them) can call, or compile, these very functions and owe equality to nothing else.
"""

from typing import Final

UNSET: Final = -(2**63)
"""Stands for "never": earlier than every legal time by more than any window, and still an int64."""

LEARNED: Final = 0
KNOWN: Final = 1
NEW: Final = 2

NEVER_LEARN: Final = 0
"""Method `threshold` with threshold 0: every unknown value is new, from the first event on."""
FIRST_EVENT: Final = 1
"""Method `threshold` with threshold 1, or `duration` with 0 days: only a group's first event is learned."""
RULE_CLOCK: Final = 2
"""Method `duration`: learning lasts that long from the rule's start, for every group alike."""
GROUP_CLOCK: Final = 3
"""Method `duration`: learning lasts that long from each group's own first event."""

UNSEEN: Final = 0
HISTORY: Final = 1
LIVE: Final = 2


def verdict(
    t: int,
    value_last_seen: int,
    group_first_seen: int,
    rule_start: int,
    learning: int,
    duration: int,
    settled_before: int,
    forget_after: int,
) -> int:
    """The verdict on one value of one event at *t*, from what was known before it.

    *learning* is one of the four ways above, *duration* its length; *settled_before* as in `is_learning`. At exactly
    *forget_after* a value is forgotten; a late event (*t* before the last sighting) is known; what was never seen
    was forgotten before any legal time. The sum cannot leave int64 (see `detector.instant` for both).

    >>> day = 86_400
    >>> rule = dict(rule_start=0, learning=RULE_CLOCK, duration=7 * day, settled_before=UNSET, forget_after=28 * day)
    >>> verdict(7 * day, UNSET, group_first_seen=0, **rule) == NEW
    True
    >>> [verdict(days * day, 0, group_first_seen=0, **rule) for days in (27, 28)] == [KNOWN, NEW]
    True
    """
    if t < value_last_seen + forget_after:
        return KNOWN
    if is_learning(t, group_first_seen, rule_start, learning, duration, settled_before):
        return LEARNED
    return NEW


def is_learning(
    t: int, group_first_seen: int, rule_start: int, learning: int, duration: int, settled_before: int
) -> bool:
    """Whether an event at *t* falls into the learning period.

    *settled_before* is `UNSET`, or the instant at which an instantaneous baseline is complete: a clock that
    started before it has learned from history and has nothing left to learn.

    >>> is_learning(6, UNSET, 0, RULE_CLOCK, 7, UNSET), is_learning(7, UNSET, 0, RULE_CLOCK, 7, UNSET)
    (True, False)
    """
    if learning == NEVER_LEARN:
        return False
    if learning == FIRST_EVENT:
        return group_first_seen == UNSET
    start = rule_start if learning == RULE_CLOCK else group_first_seen
    if start == UNSET:
        start = t
    elif start < settled_before:
        return False
    return t < start + duration


def standing(t: int, live: bool, enabled_at: int, settled_before: int, duration: int) -> int:  # noqa: FBT001 - a fact
    """How an event at *t* stands to the moment at which the rule was enabled (`UNSET`: since ever).

    *live* says whether an event at or after that moment has arrived. Before it, events within the learning
    *duration* are history to an instantaneous baseline (*settled_before* is set); others are not seen at all.

    >>> [standing(t, False, 10, 10, 7) for t in (2, 3, 10)] == [UNSEEN, HISTORY, LIVE]
    True
    """
    if t >= enabled_at:
        return LIVE
    if live or settled_before == UNSET or t < enabled_at - duration:
        return UNSEEN
    return HISTORY


def clock_start(t: int, stands: int, enabled_at: int) -> int:
    """When the rule's clock starts if an event at *t*, which *stands* so, is the first that the rule sees.

    >>> clock_start(12, LIVE, 10), clock_start(12, LIVE, UNSET), clock_start(4, HISTORY, 10)
    (10, 12, 4)
    """
    return t if stands == HISTORY or enabled_at == UNSET else enabled_at


def remember(t: int, value_last_seen: int, found: int, fixed: bool) -> int:  # noqa: FBT001 - a fact, not a switch
    """When the value counts as last seen after an event at *t* whose verdict was *found*.

    Sliding keeps the greatest time seen; *fixed* moves it only when the value was learned anew.

    >>> remember(9, 4, KNOWN, False), remember(9, 4, KNOWN, True), remember(3, 4, KNOWN, False)
    (9, 4, 4)
    """
    if t < value_last_seen or (fixed and found == KNOWN):
        return value_last_seen
    return t


def dropped(value_last_seen: int, greatest: int, window: int) -> bool:
    """Whether a value is not remembered any longer when *greatest* has been seen: forget-after plus lateness is over.

    >>> dropped(0, 9, 10), dropped(0, 10, 10)
    (False, True)
    """
    return greatest - value_last_seen >= window
