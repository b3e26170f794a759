"""Reading: sources in, events out, batch by batch in arrival order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from detector.dataset import feeds
from detector.event import Event
from detector.page import Page, read_page
from detector.selection import NotARecord, RecordError
from detector.source import Chunk, SourceError, read_chunks

Complaint: TypeAlias = Callable[[str], None]
"""Told of each unreadable record in one line, and of `Missing` ones; it raises to stop, or returns to go on."""

BATCH: Final = 100_000
"""How many events an engine decides between two commits."""
PART: Final = 1_000
"""How many events of a merged or sorted stream come at once."""
_WORTH_COLUMNS: Final = 5_000
"""After so many lines of a run the import of numpy repays itself."""
_WORTH_A_COLUMN: Final = 100
"""Fewer lines at a time are done sooner one by one."""
_by_time = attrgetter("timestamp")
_by_time_and_uuid = attrgetter("timestamp", "uuid")


class Missing(str):
    """What a `Complaint` is told of records that are not there, rather than of one that cannot be read."""

    __slots__ = ()


def stop(line: str) -> None:
    """A `Complaint` that ends the reading with `SourceError`."""
    raise SourceError(line)


class Selecting(Protocol):
    """What is asked of a selector here; see `detector.selection.Selector`."""

    def select(self, line: bytes, /) -> Event | None:
        """The event of one JSON object. Raises `RecordError`."""

    def select_usages(self, lines: Sequence[bytes], /) -> list[Event] | None:
        """`select` of each line, or None, if that is not to be had at once."""


class Reader:
    """Reads the events that one selector sees; *complain* hears of every record that cannot be read."""

    def __init__(self, selector: Selecting, complain: Complaint = stop) -> None:
        self._lines = Lines(selector, complain)

    def batches(self, names: Iterable[str]) -> Iterator[list[Event]]:
        """The events of the sources one after the other, `-` for standard input, a directory for a dataset."""
        for name in names:
            yield from self._dataset(Path(name)) if Path(name).is_dir() else self._source(name)

    def sorted(self, names: Iterable[str]) -> Iterator[list[Event]]:
        """All events of all sources by (timestamp, uuid); they are held in memory for it."""
        events = [event for batch in self.batches(names) for event in batch]
        events.sort(key=_by_time_and_uuid)
        yield from _rebatched(events)

    def _dataset(self, directory: Path) -> Iterator[list[Event]]:
        """The feeds merged by time: each in its own arrival order, as collectors of all three would see them."""
        streams = [(event for batch in self._source(str(feed)) for event in batch) for feed in feeds(directory)]
        yield from _rebatched(merge(*streams, key=_by_time))

    def _source(self, name: str) -> Iterator[list[Event]]:
        for chunk in read_chunks(name):
            yield self._lines.events(name, chunk)


class Lines:
    """What one selector sees in the lines of sources.

    *complain* hears of each record that cannot be read; not of one that another rule, whose selector is among *before*,
    cannot read either and has told of.
    """

    def __init__(self, selector: Selecting, complain: Complaint, before: Sequence[Selecting] = ()) -> None:
        self._select = selector.select
        self._select_usages = selector.select_usages
        self._complain = complain
        self._before = before
        self._count = 0

    def events(self, name: str, chunk: Chunk) -> list[Event]:
        """The events of a chunk of the source *name*."""
        self._count += len(chunk.lines)
        by_columns = self._count >= _WORTH_COLUMNS and len(chunk.lines) >= _WORTH_A_COLUMN
        events = self._select_usages(chunk.lines) if by_columns else None
        return self._one_by_one(name, chunk) if events is None else events

    def _one_by_one(self, name: str, chunk: Chunk) -> list[Event]:
        events: list[Event] = []
        for index, line in enumerate(chunk.lines):
            try:
                event = self._select(line)
            except RecordError as error:
                events += self._looked_again(line, f"{name}:{chunk.number + index}", error)
                continue
            if event is not None:
                events.append(event)
        return events

    def _looked_again(self, line: bytes, place: str, error: RecordError) -> Iterator[Event]:
        """A line that is no record may be blank, or a page or array of records."""
        page = _page(line, error)
        if page is None:
            if line.strip() and all(_page(line, other) is not None for other in self._refusals(line)):
                self._complain(f"{place}: {error}")
            return
        if page.missing and not self._before:
            self._complain(Missing(f"{place}: {page.missing}"))
        for index, item in enumerate(page.items):
            try:
                event = self._select(item)
            except RecordError as wrong:
                if not any(self._refusals(item)):
                    self._complain(f"{_place(place, line, page.items, index)}: {page.field}[{index}]: {wrong}")
                continue
            if event is not None:
                yield event

    def _refusals(self, text: bytes) -> Iterator[RecordError]:
        """What the others have against it."""
        for selector in self._before:
            try:
                selector.select(text)
            except RecordError as error:
                yield error


def _page(line: bytes, error: RecordError) -> Page | None:
    """The page or array that *line* is, which is why it was refused; None for what is neither."""
    return read_page(line) if isinstance(error, NotARecord) else None


def _place(place: str, text: bytes, items: list[bytes], index: int) -> str:
    """The line on which an item of a page stands."""
    source, _, number = place.rpartition(":")
    start = end = 0
    for item in items[: index + 1]:
        start = text.index(item, end)
        end = start + len(item)
    newlines = text.count(b"\n", 0, start)
    return f"{source}:{int(number) + newlines}"


def _rebatched(events: Iterable[Event]) -> Iterator[list[Event]]:
    remaining = iter(events)
    while batch := list(islice(remaining, PART)):
        yield batch
