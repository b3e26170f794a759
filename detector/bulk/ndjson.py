"""Bulk NDJSON: plain files of records, read by DuckDB as far as it reads them as the scalar reader does."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, suppress
from typing import Final

import msgspec

from detector.bulk.doubt import Doubt
from detector.bulk.json_columns import ALWAYS_STRINGS, MARKS, JsonColumns, MistakableError
from detector.bulk.json_head import strings_in
from detector.bulk.json_query import read_texts
from detector.bulk.skipping import records_in, skipped
from detector.bulk.strict_lines import StrictLines
from detector.columnar.columns import Asked, Columns
from detector.onepassword import Kind, Projection
from detector.source import Chunk, read_chunks

_LONGEST_FIRST: Final = 1 << 20
"""Bytes of the first line of a file that is worth reading in bulk."""
_HEAD: Final = 1 << 17
"""So many more bytes tell which fields hold strings, some 200 records; a field that does later is read again."""
_ESCAPED_LETTERS: Final = (rb"\u005", rb"\u006", rb"\u007")
_SPEAK_AGAINST: Final = {
    Kind.ITEM_USAGE: (),
    Kind.AUDIT_EVENT: (b"item_uuid", *_ESCAPED_LETTERS),
    Kind.SIGN_IN: (b"item_uuid", b"object_type", *_ESCAPED_LETTERS),
}
"""Texts that a file of the kind seldom holds: the name of a field that may make a record one of a kind that comes
first, although it is null, which DuckDB does not tell from absent."""


def read_ndjson(name: str, asked: Asked) -> Iterator[Columns | Chunk]:
    """The records of the plain file *name* in order: columns while all is ordinary, then chunks of all other lines.

    Columns have the raw paths that *asked* gives for their kind; chunks are those of `read_chunks`. Raises
    `SourceError` as that does.
    """
    records = 0
    with suppress(Doubt):
        for columns in _vouched_for(name, asked):
            yield columns
            records += records_in(columns)
        return
    yield from _after(records, read_chunks(name))


def _vouched_for(name: str, asked: Asked) -> Iterator[Columns | Chunk]:
    """Columns of the records up to the first doubt, which is raised."""
    kind, lines = _head(name)
    paths = sorted({"uuid", "timestamp", *MARKS[kind], *asked(kind)})
    strings = ALWAYS_STRINGS | strings_in(lines, paths)
    records = 0
    while True:
        try:
            for columns in skipped(_read(name, kind, paths, strings), records):
                yield columns
                records += records_in(columns)
        except MistakableError as found:
            strings -= {found.path}
        else:
            return


def _read(name: str, kind: Kind, paths: Sequence[str], strings: Collection[str]) -> Iterator[Columns | Chunk]:
    records, columns = 0, JsonColumns(kind, paths, strings)
    with (
        closing(StrictLines(name, _SPEAK_AGAINST[kind])) as lines,
        closing(read_texts(name, paths, strings)) as batches,
    ):
        for batch in batches:
            records += len(batch)
            lines.vouch(records)
            yield columns.of(batch)
        lines.vouch_for_all(records)


def _head(name: str) -> tuple[Kind, list[bytes]]:
    """What the first line is, and some lines. Raises `Doubt` where it is no record, or of a kind not read in bulk."""
    projection = Projection([])
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - a name from the command line
            lines = [file.readline(_LONGEST_FIRST), *file.read(_HEAD).splitlines()[:-1]]
        kind = projection.kind(projection.decode(lines[0]))
    except (OSError, msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Doubt from error
    if kind is None or kind not in MARKS:
        raise Doubt
    return kind, lines


def _after(records: int, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The lines that follow so many that hold a record."""
    for chunk in chunks:
        passed = 0
        while records and passed < len(chunk.lines):
            records -= bool(chunk.lines[passed].strip())
            passed += 1
        if passed < len(chunk.lines):
            yield Chunk(chunk.number + passed, chunk.lines[passed:])
