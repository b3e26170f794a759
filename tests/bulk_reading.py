"""Files read in bulk and line by line, by what the two have to agree on."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from builders import new_value_rule
from naive_records import Json

from detector.bulk.ndjson import read_ndjson
from detector.columnar.coding import Coded, Coding, Fields
from detector.columnar.columns import Columns
from detector.onepassword import Kind, path_of
from detector.questions import fields_of
from detector.reading import Lines, Reader
from detector.rules import NewValueRule, parse_rule
from detector.selection import Selector
from detector.source import Chunk, SourceError

Seen: TypeAlias = tuple[list[Any], list[str], int, Counter[str]]
"""Events, complaints, records read, and how many of them the rule ignored for which reason."""


def parsed(document: Json) -> NewValueRule:
    return parse_rule(json.dumps(document), "rule.json")


RULE: Final = parsed(new_value_rule(metrics=("@evt.name", "@x"), message="{{@y.z}} in {{@item_uuid}}"))


class Parts(NamedTuple):
    """A file as the bulk reader gives it."""

    columns: list[Columns]
    chunks: list[Chunk]

    @property
    def rows(self) -> int:
        return sum(len(columns.t) for columns in self.columns)


def parts(name: str, rule: NewValueRule = RULE) -> Iterator[Columns | Chunk]:
    def asked(kind: Kind) -> set[str]:
        return {path for field in fields_of(rule) if (path := path_of(field, kind))}

    return read_ndjson(name, asked)


def split(name: str, rule: NewValueRule = RULE) -> Parts:
    found = list(parts(name, rule))
    columns = [part for part in found if isinstance(part, Columns)]
    return Parts(columns, [part for part in found if isinstance(part, Chunk)])


def by_lines(name: str, rule: NewValueRule = RULE) -> Seen:
    selector, complaints, events = Selector(rule), list[str](), []
    try:
        for batch in Reader(selector, complaints.append).batches([name]):
            events += [(event.uuid, event.timestamp, event.group, event.values) for event in batch]
    except SourceError as error:
        complaints.append(str(error))
    return events, complaints, selector.read, +selector.ignored


def in_bulk(name: str, rule: NewValueRule = RULE) -> Seen:
    fields, selector, complaints, events = Fields(), Selector(rule), list[str](), list[Any]()
    coding, lines = Coding(rule, fields), Lines(selector, complaints.append)
    try:
        for part in parts(name, rule):
            batch = (
                lines.events(name, part)
                if isinstance(part, Chunk)
                else list(_told(coding, Coded(part, fields), Selector(rule)))
            )
            events += [(event.uuid, event.timestamp, event.group, event.values) for event in batch]
    except SourceError as error:
        complaints.append(str(error))
    return events, complaints, selector.read + coding.read, selector.ignored + coding.ignored


def _told(coding: Coding, coded: Coded, selector: Selector) -> Iterator[Any]:
    """The events of rows that the rule sees: as their codes have them, and as *selector* reads their lines."""
    rows = coding.rows(coded)
    for row in rows.group.nonzero()[0].tolist():
        event, read = rows.event(row), selector.select(coded.columns.line(row))
        assert read is not None
        assert (event.uuid, event.timestamp, event.group, event.values) == (
            *(read.uuid, read.timestamp, read.group, read.values),
        )
        yield event


def written(folder: Path, data: bytes, name: str = "events.ndjson") -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)
