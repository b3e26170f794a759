"""The columnar engine: the same verdicts over columns of codes, at the speed of memory.

It reads the store once, keeps what it knows in tables, and commits once. Matches are described one by one, since they
are few; everything else is `detector.columnar.kernel`'s one pass.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from detector.clock import Windows, resume
from detector.columnar.codes import Codes
from detector.columnar.compiled import compiled
from detector.columnar.rows import Rows
from detector.columnar.tables import DenseTable, HashedTable, Known, is_sparse
from detector.event import Event
from detector.gathering import Gathering
from detector.questions import judges_apart, place_of
from detector.rules import NewValueRule
from detector.signals import Match, Signal
from detector.stores.base import BaselineStore
from detector.stores.blob import Baseline
from detector.stores.layout import VALUES_A_PAGE
from detector.stores.paged import PagedStore
from detector.token import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ColumnarEngine:
    """Decides rows whose codes are of *groups* and *values*.

    With a *store* it starts from what that holds, and `commit` writes all that changed; nobody else may write to it in
    between. *enabled_at* is in nanoseconds since the epoch, or None to start with the first event. Raises
    `StoreError` where the store belongs to another rule.
    """

    def __init__(
        self,
        rule: NewValueRule,
        groups: Codes,
        values: Codes,
        store: BaselineStore,
        enabled_at: int | None = None,
        *,
        values_a_page: int = VALUES_A_PAGE,
    ) -> None:
        self.rule = rule
        self.not_enabled = 0
        """How many selected events came before the rule was enabled, and were not seen."""
        self._groups = groups
        self._values = values
        self._store = PagedStore(store, values_a_page)
        self._windows = Windows.of(rule, enabled_at)
        self._stored = resume(store, rule, self._windows.enabled_at)
        self._clock = np.array([self._stored.rule_start, self._stored.live], np.int64)
        self._gathering = Gathering(rule)
        self._signals: dict[Key, bytes] = {}
        """What the store holds of open signals."""
        self._pages: dict[Key, int] = {}
        """On how many pages it has the values of those groups that have any."""
        self._apart = judges_apart(rule)
        self._table: DenseTable | HashedTable = HashedTable() if self._apart else DenseTable()
        self._touched: NDArray[np.bool_] = np.zeros(1, np.bool_)
        """By group: whether it was seen since the last commit."""
        self._load()

    def decide(self, batch: Rows) -> list[Match]:
        """Decide a batch in its order; the matches, in order."""
        self._make_room(batch.values.size)
        judged = self._table.judge(batch, self._windows, self._clock)
        self.not_enabled += judged.unseen
        _mark(self._touched, batch.group)
        found = zip(judged.rows.tolist(), judged.news.tolist(), strict=True)
        return [self._match(batch.event(row), new) for row, new in found]

    def commit(self) -> None:
        """Commit what was decided since the last commit: state, open signals and checkpoint together."""
        self._signals.update({group: kept.signal for group, kept in self._gathering.changed().items()})
        start, live = self._clock.tolist()
        checkpoint = replace(self._stored, rule_start=start, live=bool(live), progress=None).encode()
        touched = dict(self._baselines())
        self._pages.update((group, touched[group].pages) for group in self._store.commit(touched, checkpoint))
        self._touched[:] = False

    def closed(self) -> list[Signal]:
        """Signals that another has replaced since the last call, in the order in which that happened."""
        return self._gathering.closed()

    def still_open(self) -> list[Signal]:
        """Signals that gained matches in this run and are open, in the order of their opening in it."""
        return self._gathering.still_open()

    def _make_room(self, values: int) -> None:
        """Room for every code there is, in the layout that suits their numbers."""
        groups, width = len(self._groups.keys_of), len(self._values.keys_of)
        table = self._table
        if isinstance(table, DenseTable):
            if is_sparse(groups, width, table.pairs + values):
                self._table = table = _hashed(table, groups)
            else:
                table.reserve(groups, width)
        if isinstance(table, HashedTable):
            table.reserve(groups, values)
        if groups > len(self._touched):
            self._touched = np.concatenate([self._touched, np.zeros(groups, np.bool_)])

    def _match(self, event: Event, new: int) -> Match:
        values = list(event.values)
        if self._apart:
            values = [value for value in values if new >> place_of(value) & 1]
        return self._gathering.match(event, values, self._signals.get(event.group))

    def _load(self) -> None:
        """Take over what the store holds."""
        groups, firsts, known = [], [], []
        for key, baseline in self._store.scan():
            group = self._groups[key]
            groups.append(group)
            firsts.append(baseline.first_seen)
            known += [(group, self._values[value], last) for value, last in baseline.last_seen.items()]
            if baseline.signal is not None:
                self._signals[key] = baseline.signal
            if baseline.pages:
                self._pages[key] = baseline.pages
        if groups:
            self._make_room(len(known))
            pairs = np.array(known, np.int64).reshape(-1, 3).T
            self._table.put(np.array(groups), np.array(firsts), Known(*pairs))

    def _baselines(self) -> Iterator[tuple[Key, Baseline]]:
        """The groups that were touched, with what is known of them."""
        known = self._table.known()
        ours = np.flatnonzero(self._touched[known.group])
        order = ours[np.argsort(known.group[ours], kind="stable")]
        groups, starts = np.unique(known.group[order], return_index=True)
        firsts = self._table.first_seen(groups)
        ends = np.append(starts, len(order)).tolist()[1:]
        values, lasts = known.value[order].tolist(), known.last[order].tolist()
        for group, first, start, end in zip(groups.tolist(), firsts.tolist(), starts.tolist(), ends, strict=True):
            key = self._groups.keys_of[group]
            assert key is not None
            names = [name for value in values[start:end] if (name := self._values.keys_of[value])]
            seen = dict(zip(names, lasts[start:end], strict=True))
            yield key, Baseline(first, seen, self._signals.get(key), pages=self._pages.get(key, 0))


def _mark(marks: "NDArray[np.bool_]", codes: "NDArray[np.int32]") -> None:
    """Set the mark of each code, in a quarter of the time that numpy takes."""
    codes = codes.view()
    codes.flags.writeable = False  # one compilation for what pyarrow lends and what is ours
    _set(marks, codes)


@compiled
def _set(marks: Any, codes: Any) -> None:
    for row in range(len(codes)):
        marks[np.uint64(codes[row])] = True


def _hashed(table: DenseTable, groups: int) -> HashedTable:
    """The same knowledge in the other layout, with room for group codes below *groups*."""
    known, all_groups = table.known(), table.groups()
    hashed = HashedTable()
    hashed.reserve(groups, len(known.group))
    hashed.put(all_groups, table.first_seen(all_groups), known)
    return hashed
