"""The columnar engine on codes alone: all that `ColumnarEngine.decide` does but for describing matches one by one."""

from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from benchmarks.codes import PART, CodedEvents
from detector.columnar.codes import Codes
from detector.columnar.engine import ColumnarEngine
from detector.columnar.kernel import NO_KEY
from detector.columnar.rows import Rows
from detector.columnar.tables import DenseTable
from detector.rules import shipped_rule
from detector.stores.memory import MemoryStore
from detector.verdict import UNSET


class Judge:
    """An engine of the shipped rule that has seen nothing yet."""

    def __init__(self, groups: Codes, values: Codes) -> None:
        self._engine = ColumnarEngine(shipped_rule(), groups, values, MemoryStore())

    def matches(self, rows: Rows) -> NDArray[np.int32]:
        """The places of a batch's matches."""
        engine = self._engine
        engine._make_room(rows.values.size)
        return engine._table.judge(rows, engine._windows, engine._clock).rows


class Numbered(Codes):
    """Codes of which only the number is told."""

    keys_of: Any = range(1)


class Batch(NamedTuple):
    rows: Rows
    groups: int
    values: int
    """Codes that have been met by its end, 0 included."""


class CodesJudge:
    """The same for batches of codes that nobody gave."""

    def __init__(self) -> None:
        self._groups, self._values = Numbered(), Numbered()
        self._judge = Judge(self._groups, self._values)

    def matches(self, batch: Batch) -> NDArray[np.int32]:
        """The places of a batch's matches."""
        self._groups.keys_of, self._values.keys_of = range(batch.groups), range(batch.values)
        return self._judge.matches(batch.rows)


def batches(events: CodedEvents) -> list[Batch]:
    """The events as `detector.columnar.coding.Coding` would hand them over."""
    groups, values = (np.maximum.accumulate(codes) + 1 for codes in (events.group, events.value))
    made = []
    for start in range(0, len(events.t), PART):
        part = slice(start, start + PART)
        rows = Rows(events.t[part], events.group[part], events.value[part], _unasked)
        made.append(Batch(rows, int(groups[part][-1]), int(values[part][-1])))
    return made


class Prepared:
    """The kernel over batches, again and again from nothing, in memory that the first time made room for.

    Clearing that memory is counted, getting it is not: on a machine that maps fresh pages slowly it would take several
    times as long as everything else, and differently from run to run.
    """

    def __init__(self, batches: Sequence[Batch]) -> None:
        self._batches = batches
        self._judge = CodesJudge()
        self._matches()

    def found(self) -> NDArray[np.int64]:
        """The row numbers of all matches."""
        engine = self._judge._judge._engine
        engine._clock[:] = UNSET, 0
        table = engine._table
        table.pairs = 0
        if isinstance(table, DenseTable):
            table._cells[:] = UNSET
        else:
            table._firsts[:], table._slots[:] = UNSET, NO_KEY
        return self._matches()

    def _matches(self) -> NDArray[np.int64]:
        parts = [self._judge.matches(batch) + np.int64(PART * at) for at, batch in enumerate(self._batches)]
        return np.concatenate(parts)


def _unasked(row: int) -> NoReturn:
    raise AssertionError(f"row {row}: the kernel asks for no event")
