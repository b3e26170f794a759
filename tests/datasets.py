"""Files of 1Password records, as tests write and read them."""

import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from builders import usage
from naive_records import SECOND, Json

from simulator.company import Company
from simulator.profile_file import load_profile
from simulator.records import FEEDS

DAY = 86_400 * SECOND
LEGAL = "legal: records of the 1Password Events API"
DATADOG = {"id": "x", "type": "log", "attributes": {"timestamp": "2026-01-05T00:00:00Z", "attributes": usage(0)}}
"""The same as Datadog keeps it, which is no record of the API."""
COMPANY = Company(people=25, days=24, seed=7, start=date(2026, 1, 5), profile=load_profile("startup-50"))


def line(record: Json) -> bytes:
    """A record as the API writes it, without a newline."""
    return json.dumps(record, separators=(",", ":")).encode()


def write(path: Path, *lines: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(each + b"\n" for each in lines))
    return path


def feed_lines(directory: Path, feed: str) -> list[bytes]:
    return (directory / f"{feed}.ndjson").read_bytes().split(b"\n")[:-1]


def rows(directory: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(each) for each in feed_lines(directory, name)]


def manifest(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "manifest.json").read_bytes())
    return found


def zipped(company: Path, out: Path) -> Iterator[Path]:
    """A compressed file of each feed."""
    for feed in reversed(FEEDS):
        write(out / f"{feed}.gz").write_bytes(gzip.compress((company / f"{feed}.ndjson").read_bytes(), 1))
        yield out / f"{feed}.gz"
