"""Ignoring: why a rule does not see a record, down to the part of the query or the field that decides it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from detector.event import Event
from detector.query import ANYWHERE, MESSAGE, compile_query
from detector.rules import NewValueRule
from detector.selection import NO_GROUP, NO_VALUE, NOT_MATCHED
from detector.token import Scalar, scalar
from harness.explain.clauses import Attribute, failing
from harness.explain.fields_read import attribute_of, compound_of

_TEXTS: Final = (MESSAGE, ANYWHERE)
"""Fields that stand for all of a record's text, which would explain nothing."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a record from the rule: a *part* of it, and what the record *holds* there, None where that is absent.

    *kind* says what the part is: `query`, `required filter`, `exclusion`, `group-by field` or `watched field`.
    *compound* has those of the fields that hold `an object` or `a list`, which is as good as nothing.
    """

    kind: str
    part: str
    holds: Mapping[str, Scalar | None]
    compound: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ignored:
    """Why a rule does not see a record: the *reason* under which `detect` counts it, and each *obstacle*."""

    reason: str
    obstacles: tuple[Obstacle, ...]


def ignored(rule: NewValueRule, event: Event) -> Ignored:
    """Why *rule* does not see a record that its selector gave as an *event* without group or values."""
    found = _ignored(rule, event)
    compound = compound_of(rule, event)
    return replace(found, obstacles=tuple(_with_compounds(each, compound) for each in found.obstacles))


def excluding(queries: tuple[str, ...], attribute: Attribute) -> list[str]:
    """Those of the *queries* that an event matches."""
    return [text for text in queries if not failing(text, attribute)]


def _ignored(rule: NewValueRule, event: Event) -> Ignored:
    attribute = attribute_of(event)
    if obstacles := tuple(_unmatched(rule, attribute)):
        return Ignored(NOT_MATCHED, obstacles)
    if not event.group:
        return Ignored(NO_GROUP, _absent("group-by field", rule.group_by, attribute))
    return Ignored(NO_VALUE, _absent("watched field", rule.metrics, attribute))


def _with_compounds(obstacle: Obstacle, compound: Callable[[str], str | None]) -> Obstacle:
    told = {name: compound(name) for name in obstacle.holds}
    return replace(obstacle, compound={name: shape for name, shape in told.items() if shape})


def _unmatched(rule: NewValueRule, attribute: Attribute) -> Iterator[Obstacle]:
    wanted = [("query", rule.query), *(("required filter", text) for text in rule.required)]
    for kind, text in wanted:
        for clause in failing(text, attribute):
            yield Obstacle(kind, clause.text, _held(clause.fields, attribute))
    for text in excluding(rule.excluded, attribute):
        yield Obstacle("exclusion", text, _held(compile_query(text).fields, attribute))


def _absent(kind: str, fields: tuple[str, ...], attribute: Attribute) -> tuple[Obstacle, ...]:
    return tuple(Obstacle(kind, field, {field: None}) for field in fields if attribute(field) is None)


def _held(fields: tuple[str, ...], attribute: Attribute) -> dict[str, Scalar | None]:
    tokens = {field: attribute(field) for field in fields if field not in _TEXTS}
    return {field: None if token is None else scalar(token) for field, token in tokens.items()}
