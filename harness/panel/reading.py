"""Reading for a panel: the rows of several keyings from one reading, each with what the truth says of it.

A row's extra columns ride along with its values, so that feeds are merged as `detector.bulk.reading` merges them.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import numpy as np

from detector.bulk.merging import at, merged
from detector.bulk.reading import ColumnReader
from detector.bulk.sight import Part, Sight
from detector.bulk.skipping import records_in
from detector.bulk.tape import Tape
from detector.columnar.codes import Codes
from detector.columnar.coding import Coded
from detector.columnar.columns import Asked
from detector.columnar.lookup import looked_up
from detector.columnar.rows import Rows
from detector.event import Event
from detector.rules import NewValueRule
from detector.token import token
from harness.panel.keying import PERSON, reading_rule, suppressing_rules
from harness.panel.marks import Marks
from harness.panel.uuids import KnownUuids, Places, is_parquet

if TYPE_CHECKING:
    from numpy.typing import NDArray

MARKED: Final = 3
"""How many columns follow those of the values: the mark of the uuid, the person, whether a match is suppressed."""


class MarkingReader(ColumnReader):
    """Reads for each of the rules the rows that it sees, marked."""

    def __init__(self, rules: Sequence[NewValueRule], marks: Marks) -> None:
        silent = [suppressing_rules(rule) for rule in rules]
        super().__init__([*map(reading_rule, rules), *(each for some in silent for each in some)])
        self._marks = marks
        self._known = KnownUuids([*marks.codes])
        self._mark_codes: WeakKeyDictionary[Coded, NDArray[np.int32]] = WeakKeyDictionary()
        starts = np.cumsum([len(rules), *map(len, silent)]).tolist()
        self._seeing = [
            _Seeing(self._sights[number], self._sights[starts[number] : starts[number + 1]])
            for number in range(len(rules))
        ]

    @property
    def people(self) -> Codes:
        """The code of each person."""
        return self._fields[PERSON]

    def marked(self, names: Sequence[str]) -> Iterator[list[Rows]]:
        """For each rule its rows of the feeds, merged by time; the last `MARKED` columns of values are no values."""
        tapes = [Tape(partial(self._parts, name, self._paths), _records_in, len(self._seeing)) for name in names]
        streams = []
        for number, seeing in enumerate(self._seeing):
            parts = [self._rows(seeing, name, tape.follow(number)) for name, tape in zip(names, tapes, strict=True)]
            streams.append(parts[0] if len(parts) == 1 else merged(parts, self._nothing(seeing)))
        for batch in zip_longest(*streams):
            yield [rows or self._nothing(seeing) for rows, seeing in zip(batch, self._seeing, strict=True)]

    def _rows(self, seeing: "_Seeing", name: str, parts: Iterator[Part]) -> Iterator[Rows]:
        for part in parts:
            rows = seeing.sight.rows(name, part)
            yield self._of_columns(seeing, rows, part) if isinstance(part, Coded) else self._of_events(rows)

    def _of_columns(self, seeing: "_Seeing", rows: Rows, part: Coded) -> Rows:
        marks, person, silent = self._marks_of(part), part.codes(PERSON), seeing.silenced(part)
        values = _columns(rows)
        together = Rows(rows.t, rows.group, np.column_stack([values, marks, person, silent]), rows.event)
        return together if rows.group.all() else at(together, np.flatnonzero(rows.group))

    def _of_events(self, rows: Rows) -> Rows:
        events = list(map(rows.event, range(len(rows.t))))
        extra = np.array(list(map(self._marked, events)), np.int32).reshape(-1, MARKED)
        return Rows(rows.t, rows.group, np.column_stack([_columns(rows), extra]), rows.event)

    def _marked(self, event: Event) -> tuple[int, int, int]:
        person = event.lens.scalars(event.record)(PERSON)
        mark = self._marks.codes.get(event.uuid, 0)
        return mark, self.people[None if person is None else token(person)], bool(event.lens.suppresses(event.record))

    def _parts(self, name: str, asked: Asked, start: int = 0) -> Iterator[Part]:
        """As ever; of Parquet, the marks of each part are found as it is read, without a text for each uuid."""
        with_uuid = self._paths_and_uuid
        if not is_parquet(name):
            yield from super()._parts(name, with_uuid, start)
            return
        places = Places(self._known, name, start)
        for part in super()._parts(name, asked, start):
            marks = places.take(_records_in(part))
            if isinstance(part, Coded):
                self._mark_codes[part] = marks
            yield part

    def _marks_of(self, part: Coded) -> "NDArray[np.int32]":
        """The marks of a part's records, which several rules may ask for."""
        if part not in self._mark_codes:
            codes, tokens = part.columns.columns["uuid"]
            known = self._marks.codes
            found = np.fromiter((known.get(each or "", 0) for each in tokens), np.int32, len(tokens))
            self._mark_codes[part] = looked_up(found, codes)
        return self._mark_codes[part]

    @staticmethod
    def _nothing(seeing: "_Seeing") -> Rows:
        nothing = seeing.sight.nothing
        width = _columns(nothing).shape[1] + MARKED
        return Rows(nothing.t, nothing.group, np.empty((0, width), np.int32), nothing.event)


class _Seeing:
    """How one rule sees, and what of that its suppressions silence."""

    def __init__(self, sight: Sight, silencers: Sequence[Sight]) -> None:
        self.sight = sight
        self._silencers = silencers

    def silenced(self, part: Coded) -> "NDArray[np.bool_]":
        """For each record, whether a match of it is suppressed."""
        silent = np.zeros(len(part.columns.t), np.bool_)
        for silencer in self._silencers:
            silent |= silencer.coding.rows(part).group != 0
        return silent


def _columns(rows: Rows) -> "NDArray[np.int32]":
    """A column for each value, also where there is one."""
    return rows.values[:, None] if rows.values.ndim == 1 else rows.values


def _records_in(part: Part) -> int:
    return records_in(part.columns if isinstance(part, Coded) else part)
