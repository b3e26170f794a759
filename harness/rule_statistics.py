"""What a dataset says of a rule's keys: how many there are, how often each is seen, and whether they still grow.

A key is what the rule remembers: a group with a value. All counts are exact; they take memory for each key, as the
rule itself does.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from detector.event import Event
from detector.instant import DAY
from detector.lints.page import Finding, Page
from detector.reading import Reader
from detector.rules import NewValueRule
from detector.selection import Selector
from detector.stores.blob import Baseline
from detector.stores.layout import stored_bytes
from detector.token import Key, Token, scalars, token
from harness.output import counted

FEW_KEYS: Final = 100
"""Fewer keys tell nothing of how they grow: in a quarter of the time they come by the handful."""
STEADY_GROWTH: Final = 1 / 3
"""Growth from which on keys keep coming; 1 is linear in time, 0 means that all are known.

Source: simulated companies of startup-50 and midsize-1000, seeds 1 to 3, 42 days. What settles stays at 0.31 or below
(the shipped rule 0.05 to 0.25; a user's vaults 0.07 to 0.25, addresses 0.14 to 0.31, countries 0.07 to 0.21), after
14 days as after 42. What does not settle begins at 0.35 (an item's vaults 0.35 to 0.61, countries 0.45 to 0.69; a
user's items 0.63 to 0.79, app versions 0.76 to 0.97, sessions 0.88 to 1.05).
"""
MANY_NEW: Final = 0.005
"""New keys an event in the last quarter of the time from which on the rule finds something new too often to be read.

Source: the same. What does not settle begins at 0.0085 (a user's app versions: 8 a day among 50 people, 110 a day
among 1000), and reaches 0.34 (a user's sessions); the shipped rule is at 0.0008 to 0.005,
and far from growing.
"""


@dataclass(frozen=True, slots=True)
class FieldCount:
    """How many *values* a field has, and how many of them are seen in a single event."""

    field: str
    values: int
    once: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStatistics:
    """Counts of one reading. *late_keys* are those first seen in the last quarter of the time that the events span."""

    rule: str
    read: int
    selected: int
    ignored: dict[str, int]
    days: float
    groups: int
    keys: int
    keys_once: int
    late_keys: int
    fields: tuple[FieldCount, ...]
    state_bytes: int
    """What a store keeps if nothing is forgotten: names and baselines of all groups, with their pages."""

    @property
    def once_share(self) -> float:
        """Share of the keys that are seen in one event only."""
        return self.keys_once / self.keys if self.keys else 0.0

    @property
    def keys_an_event(self) -> float:
        """Keys as a share of the selected events."""
        return self.keys / self.selected if self.selected else 0.0

    @property
    def growth(self) -> float:
        """Keys that came in the last quarter of the time, as a share of what steady growth brings in a quarter."""
        return 4 * self.late_keys / self.keys if self.keys else 0.0

    @property
    def late_keys_an_event(self) -> float:
        """Keys an event in the last quarter of the time, if events come evenly."""
        return 4 * self.late_keys / self.selected if self.selected else 0.0

    @property
    def late_keys_a_day(self) -> float:
        """Keys a day in the last quarter of the time; 0 where all events are of one instant."""
        return 4 * self.late_keys / self.days if self.days else 0.0

    def shown(self) -> dict[str, Any]:
        """The counts and what follows from them, as JSON has them."""
        derived = ("once_share", "keys_an_event", "growth", "late_keys_an_event", "late_keys_a_day")
        return {**asdict(self), **{name: getattr(self, name) for name in derived}}


def gather(rule: NewValueRule, sources: Sequence[str]) -> RuleStatistics:
    """Read *sources* once and count. Raises `SourceError` on one that cannot be read."""
    selector = Selector(rule)
    tally = _Tally()
    for batch in Reader(selector).batches(sources):
        tally.add(batch)
    return RuleStatistics(
        rule=rule.name,
        read=selector.read,
        selected=selector.read - selector.ignored.total(),
        ignored=dict(selector.ignored.most_common()),
        days=(max(tally.last.values()) - tally.start) / DAY if tally.last else 0.0,
        groups=len({group for group, _ in tally.events}),
        keys=len(tally.events),
        keys_once=sum(count == 1 for count in tally.events.values()),
        late_keys=tally.late(),
        fields=tuple(_fields(rule, tally.events)),
        state_bytes=tally.state_bytes(),
    )


def data_findings(page: Page, found: RuleStatistics) -> list[Finding]:
    """What the data says against the rule: it selects nothing, or its keys explode."""
    if not found.selected:
        reasons = "; ".join(f"{count:,} {reason}" for reason, count in found.ignored.items())
        message = f"the rule sees none of {found.read:,} records ({reasons})"
        return [page.on("queries.0.query", "selects-none-here", message)]
    if found.keys < FEW_KEYS or found.growth < STEADY_GROWTH or found.late_keys_an_event < MANY_NEW:
        return []
    widest = max(found.fields, key=lambda each: each.values)
    grouped = widest.field in page.rule.group_by
    message = (
        f"{found.selected:,} events have {found.keys:,} keys, {found.once_share:.0%} of them seen once, and new ones"
        f" still come, {found.late_keys_a_day:,.1f} a day: {widest.field} has {counted(widest.values, 'value')}"
    )
    return [page.on(f"queries.0.{'groupByFields' if grouped else 'metrics'}", "exploding-keys", message)]


class _Tally:
    """Each key with its number of events, and when it was first and last seen."""

    def __init__(self) -> None:
        self.events: Counter[tuple[Key, Key]] = Counter()
        self.first: dict[tuple[Key, Key], int] = {}
        self.last: dict[tuple[Key, Key], int] = {}

    def add(self, events: Iterable[Event]) -> None:
        for event in events:
            for value in event.values:
                key = event.group, value
                self.events[key] += 1
                self.first[key] = min(event.timestamp, self.first.get(key, event.timestamp))
                self.last[key] = max(event.timestamp, self.last.get(key, event.timestamp))

    @property
    def start(self) -> int:
        return min(self.first.values())

    def late(self) -> int:
        if not self.first:
            return 0
        end = max(self.last.values())
        quarter = end - (end - self.start) // 4
        return sum(first > quarter for first in self.first.values())

    def state_bytes(self) -> int:
        groups: dict[Key, dict[Key, int]] = {}
        for (group, value), last in self.last.items():
            groups.setdefault(group, {})[value] = last
        return sum(
            stored_bytes(group, Baseline(min(last_seen.values()), last_seen, None))
            for group, last_seen in groups.items()
        )


def _fields(rule: NewValueRule, events: Counter[tuple[Key, Key]]) -> Iterable[FieldCount]:
    """For each field, in how many events each of its values is."""
    names = (*rule.group_by, *rule.metrics)
    columns: list[Counter[Token]] = [Counter() for _ in names]
    split = _apart if rule.multi_value == "any" and len(rule.metrics) > 1 else _together
    for (group, value), count in events.items():
        members = [*_together(group, len(rule.group_by)), *split(value, len(rule.metrics), len(rule.group_by))]
        for place, member in members:
            columns[place][member] += count
    for name, column in dict(zip(names, columns, strict=True)).items():  # a field may be given twice
        yield FieldCount(name, len(column), sum(count == 1 for count in column.values()))


def _together(key: Key, count: int, after: int = 0) -> list[tuple[int, Token]]:
    """The members of a key with their places, those *after* so many others."""
    return [(after + place, token(member) or "") for place, member in enumerate(scalars(key, count))]


def _apart(value: Key, _count: int, after: int = 0) -> list[tuple[int, Token]]:
    """The same of a value in `any` mode, which is of one field."""
    place, _, member = value.partition(":")
    return [(after + int(place), member)]
