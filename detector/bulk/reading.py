"""Column reading: sources in, rows out for each of several rules, read and decoded once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Final

from detector.bulk.merging import merged
from detector.bulk.sight import Part, Sight
from detector.bulk.skipping import records_in, skipped
from detector.bulk.tape import Tape
from detector.columnar.coding import Coded, Coding, Fields
from detector.columnar.columns import Asked, Columns
from detector.columnar.rows import Rows
from detector.dataset import feeds
from detector.onepassword import Kind, path_of
from detector.parquet import MAGIC
from detector.query import ANYWHERE, MESSAGE
from detector.questions import fields_of
from detector.reading import Complaint, stop
from detector.rules import NewValueRule
from detector.source import Chunk, read_chunks

_HEAD_BYTES: Final = 64
"""Enough to tell a file's form."""


class ColumnReader:
    """Reads what each of the rules sees, in the codes of its own of the `codings`.

    Ordinary records go by columns, all others one by one; rows, counts and complaints are those of a
    `detector.reading.Reader` of each rule, but *complain* hears once of what no rule can read.
    """

    def __init__(self, rules: Sequence[NewValueRule], complain: Complaint = stop) -> None:
        self._fields = Fields()
        self._sights: list[Sight] = []
        for rule in rules:
            self._sights.append(Sight(rule, self._fields, complain, tuple(self._sights)))
        self._asked = {field for rule in rules for field in fields_of(rule)}
        self.codings: list[Coding] = [sight.coding for sight in self._sights]

    def read(self, rule: int) -> int:
        """How many records the rule of this number has been shown."""
        return self._sights[rule].read

    def ignored(self, rule: int) -> Counter[str]:
        """How many of them it did not see, by reason."""
        return self._sights[rule].ignored

    def batches(self, names: Iterable[str]) -> Iterator[list[Rows]]:
        """For each rule the rows of the sources one after the other; `-` is standard input, a directory a dataset."""
        for name in names:
            yield from self._dataset(Path(name)) if Path(name).is_dir() else self._source(name)

    def sorted(self, names: Iterable[str]) -> Iterator[list[Rows]]:
        """For each rule all rows of all sources by (timestamp, uuid), sorted on disk where memory is short.

        A batch's events can be asked for until the reading ends.
        """
        from detector.bulk.sorted_run import Order
        from detector.bulk.sorting import sorter
        from detector.bulk.spooling import records

        with sorter([Order(sight.nothing, sight.event) for sight in self._sights]) as rows:
            for number, name in enumerate(names):
                for stream in _streams(name):
                    rows.begin(number)
                    for part in self._parts(stream, self._paths_and_uuid):
                        rows.take(records(stream, part, self._sights, self._paths_and_uuid))
            yield from rows.batches()

    def _dataset(self, directory: Path) -> Iterator[list[Rows]]:
        """The feeds merged by time, for each rule as if there were no other."""
        names = [str(feed) for feed in feeds(directory)]
        tapes = [Tape(partial(self._parts, name, self._paths), _records_in, len(self._sights)) for name in names]
        merges = []
        for number, sight in enumerate(self._sights):
            streams = [sight.seen(name, tape.follow(number)) for name, tape in zip(names, tapes, strict=True)]
            merges.append(merged(streams, sight.nothing))
        for batch in zip_longest(*merges):
            yield [rows or sight.nothing for rows, sight in zip(batch, self._sights, strict=True)]

    def _source(self, name: str) -> Iterator[list[Rows]]:
        for part in self._parts(name, self._paths):
            yield [sight.rows(name, part) for sight in self._sights]

    def _parts(self, name: str, asked: Asked, start: int = 0) -> Iterator[Part]:
        """A source's records from number *start* on, each part coded for all rules together."""
        for part in skipped(self._read(name, asked), start):
            yield Coded(part, self._fields) if isinstance(part, Columns) else part

    def _read(self, name: str, asked: Asked) -> Iterator[Columns | Chunk]:
        """A source's content: by columns if it is a file of a form that allows it, and no rule searches texts."""
        head = b"" if self._asked & {MESSAGE, ANYWHERE} else _head(name)
        if head.startswith(MAGIC):
            from detector.bulk.parquet import read_parquet

            return read_parquet(name, asked)
        if head.lstrip().startswith(b"{"):
            from detector.bulk.ndjson import read_ndjson

            return read_ndjson(name, asked)
        return read_chunks(name)

    def _paths(self, kind: Kind) -> set[str]:
        """What the rules read in records of a kind, by raw path."""
        return {path for field in self._asked if (path := path_of(field, kind))}

    def _paths_and_uuid(self, kind: Kind) -> set[str]:
        return {*self._paths(kind), "uuid"}


def _records_in(part: Part) -> int:
    return records_in(part.columns if isinstance(part, Coded) else part)


def _streams(name: str) -> list[str]:
    """A source, or the feeds of a dataset."""
    return [str(feed) for feed in feeds(Path(name))] if Path(name).is_dir() else [name]


def _head(name: str) -> bytes:
    """The first bytes of a file that one can go back in; none of anything else, of which its reader tells."""
    path = Path(name)
    try:
        if name == "-" or not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""
