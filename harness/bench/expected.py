"""What a workload's run has to bring: the matches of the reference store, and how the events turned out."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from detector.event import Event
from detector.instant import DAY
from detector.rules import NewValueRule
from detector.signals import Match
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine
from harness.bench.traffic import Traffic

Ints = NDArray[np.int64]
_BATCH = 10_000
Found = tuple[str, str]


class Mix(NamedTuple):
    """Shares of the values that were never seen, were known, or were forgotten when they came."""

    new: float
    known: float
    expired: float


class Difference(NamedTuple):
    """Matches that a run did not have, and those that it alone had."""

    lost: int
    extra: int


class Expected:
    """What is true after each number of the run's events, as the plain memory and a plain dict have it."""

    def __init__(self, traffic: Traffic) -> None:
        self.events = len(traffic.run)
        self._matches, self._places = _reference(traffic)
        self._new, self._expired, self._values, self._keys = _counted(traffic)

    def matches(self, events: int) -> list[Found]:
        """The matches of so many first events, in order."""
        return self._matches[: int(np.searchsorted(self._places, events))]

    def keys(self, events: int) -> int:
        """How many keys there are then: one for each pair of a group and a value, one for each group's first sight."""
        return int(self._keys[events])

    def mix(self, events: int) -> Mix:
        """How the values of so many first events turned out."""
        total = max(1, int(self._values[events]))
        new, expired = int(self._new[events]) / total, int(self._expired[events]) / total
        return Mix(new, 1 - new - expired, expired)

    def difference(self, found: Sequence[Match], events: int) -> Difference:
        """How the matches of a run over so many events differ; an order of their own is a difference too."""
        ours, wanted = list(map(told, found)), self.matches(events)
        if ours == wanted:
            return Difference(0, 0)
        lost, extra = len(set(wanted) - set(ours)), len(set(ours) - set(wanted))
        return Difference(lost, extra or (0 if lost else max(1, abs(len(ours) - len(wanted)))))


def told(match: Match) -> Found:
    """A match as it is compared: its event, and the value that was new."""
    return match.uuid, "\0".join(map(str, match.value.values()))


def digest(found: Iterable[Found]) -> str:
    """16 hexadecimal digits of some matches, in order."""
    return blake2b(msgspec.json.encode(list(found)), digest_size=8).hexdigest()


def _reference(traffic: Traffic) -> tuple[list[Found], Ints]:
    """The matches over the reference store, and the place of the event of each."""
    store = MemoryStore()
    engine = StreamingEngine(traffic.rule, store)
    for start in range(0, len(traffic.load), _BATCH):
        engine.feed(traffic.load[start : start + _BATCH])
    engine = traffic.engine(store)
    matches: list[Found] = []
    places: list[int] = []
    for start in range(0, len(traffic.run), _BATCH):
        batch = traffic.run[start : start + _BATCH]
        place = 0
        for match in engine.feed(batch):
            place = next(at for at in range(place, len(batch)) if batch[at].uuid == match.uuid) + 1
            matches.append(told(match))
            places.append(start + place - 1)
    return matches, np.array(places, dtype=np.int64)


def _counted(traffic: Traffic) -> tuple[Ints, Ints, Ints, Ints]:
    """Running counts before each of the run's events: of new and of forgotten values, of all values, of keys."""
    last: dict[tuple[str, str], int] = {}
    groups: set[str] = set()
    forget_after = _forget_after(traffic.rule)
    _walk(traffic.load, last, groups, forget_after)
    loaded = len(last) + len(groups)
    new, expired, values, first = (
        np.concatenate([[0], np.cumsum(np.array(column, dtype=np.int64))])
        for column in _walk(traffic.run, last, groups, forget_after)
    )
    return new, expired, values, loaded + new + first


def _forget_after(rule: NewValueRule) -> int:
    return rule.forget_after_days * DAY


def _walk(
    events: Iterable[Event], last: dict[tuple[str, str], int], groups: set[str], forget_after: int
) -> tuple[list[int], list[int], list[int], list[int]]:
    """Of each event: values never seen, values forgotten, values, and whether its group is seen for the first time."""
    new, expired, values, first = [], [], [], []
    for event in events:
        keys = [(event.group, value) for value in event.values]
        seen = [last.get(key) for key in keys]
        new.append(seen.count(None))
        expired.append(sum(each is not None and event.timestamp - each >= forget_after for each in seen))
        values.append(len(keys))
        first.append(int(event.group not in groups))
        groups.add(event.group)
        last.update((key, max(event.timestamp, before or 0)) for key, before in zip(keys, seen, strict=True))
    return new, expired, values, first
