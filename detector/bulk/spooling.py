"""Spooling: parts of sources as records that can be sorted and, each on its own, be read again."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from detector.bulk.merging import seen
from detector.bulk.record_texts import record_texts, uuids_at
from detector.bulk.sight import Part, Sight
from detector.bulk.sorting import Records
from detector.columnar.coding import Coded
from detector.columnar.columns import Asked
from detector.source import Chunk


def records(name: str, part: Part, sights: Sequence[Sight], asked: Asked) -> Records:
    """What any of the rules sees of a part of the source *name*, read for what is *asked*."""
    return _of_columns(part, sights, asked) if isinstance(part, Coded) else _of_lines(name, part, sights)


def _of_columns(part: Coded, sights: Sequence[Sight], asked: Asked) -> Records:
    rows = [sight.coding.rows(part) for sight in sights]
    is_seen = np.logical_or.reduce([some.group != 0 for some in rows])
    places, numbers = np.flatnonzero(is_seen), np.cumsum(is_seen) - 1
    uuids = uuids_at(part.columns, places)
    texts = record_texts(part.columns, places, uuids, asked(part.columns.kind))
    return Records(uuids, texts, [(seen(some), numbers[some.group != 0]) for some in rows])


def _of_lines(name: str, chunk: Chunk, sights: Sequence[Sight]) -> Records:
    uuids: list[bytes] = []
    texts: list[bytes] = []
    numbers: dict[int, int] = {}
    found = []
    for sight in sights:
        events, lines = sight.noted(name, chunk)
        for event, line in zip(events, lines, strict=True):
            if numbers.setdefault(id(line), len(texts)) == len(texts):  # rules share lines, not what pages hold
                uuids.append(_encoded(event.uuid))
                texts.append(line)
        places = np.array([numbers[id(line)] for line in lines], np.int64)
        found.append((sight.coding.rows_of(events), places))
    return Records(pa.array(uuids, pa.binary()), pa.array(texts, pa.binary()), found)


def _encoded(uuid: str) -> bytes:
    """In UTF-8, which keeps the order of code points, also where it allows them nowhere else."""
    return uuid.encode("utf-8", "surrogatepass")
