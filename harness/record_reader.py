"""Reading 1Password records for their counts: item usages, sign-ins and audit events of files, datasets or a pipe."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, islice
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from detector.dataset import feeds
from detector.instant import InstantError, parse_instant
from detector.instants import parse_instants
from detector.source import read_chunks
from simulator.marginals import Marginals, marginals
from simulator.observation import Observation, ObservationError
from simulator.profile import ACTIONS

_REMEMBERED: Final = 1 << 17  # uuids among which a record that comes again is known (assumption)
_OTHER: Final = ACTIONS.index("other")
_UNSET: Final = msgspec.UNSET
_misfit = re.compile(r"Expected `(?P<legal>.+)`, got `(?P<found>.+)`(?: - at `\$\.(?P<field>.+)`)?").fullmatch


class RecordError(ValueError):
    """A record cannot be read; the text is one line with its place."""


class _User(msgspec.Struct, gc=False):
    email: str | None = None
    uuid: str | None = None


class _Client(msgspec.Struct, gc=False):
    app_name: str | None = None


class _Record(msgspec.Struct, gc=False):
    uuid: str | None = None
    timestamp: str | None = None
    item_uuid: str | msgspec.UnsetType = _UNSET
    action: str | None = None
    user: _User | None = None
    client: _Client | None = None
    session_uuid: str | msgspec.UnsetType = _UNSET
    category: str | msgspec.UnsetType = _UNSET
    type: str | None = None
    target_user: _User | None = None
    object_type: str | msgspec.UnsetType = _UNSET
    items: list[msgspec.Raw] | msgspec.UnsetType | None = _UNSET
    cursor: msgspec.Raw | msgspec.UnsetType = _UNSET


def observe(names: Iterable[str]) -> Observation:
    """Return the counts of the sources, one after the other, each in order of arrival.

    `-` is standard input, a directory a dataset. Raise `RecordError`, `SourceError` or `ObservationError`.
    """
    reader = RecordReader()
    for name in names:
        for source in [str(feed) for feed in feeds(Path(name))] if Path(name).is_dir() else [name]:
            reader.read(source)
    return reader.observation


class RecordReader:
    """Counts records; what tells people and clients apart by name stays here and is given to nobody."""

    def __init__(self) -> None:
        self.observation = Observation()
        self._decode = msgspec.json.Decoder(_Record).decode
        self._people: dict[str, int] = {}
        self._clients: dict[str, int] = {}
        self._recent: dict[str, None] = {}

    def read(self, name: str) -> None:
        """Count the records of one source."""
        for chunk in read_chunks(name):
            self.read_lines(chunk.lines, name, chunk.number)

    def read_lines(self, lines: Iterable[bytes], name: str, first: int = 1) -> None:
        """Count the records of *lines*, of which the first is line *first* of the source *name*."""
        texts = list(lines)
        each = self._records(texts)
        if each is not None:
            self._count(each, name, range(first, first + len(each)))
            return
        for number, line in enumerate(texts, first):
            records = list(self._of_line(line, f"{name}:{number}"))
            self._count(records, name, [number] * len(records))

    def _records(self, lines: list[bytes]) -> list[_Record] | None:
        """The records of lines that are one record each, the usual case; None for any other."""
        try:
            records = [self._decode(line) for line in lines]
        except (msgspec.DecodeError, RecursionError):
            return None
        return None if any(record.items is not _UNSET for record in records) else records

    def _of_line(self, line: bytes, place: str) -> Iterator[_Record]:
        """The records of a line that may be blank, a record, or a page or an array of records."""
        if not line.strip():
            return
        try:
            if line.lstrip()[:1] == b"[":
                yield from (self._decode(item) for item in msgspec.json.decode(line, type=list[msgspec.Raw]))
                return
            record = self._decode(line)
            if isinstance(record.items, list):
                yield from map(self._decode, record.items)
            elif record.items is _UNSET or record.cursor is _UNSET:
                yield record
        except msgspec.ValidationError as error:
            raise RecordError(f"{place}: {_told(error)}") from None
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise RecordError(f"{place}: found no JSON ({error}); legal: a record of the Events API") from None

    def _count(self, records: list[_Record], name: str, numbers: Sequence[int]) -> None:
        """Count records that stand on the lines of these *numbers*."""
        usages = [record for record in records if record.item_uuid is not _UNSET and record.object_type is _UNSET]
        sign_ins = [record for record in records if record.category is not _UNSET and record.session_uuid is not _UNSET]
        try:
            times = parse_instants([record.timestamp or "" for record in usages]) if usages else []
            self._add_usages(usages, times or [parse_instant(record.timestamp or "") for record in usages])
        except InstantError as error:
            raise RecordError(f"{name}:{numbers[_first_bad(records)]}: timestamp: {error}") from None
        except ObservationError as error:
            raise RecordError(f"{name}:{numbers[0]}: {error}") from None
        self._add_sign_ins(sign_ins)
        self.observation.add_audit_events(
            [(record.action or "", str(record.object_type)) for record in records if record.object_type is not _UNSET]
        )

    def _add_usages(self, usages: list[_Record], times: list[int]) -> None:
        firsts = [self._is_first(record.uuid) for record in usages]
        usages, times = list(compress(usages, firsts)), list(compress(times, firsts))
        people = [self._person(record.user) for record in usages]
        apps = [record.client.app_name or "" if record.client else "" for record in usages]
        clients = [self._clients.setdefault(app, len(self._clients)) for app in apps]
        actions = [_ACTION.get(record.action or "", _OTHER) for record in usages]
        person, time, action, client = (
            np.array(column, dtype=np.int64) for column in (people, times, actions, clients)
        )
        self.observation.add_usages(person, time, action, client, list(self._clients))

    def _add_sign_ins(self, sign_ins: list[_Record]) -> None:
        people = np.array([self._person(record.target_user) for record in sign_ins], dtype=np.int64)
        self.observation.add_sign_ins(people, [(str(record.category), record.type or "") for record in sign_ins])

    def _person(self, user: _User | None) -> int:
        """The number of a person, who is known by email address or else by uuid."""
        name = (user.email or user.uuid or "") if user else ""
        return self._people.setdefault(name.lower(), len(self._people))

    def _is_first(self, uuid: str | None) -> bool:
        """Whether the record did not come before, as far as is remembered."""
        if uuid is None:
            return True
        if uuid in self._recent:
            self.observation.repeats += 1
            return False
        self._recent[uuid] = None
        if len(self._recent) > 2 * _REMEMBERED:
            for old in list(islice(self._recent, _REMEMBERED)):
                del self._recent[old]
        return True


_ACTION: Final = {action: row for row, action in enumerate(ACTIONS)}


def _first_bad(records: list[_Record]) -> int:
    """The position of the first item usage whose timestamp is none."""
    for row, record in enumerate(records):
        try:
            parse_instant(record.timestamp or "")
        except InstantError:
            if record.item_uuid is not _UNSET:
                return row
    return 0


def _told(error: msgspec.ValidationError) -> str:
    parts = _misfit(str(error))
    if parts is None:
        return f"{error}; legal: a record of the Events API"
    return f"{parts['field'] or 'record'}: found {parts['found']}; legal: {parts['legal']}"


def described(names: Sequence[str]) -> Marginals:
    """Return the marginals of sources. Raise `RecordError` also where they hold no item usage of a human."""
    seen = observe(names)
    if not seen.records:
        raise RecordError(
            f"{names[0]}: found no item usages; legal: records of the Events API, some of them item usages"
        )
    if not seen.humans().any():
        raise RecordError(f"{names[0]}: found item usages of machines only; legal: some of a human")
    return marginals(seen)
