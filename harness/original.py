"""The original: what scenarios are woven into, a dataset or 1Password's own logs, as three feeds of lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from detector.source import read_chunks
from harness.log_files import log_files
from harness.logs import sort_logs
from scenarios.ground_truth import Incident, Label, read_incidents, read_labels
from simulator.records import FEEDS
from simulator.writers import MANIFEST, DatasetError, Header, Manifest, read_manifest


class OriginalError(ValueError):
    """Scenarios cannot be woven into this; the text is one line."""


@dataclass(frozen=True, slots=True)
class Original:
    """The feeds, each a file of one record a line in order of arrival, and what is known of them.

    *header* is what they were made from, *warnings* what a user should know before the result is trusted.
    """

    feeds: dict[str, Path]
    causes: Path | None
    header: Header
    labels: list[Label]
    incidents: list[Incident]
    warnings: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of all feeds, one feed after the other."""
        for feed in FEEDS:
            with self.feeds[feed].open("rb") as lines:
                yield from lines


def read_original(into: Sequence[Path], scratch: Path) -> Original:
    """Return what *into* names: a dataset in NDJSON or Parquet, or files or directories of 1Password logs.

    What is not NDJSON of a dataset already is written so to *scratch*, an empty directory. Raise one-line errors
    of ours for what is neither, and for records that cannot be read.
    """
    datasets = [path for path in into if (path / MANIFEST).is_file()]
    if datasets and len(into) > 1:
        raise OriginalError(f"{datasets[0]}: found a dataset among several; legal: one dataset, or 1Password logs")
    return _dataset(datasets[0], scratch) if datasets else _logs(into, scratch)


def _logs(into: Sequence[Path], scratch: Path) -> Original:
    found = sort_logs(log_files(into), scratch)
    feeds = {feed: scratch / f"{feed}.ndjson" for feed in FEEDS}
    return Original(feeds, None, Header(seed=None, parameters={}, period=found.period), [], [], found.warnings)


def _dataset(directory: Path, scratch: Path) -> Original:
    manifest = read_manifest(directory)
    return Original(
        feeds={feed: _lines_of(directory, feed, manifest, scratch) for feed in FEEDS},
        causes=_lines_of(directory, "causes", manifest, scratch) if "causes" in _held(manifest) else None,
        header=Header(
            seed=manifest.seed,
            parameters=manifest.parameters,
            period=manifest.period,
            scenarios=manifest.scenarios,
            versions=manifest.versions,
        ),
        labels=read_labels(directory / "labels.ndjson"),
        incidents=read_incidents(directory / "incidents.ndjson"),
    )


def _held(manifest: Manifest) -> set[str]:
    return {Path(name).stem for name in manifest.files}


def _lines_of(directory: Path, name: str, manifest: Manifest, scratch: Path) -> Path:
    """The file of lines that a dataset has under *name*; of a table, they are written to *scratch*."""
    if f"{name}.ndjson" in manifest.files:
        return directory / f"{name}.ndjson"
    if f"{name}.parquet" not in manifest.files:
        raise DatasetError(f"{directory}: {name}.ndjson: not found among the manifest's files; legal: all three feeds")
    lines = scratch / f"{name}.ndjson"
    with lines.open("wb") as stream:
        for chunk in read_chunks(str(directory / f"{name}.parquet")):
            stream.writelines(line + b"\n" for line in chunk.lines)
    return lines
