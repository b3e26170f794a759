"""Warm baselines: those of the groups met lately, at hand between a read and the commits that follow."""

from collections.abc import Callable, Iterable, Mapping

from detector.event import Event
from detector.stores.blob import Baseline, empty_baseline
from detector.stores.paged import PagedStore
from detector.token import Key
from detector.verdict import UNSET


class WarmBaselines:
    """Baselines as the store has them, or will have after the next commit: one writer needs no second look."""

    def __init__(self, store: PagedStore) -> None:
        self.baselines: dict[Key, Baseline] = {}
        self._store = store
        self._touched: dict[Key, None] = {}
        """The groups of the current batch."""
        self._paged: set[Key] = set()
        """The groups at hand that have pages, or had some."""
        self._values: dict[Key, dict[Key, None]] = {}
        """The values of the current batch, by those groups."""

    def recall(self, groups: Mapping[Key, None]) -> None:
        """Have the groups at hand, which belong to the current batch; those that are cold are read all at once."""
        baselines = self.baselines
        cold = [group for group in groups if group not in baselines]
        for group, baseline in zip(cold, self._store.read(cold), strict=True):
            baselines[group] = baseline or empty_baseline()
            if baseline is not None and baseline.pages:
                self._paged.add(group)
        self._touched.update(groups)

    def judged(self, groups: Mapping[Key, None], events: Iterable[Event]) -> None:
        """Events of the groups were judged. Of groups with pages, only those of the events' values are written."""
        paged = self._paged & groups.keys()
        if not paged:
            return
        for event in events:
            if event.group in paged:
                self._values.setdefault(event.group, {}).update(dict.fromkeys(event.values))

    def commit(self, checkpoint: bytes, prune: Callable[[Baseline], None]) -> None:
        """Commit the groups of the current batch, but for those that the rule has not seen."""
        seen = {}
        for group in self._touched:
            baseline = self.baselines[group]
            if baseline.first_seen != UNSET:
                prune(baseline)
                seen[group] = baseline
        self._paged |= self._store.commit(seen, checkpoint, self._values)
        self._touched.clear()
        self._values.clear()

    def forget(self) -> None:
        """Have nobody at hand; between two batches."""
        self.baselines.clear()
        self._paged.clear()

    def __len__(self) -> int:
        return len(self.baselines)
