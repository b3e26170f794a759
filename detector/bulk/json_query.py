"""JSON query: what DuckDB is asked, to read fields of a file's records."""

import re
from collections.abc import Collection, Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from detector.bulk.doubt import Doubt

if TYPE_CHECKING:
    import pyarrow as pa

ROWS: Final = 32_768
"""So many rows make a batch; with four times as many the reading took 2 to 5 percent longer."""
_LONGEST: Final = 1 << 20
"""Bytes of the longest line that DuckDB is to read; it has buffers of twice as many."""
_SETTINGS: Final[dict[str, Any]] = {
    "threads": 1,
    "memory_limit": "512MB",
    "temp_directory": "",
    "autoinstall_known_extensions": False,
}
_is_plain_step = re.compile(r"[A-Za-z0-9_@ -]+").fullmatch
_is_special = re.compile(r"[*?\[\]{}\\\x00]|://").search


def read_texts(name: str, paths: Collection[str], strings: Collection[str]) -> "Generator[pa.RecordBatch, None, None]":
    """The value at each of *paths* (`user.email`) of the file's records, null where there is none, in order.

    It is the JSON text, but what a string says at those of the paths that are *strings*; any other value there is
    written as DuckDB likes, which takes it less time. `RawTexts.are_strings` tells whether there may be one.
    Raises `Doubt` where DuckDB raises anything, or may take the question for another.
    """
    import duckdb

    file = str(Path(name).absolute())
    if _is_special(file):
        raise Doubt
    query = _query(paths, strings)
    try:
        with (
            duckdb.connect(":memory:", config=_SETTINGS) as connection,
            closing(connection.sql(query, params=[file]).to_arrow_reader(ROWS)) as batches,
        ):
            yield from batches
    except Exception as error:  # DuckDB's own, or of Arrow or the system, from one version to the next
        raise Doubt from error


def _query(paths: Collection[str], strings: Collection[str]) -> str:
    """The question, one column a path. Raises `Doubt` where DuckDB gives a name a meaning of its own."""
    if not _stand_apart(paths):
        raise Doubt
    tree: dict[str, Any] = {}
    for path in paths:
        *parents, last = path.split(".")
        branch = tree
        for step in parents:
            branch = branch.setdefault(step, {})
        branch[last] = "VARCHAR" if path in strings else "JSON"
    types = ", ".join(f"'{step}': '{_type(below)}'" for step, below in tree.items())
    columns = ", ".join(map(_column, paths))
    options = f"format = 'newline_delimited', compression = 'none', maximum_object_size = {_LONGEST}"
    return f"SELECT {columns} FROM read_json(?, columns = {{{types}}}, hive_partitioning = false, {options})"  # noqa: S608 - plain names


def _stand_apart(paths: Collection[str]) -> bool:
    """Whether none is within another, and no two steps are the same but for their case, which DuckDB overlooks."""
    steps = {path[:end] for path in paths for end in [*(dot.start() for dot in re.finditer(r"[.]", path)), len(path)]}
    if not all(map(_is_plain_step, (step for path in paths for step in path.split(".")))):
        return False
    within = any(other.startswith(f"{path}.") for path in paths for other in paths)
    return not within and len({step.lower() for step in steps}) == len(steps)


def _type(below: dict[str, Any] | str) -> str:
    """What DuckDB is to make of a value, or of an object of these members."""
    if isinstance(below, str):
        return below
    members = ", ".join(f'"{step}" {_type(deeper)}' for step, deeper in below.items())
    return f"STRUCT({members})"


def _column(path: str) -> str:
    first, *steps = path.split(".")
    value = f'"{first}"'
    for step in steps:
        value = f"struct_extract({value}, '{step}')"
    return f"CAST({value} AS VARCHAR)"
