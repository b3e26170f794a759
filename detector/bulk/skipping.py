"""Skipping: to go on reading where records were read before, wherever the parts begin this time."""

from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import TypeAlias

from detector.columnar.columns import Column, Columns
from detector.source import Chunk

Read: TypeAlias = Columns | Chunk


def records_in(part: Read) -> int:
    """How many records a part has, a page counting as one; blank lines do not.

    >>> records_in(Chunk(1, [b"{}", b" ", b"[{},{}]"]))
    2
    """
    return len(part.t) if isinstance(part, Columns) else sum(map(bool, map(bytes.strip, part.lines)))


def skipped(parts: Iterator[Read], records: int) -> Iterator[Read]:
    """The parts without so many records.

    >>> [*skipped(iter([Chunk(1, [b"1", b""]), Chunk(3, [b"", b"2", b"", b"3"])]), 2)]
    [Chunk(number=5, lines=[b'', b'3'])]
    """
    left = records
    for part in parts:
        count = records_in(part) if left else 0
        if left == 0:
            yield part
        elif left < count:
            yield _rest(part, left)
        left -= min(left, count)


def _rest(part: Read, start: int) -> Read:
    if isinstance(part, Columns):
        line = part.line
        return Columns(part.kind, part.t[start:], _Rest(part.columns, start), lambda row: line(start + row))
    read = accumulate(map(bool, map(bytes.strip, part.lines)))
    passed = 1 + next(index for index, count in enumerate(read) if count == start)
    return Chunk(part.number + passed, part.lines[passed:])


class _Rest(Mapping[str, Column]):
    """Columns from a row on, each looked up when it is asked for."""

    def __init__(self, columns: Mapping[str, Column], start: int) -> None:
        self._columns = columns
        self._start = start

    def __getitem__(self, path: str) -> Column:
        codes, tokens = self._columns[path]
        return Column(codes[self._start :], tokens)

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
