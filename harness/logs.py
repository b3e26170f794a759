"""Logs: 1Password records as somebody collected them, sorted into the three feeds of a dataset."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, NamedTuple

from detector.source import read_chunks
from harness.log_record import LogError, LogReader, LogRecord
from simulator.records import FEEDS
from simulator.writers import Period, period


class Span(NamedTuple):
    """The earliest and the latest time of some records, in nanoseconds since the epoch."""

    first: int
    last: int

    def reach(self, other: "Span") -> "Span":
        """The span of both.

        >>> Span(2, 3).reach(Span(1, 2))
        Span(first=1, last=3)
        """
        return Span(min(self.first, other.first), max(self.last, other.last))


class SortedLogs(NamedTuple):
    """The period from the first to the last time that a record names, and what the user should know."""

    period: Period
    warnings: list[str]


def sort_logs(files: Sequence[Path], directory: Path) -> SortedLogs:
    """Write the records of *files* to ``<feed>.ndjson`` in *directory*, one a line with its own bytes.

    Each feed keeps the order of *files* and that inside each: a collector writes one file after the other, each in
    order of arrival, and nothing else tells when a record arrived. Files that seem to be in another order are warned
    of. Memory grows with the files, not with the records. Raise `LogError` for a record that cannot be read, or
    where there is none at all, and `SourceError` for a file.
    """
    reader = LogReader()
    with ExitStack() as ending:
        feeds = {feed: ending.enter_context((directory / f"{feed}.ndjson").open("wb")) for feed in FEEDS}
        spans = {file: _sorted(file, reader, feeds) for file in files}
    every = [span for of_file in spans.values() for span in of_file.values()]
    if not every:
        raise LogError(f"{files[0]}: found no records; legal: records of the 1Password Events API")
    whole = Span(min(span.first for span in every), max(span.last for span in every))
    return SortedLogs(period(whole.first, whole.last + 1), _disorder(spans))


def _sorted(file: Path, reader: LogReader, feeds: Mapping[str, BinaryIO]) -> dict[str, Span]:
    """Append the records of *file* to its feeds, and return the span of each feed in it."""
    spans: dict[str, Span] = {}
    for records in _batches(file, reader):
        for feed, stream in feeds.items():
            found = [record for record in records if record.feed == feed]
            if found:
                stream.writelines(record.text + b"\n" for record in found)
                times = [record.at for record in found]
                span = Span(min(times), max(times))
                spans[feed] = span.reach(spans.get(feed, span))
    return spans


def _batches(file: Path, reader: LogReader) -> Iterator[list[LogRecord]]:
    for chunk in read_chunks(str(file)):
        yield reader.read(chunk.lines, str(file), chunk.number)


def _disorder(spans: Mapping[Path, Mapping[str, Span]]) -> list[str]:
    """Warn of the first file of a feed that ends before one does that was given before it.

    Ends are compared, because a record that was synced late may begin any file.
    """
    latest: dict[str, tuple[int, Path]] = {}
    for file, of_file in spans.items():
        for feed, span in of_file.items():
            end, before = latest.get(feed, (span.last, file))
            if span.last < end:
                why = f"ends before {before} does, which comes before it"
                return [f"{file}: {why}; records keep the order of the files"]
            latest[feed] = (span.last, file)
    return []
