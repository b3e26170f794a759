"""What brought events about, as the simulation of a dataset's people has written it down."""

from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from detector.source import read_chunks
from harness.truth import Truth

_NAME = "causes"


class CauseError(ValueError):
    """A file of causes cannot be read; the text is one line."""


class _Told(msgspec.Struct, frozen=True):
    uuid: str
    process: str


def processes(truth: Truth, uuids: Collection[str]) -> dict[str, str]:
    """The process that brought about each of the events *uuids*, where one did; nothing for a dataset of logs.

    Raises `CauseError`.
    """
    path = next((truth.directory / name for name in truth.manifest.files if Path(name).stem == _NAME), None)
    if path is None or not truth.manifest.files[path.name].records:
        return {}
    return {told.uuid: told.process for told in _told(path) if told.uuid in uuids}


def _told(path: Path) -> Iterator[_Told]:
    decode = msgspec.json.Decoder(_Told).decode
    for chunk in read_chunks(str(path)):
        for number, line in enumerate(chunk.lines, chunk.number):
            try:
                if line.strip():
                    yield decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise CauseError(f"{path}:{number}: {error}; legal: an event's uuid and its process") from None
