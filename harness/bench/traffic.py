"""Traffic: the events of a workload, made before anything is measured."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from detector.clock import Windows
from detector.event import Event
from detector.expiry import Expiry
from detector.instant import DAY, SECOND
from detector.reading import Reader
from detector.rules import NewValueRule, shipped_rule
from detector.selection import Selector
from detector.stores.base import BaselineStore
from detector.streaming import StreamingEngine
from detector.token import Scalar
from harness.bench.habits import simulated_habits
from harness.bench.plan import Ints, Plan, planned
from harness.bench.workload import LONG_AGO, Workload, WorkloadError
from harness.log_files import log_files
from simulator.profile import HABITS
from simulator.writers import MANIFEST

RULE_NAME: Final = "vaultdrill bench stores"
"""Marks a store as the benchmark's own: nobody else's rule has this name."""
START: Final = 1_767_571_200_000_000_000
"""2026-01-05T00:00:00Z in nanoseconds since the epoch."""
_LOADING: Final = 6 * 3600 * SECOND
"""How much time of its own the load phase takes, but for what it leaves to be forgotten."""
_KEPT: Final = 27
"""Days in which the shipped rule forgets nothing."""
_METRICS: Final = {"action": "@evt.name", "item": "@item_uuid"}


class Traffic(NamedTuple):
    """Events to be loaded first, and events to be measured, for one rule."""

    rule: NewValueRule
    load: Sequence[Event]
    run: Sequence[Event]
    lateness: int | None = None
    """How late the run's events can be (nanoseconds), so that the engine sweeps; None: it does not."""

    def engine(self, store: BaselineStore) -> StreamingEngine:
        """The engine of a run; the load phase has one that sweeps nothing."""
        return StreamingEngine(self.rule, store, lateness=self.lateness)

    def sweeps(self, batch: int, batches: int) -> int:
        """How often the engine has looked at everybody after so many batches of so many of the run's events."""
        if self.lateness is None:
            return 0
        expiry = Expiry(Windows.of(self.rule, None), self.lateness)
        last = (min(number * batch, len(self.run)) - 1 for number in range(1, batches + 1))
        return sum(expiry.is_due(self.run[place].timestamp) for place in last)


def simulated_traffic(workload: Workload, seed: int = 1) -> Traffic:
    """The workload's events, the same for the same seed, for the shipped rule or one that watches items."""
    rule = replace(shipped_rule(), name=RULE_NAME, metrics=(_METRICS[workload.metric],))
    plan = planned(workload, simulated_habits(workload.metric), seed)
    make = _Maker(plan, workload.metric)
    load = [event for rows, start, length in _loading(workload, plan) for event in make.events(rows, start, length)]
    load.sort(key=attrgetter("timestamp"))
    run = list(make.events(plan.run, START + workload.day * DAY, workload.lasts))
    return Traffic(rule, load, run, workload.lateness)


def _loading(workload: Workload, plan: Plan) -> list[tuple[Ints, int, int]]:
    """Rows of pairs that are loaded, from when on, and in how much time.

    All are learned on the first day. Where some are to be forgotten by the day of the run, those come once more, not
    all at once so that they do not expire at once; the others come again and again to the day before it.
    """
    everybody = np.concatenate([plan.long_ago, plan.lately])
    if workload.day < LONG_AGO:
        return [(everybody, START, _LOADING)]
    last = workload.day - 1
    days = range(last % _KEPT or _KEPT, last + 1, _KEPT)
    again = [(plan.lately, START + day * DAY, _LOADING) for day in days]
    return [(everybody, START, _LOADING), (plan.long_ago, START + _LOADING, min(workload.lasts, _KEPT * DAY)), *again]


def logged_traffic(paths: Sequence[Path], most: int | None) -> Traffic:
    """The shipped rule's events in 1Password logs, in their order: the first half is loaded, the rest is run.

    A directory is a dataset, or all its files in order of name. Raises `WorkloadError` for logs with fewer than two,
    and what reading raises.
    """
    rule = replace(shipped_rule(), name=RULE_NAME)
    sources = [source for path in paths for source in ([path] if _is_dataset(path) else log_files([path]))]
    batches = Reader(Selector(rule)).batches(map(str, dict.fromkeys(sources)))
    events = [event for batch in batches for event in batch]
    if len(events) < 2:
        raise WorkloadError(f"--logs: found {len(events)} events that the rule sees; legal: 2 or more")
    half = len(events) // 2
    return Traffic(rule, events[:half], events[half:][:most])


def _is_dataset(path: Path) -> bool:
    return (path / MANIFEST).is_file()


class _PairLens:
    """Reads what a rule asks of an event whose record is its pair."""

    def scalars(self, record: tuple[str, str]) -> Callable[[str], Scalar | None]:
        """What reads a field of the pair's event."""
        group, value = record
        return {"@usr.email": group, "@evt.name": value, "@item_uuid": value, "@vault_uuid": "vault"}.get

    def suppresses(self, _: Any) -> bool:
        """Nothing is suppressed."""
        return False


class _Maker:
    """Makes events; texts, values and pairs are shared, as they are where a reader keeps what repeats."""

    def __init__(self, plan: Plan, metric: str) -> None:
        self._plan = plan
        self._lens = _PairLens()
        self._named = HABITS if metric == "action" else None
        self._groups: dict[int, str] = {}
        self._values: dict[int, tuple[str]] = {}
        self._number = 0

    def events(self, rows: Iterable[Any], start: int, length: int) -> Iterator[Event]:
        """An event for each row, spread evenly over so many nanoseconds from *start*."""
        chosen = self._plan.pairs.where(rows)  # type: ignore[arg-type]
        people, values = chosen.person.tolist(), chosen.value.tolist()
        step = length // max(1, len(people))
        for place, (person, value) in enumerate(zip(people, values, strict=True)):
            group, new = self._group(person), self._value(value)
            self._number += 1
            yield Event(f"{self._number:026d}", start + place * step, group, new, self._lens, (group, new[0]))

    def _group(self, person: int) -> str:
        return self._groups.setdefault(person, f"person.{person}@example.com")

    def _value(self, value: int) -> tuple[str]:
        found = self._values.get(value)
        if found is None:
            found = self._values[value] = (self._named[value] if self._named else f"item{value:022d}",)
        return found


def batched(events: Sequence[Event], size: int) -> list[Sequence[Event]]:
    """The events in batches of so many, the last perhaps smaller.

    >>> batched([1, 2, 3], 2)  # type: ignore[list-item]
    [[1, 2], [3]]
    """
    return [events[start : start + size] for start in range(0, len(events), size)]
