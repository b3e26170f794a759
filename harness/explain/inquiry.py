"""Inquiries: records asked for by their uuids, found among all, also where the rule does not see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from detector.event import Event
from detector.instant import parse_instant
from detector.rules import NewValueRule
from detector.selection import Selector
from detector.verdict import UNSET


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record with the *uuid* that cannot be read; *complaint* is one line: file, line, field, found, legal."""

    uuid: str
    complaint: str


class Inquiry(Selector):
    """A selector that also gives the records with these *uuids* that the rule does not see.

    Such an event lacks its group or its values (see `is_seen`). Its timestamp is `UNSET`, so that where feeds are
    merged by time it comes right after its neighbour and changes the order of no others; `moment` has the true one.

    >>> from detector.rules import shipped_rule
    >>> uuid = "56YE2TYN2VFYRLNSHKPW5NVT5E"
    >>> event = Inquiry(shipped_rule(), [uuid]).select(
    ...     b'{"uuid":"%s","timestamp":"1970-01-01T00:00:01Z","object_type":"vault"}' % uuid.encode()
    ... )
    >>> is_seen(event), moment(event)
    (False, 1000000000)
    """

    def __init__(self, rule: NewValueRule, uuids: Iterable[str]) -> None:
        super().__init__(rule)
        self.asked = frozenset(uuids)
        self.near: dict[str, str] = {}
        """Uuids of records that differ from one that is asked for in nothing but case, by the asked one."""
        self._folded = {uuid.casefold(): uuid for uuid in self.asked}
        self._needles = [msgspec.json.encode(uuid)[1:-1].lower() for uuid in self.asked]
        self._suspect = b""

    def select(self, line: bytes) -> Event | None:
        """See `Selector.select`; asked records come whether the rule sees them or not."""
        mentions = self._mentions(line)
        self._suspect = line if mentions else b""
        event = super().select(line)
        if not mentions:
            return event
        found = self.passed_over(line) if event is None else event
        if found.uuid in self.asked:
            found.timestamp = UNSET if event is None else event.timestamp
            return found
        if (asked := self._folded.get(found.uuid.casefold())) is not None:
            self.near[asked] = found.uuid
        return event

    def select_usages(self, lines: Sequence[bytes]) -> list[Event] | None:
        """See `Selector.select_usages`; lines that may hold an asked record are left to `select`."""
        return None if any(map(self._mentions, lines)) else super().select_usages(lines)

    def unreadable(self, complaint: str) -> list[Unreadable]:
        """The asked records among what *complaint*, made of the line that `select` refused last, is about."""
        try:
            record: Any = msgspec.json.decode(self._suspect)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            named = [uuid for uuid in self.asked if f'"{uuid}"'.encode() in self._suspect]
        else:
            fields = record if isinstance(record, Mapping) else {}
            named = [uuid for uuid in self.asked if uuid in (fields.get("uuid"), fields.get("id"))]
        return [Unreadable(uuid, complaint) for uuid in sorted(named)]

    def _mentions(self, line: bytes) -> bool:
        """Whether the line can hold an asked uuid, in whatever case; one with escapes always can."""
        folded = line.lower()
        return b"\\" in line or any(needle in folded for needle in self._needles)


def is_seen(event: Event) -> bool:
    """Whether the rule sees the event at all."""
    return bool(event.group and event.values)


def moment(event: Event) -> int:
    """When the event was, in nanoseconds since the epoch."""
    return event.timestamp if is_seen(event) else parse_instant(event.lens.timestamp(event.record))
