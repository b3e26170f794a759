"""What a rule reads of an event: its kind, its fields, and what they are read for."""

from dataclasses import dataclass
from typing import Final

from detector.event import Event
from detector.query import ANYWHERE, MESSAGE, compile_query
from detector.rules import NewValueRule
from detector.signals import Template
from detector.token import Scalar, Token, scalar
from harness.explain.clauses import Attribute

_KINDS: Final = {
    "1password-item-usages": "item usage",
    "1password-signin-attempts": "sign-in",
    "1password-audit-events": "audit event",
}


@dataclass(frozen=True, slots=True)
class FieldRead:
    """A field that the rule reads, what the event holds there, and its *roles*.

    They are among `group by`, `watched`, `query` and `message`.
    """

    name: str
    value: Scalar | None
    roles: tuple[str, ...]


def attribute_of(event: Event) -> Attribute:
    """Reads the fields of an event that its rule names."""

    def attribute(field: str) -> Token | None:
        found: Token | None = event.lens.attribute(event.record, field)
        return found

    return attribute


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
    attribute = attribute_of(event)
    return tuple(
        FieldRead(name, None if (token := attribute(name)) is None else scalar(token), tuple(own))
        for name, own in roles.items()
        if name not in (MESSAGE, ANYWHERE)  # all of the record's text
    )
