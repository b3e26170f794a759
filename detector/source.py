"""Sources: files, or `-` for standard input, plain, gzip, zstd or Parquet, as numbered chunks of lines.

A line is one JSON text: a record, a page of the API, or an array. JSON that is spread over several lines (a page as
`jq` prints it) arrives as one line too, under the number at which it starts.
"""

import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple, cast

import msgspec

from detector.compression import unpacked
from detector.parquet import MAGIC, ParquetError, read_lines

_BOM: Final = b"\xef\xbb\xbf"
_blanks = re.compile(r"\s*").match
_CHUNK_BYTES: Final = 1 << 18
"""Some four hundred records: few enough to stay in the processor's cache from decoding to verdict."""


class SourceError(ValueError):
    """A source cannot be read; the text is one line that names it."""


class Line(NamedTuple):
    """One JSON text and the number of the line at which it starts, from 1."""

    number: int
    text: bytes


class Chunk(NamedTuple):
    """Lines that arrived together; a pipe's chunk is what was in the pipe."""

    number: int
    """The number of the first line."""
    lines: list[bytes]


def read_chunks(name: str) -> Iterator[Chunk]:
    """The lines of a source, chunk by chunk. Raises `SourceError`, also on a source without content."""
    if _is_parquet(name):
        yield from _parquet(name)
        return
    with _opened(name) as stream:
        chunks = _with_content(name, _split(stream))
        first = next(chunks)
        head = _first_line(first)
        if _is_json(head.text):
            yield first
            yield from chunks
        else:
            yield from _documents([first, *chunks])


def _is_parquet(name: str) -> bool:
    """Whether a file, not a pipe, begins as Parquet does; what cannot be read is told of later."""
    if not _is_file(name):
        return False
    with _opened(name) as stream:
        return stream.read(len(MAGIC)) == MAGIC


def _is_file(name: str) -> bool:
    """Whether *name* is a file in which one can go back and forth."""
    return name != "-" and Path(name).is_file()


def _parquet(name: str) -> Iterator[Chunk]:
    number = 1
    try:
        for lines in read_lines(name):
            yield Chunk(number, lines)
            number += len(lines)
    except ParquetError as error:
        raise SourceError(f"{name}: {error}") from None


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    """A source's content, unpacked where it is packed."""
    with _read(name), _raw(name) as raw:
        if raw.peek(len(MAGIC)).startswith(MAGIC) and not _is_file(name):
            raise SourceError(f"{name}: found Parquet in a pipe; legal: Parquet in a file, given by its name")
        packed = unpacked(raw)
        if packed is None:
            yield raw
            return
        try:
            yield packed.stream
        except packed.damage as error:
            raise SourceError(f"{name}: not readable as {packed.form} ({error})") from None


@contextmanager
def _read(name: str) -> Iterator[None]:
    """Tell in one line what the system refuses of a source."""
    try:
        yield
    except OSError as error:
        raise SourceError(f"{name}: cannot be read ({error.strerror or error})") from None


@contextmanager
def _raw(name: str) -> Iterator[io.BufferedReader]:
    if name == "-" and sys.stdin is None:
        raise SourceError("-: standard input is closed")
    if name == "-":
        yield cast("io.BufferedReader", sys.stdin.buffer)
        return
    with open(name, "rb") as stream:  # noqa: PTH123 - a name from the command line
        yield stream


def _split(stream: IO[bytes]) -> Iterator[Chunk]:
    number = 1
    rest: list[bytes] = []
    for data in _pieces(stream):
        head, newline, tail = data.rpartition(b"\n")
        if newline:
            lines = b"".join([*rest, head]).split(b"\n")
            yield Chunk(number, lines)
            number, rest = number + len(lines), []
        rest.append(tail)
    last = b"".join(rest)
    if last:
        yield Chunk(number, [last])


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """What can be had without waiting for more; the first piece without its byte order mark."""
    read = stream.read1 if isinstance(stream, io.BufferedReader) else stream.read
    first = read(_CHUNK_BYTES)
    yield first.removeprefix(_BOM)
    while data := read(_CHUNK_BYTES):
        yield data


def _with_content(name: str, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    for chunk in chunks:
        if any(line.strip() for line in chunk.lines):
            yield chunk
            yield from chunks
            return
    raise SourceError(f"{name}: found an empty file; legal: records, one a line, or pages of the API")


def _first_line(chunk: Chunk) -> Line:
    return next(Line(number, text) for number, text in enumerate(chunk.lines, chunk.number) if text.strip())


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _documents(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """JSON texts of several lines each; the lines as they are where the first of them is none."""
    lines = [line for chunk in chunks for line in chunk.lines]
    text = b"\n".join(lines).decode("utf-8", "surrogateescape")
    decoder, position, number = json.JSONDecoder(), 0, 1
    while (start := _after_blanks(text, position)) < len(text):
        number += text.count("\n", position, start)
        try:
            _, position = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):  # ValueError alone: a number of thousands of digits
            yield Chunk(number, lines[number - 1 :])
            return
        yield Chunk(number, [text[start:position].encode("utf-8", "surrogateescape")])
        number += text.count("\n", start, position)


def _after_blanks(text: str, position: int) -> int:
    found = _blanks(text, position)
    return found.end() if found else position
