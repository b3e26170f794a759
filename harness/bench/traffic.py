"""Traffic: the events of a workload, made before anything is measured."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from detector.event import Event
from detector.instant import DAY, SECOND
from detector.reading import Reader
from detector.rules import NewValueRule, shipped_rule
from detector.selection import Selector
from detector.token import Scalar
from harness.bench.habits import simulated_habits
from harness.bench.plan import Plan, planned
from harness.bench.workload import Workload, WorkloadError
from harness.log_files import log_files
from simulator.profile import HABITS

RULE_NAME: Final = "vaultdrill bench stores"
"""Marks a store as the benchmark's own: nobody else's rule has this name."""
START: Final = 1_767_571_200_000_000_000
"""2026-01-05T00:00:00Z in nanoseconds since the epoch."""
_HOUR: Final = 3600 * SECOND
_RUN: Final = 6 * _HOUR
"""How much time of its own a run takes: too little to forget anything in."""
_METRICS: Final = {"action": "@evt.name", "item": "@item_uuid"}


class Traffic(NamedTuple):
    """Events to be loaded first, and events to be measured, for one rule."""

    rule: NewValueRule
    load: Sequence[Event]
    run: Sequence[Event]


def simulated_traffic(workload: Workload, seed: int = 1) -> Traffic:
    """The workload's events, the same for the same seed, for the shipped rule or one that watches items."""
    rule = replace(shipped_rule(), name=RULE_NAME, metrics=(_METRICS[workload.metric],))
    plan = planned(workload, simulated_habits(workload.metric), seed)
    make = _Maker(plan, workload.metric)
    lately = START if workload.day < 28 else START + (workload.day - 1) * DAY
    load = [*make.events(plan.long_ago, START, _HOUR), *make.events(plan.lately, lately, _RUN)]
    return Traffic(rule, load, list(make.events(plan.run, START + workload.day * DAY, _RUN)))


def logged_traffic(paths: Sequence[Path], most: int | None) -> Traffic:
    """The shipped rule's events in 1Password logs, in their order: the first half is loaded, the rest is run.

    Raises `WorkloadError` for logs with fewer than two, and what reading raises.
    """
    rule = replace(shipped_rule(), name=RULE_NAME)
    batches = Reader(Selector(rule)).batches(map(str, log_files(paths)))
    events = [event for batch in batches for event in batch]
    if len(events) < 2:
        raise WorkloadError(f"--logs: found {len(events)} events that the rule sees; legal: 2 or more")
    half = len(events) // 2
    return Traffic(rule, events[:half], events[half:][:most])


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
