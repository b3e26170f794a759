"""Signals: the matches of one group, gathered as Datadog gathers them, and what a person reads of them."""

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

import msgspec

from detector.instant import SECOND, instant_text
from detector.rules import SEVERITIES, NewValueRule
from detector.token import Scalar

_TEMPLATE = re.compile(r"\{\{\s*(@?[\w.\-]+)\s*\}\}")
_LENIENT_ENVIRONMENTS: Final = ("staging", "test", "dev")


class Match(msgspec.Struct):
    """An event whose value was new to its group. *timestamp* is in nanoseconds since the epoch."""

    uuid: str
    timestamp: int
    group: dict[str, Scalar]
    value: dict[str, Scalar]
    item_uuid: Scalar | None
    vault_uuid: Scalar | None

    def shown(self) -> dict[str, Any]:
        """The match as JSON has it: the timestamp in RFC 3339."""
        return {**msgspec.structs.asdict(self), "timestamp": instant_text(self.timestamp)}


class Signal(msgspec.Struct):
    """What reaches a person: one or more matches of one group. Times are nanoseconds since the epoch."""

    id: str
    rule: str
    severity: str
    group: dict[str, Scalar]
    opened_at: int
    last_match_at: int
    title: str
    message: str
    matches: list[Match]

    def accepts(self, t: int, rule: NewValueRule) -> bool:
        """Whether a match at *t* belongs to this signal rather than to one of its own."""
        return (
            rule.keep_alive_seconds > 0
            and abs(t - self.last_match_at) <= rule.keep_alive_seconds * SECOND
            and abs(t - self.opened_at) <= rule.max_signal_seconds * SECOND
        )

    def add(self, match: Match) -> None:
        """Take the match in; *opened_at* is the least and *last_match_at* the greatest time of all."""
        self.matches.append(match)
        self.opened_at = min(self.opened_at, match.timestamp)
        self.last_match_at = max(self.last_match_at, match.timestamp)

    def shown(self) -> dict[str, Any]:
        """The signal as JSON has it: times in RFC 3339."""
        return {
            **msgspec.structs.asdict(self),
            "opened_at": instant_text(self.opened_at),
            "last_match_at": instant_text(self.last_match_at),
            "matches": [match.shown() for match in self.matches],
        }


def open_signal(rule: NewValueRule, match: Match, attribute: Callable[[str], Scalar | None]) -> Signal:
    """A signal with its first match; *attribute* reads the event that opens it."""
    environment = attribute("env")
    return Signal(
        id=signal_id(rule.name, match),
        rule=rule.name,
        severity=severity(rule, environment if isinstance(environment, str) else ""),
        group=match.group,
        opened_at=match.timestamp,
        last_match_at=match.timestamp,
        title=render(rule.name, attribute),
        message=render(rule.message, attribute),
        matches=[match],
    )


def signal_id(rule_name: str, match: Match) -> str:
    """32 hexadecimal digits that depend on nothing but rule name, group and the match that opened the signal."""
    return blake2b(msgspec.json.encode([rule_name, match.group, match.uuid]), digest_size=16).hexdigest()


def severity(rule: NewValueRule, environment: str) -> str:
    """The rule's severity, one level down in a lenient environment where the rule says so; info stays.

    >>> from dataclasses import replace
    >>> from detector.rules import shipped_rule
    >>> severity(replace(shipped_rule(), decrease_by_env=True), "staging-eu")
    'info'
    """
    if not (rule.decrease_by_env and environment.startswith(_LENIENT_ENVIRONMENTS)):
        return rule.severity
    return SEVERITIES[max(0, SEVERITIES.index(rule.severity) - 1)]


def render(template: str, attribute: Callable[[str], Scalar | None]) -> str:
    """Replace each `{{@field}}` by the event's value; a field that the event lacks leaves nothing.

    >>> render("{{@usr.email}}: {{@x}}!", {"@usr.email": "ada@example.com"}.get)
    'ada@example.com: !'
    """

    def value(found: re.Match[str]) -> str:
        scalar = attribute(found[1])
        if scalar is None:
            return ""
        return scalar if isinstance(scalar, str) else msgspec.json.encode(scalar).decode()

    return _TEMPLATE.sub(value, template)


def template_fields(template: str) -> set[str]:
    """The fields that a template names.

    >>> template_fields("{{@usr.email}} did {{ @evt.name }}") == {"@usr.email", "@evt.name"}
    True
    """
    return set(_TEMPLATE.findall(template))
