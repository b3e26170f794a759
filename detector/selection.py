"""Selection: one JSON object in, one event out, or the reason why the rule does not see it."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import compress, repeat
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec import UNSET

from detector.event import Event
from detector.instant import InstantError, InstantReader, parse_instant
from detector.lens import Lens
from detector.onepassword import Kind, Projection, Record
from detector.questions import Values, fields_of
from detector.rules import NewValueRule
from detector.token import Key

NOT_MATCHED: Final = "does not match the query"
NO_GROUP: Final = "a group-by field is absent"
NO_VALUE: Final = "the watched fields are absent"

_item_uuid, _vault_uuid = attrgetter("item_uuid"), attrgetter("vault_uuid")
_base32 = re.compile(r"[A-Za-z2-7]*").fullmatch


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
        self._projection = Projection(fields_of(rule))
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
        usage = record.item_uuid is not UNSET and record.vault_uuid is not UNSET  # the usual kind, asked for here
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
        try:
            values, group = lens.values(record), lens.group(record)
        except UnicodeDecodeError as error:  # a bare term searches all of the record, and some of it is no UTF-8
            raise _unreadable(line, error) from None
        self.read += 1
        if values and group:
            return Event(uuid, instant, group, values, lens, record)
        self.ignored[_reason(group, values)] += 1
        return None

    def passed_over(self, line: bytes) -> Event:
        """The record that `select` gave None for, as an event, to be asked why; nothing is counted.

        Its group is empty where a group-by field is absent; it has no values where the query does not match or the
        watched fields are absent.
        """
        record = self._decode(line)
        lens = self._lens(record, line)
        uuid, timestamp, group = lens.uuid(record), lens.timestamp(record), lens.group(record)
        return Event(uuid, self._instant(timestamp), group or "", lens.values(record) or (), lens, record)

    def select_usages(self, lines: Sequence[bytes]) -> list[Event] | None:
        """`select` of each line at half the cost; None, and nothing counted, unless all are ordinary item usages.

        It goes by columns, so that each step is one call for all lines. Whatever is not ordinary (an error, a page,
        a blank line, another kind of record, a timestamp without fraction) is left to `select`.
        """
        from detector.instants import parse_instants

        try:
            records = list(map(self._decode, lines))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None
        lens = self._usages
        uuids: list[Any] = list(map(lens.uuid, records))
        timestamps: list[Any] = list(map(lens.timestamp, records))
        if UNSET in map(_item_uuid, records) or UNSET in map(_vault_uuid, records):
            return None
        if not (_all_text(uuids) and _all_text(timestamps) and _all_uuids(uuids)):
            return None
        instants = parse_instants(timestamps)
        try:
            return None if instants is None else self._events(uuids, instants, lens, records)
        except UnicodeDecodeError:
            return None

    def _events(self, uuids: list[str], instants: list[int], lens: Lens, records: list[Record]) -> list[Event]:
        groups, values = lens.group_column(records), lens.values_column(records)
        self.read += len(records)
        columns: list[list[Any]] = [uuids, instants, groups, values, records]
        if not (all(groups) and all(values)):
            reasons = [_reason(group, value) for group, value in zip(groups, values, strict=True)]
            self.ignored += Counter(filter(None, reasons))
            columns = [list(compress(column, [not reason for reason in reasons])) for column in columns]
        return list(map(Event, *columns[:4], repeat(lens), columns[4]))

    def _lens(self, record: Record, line: bytes) -> Lens:
        kind = self._projection.kind(record)
        if kind is None:
            raise NotARecord(f"found {_shown(line)}; legal: an item usage, sign-in, audit event or Datadog log")
        return self._lenses[kind]


def _all_text(values: list[object]) -> bool:
    return set(map(type, values)) <= {str}


def _all_uuids(uuids: list[str]) -> bool:
    return set(map(len, uuids)) <= {26} and _base32("".join(uuids)) is not None


def _reason(group: Key | None, values: Values | None) -> str:
    """Why the rule does not see such an event; empty where it does."""
    if values is None:
        return NOT_MATCHED
    if group is None:
        return NO_GROUP
    return "" if values else NO_VALUE


def _malformed(lens: Lens, uuid: object, timestamp: object) -> RecordError:
    if not isinstance(uuid, str) or not lens.is_uuid(uuid):
        return RecordError(f"{lens.uuid_name}: found {_value(uuid)}; legal: {lens.uuid_legal}")
    if not isinstance(timestamp, str):
        return RecordError(f"{lens.timestamp_name}: found {_value(timestamp)}; legal: text in RFC 3339")
    try:
        parse_instant(timestamp)
    except InstantError as error:
        return RecordError(f"{lens.timestamp_name}: {error}")
    raise AssertionError(timestamp)


def _value(found: object) -> str:
    text = "nothing" if found is UNSET else repr(found)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _shown(line: bytes) -> str:
    start = line.strip()[:50]
    more = "..." if len(line.strip()) > 50 else ""
    text = " ".join(start.decode("utf-8", "ignore").split())
    return f"{text!r}{more}" if text.isprintable() else f"binary data {start[:12]!r}{more}"


def _unreadable(line: bytes, error: Exception) -> RecordError:
    if isinstance(error, msgspec.ValidationError):
        return NotARecord(f"found {_shown(line)} ({error}); legal: one JSON object a record")
    return RecordError(f"found {_shown(line)}, which is not JSON ({error}); legal: one JSON object")
