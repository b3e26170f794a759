"""Datasets: a directory of NDJSON or Parquet files and a manifest, there as a whole or not at all."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from importlib import import_module
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import msgspec

from simulator.hashed_file import HashedFile
from simulator.records import FEEDS, parse_timestamp, timestamp_text

if TYPE_CHECKING:
    from simulator.parquet import TableFile

FORMAT: Final = "vaultdrill/dataset"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
TABLES: Final = (*FEEDS, "causes")
"""What a Parquet dataset holds in ``<name>.parquet``."""
FILES: Final = (*TABLES, "labels", "incidents")
"""What a dataset holds, each in ``<name>.ndjson`` unless it is a table."""

FileFormat = Literal["ndjson", "parquet"]
"""How a dataset keeps its `TABLES`."""

_BATCH = 4096  # lines written at once
_SHOWN = 60  # characters of what is found where it is not legal


def installed_versions() -> dict[str, str]:
    """Return the versions that can change a dataset's bytes."""
    return {name: version(name) for name in ("vaultdrill", "numpy", "faker", "holidays")}


class DatasetError(ValueError):
    """A dataset cannot be written or read; the text is one line that says which and why."""


class Period(msgspec.Struct, frozen=True):
    """The time a dataset covers: RFC 3339, *start* inclusive, *end* exclusive."""

    start: str
    end: str


class File(msgspec.Struct, frozen=True):
    """One file of a dataset: how many lines, and the SHA-256 of its bytes in hexadecimal."""

    records: int
    sha256: str


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a dataset was made from: enough to make it again.

    *seed* is None, and *parameters* say nothing of a company, where the records are nobody's simulation.
    """

    seed: int | None
    parameters: Mapping[str, object]
    period: Period
    scenarios: tuple[str, ...] = ()
    versions: Mapping[str, str] = msgspec.field(default_factory=installed_versions)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset's `Header` and the facts of its files, as ``manifest.json`` holds them."""

    format: str
    version: int
    seed: int | None
    parameters: Mapping[str, object]
    period: Period
    scenarios: tuple[str, ...]
    versions: Mapping[str, str]
    files: Mapping[str, File]


_LEGAL: Final[Mapping[str, tuple[Any, str]]] = {
    "seed": (int | None, "an integer"),
    "parameters": (dict[str, object], "an object"),
    "period": (Period, "an object with start and end, both text"),
    "scenarios": (tuple[str, ...], "a list of text"),
    "versions": (dict[str, str], "an object of text"),
    "files": (dict[str, File], "for each file an object with records, an integer, and sha256, text"),
}
"""Of each field of a manifest, besides format and version: its type, and the same in words."""


def period(begin: int, end: int) -> Period:
    """Return the period between two times in nanoseconds since the epoch.

    >>> period(0, 86_400 * 10**9)
    Period(start='1970-01-01T00:00:00Z', end='1970-01-02T00:00:00Z')
    """
    return Period(timestamp_text(begin), timestamp_text(end))


class DatasetWriter:
    """Writes a dataset to the directory *out*, which must not exist or be empty.

    Use it as a context manager: all appears under *out* when the block ends, and nothing stays behind
    when it fails. Raise DatasetError for a directory in use and for whatever the disk refuses; it calls
    the dataset *called*, where that is not *out*.
    """

    def __init__(
        self, out: Path, header: Header, file_format: FileFormat = "ndjson", called: Path | None = None
    ) -> None:
        refuse_format(file_format)
        self._out = out
        self._called = called or out
        self._header = header
        self._partial = out.absolute().with_name(f".{out.absolute().name}.{os.getpid()}.partial")
        self._open = ExitStack()
        self._suffixes = {name: file_format if name in TABLES else "ndjson" for name in FILES}
        self._files: dict[str, HashedFile] = {}
        self._lines: dict[str, HashedFile] = {}
        self._tables: dict[str, TableFile] = {}
        self._records = dict.fromkeys(FILES, 0)

    def __enter__(self) -> Self:
        try:
            with one_line(self._called):
                self._begin()
        except BaseException:
            self._clear()
            raise
        return self

    def append(self, name: str, parts: Iterable[bytes | memoryview], records: int) -> None:
        """Append *parts*, together *records* whole lines, to the file of *name*, one of `FILES` kept as lines."""
        with one_line(self._called):
            for part in parts:
                self._lines[name].write(part)
        self._records[name] += records

    def write(self, name: str, lines: Iterable[bytes]) -> None:
        """Append *lines*, each ending in a newline, to the file of *name*, one of `FILES` kept as lines."""
        rest = iter(lines)
        while batch := list(islice(rest, _BATCH)):
            self.append(name, [b"".join(batch)], len(batch))

    def append_table(self, name: str, table: Any) -> None:
        """Append *table*, a row group, to the file of *name*, one of the `TABLES` of a Parquet dataset."""
        with one_line(self._called):
            self._tables[name].append(table)
        self._records[name] += table.num_rows

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with one_line(self._called):
                    self._finish()
        finally:
            self._clear()

    def _begin(self) -> None:
        refuse_used(self._out)
        self._partial.mkdir(parents=True)
        beside = self._open.enter_context(ThreadPoolExecutor(max_workers=1))
        for name, suffix in self._suffixes.items():
            self._files[name] = HashedFile(self._partial / f"{name}.{suffix}", beside)
            self._open.enter_context(closing(self._files[name]))
        tables = {name for name, suffix in self._suffixes.items() if suffix == "parquet"}
        self._lines = {name: file for name, file in self._files.items() if name not in tables}
        if tables:
            self._begin_tables(tables)

    def _begin_tables(self, names: Iterable[str]) -> None:
        from simulator.parquet import TableFile  # takes pyarrow, which nobody else waits for

        for name in names:
            self._tables[name] = TableFile(name, self._files[name])
            self._open.callback(self._tables[name].abandon)

    def _clear(self) -> None:
        self._open.close()
        shutil.rmtree(self._partial, ignore_errors=True)

    def _finish(self) -> None:
        for table in self._tables.values():
            table.close()
        files = {
            f"{name}.{suffix}": File(self._records[name], self._files[name].hexdigest())
            for name, suffix in self._suffixes.items()
        }
        self._open.close()
        header = msgspec.structs.asdict(self._header)
        if self._tables:
            header["versions"] = {**self._header.versions, "pyarrow": version("pyarrow")}
        manifest = Manifest(format=FORMAT, version=VERSION, **header, files=files)
        text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
        (self._partial / MANIFEST).write_bytes(text + b"\n")
        if self._out.exists():
            self._out.rmdir()
        self._partial.rename(self._out)


def refuse_format(file_format: FileFormat) -> None:
    """Raise DatasetError where a dataset cannot be written in *file_format* because its library is not installed."""
    if file_format == "parquet":
        try:
            import_module("pyarrow.parquet")
        except ImportError:
            legal = "ndjson, or pip install 'vaultdrill[columnar]'"
            raise DatasetError(f"--format: found parquet, but not pyarrow; legal: {legal}") from None


def refuse_used(out: Path) -> None:
    """Raise DatasetError where a dataset cannot be written to *out* because something is there."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DatasetError(f"{out}: found something there; legal: an empty or absent directory")


def read_manifest(directory: Path) -> Manifest:
    """Return the manifest of the dataset in *directory*.

    Raise DatasetError if there is none, if it is not ours, or if it is of a version we do not know.
    """
    path = directory / MANIFEST
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise DatasetError(f"{path}: not found; legal: a directory that vaultdrill wrote") from None
    except NotADirectoryError:
        raise DatasetError(f"{directory}: found a file; legal: a directory that vaultdrill wrote") from None
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise DatasetError(f"{path}: found bytes that are no UTF-8; legal: JSON") from None
    except json.JSONDecodeError as error:
        raise DatasetError(f"{path}:{error.lineno}: found {error.msg}; legal: JSON") from None
    return _manifest(path, found)


def _manifest(path: Path, found: object) -> Manifest:
    foreign = found if isinstance(found, dict) else {}
    for field, legal in (("format", FORMAT), ("version", VERSION)):
        if foreign.get(field) != legal:
            raise DatasetError(f"{path}: {field}: found {foreign.get(field)!r}; legal: {legal!r}")
    for field, (kind, legal) in _LEGAL.items():
        if field not in foreign:
            raise DatasetError(f"{path}: {field}: not found; legal: {legal}")
        try:
            msgspec.convert(foreign[field], kind)
        except msgspec.ValidationError:
            raise DatasetError(f"{path}: {field}: found {_shortly(foreign[field])}; legal: {legal}") from None
    manifest = msgspec.convert(found, Manifest)
    _refuse_period(path, manifest.period)
    people = manifest.parameters.get("people", 1)
    if type(people) is not int or people < 1:
        raise DatasetError(f"{path}: parameters.people: found {_shortly(people)}; legal: an integer, 1 or more")
    return manifest


def _refuse_period(path: Path, found: Period) -> None:
    """Raise DatasetError for a period that does not begin before it ends."""
    times = []
    for name, text in (("start", found.start), ("end", found.end)):
        try:
            times.append(parse_timestamp(text))
        except ValueError:
            legal = "RFC 3339 like 2026-01-31T09:30:00Z"
            raise DatasetError(f"{path}: period.{name}: found {_shortly(text)}; legal: {legal}") from None
    if times[0] >= times[1]:
        raise DatasetError(f"{path}: period.end: found {_shortly(found.end)}; legal: after {found.start}")


def _shortly(found: object) -> str:
    text = repr(found)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


@contextmanager
def one_line(out: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a DatasetError that names the dataset *out*."""
    try:
        yield
    except OSError as error:
        raise DatasetError(f"{out}: {error.strerror or error}") from error
