"""Why: the sentence for what became of an event, with its dates, without a full stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from detector.clock import learning_kind
from detector.instant import DAY, SECOND, instant_text
from detector.questions import judges_apart
from detector.rules import NewValueRule
from detector.token import Scalar
from detector.verdict import FIRST_EVENT, RULE_CLOCK
from harness.explain.explanation import Fields, LearningClock, Outcome
from harness.explain.ignoring import Ignored, Obstacle
from harness.explain.spans import span_text
from harness.plain import plain

EVERYBODY: Final = "everybody"
"""The group of a rule that has no group-by field."""
_MANY_WORDS: Final = {"query": "the query asks for", "required filter": "a filter requires"}


@dataclass(frozen=True, slots=True)
class Why:
    """Tells why *rule* decided so on an event of *group* at *at* (nanoseconds), its clock being *clock*."""

    rule: NewValueRule
    group: Fields
    at: int
    clock: LearningClock

    def sentence(self, outcome: Outcome, value: Fields, last_seen: int | None) -> str:
        """What became of *value*, which was last seen then (None: never)."""
        told = with_field(self.rule, value)
        match outcome:
            case "new" if last_seen is None:
                return f"{told} was new from {self._who}: {self._never()}"
            case "new":
                return f"{told} was new again from {self._who}: {self._lost(last_seen or 0)}"
            case "known":
                return f"{told} was known from {self._who}: {self._kept(last_seen or 0)}"
            case "learned":
                lost = "" if last_seen is None else f"; {self._lost(last_seen)}"
                return f"{told} was learned of {self._who}: {self._learning()}{lost}"
            case "history":
                return f"{told} was learned of {self._who} in silence: {self._history()}"
        return f"{told} was not looked at: {self._too_early()}"

    @property
    def _who(self) -> str:
        return group_name(self.group)

    def _never(self) -> str:
        since = self.clock.group_first_seen
        if since is None:
            start = self.clock.rule_start
            if start is None or start >= self.at:
                return "nothing at all was seen of them before"
            return f"nothing at all was seen of them before, {span_text(self.at - start)} after the rule's start"
        if since >= self.at:
            return f"never seen before, though they were seen at {day_text(since)} already"
        return f"never seen in the {span_text(self.at - since)} since they were first seen ({day_text(since)})"

    def _lost(self, last_seen: int) -> str:
        until = last_seen + self._window
        return (
            f"last {self._seen} {span_text(self.at - last_seen)} before ({day_text(last_seen)}), and forgotten"
            f" {self.rule.forget_after_days} d after that ({day_text(until)})"
        )

    def _kept(self, last_seen: int) -> str:
        if last_seen > self.at:
            late = span_text(last_seen - self.at)
            return f"this event came late, when one from {late} after it ({day_text(last_seen)}) had been seen"
        ago = "at the same instant" if last_seen == self.at else f"{span_text(self.at - last_seen)} before"
        until = f"{self.rule.forget_after_days} d after that ({day_text(last_seen + self._window)})"
        besides = "; the rule was still learning, too" if self.clock.learning else ""
        return f"last {self._seen} {ago} ({day_text(last_seen)}), to be forgotten {until}{besides}"

    def _learning(self) -> str:
        if learning_kind(self.rule) == FIRST_EVENT:
            return "the rule learns the first event of each group, and this was it"
        until, days = day_text(self.clock.learning_until or 0), self.rule.learning_duration_days
        if learning_kind(self.rule) == RULE_CLOCK:
            return f"the rule learned, without a match, for its first {days} d, until {until}"
        return f"the rule learns the first {days} d of each group, without a match; of this one until {until}"

    def _history(self) -> str:
        enabled = self.clock.enabled_at or 0
        days = self.rule.learning_duration_days
        return f"the rule was enabled {self._before(enabled)}, and learns at once from the {days} d before"

    def _too_early(self) -> str:
        enabled = self.clock.enabled_at or 0
        late = self.rule.instantaneous_baseline and self.at >= enabled - self.rule.learning_duration_days * DAY
        why = ", and events from after that had arrived already" if late and self.rule.learning_duration_days else ""
        return f"the rule was enabled {self._before(enabled)}{why}"

    def _before(self, enabled: int) -> str:
        return f"{span_text(enabled - self.at)} later ({day_text(enabled)})"

    @property
    def _seen(self) -> str:
        return "learned" if self.rule.forget_mode == "fixed" else "seen"

    @property
    def _window(self) -> int:
        return self.rule.forget_after_days * DAY


def why_ignored(found: Ignored) -> list[str]:
    """A sentence for each thing that keeps a record from the rule.

    >>> from detector.selection import NO_GROUP
    >>> why_ignored(Ignored(NO_GROUP, (Obstacle("group-by field", "@usr.email", {"@usr.email": None}),)))
    ['the group-by field @usr.email is absent']
    """
    return [_why_kept_away(obstacle) for obstacle in found.obstacles]


def named(fields: Mapping[str, Scalar | None]) -> str:
    """Values as a person reads them.

    >>> named({"@evt.name": "export", "@x": True})
    '`export, true`'
    """
    return f"`{', '.join(map(scalar_text, fields.values()))}`"


def with_field(rule: NewValueRule, value: Fields) -> str:
    """A value as `named` has it, after its field where the rule judges each field by itself."""
    return f"{next(iter(value))} {named(value)}" if judges_apart(rule) else named(value)


def group_name(group: Fields) -> str:
    """A group as a person reads it."""
    return ", ".join(map(scalar_text, group.values())) or EVERYBODY


def scalar_text(value: Scalar | None) -> str:
    r"""A value as text; `absent` for none, quotes around a string that could be taken for something else.

    >>> [scalar_text(each) for each in ("export", True, 1, "1", None, "absent", "two\nlines")]
    ['export', 'true', '1', '"1"', 'absent', '"absent"', '"two\\nlines"']
    """
    if value is None:
        return "absent"
    if not isinstance(value, str):
        return str(value).lower()
    is_plain = value.isprintable() and value not in ("true", "false", "absent") and not _is_number(value)
    return value if is_plain else f'"{plain(value)}"'


def day_text(instant: int) -> str:
    """An instant to the second.

    >>> day_text(1_999_999_999)
    '1970-01-01T00:00:01Z'
    """
    return instant_text(instant - instant % SECOND)


def _why_kept_away(obstacle: Obstacle) -> str:
    holds = ", ".join(_state_of(field, value, obstacle) for field, value in obstacle.holds.items())
    so = f", but {holds}" if holds else ", but the record does not have it"
    match obstacle.kind:
        case "query" | "required filter":
            return f"{_MANY_WORDS[obstacle.kind]} `{obstacle.part}`{so}"
        case "exclusion":
            return f"it is excluded by `{obstacle.part}`" + (f": {holds}" if holds else "")
    return f"the {obstacle.kind} {_state_of(obstacle.part, None, obstacle)}"


def _state_of(field: str, value: Scalar | None, obstacle: Obstacle) -> str:
    shape = obstacle.compound.get(field)
    return f"{field} holds {shape}" if shape else f"{field} is {scalar_text(value)}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
