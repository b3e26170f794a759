"""Datasets as the detector sees them: the three feeds that a manifest names, and nothing of the answers beside them."""

from pathlib import Path
from typing import Any, Final

import msgspec

from detector.source import SourceError

FORMAT: Final = "vaultdrill/dataset"
VERSION: Final = 1
FEEDS: Final = ("itemusages", "signinattempts", "auditevents")
FORMS: Final = ("ndjson", "parquet")


class _Manifest(msgspec.Struct):
    format: str
    version: int
    files: dict[str, dict[str, Any]]


def feeds(directory: Path) -> list[Path]:
    """The feeds of a dataset that hold records. Raises `SourceError` where *directory* is no dataset."""
    manifest = _manifest(directory)
    names = [_feed(directory, manifest, feed) for feed in FEEDS]
    return [directory / name for name in names if manifest.files[name].get("records") != 0]


def _feed(directory: Path, manifest: _Manifest, feed: str) -> str:
    names = [f"{feed}.{form}" for form in FORMS]
    held = [name for name in names if name in manifest.files and (directory / name).is_file()]
    if not held:
        raise SourceError(f"{directory / names[0]}: the dataset lacks this feed")
    return held[0]


def _manifest(directory: Path) -> _Manifest:
    path = directory / "manifest.json"
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=_Manifest)
    except FileNotFoundError:
        raise SourceError(f"{directory}: found a directory without manifest.json; legal: a dataset, or files") from None
    except (msgspec.DecodeError, OSError) as error:
        raise SourceError(f"{path}: not a dataset's manifest ({error})") from None
    if manifest.format != FORMAT or manifest.version != VERSION:
        found = f"{manifest.format} {manifest.version}"
        raise SourceError(f"{path}: found the format {found!r}; legal: '{FORMAT} {VERSION}'")
    return manifest
