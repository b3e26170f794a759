"""What a rule groups by and what it watches."""

from collections.abc import Iterator, Sequence
from typing import Final

from detector.conjunction import conjunction
from detector.lints.page import Finding, Page
from detector.onepassword import constant
from detector.reach import kinds_seen
from detector.rules import NewValueRule

_GROUP_BY: Final = "queries.0.groupByFields"
_METRICS: Final = "queries.0.metrics"


def keys(page: Page) -> Iterator[Finding]:
    """Yield what is wrong with group-by and metrics."""
    rule = page.rule
    for field in dict.fromkeys(rule.metrics):
        if field in rule.group_by:
            yield page.on(
                _METRICS,
                "group-is-metric",
                f"{field} is group-by and metric: each group has one value of it, so only a new group's events are new",
            )
    for place, fields in ((_GROUP_BY, rule.group_by), (_METRICS, rule.metrics)):
        for field in _repeated(fields):
            yield page.on(place, "repeated-field", f"{field} is given twice")
    for field in dict.fromkeys(rule.metrics):
        if (only := _only_value(rule, field)) is not None:
            yield page.on(_METRICS, "constant-metric", f"{field} is {only} in every event that the rule sees")
    for field in dict.fromkeys(rule.group_by):
        if (only := _only_value(rule, field)) is not None:
            yield page.on(_GROUP_BY, "constant-group", f"{field} is {only} in every event that the rule sees")


def _repeated(fields: Sequence[str]) -> list[str]:
    return [field for field in dict.fromkeys(fields) if fields.count(field) > 1]


def _only_value(rule: NewValueRule, field: str) -> str | None:
    """The value that *field* has in all events, by the queries or by the kind of records that they select."""
    for query in (rule.query, *rule.required):
        for term in conjunction(query) or ():
            if term.field == field and term.pinned is not None:
                return term.pinned
    fixed = {constant(field, kind) for kind in kinds_seen(rule)}
    return fixed.pop() if len(fixed) == 1 else None
