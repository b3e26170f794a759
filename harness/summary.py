"""The summary of a detection: what was read, what was passed over and why, what came out, and how fast."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from detector.rules import NewValueRule
from detector.stores.base import Approximation
from harness.stages import Stage

NOT_ENABLED = "before the rule was enabled"
ELSEWHERE = "in other shards"


@dataclass
class Stopwatch:
    """Wall and processor time since its making, in seconds: for throughput only, no result depends on it."""

    wall: float = field(default_factory=time.perf_counter)
    cpu: float = field(default_factory=time.process_time)

    def seconds(self) -> tuple[float, float]:
        """Wall and processor seconds so far."""
        return time.perf_counter() - self.wall, time.process_time() - self.cpu


@dataclass(kw_only=True)
class Summary:
    """Counts and pace of one run of `detect`."""

    rule: NewValueRule
    engine: str
    store: str
    read: int
    selected: int
    ignored: Counter[str]
    late: int
    """Events, seen or before the rule was enabled, that are older than one read before them."""
    long_late: int
    """Those of them that are more than an hour older."""
    errors: int
    matches: int
    signals: int
    wall_seconds: float
    cpu_seconds: float
    too_late: int | None = None
    """Events that came later than was promised; None where nothing was."""
    approximation: Approximation | None = None
    """How far the store is from an exact one; None of an exact one."""
    stages: Sequence[Stage] = ()
    """Of the whole run, be it of several rules."""

    @property
    def events_per_second(self) -> float | None:
        """Events read a second of wall time, or None where none were."""
        return self.read / self.wall_seconds if self.read and self.wall_seconds else None

    def shown(self) -> dict[str, Any]:
        """The summary as JSON has it."""
        return {
            "rule": self.rule.name,
            "assumptions": self.rule.assumptions(),
            "engine": self.engine,
            "store": self.store,
            **({} if self.approximation is None else {"approximation": _as_json(self.approximation)}),
            "events": {
                "read": self.read,
                "selected": self.selected,
                "ignored": dict(sorted(self.ignored.items())),
                "late": self.late,
                **({} if self.too_late is None else {"later_than_allowed": self.too_late}),
                "unreadable": self.errors,
            },
            "matches": self.matches,
            "signals": self.signals,
            "throughput": {
                "events_per_second": self.events_per_second,
                "wall_seconds": self.wall_seconds,
                "cpu_seconds": self.cpu_seconds,
            },
            "stages": [structs.asdict(stage) for stage in self.stages],
        }

    def text(self) -> str:
        """The summary in a few lines for a person."""
        most_first = sorted(self.ignored.items(), key=lambda told: (-told[1], told[0]))
        ignored = ", ".join(f"{number:,} {reason}" for reason, number in most_first)
        pace = f"{self.events_per_second:,.0f} events/s" if self.events_per_second else "no events"
        lines = [
            f"{self.read:,} events read, {self.selected:,} selected, {self.ignored.total():,} ignored"
            + (f" ({ignored})" if ignored else ""),
            f"{self.matches:,} matches, {self.signals:,} signals; {pace}, {self.wall_seconds:.2f} s",
        ]
        if self.errors:
            lines.insert(1, f"{self.errors:,} unreadable records were skipped")
        if self.too_late:
            lines.append(f"warning: {self.too_late:,} events came later than --allowed-lateness promised")
        if self.approximation is not None:
            lines.append(_as_line(self.store, self.approximation))
        arrived = self.selected + self.ignored[NOT_ENABLED] + self.ignored[ELSEWHERE]
        if self.long_late * 2 > arrived:
            told = f"{self.long_late:,} of {arrived:,} selected events came after one that is hours newer"
            lines.append(f"warning: {told}; legal as arrival order; --sort puts them in order")
        return "\n".join(lines)


def _as_json(found: Approximation) -> dict[str, float]:
    return {"fill": found.fill, "estimated_false_known": found.false_known, "false_known": found.stated}


def _as_line(store: str, found: Approximation) -> str:
    fill, now, stated = (f"{100 * part:.3g}%" for part in found[:3])
    told = f"{store}: {fill} full; by estimate {now} of new values seem known to it ({stated} asked for)"
    return told if found.holds else f"warning: {told}; legal: a greater {found.room}="
