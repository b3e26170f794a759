"""Signals: the matches of one group, gathered as Datadog gathers them, and what a person reads of them."""

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UNSET

from detector.event import Event
from detector.instant import SECOND, instant_text
from detector.rules import SEVERITIES, NewValueRule
from detector.token import Scalar

_TEMPLATE = re.compile(r"\{\{\s*(@?[\w.\-]+)\s*\}\}")
Attribute: TypeAlias = Callable[[str], Scalar | None]
"""Reads a field of the event that opens a signal; None where it is absent."""
_LENIENT_ENVIRONMENTS: Final = ("staging", "test", "dev")


class Match(msgspec.Struct, gc=False):
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


class Signal(msgspec.Struct, eq=False, gc=False):
    """What reaches a person: one or more matches of one group. Times are nanoseconds since the epoch.

    Who reads matches alone reads no words, so title and message are made when they are first asked for.
    """

    id: str
    rule: str
    severity: str
    group: dict[str, Scalar]
    opened_at: int
    last_match_at: int
    _title: str = msgspec.field(name="title")
    _message: str = msgspec.field(name="message")
    matches: list[Match]
    _wording: Any = UNSET
    """Makes title and message from the event that opened the signal; UNSET once they are made, and so never stored."""

    def __eq__(self, other: object) -> bool:
        """Equal in all that is stored, whether or not the words are made."""
        return isinstance(other, Signal) and self.stored() == other.stored()

    @property
    def title(self) -> str:
        """The rule's name, its templates filled in."""
        return self._words()[0]

    @property
    def message(self) -> str:
        """The rule's message, its templates filled in."""
        return self._words()[1]

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
            "id": self.id,
            "rule": self.rule,
            "severity": self.severity,
            "group": self.group,
            "opened_at": instant_text(self.opened_at),
            "last_match_at": instant_text(self.last_match_at),
            "title": self.title,
            "message": self.message,
            "matches": [match.shown() for match in self.matches],
        }

    def stored(self) -> bytes:
        """The signal as a store keeps it: JSON with times in nanoseconds."""
        self._words()
        return msgspec.json.encode(self)

    def _words(self) -> tuple[str, str]:
        if self._wording is not UNSET:
            self._title, self._message = self._wording.words()
            self._wording = UNSET
        return self._title, self._message


class Opener:
    """Opens the signals of one rule."""

    def __init__(self, rule: NewValueRule) -> None:
        self._rule = rule
        self._title = Template(rule.name)
        self._message = Template(rule.message)

    def open(self, match: Match, event: Event) -> Signal:
        """A signal with its first match, and the event that it is of."""
        return Signal(
            id=signal_id(self._rule.name, match),
            rule=self._rule.name,
            severity=severity(self._rule, event.lens.scalars(event.record)),
            group=match.group,
            opened_at=match.timestamp,
            last_match_at=match.timestamp,
            _title="",
            _message="",
            matches=[match],
            _wording=_Wording(self._title, self._message, event),
        )


def signal_id(rule_name: str, match: Match) -> str:
    """32 hexadecimal digits that depend on nothing but rule name, group and the match that opened the signal."""
    return blake2b(msgspec.json.encode([rule_name, match.group, match.uuid]), digest_size=16).hexdigest()


def severity(rule: NewValueRule, attribute: Attribute) -> str:
    """The rule's severity, one level down in a lenient environment where the rule says so; info stays.

    >>> from dataclasses import replace
    >>> from detector.rules import shipped_rule
    >>> severity(replace(shipped_rule(), decrease_by_env=True), {"env": "staging-eu"}.get)
    'info'
    """
    if not rule.decrease_by_env:
        return rule.severity
    environment = attribute("env")
    lenient = isinstance(environment, str) and environment.startswith(_LENIENT_ENVIRONMENTS)
    return SEVERITIES[max(0, SEVERITIES.index(rule.severity) - lenient)]


class Template:
    """Text in which each `{{@field}}` stands for the event's value; a field that the event lacks leaves nothing.

    >>> template = Template("{{@usr.email}}: {{ @x }}!")
    >>> template.render({"@usr.email": "ada@example.com"}.get), template.fields
    ('ada@example.com: !', ['@usr.email', '@x'])
    """

    def __init__(self, text: str) -> None:
        self._parts = _TEMPLATE.split(text)
        self.fields = self._parts[1::2]

    def render(self, attribute: Attribute) -> str:
        """The text for one event."""
        if not self.fields:
            return self._parts[0]
        parts = self._parts.copy()
        parts[1::2] = [_text(attribute(field)) for field in self.fields]
        return "".join(parts)


class _Wording(msgspec.Struct, gc=False):
    """The words of a signal before they are made; there may be many, and Python's collector need not look at them."""

    title: Template
    message: Template
    event: Event

    def words(self) -> tuple[str, str]:
        attribute = self.event.lens.scalars(self.event.record)
        return self.title.render(attribute), self.message.render(attribute)


def _text(value: Scalar | None) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()
