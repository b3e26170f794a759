"""Reading 1Password records for their counts: item usages, sign-ins and audit events of files, datasets or a pipe."""

from collections.abc import Iterable, Sequence
from itertools import compress, islice
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import UNSET

from detector.dataset import feeds
from detector.instant import InstantError, parse_instant
from detector.instants import parse_instants
from detector.source import read_chunks
from harness.api_record import ApiRecord, ApiUser, RecordError, records_of_line, records_of_lines
from simulator.draws import Ints
from simulator.marginals import Marginals, marginals
from simulator.observation import Kind, Observation, ObservationError
from simulator.profile import ACTIONS

_REMEMBERED: Final = 1 << 17  # uuids among which a record that comes again is known (assumption)
_OTHER: Final = ACTIONS.index("other")


def observe(names: Iterable[str]) -> Observation:
    """Return the counts of the sources; see `read_all`."""
    return read_all(names).observation


def read_all(names: Iterable[str]) -> "RecordReader":
    """Return the reader of the sources, one after the other, each in order of arrival.

    `-` is standard input, a directory a dataset. Raise `RecordError` or `SourceError`.
    """
    reader = RecordReader()
    for name in names:
        for source in [str(feed) for feed in feeds(Path(name))] if Path(name).is_dir() else [name]:
            reader.read(source)
    return reader


class RecordReader:
    """Counts records; what tells people and clients apart by name stays here and is given to nobody.

    *without_user* is how many item usages named nobody: they are in no other count.
    """

    def __init__(self) -> None:
        self.observation = Observation()
        self.without_user = 0
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
        each = records_of_lines(texts)
        if each is not None:
            self._count(each, name, range(first, first + len(each)))
            return
        for number, line in enumerate(texts, first):
            records = list(records_of_line(line, f"{name}:{number}"))
            self._count(records, name, [number] * len(records))

    def _count(self, records: list[ApiRecord], name: str, numbers: Sequence[int]) -> None:
        """Count records that stand on the lines of these *numbers*."""
        rows = [row for row, record in enumerate(records) if _is_usage(record)]
        usages = [records[row] for row in rows]
        try:
            times = _times(usages)
        except InstantError:
            row = next(row for row in rows if _wrong_time(records[row]))
            raise RecordError(f"{name}:{numbers[row]}: timestamp: {_wrong_time(records[row])}") from None
        try:
            self._add_usages(usages, times)
        except ObservationError as error:
            raise RecordError(f"{name}:{numbers[rows[self._furthest(times)]]}: {error}") from None
        signed = [record for record in records if record.category is not UNSET and record.session_uuid is not UNSET]
        self._add_sign_ins(list(compress(signed, self._firsts(signed))))
        audited = [record for record in records if record.object_type is not UNSET]
        kinds = [(record.action or "", str(record.object_type)) for record in audited]
        self.observation.add_audit_events(*_coded(list(compress(kinds, self._firsts(audited)))))

    def _add_usages(self, usages: list[ApiRecord], times: list[int]) -> None:
        firsts = self._firsts(usages)
        self.observation.repeats += firsts.count(False)
        named = [_name(record.user) for record in usages]
        self.without_user += sum(first and not name for first, name in zip(firsts, named, strict=True))
        kept = [first and name != "" for first, name in zip(firsts, named, strict=True)]
        usages, times = list(compress(usages, kept)), list(compress(times, kept))
        people = [self._person(name) for name in compress(named, kept)]
        apps = [record.client.app_name or "" if record.client else "" for record in usages]
        clients = [self._clients.setdefault(app, len(self._clients)) for app in apps]
        actions = [_ACTION.get(record.action or "", _OTHER) for record in usages]
        person, time, action, client = (np.array(each, dtype=np.int64) for each in (people, times, actions, clients))
        self.observation.add_usages(person, time, action, client, list(self._clients))

    def _add_sign_ins(self, sign_ins: list[ApiRecord]) -> None:
        """Count sign-ins; those that name nobody are nobody's success."""
        named = [_name(record.target_user) for record in sign_ins]
        outcomes = [(str(record.category), record.type or "") for record in sign_ins]
        self.observation.sign_ins.update(kind for kind, name in zip(outcomes, named, strict=True) if not name)
        people = np.array([self._person(name) for name in named if name], dtype=np.int64)
        self.observation.add_sign_ins(people, *_coded(list(compress(outcomes, named))))

    def _person(self, name: str) -> int:
        return self._people.setdefault(name, len(self._people))

    def _furthest(self, times: list[int]) -> int:
        """The position of the time that is furthest from the others, or from what was counted before."""
        seen = self.observation
        middle = (seen.begin + seen.end) // 2 if seen.days else sorted(times)[(len(times) - 1) // 2]
        return max(range(len(times)), key=lambda row: abs(times[row] - middle))

    def _firsts(self, records: list[ApiRecord]) -> list[bool]:
        """Whether each record comes for the first time, as far as is remembered."""
        firsts = []
        for record in records:
            firsts.append(record.uuid is None or record.uuid not in self._recent)
            if record.uuid is not None:
                self._recent[record.uuid] = None
        if len(self._recent) > 2 * _REMEMBERED:
            for old in list(islice(self._recent, len(self._recent) - _REMEMBERED)):
                del self._recent[old]
        return firsts


_ACTION: Final = {action: row for row, action in enumerate(ACTIONS)}


def _is_usage(record: ApiRecord) -> bool:
    return record.item_uuid is not UNSET and record.object_type is UNSET


def _name(user: ApiUser | None) -> str:
    """By what a person is known: an email address or else a uuid; "" for nobody."""
    return (user.email or user.uuid or "").lower() if user else ""


def _times(usages: list[ApiRecord]) -> list[int]:
    texts = [usage.timestamp for usage in usages]
    return (parse_instants(texts) if texts else None) or [parse_instant(text) for text in texts]


def _coded(kinds: list[Kind]) -> tuple[Ints, list[Kind]]:
    """Each of *kinds* as a row of the distinct ones, and those."""
    rows: dict[Kind, int] = {}
    return np.array([rows.setdefault(kind, len(rows)) for kind in kinds], dtype=np.int64), list(rows)


def _wrong_time(record: ApiRecord) -> str:
    """What is wrong with the timestamp of a record, "" if nothing is."""
    try:
        parse_instant(record.timestamp)
    except InstantError as error:
        return str(error) if record.timestamp else str(error).replace("found ''", "found nothing", 1)
    return ""


def described(names: Sequence[str]) -> Marginals:
    """Return the marginals of sources. Raise `RecordError` also where they hold no item usage of a human."""
    reader = read_all(names)
    seen = reader.observation
    if not seen.records and reader.without_user:
        raise RecordError(f"{names[0]}: found item usages without a user only; legal: some of a human")
    if not seen.records:
        raise RecordError(
            f"{names[0]}: found no item usages; legal: records of the Events API, some of them item usages"
        )
    if not seen.humans().any():
        raise RecordError(f"{names[0]}: found item usages of machines only; legal: some of a human")
    return marginals(seen)
