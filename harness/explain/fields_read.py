"""What a rule reads of an event: its kind, its fields, and what they are read for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from msgspec import UNSET

from detector.event import Event
from detector.onepassword import Projection, path_of
from detector.query import ANYWHERE, MESSAGE, compile_query
from detector.questions import fields_of
from detector.rules import NewValueRule
from detector.signals import Template
from detector.token import Scalar, Token, scalar, token
from harness.explain.clauses import Attribute

_KINDS: Final = {
    "1password-item-usages": "item usage",
    "1password-signin-attempts": "sign-in",
    "1password-audit-events": "audit event",
}


@dataclass(frozen=True, slots=True)
class FieldRead:
    """A field that the rule reads, what the event holds there, and its *roles*.

    They are among `group by`, `watched`, `query` and `message`. *compound* is `an object` or `a list` where one stands
    there, which is as good as nothing.
    """

    name: str
    value: Scalar | None
    roles: tuple[str, ...]
    compound: str | None = None


def attribute_of(event: Event) -> Attribute:
    """Reads the fields of an event that its rule names."""

    def attribute(field: str) -> Token | None:
        found: Token | None = event.lens.attribute(event.record, field)
        return found

    return attribute


def compound_of(rule: NewValueRule, event: Event) -> Callable[[str], str | None]:
    """Tells whether `an object` or `a list` stands in a field of *event* that *rule* names; None where neither does."""
    projection = _projection(frozenset(fields_of(rule)))
    kind = projection.kind(event.record)

    def compound(field: str) -> str | None:
        path = None if kind is None or field in (MESSAGE, ANYWHERE) else path_of(field, kind)
        found = None if path is None else projection.raw(path)(event.record)
        if found in (None, "", UNSET) or token(found) is not None:
            return None
        return "a list" if isinstance(found, list) else "an object"

    return compound


@lru_cache(maxsize=1)
def _projection(fields: frozenset[str]) -> Projection:
    """One of the fields that the selector keeps, which therefore reads the selector's records."""
    return Projection(fields)


def kind_of(event: Event) -> str:
    """`item usage`, `sign-in`, `audit event` or `Datadog log`."""
    is_log = event.lens.uuid_name == "id"
    return "Datadog log" if is_log else _KINDS[str(attribute_of(event)("@evt.type"))]


def fields_read(rule: NewValueRule, event: Event) -> tuple[FieldRead, ...]:
    """Each field of *event* that *rule* reads, those that decide most first."""
    queries = [rule.query, *rule.required, *rule.excluded, *rule.suppressed]
    asked = [field for query in queries for field in compile_query(query).fields]
    told = [*Template(rule.name).fields, *Template(rule.message).fields]
    roles: dict[str, list[str]] = {}
    for role, names in (("group by", rule.group_by), ("watched", rule.metrics), ("query", asked), ("message", told)):
        for name in dict.fromkeys(names):
            roles.setdefault(name, []).append(role)
    attribute, compound = attribute_of(event), compound_of(rule, event)
    return tuple(
        FieldRead(name, None if (held := attribute(name)) is None else scalar(held), tuple(own), compound(name))
        for name, own in roles.items()
        if name not in (MESSAGE, ANYWHERE)  # all of the record's text
    )
