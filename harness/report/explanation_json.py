"""Explanations as JSON: stable names, times in RFC 3339, null for what is not there.

Keys, and values that are one of a few, are in snake_case; the assumptions are called as in a rule's document.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from detector.instant import instant_text
from detector.selection import NO_GROUP, NO_VALUE, NOT_MATCHED
from harness.explain.explanation import Explanation, LearningClock, Remembered, SignalPart
from harness.explain.ignoring import Ignored
from harness.explain.inquiry import Unreadable

_REASONS: Final = {NOT_MATCHED: "not_matched", NO_GROUP: "no_group", NO_VALUE: "no_value"}


def explanations_json(told: Iterable[Explanation], unreadable: Iterable[Unreadable]) -> list[dict[str, Any]]:
    """The explanations in their order; then, by `uuid`, `verdict` and `why`, what could not be read."""
    broken = [{"uuid": each.uuid, "verdict": "ignored", "why": [each.complaint]} for each in unreadable]
    return [*map(_explanation, told), *broken]


def _explanation(told: Explanation) -> dict[str, Any]:
    return {
        "uuid": told.uuid,
        "timestamp": instant_text(told.timestamp),
        "kind": _snake(told.kind),
        "arrival": told.arrival,
        "note": None if told.ahead is None else told.ahead.note(),
        "rule": told.rule.name,
        "assumptions": told.rule.assumptions(),
        "verdict": told.outcome,
        "why": list(told.why),
        "fields": [
            {"name": each.name, "value": each.value, "read_for": list(map(_snake, each.roles))} for each in told.fields
        ],
        "group": told.group,
        "values": [{"value": each.value, "verdict": each.outcome, "why": each.why} for each in told.values],
        "ignored": None if told.ignored is None else _ignored(told.ignored),
        "signal": None if told.signal is None else _signal(told.signal),
        "learning": _clock(told.clock),
        "forget_after_days": told.rule.forget_after_days,
        "baseline": [_remembered(each) for each in told.known],
    }


def _ignored(found: Ignored) -> dict[str, Any]:
    obstacles = [{"kind": _snake(each.kind), "part": each.part, "holds": each.holds} for each in found.obstacles]
    return {"reason": _REASONS[found.reason], "obstacles": obstacles}


def _signal(part: SignalPart) -> dict[str, Any]:
    return {
        "fate": part.fate,
        "id": part.id,
        "opened_at": _time(part.opened_at),
        "matches": part.matches,
        "suppressed_by": list(part.by),
    }


def _clock(clock: LearningClock) -> dict[str, Any]:
    return {
        "active": clock.learning,
        "until": _time(clock.learning_until),
        "enabled_at": _time(clock.enabled_at),
        "rule_start": _time(clock.rule_start),
        "group_first_seen": _time(clock.group_first_seen),
    }


def _remembered(each: Remembered) -> dict[str, Any]:
    return {
        "value": each.value,
        "first_seen": _time(each.first_seen),
        "last_seen": _time(each.last_seen),
        "forgotten_at": _time(each.forgotten_at),
        "forgotten": each.forgotten,
    }


def _snake(words: str) -> str:
    return re.sub(r"[ -]", "_", words).lower()


def _time(instant: int | None) -> str | None:
    return None if instant is None else instant_text(instant)
