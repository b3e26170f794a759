"""Selection: one JSON object in, one event out, or the reason why the rule does not see it."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec import UNSET

from detector.event import Event
from detector.instant import InstantError, InstantReader, parse_instant
from detector.onepassword import Getter, Kind, Projection, Record, constant
from detector.query import Predicate, compile_query
from detector.rules import NewValueRule
from detector.signals import template_fields
from detector.token import NOT_AVAILABLE, Key, Token, key_of

NOT_MATCHED: Final = "does not match the query"
NO_GROUP: Final = "a group-by field is absent"
NO_VALUE: Final = "the watched fields are absent"

_ITEM_FIELDS: Final = ("@item_uuid", "@vault_uuid")
_ANSWERS_KEPT: Final = 50_000
_uuid_shape = re.compile(r"[A-Za-z2-7]{26}").fullmatch  # twice as quick as ignoring case
T = TypeVar("T")


class RecordError(ValueError):
    """The text is not a record; the message is `field: found ...; legal: ...`."""


class NotARecord(RecordError):  # noqa: N818 - it may still be a page of records
    """The JSON is readable but is none of the known records."""


class Selector:
    """Turns records into the events that one rule sees, counting what it passes over and why.

    >>> from detector.rules import shipped_rule
    >>> selector = Selector(shipped_rule())
    >>> event = selector.select(
    ...     b'{"uuid":"56YE2TYN2VFYRLNSHKPW5NVT5E","timestamp":"2026-01-05T09:00:00Z","item_uuid":"i",'
    ...     b'"vault_uuid":"v","action":"reveal","user":{"email":"ada@example.com"}}'
    ... )
    >>> event.group, event.values
    ('ada@example.com', ('reveal',))
    """

    def __init__(self, rule: NewValueRule) -> None:
        self.read = 0
        self.ignored: Counter[str] = Counter()
        self._projection = Projection(_fields(rule))
        self._decode = self._projection.decode
        self._lenses = [Lens(rule, self._projection, kind) for kind in Kind]
        self._usages = self._lenses[Kind.ITEM_USAGE]
        self._instant = InstantReader().read

    def select(self, line: bytes) -> Event | None:
        """The event of one JSON object, or None where the rule does not see it. Raises `RecordError`."""
        try:
            record = self._decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise _unreadable(line, error) from None
        usage = (
            record.item_uuid is not UNSET and record.vault_uuid is not UNSET
        )  # asked here first: it is the usual one
        lens = self._usages if usage else self._lens(record, line)
        uuid: Any = lens.uuid(record)
        timestamp: Any = lens.timestamp(record)
        try:
            instant = self._instant(timestamp)
            well_formed = lens.is_uuid(uuid)
        except (InstantError, TypeError):
            raise _malformed(lens, uuid, timestamp) from None
        if not well_formed:
            raise _malformed(lens, uuid, timestamp)
        self.read += 1
        values = lens.values(record)
        group = lens.group(record)
        if values and group:
            return Event(uuid, instant, group, values, lens, record)
        self.ignored[NOT_MATCHED if values is None else NO_VALUE if group else NO_GROUP] += 1
        return None

    def _lens(self, record: Record, line: bytes) -> "Lens":
        kind = self._projection.kind(record)
        if kind is None:
            raise NotARecord(f"found {_shown(line)}; legal: an item usage, sign-in, audit event or Datadog log")
        return self._lenses[kind]


class Lens:
    """How one rule looks at records of one kind."""

    def __init__(self, rule: NewValueRule, projection: Projection, kind: Kind) -> None:
        self._projection = projection
        self._kind = kind
        is_log = kind is Kind.LOG
        self.uuid_name = "id" if is_log else "uuid"
        self.uuid_legal = "a non-empty string" if is_log else "26 characters of base32 (A-Z, 2-7)"
        self.uuid = projection.raw(self.uuid_name)
        self.timestamp = projection.raw("attributes.timestamp" if is_log else "timestamp")
        self.is_uuid: Callable[[str], object] = bool if is_log else _uuid_shape
        self.group = _group(self._getters(rule.group_by), optional=rule.optional_group_by)
        self.values = self._valuer(rule)
        self.suppresses = self._remembered(*_any_of(rule.suppressed))

    def attribute(self, record: Record, field: str) -> Token | None:
        """The token of *field* in *record*; the field must be one that the rule names."""
        return self._projection.getter(field, self._kind)(record)

    def _getters(self, fields: Sequence[str]) -> list[Getter]:
        return [self._projection.getter(field, self._kind) for field in fields]

    def _valuer(self, rule: NewValueRule) -> Callable[[Record], tuple[Key, ...] | None]:
        """Reads the watched values: None where the query does not match, an empty tuple where they are absent."""
        fields, predicate = _seen_at_all(rule)
        read_values = _apart if rule.multi_value == "any" and len(rule.metrics) > 1 else _together
        if not set(rule.metrics) <= set(fields):
            matches, getters = self._remembered(fields, predicate), self._getters(rule.metrics)
            return lambda record: read_values([get(record) for get in getters]) if matches(record) else None
        places = _places(rule.metrics, fields)

        def values(tokens: Sequence[Token | None]) -> tuple[Key, ...] | None:
            return read_values([tokens[place] for place in places]) if predicate(tokens) else None

        return self._remembered(fields, values)

    def _remembered(
        self, fields: tuple[str, ...], answer: Callable[[Sequence[Token | None]], T]
    ) -> Callable[[Record], T]:
        """*answer* to a record's *fields*, remembered: they take few distinct values beside a stream's events."""
        fixed = [constant(field, self._kind) for field in fields]
        varying = [place for place, token in enumerate(fixed) if token is None]
        read = _one_or_all(self._getters([fields[place] for place in varying]))
        answers: dict[object, T] = {}

        def remembered(record: Record) -> T:
            found = read(record)
            try:
                return answers[found]
            except KeyError:
                pass
            if len(answers) >= _ANSWERS_KEPT:
                answers.clear()
            tokens = fixed.copy()
            for place, token in zip(varying, found if isinstance(found, tuple) else (found,), strict=True):
                tokens[place] = token
            return answers.setdefault(found, answer(tokens))

        return remembered


def _fields(rule: NewValueRule) -> set[str]:
    queries = [rule.query, *rule.required, *rule.excluded, *rule.suppressed]
    asked = {field for query in queries for field in compile_query(query).fields}
    named = {*rule.group_by, *rule.metrics, *_ITEM_FIELDS, *template_fields(rule.message), *template_fields(rule.name)}
    return asked | named | {"env"}


def _seen_at_all(rule: NewValueRule) -> tuple[tuple[str, ...], Predicate]:
    """The rule's query, what its filters require, and nothing that they exclude, as one predicate."""
    unwanted, excludes = _any_of(rule.excluded)
    wanted = [compile_query(query) for query in (rule.query, *rule.required)]
    fields = tuple(dict.fromkeys([*unwanted, *(field for query in wanted for field in query.fields)]))
    parts = [(query.matches, _places(query.fields, fields)) for query in wanted]
    unwanted_places = _places(unwanted, fields)

    def predicate(tokens: Sequence[Token | None]) -> bool:
        if excludes([tokens[place] for place in unwanted_places]):
            return False
        return all(matches([tokens[place] for place in places]) for matches, places in parts)

    return fields, predicate


def _any_of(texts: Sequence[str]) -> tuple[tuple[str, ...], Predicate]:
    queries = [compile_query(text) for text in texts]
    fields = tuple(dict.fromkeys(field for query in queries for field in query.fields))
    parts = [(query.matches, _places(query.fields, fields)) for query in queries]
    return fields, lambda tokens: any(matches([tokens[place] for place in places]) for matches, places in parts)


def _places(fields: Sequence[str], among: Sequence[str]) -> list[int]:
    return [among.index(field) for field in fields]


def _one_or_all(getters: list[Getter]) -> Callable[[Record], object]:
    """One token for the usual single field, a tuple otherwise."""
    if len(getters) == 1:
        return getters[0]
    return lambda record: tuple([get(record) for get in getters])


def _group(getters: list[Getter], *, optional: bool) -> Callable[[Record], Key | None]:
    if len(getters) == 1 and not optional:
        return getters[0]
    absent = NOT_AVAILABLE if optional else None

    def read(record: Record) -> Key | None:
        members = [get(record) or absent for get in getters]
        return key_of(tuple(member for member in members if member)) if all(members) else None

    return read


def _together(tokens: Sequence[Token | None]) -> tuple[Key, ...]:
    """One value: the tuple of all fields; none where one is absent."""
    present = tuple(token for token in tokens if token)
    return (key_of(present),) if len(present) == len(tokens) else ()


def _apart(tokens: Sequence[Token | None]) -> tuple[Key, ...]:
    """One value a field, under the position of its field."""
    return tuple(f"{place}:{token}" for place, token in enumerate(tokens) if token)


def _malformed(lens: Lens, uuid: object, timestamp: object) -> RecordError:
    if not isinstance(uuid, str) or not lens.is_uuid(uuid):
        return RecordError(f"{lens.uuid_name}: found {_value(uuid)}; legal: {lens.uuid_legal}")
    if not isinstance(timestamp, str):
        return RecordError(f"timestamp: found {_value(timestamp)}; legal: text in RFC 3339")
    try:
        parse_instant(timestamp)
    except InstantError as error:
        return RecordError(f"timestamp: {error}")
    raise AssertionError(timestamp)


def _value(found: object) -> str:
    text = "nothing" if found is UNSET else repr(found)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _shown(line: bytes) -> str:
    start = line.strip()[:50]
    more = "..." if len(line.strip()) > 50 else ""
    text = start.decode("utf-8", "ignore")
    return f"{text!r}{more}" if text.isprintable() else f"binary data {start[:12]!r}{more}"


def _unreadable(line: bytes, error: Exception) -> RecordError:
    if isinstance(error, msgspec.ValidationError):
        return NotARecord(f"found {_shown(line)} ({error}); legal: one JSON object a record")
    return RecordError(f"found {_shown(line)}, which is not JSON ({error}); legal: one JSON object")
