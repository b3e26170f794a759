"""Keyings: what of a rule decides which rows it sees, and under which keys."""

from dataclasses import replace
from typing import Final, NamedTuple

from detector.questions import judges_apart
from detector.rules import NewValueRule

PERSON: Final = "@usr.email"
"""Who an event is of."""


class Keying(NamedTuple):
    """Rules that are equal in these see the same rows under the same codes, whatever their windows."""

    query: str
    required: tuple[str, ...]
    excluded: tuple[str, ...]
    suppressed: tuple[str, ...]
    group_by: tuple[str, ...]
    optional_group_by: bool
    metrics: tuple[str, ...]
    apart: bool
    """Whether each watched field keeps its own values."""

    @classmethod
    def of(cls, rule: NewValueRule) -> "Keying":
        """The keying of a rule."""
        return cls(
            rule.query,
            rule.required,
            rule.excluded,
            rule.suppressed,
            rule.group_by,
            rule.optional_group_by,
            rule.metrics,
            judges_apart(rule),
        )


def reading_rule(rule: NewValueRule) -> NewValueRule:
    """A rule of the same keying that reads nothing to tell of but the person."""
    return replace(rule, name="", message=f"{{{{{PERSON}}}}}", decrease_by_env=False)


def suppressing_rules(rule: NewValueRule) -> list[NewValueRule]:
    """Rules that see, of what *rule* sees, what one of its suppressions silences."""
    read = reading_rule(rule)
    return [replace(read, required=(*rule.required, query), suppressed=()) for query in rule.suppressed]
