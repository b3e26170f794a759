"""Output: results as NDJSON, JSON or a table, to standard output or to a file that appears whole or not at all."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import RawIOBase
from pathlib import Path
from typing import IO, Any, Final, TypeAlias, cast

import msgspec

FORMATS: Final = ("ndjson", "json", "table")
Row: TypeAlias = dict[str, Any]
Tabulated: TypeAlias = Callable[[Sequence[Row]], str]


class OutputError(ValueError):
    """The file for the results cannot be written; the text is one line that names it."""


@contextmanager
def opened(out: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or *out* through a sibling that takes its name when the block ends well."""
    if out is None:
        yield from _standard_output()
        return
    if out.exists() and not out.is_file():  # a device or a pipe has no name to be taken over
        with _created(out, out, "wb") as stream:
            yield stream
        return
    target = out.resolve()
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with telling(out):
            partial.unlink(missing_ok=True)  # of who was killed: in a container, numbers come again
        with _created(out, partial, "xb") as stream:
            yield stream
        with telling(out):
            partial.replace(target)
    finally:
        with suppress(OSError):  # a disk to read only refuses this too, and what it refused first is told
            partial.unlink(missing_ok=True)


@contextmanager
def _created(out: Path, path: Path, mode: str) -> Iterator[IO[bytes]]:
    """The file *path* for the results *out*; what it refuses when it is opened or closed is told of *out*."""
    with telling(out):
        stream = path.open(mode)
    try:
        yield cast("IO[bytes]", NamedStream(out, stream))
    finally:
        with telling(out):
            stream.close()


class NamedStream:
    """A stream whose refusals name the file that the user named."""

    def __init__(self, out: Path, stream: IO[bytes]) -> None:
        self._out = out
        self._stream = stream

    def write(self, data: bytes) -> int:
        """Write all of *data*."""
        with telling(self._out):
            return self._stream.write(data)

    def flush(self) -> None:
        """Hand on what is buffered."""
        with telling(self._out):
            self._stream.flush()


@contextmanager
def telling(out: Path) -> Iterator[None]:
    """Tell in one line what the system refuses of *out*; a reader may leave as ever."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror or error})") from None


def _standard_output() -> Iterator[IO[bytes]]:
    """Standard output through a buffer: without one (PYTHONUNBUFFERED), a write may be partial and not say so."""
    if sys.stdout is None:
        raise OutputError("standard output is closed; legal: --out FILE")
    stream = sys.stdout.buffer
    if isinstance(stream, RawIOBase):
        with os.fdopen(stream.fileno(), "wb", closefd=False) as buffered:
            yield buffered
    else:
        yield stream
        stream.flush()


def write_rows(stream: IO[bytes], chosen: str, rows: Iterable[Sequence[Row]], tabulated: Tabulated) -> None:
    """Write batches of rows: NDJSON as they come, the other formats at the end, when all are known."""
    if chosen == "ndjson":
        encoder = msgspec.json.Encoder()
        for batch in rows:
            stream.write(encoder.encode_lines(batch))
            stream.flush()
        return
    everything = [row for batch in rows for row in batch]
    text = tabulated(everything).encode() if chosen == "table" else json_text(everything)
    stream.write(text + b"\n")


def default_format(out: Path | None) -> str:
    """A table for a person at a terminal, NDJSON for everything else."""
    return "table" if out is None and sys.stdout is not None and sys.stdout.isatty() else "ndjson"


def counted(count: int, noun: str, several: str | None = None) -> str:
    """A number with its noun.

    >>> counted(1, "incident"), counted(12_345, "incident"), counted(0, "person", "people")
    ('1 incident', '12,345 incidents', '0 people')
    """
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"


def json_text(value: object) -> bytes:
    """Indented JSON, without a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2)
