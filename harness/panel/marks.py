"""Marks: what the truth says of a record by its uuid, as small codes."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from harness.truth import Truth

if TYPE_CHECKING:
    from numpy.typing import NDArray

CAUSES: Final = "causes"


class MarksError(ValueError):
    """A dataset's causes cannot be read; one line."""


class _Cause(msgspec.Struct):
    uuid: str
    process: str


class Runs(NamedTuple):
    """The staged incidents by code, which is their place here; the first stands for none."""

    names: list[str]
    codes: dict[str, int]
    is_attack: "NDArray[np.bool_]"


class Marks:
    """A code from 1 for every uuid that the truth knows of, and what it stands for; 0 is any other."""

    def __init__(self, truth: Truth) -> None:
        kinds = {incident.run: incident.kind for incident in truth.incidents}
        kinds.update({label.run: label.kind for label in truth.labels.values()})
        names = ["", *kinds]
        codes = {run: code for code, run in enumerate(names)}
        self.runs = Runs(names, codes, np.array([False, *(kind == "attack" for kind in kinds.values())]))
        process_codes = {"": 0}
        self.codes: dict[str, int] = {}
        run, process = [0], [0]
        for uuid, label in truth.labels.items():
            self.codes[uuid] = len(run)
            run.append(codes[label.run])
            process.append(0)
        for uuid, name in read_causes(truth.directory):
            code = process_codes.setdefault(name, len(process_codes))
            place = self.codes.setdefault(uuid, len(run))
            if place == len(run):
                run.append(0)
                process.append(code)
            process[place] = code
        self.processes = list(process_codes)
        self.run = np.array(run, np.int32)
        """The run of each code."""
        self.process = np.array(process, np.int32)
        """The process of each code, by its place among `processes`; 0 is none."""


def read_causes(directory: Path) -> Iterable[tuple[str, str]]:
    """Each event that a process brought about, with the process; none where the dataset does not say.

    Raises `MarksError` on a file that is there and cannot be read.
    """
    parquet, ndjson = (directory / f"{CAUSES}.{form}" for form in ("parquet", "ndjson"))
    if parquet.is_file():
        return _of_parquet(parquet)
    return _of_ndjson(ndjson) if ndjson.is_file() else ()


def _of_ndjson(path: Path) -> list[tuple[str, str]]:
    decoder = msgspec.json.Decoder(_Cause)
    try:
        return [(cause.uuid, cause.process) for cause in decoder.decode_lines(path.read_bytes())]
    except (msgspec.DecodeError, OSError, UnicodeDecodeError) as error:
        raise MarksError(f"{path}: found {error}; legal: a uuid and a process a line") from None


def _of_parquet(path: Path) -> Iterable[tuple[str, str]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table: Any = parquet.read_table(path, columns=["uuid", "process"])
    except (pa.ArrowException, OSError) as error:
        raise MarksError(f"{path}: found {str(error).splitlines()[0]}; legal: columns uuid and process") from None
    return zip(table["uuid"].to_pylist(), table["process"].to_pylist(), strict=True)
