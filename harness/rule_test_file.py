"""The tests in a rule's file: ordered events, and what the rule has to make of each.

tests:
  - name: An action not done for 28 days raises a signal again
    start: 2026-01-05T09:00:00Z
    events:
      - {at: 0d, user.email: ana@example.com, action: fill, expect: learned}
      - {at: 8d, user.email: ana@example.com, action: fill, expect: known}
      - {at: 37d, user.email: ana@example.com, action: fill, expect: new, signal: opens}
"""

import json
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from msgspec import Meta, Struct

from detector.instant import DAY, LAST_YEAR, InstantError, instant_text, parse_instant
from harness.rehearsal import SignalFate, Verdict
from harness.sample_record import FieldError, sample_record
from scenarios.document import Document
from scenarios.duration import Duration
from scenarios.mismatch import Keys, Mismatch, shown
from scenarios.step import Part, Prose
from scenarios.strict_yaml import YamlError, tree

DEFAULT_START: Final = "2026-01-05T09:00:00Z"
_OURS: Final = ("at", "timestamp", "expect", "signal")


class RuleTestError(ValueError):
    """A rule's tests cannot be read; the text is one line with file, line, field, found and legal."""


class Expected(Struct, frozen=True, kw_only=True):
    """What an event must become; *signal* None: whatever it does to signals is fine."""

    expect: Verdict
    signal: SignalFate | None = None


class RuleEvent(NamedTuple):
    """One event of a test: the line it is written on, its record as JSON, and what is expected of it."""

    line: int
    record: bytes
    expected: Expected


class RuleCase(NamedTuple):
    """One test of a rule, on the *line* of its file; *enabled_at* in nanoseconds since the epoch, or None."""

    name: str
    line: int
    enabled_at: int | None
    events: list[RuleEvent]


class _Written(Part, frozen=True, kw_only=True):
    """A test as it is written.

    *start* is an RFC 3339 time; *enabled_at*, when the rule was enabled, is one too, or a duration after the start.
    """

    name: Prose
    start: str = DEFAULT_START
    enabled_at: str | None = None
    events: Annotated[tuple[dict[str, Any], ...], Meta(min_length=1, description="a list of at least one event")]


def read_rule_tests(path: Path) -> list[RuleCase]:
    """The tests in the rule's file *path*, YAML or JSON, in their order; none where it has no `tests`.

    Raises `RuleTestError`, or the one-line error of a document.
    """
    document = _document(path)
    tests = document.value.get("tests") if isinstance(document.value, dict) else None
    written = document.convert(tests or (), tuple[_Written, ...], ("tests",))
    return [_case(document, test, ("tests", number)) for number, test in enumerate(written)]


def _document(path: Path) -> Document:
    """The file as a document; JSON may hold tabs, which YAML would refuse."""
    text = path.read_bytes().decode("utf-8-sig", "replace")
    if not text.lstrip().startswith("{"):
        return Document.read(path)
    try:
        return Document(path, text, json.loads(text), tree(text.replace("\t", " ")))
    except json.JSONDecodeError:
        return Document.read(path)  # YAML may begin so, too
    except YamlError as error:
        raise RuleTestError(f"{path}:{error.line}: document: found {error.found}; legal: {error.legal}") from None


def _case(document: Document, test: _Written, keys: Keys) -> RuleCase:
    start = _instant(document, test.start, (*keys, "start"))
    enabled_at = None if test.enabled_at is None else _after(document, test.enabled_at, start, (*keys, "enabled_at"))
    events = [
        _event(document, event, start, number, (*keys, "events", number - 1))
        for number, event in enumerate(test.events, 1)
    ]
    return RuleCase(test.name, document.line(keys), enabled_at, events)


def _event(document: Document, event: dict[str, Any], start: int, number: int, keys: Keys) -> RuleEvent:
    expected = document.convert({name: event[name] for name in ("expect", "signal") if name in event}, Expected, keys)
    if expected.signal in ("opens", "joins") and expected.expect != "new":
        legal = "none, since only what is new raises a signal"
        raise document.complaint(Mismatch((*keys, "signal"), shown(expected.signal), legal))
    timestamp = _timestamp(document, event, start, keys)
    return RuleEvent(document.line(keys), _record(document, event, number, timestamp, keys), expected)


def _record(document: Document, event: dict[str, Any], number: int, timestamp: str, keys: Keys) -> bytes:
    try:
        return sample_record({name: event[name] for name in event if name not in _OURS}, number, timestamp)
    except FieldError as error:
        raise document.complaint(Mismatch((*keys, error.field), error.found, error.legal)) from None
    except UnicodeEncodeError:
        raise document.complaint(Mismatch(keys, "half a surrogate pair, which is no text", "text")) from None


def _timestamp(document: Document, event: dict[str, Any], start: int, keys: Keys) -> str:
    given = [name for name in ("at", "timestamp") if name in event]
    if len(given) != 1:
        raise document.complaint(Mismatch((*keys, "at"), " and ".join(given) or "nothing", "either at or timestamp"))
    if given == ["timestamp"]:
        _instant(document, event["timestamp"], (*keys, "timestamp"))
        return str(event["timestamp"])
    return _later(document, document.convert(event["at"], Duration, (*keys, "at")), start, (*keys, "at"))


def _after(document: Document, written: str, start: int, keys: Keys) -> int:
    """A time, or a duration after *start*."""
    try:
        length = Duration.parse(written)
    except ValueError:
        return _instant(document, written, keys)
    return parse_instant(_later(document, length, start, keys))


def _later(document: Document, length: Duration, start: int, keys: Keys) -> str:
    """The time so long after *start*."""
    try:
        text = instant_text(start + length)
        parse_instant(text)
    except (OverflowError, InstantError):
        raise document.complaint(Mismatch(keys, shown(f"{length // DAY}d"), f"until the year {LAST_YEAR}")) from None
    return text


def _instant(document: Document, written: object, keys: Keys) -> int:
    try:
        return parse_instant(str(written))
    except InstantError:
        legal = f"RFC 3339, such as {DEFAULT_START}"
        raise document.complaint(Mismatch(keys, shown(written), legal)) from None
