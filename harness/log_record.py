"""A record of 1Password's own logs: the bytes as they came, with the feed and the time that they name."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from detector.instant import InstantError, InstantReader
from detector.onepassword import Kind, Projection
from detector.page import page_items
from simulator.records import FEEDS

_FEED: Final = dict(zip((Kind.ITEM_USAGE, Kind.SIGN_IN, Kind.AUDIT_EVENT), FEEDS, strict=True))
_LEGAL: Final = "records of the 1Password Events API"
_SHOWN: Final = 50  # characters of what is no record that still fit a one-line message
_UNREADABLE: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_is_uuid = re.compile(r"[A-Za-z2-7]{26}").fullmatch


class LogError(ValueError):
    """Logs cannot be used; the text is one line that says where and why."""


class LogRecord(NamedTuple):
    """One record: its feed, its time in nanoseconds since the epoch, and its bytes without a newline."""

    feed: str
    at: int
    text: bytes


class LogReader:
    r"""Reads the records of lines: a line is a record, or a page of the API or an array of them, or blank.

    A record alone on its line keeps all of the line. One of a page keeps its own bytes, but for the line breaks
    and the indentation of a page that was printed over several lines.

    >>> usage = b'{"uuid":"56YE2TYN2VFYRLNSHKPW5NVT5E","timestamp":"1970-01-01T00:00:01.5Z","item_uuid":"i",'
    >>> usage += b'"vault_uuid":"v"}'
    >>> reader = LogReader()
    >>> reader.read([b'{"cursor":"c","items":[' + usage + b"]}"], "page.json", 1) == reader.read([usage], "plain", 1)
    True
    """

    def __init__(self) -> None:
        projection = Projection(())
        self._decode, self._kind = projection.decode, projection.kind
        self._uuid, self._timestamp = projection.raw("uuid"), projection.raw("timestamp")
        self._instant = InstantReader().read

    def read(self, lines: Iterable[bytes], name: str, first: int) -> list[LogRecord]:
        """Return the records of *lines*, of which the first is line *first* of the source *name*.

        Raise `LogError` for a line that is neither.
        """
        records = []
        for number, line in enumerate(lines, first):
            try:
                records.append(self._record(line))
            except LogError as error:
                records += self._looked_again(line, name, number, error)
        return records

    def _record(self, text: bytes) -> LogRecord:
        try:
            if not text.isascii():
                text.decode()  # the reader of the rest looks at few fields, and every reader after it at all of them
            record = self._decode(text)
        except _UNREADABLE as error:
            raise LogError(f"found {_shown(text)} ({error}); legal: {_LEGAL}") from None
        kind = self._kind(record)
        if kind not in _FEED:
            found = "a Datadog log" if kind is Kind.LOG else _shown(text)
            raise LogError(f"found {found}; legal: {_LEGAL}")
        uuid, timestamp = self._uuid(record), self._timestamp(record)
        if not (isinstance(uuid, str) and _is_uuid(uuid)):
            raise LogError(f"uuid: found {_value(uuid)}; legal: 26 characters of base32 (A-Z, 2-7)")
        if not isinstance(timestamp, str):
            raise LogError(f"timestamp: found {_value(timestamp)}; legal: text in RFC 3339")
        try:
            return LogRecord(_FEED[kind], self._instant(timestamp), text)
        except InstantError as error:
            raise LogError(f"timestamp: {error}") from None

    def _looked_again(self, line: bytes, name: str, number: int, error: LogError) -> Iterator[LogRecord]:
        """Yield the records of a line that is none itself."""
        items = page_items(line)
        if items is None and line.strip():
            raise LogError(f"{name}:{number}: {error}")
        end = 0
        for index, item in enumerate(items or []):
            start = line.index(item, end)
            end = start + len(item)
            try:
                record = self._record(item)
            except LogError as wrong:
                place = number + line.count(b"\n", 0, start)
                raise LogError(f"{name}:{place}: items[{index}]: {wrong}") from None
            yield record._replace(text=_on_one_line(item))


def _on_one_line(item: bytes) -> bytes:
    """*item* without its line breaks, which in JSON stand only between its parts."""
    return b"".join(part.strip() for part in item.split(b"\n"))


def _value(found: object) -> str:
    text = "nothing" if found is msgspec.UNSET else repr(found)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _shown(text: bytes) -> str:
    start = " ".join(text.strip()[:_SHOWN].decode("utf-8", "replace").split())
    return repr(start) + ("..." if len(text.strip()) > _SHOWN else "")
