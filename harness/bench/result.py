"""Results: what the repeats of one setting over one store come to."""

from collections.abc import Sequence
from itertools import chain

import msgspec

from harness.bench.expected import Difference, Expected, digest, told
from harness.bench.latency import Latency, latency
from harness.bench.measurement import Measurement, Setting
from harness.bench.spread import Spread, middle, spread


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One row. A key is a pair of a group and a value, or a group's first sight; what nobody can tell is null."""

    store: str
    durability: str
    survives: list[str]
    """What a commit survives: process, server, power."""
    batch: int
    target: float | None
    """Events a second that were offered; None: as many as it takes."""
    events: int
    """Of all repeats together."""
    unserved: int
    """Events that were due within the time and not begun."""
    events_per_second: Spread
    ratio_to_memory: float
    """Of the medians, in this run."""
    op: Latency | None
    """Microseconds a batch, from its beginning; of all repeats."""
    intended: Latency | None
    """Microseconds a batch, from when it was to begin; None where nothing was offered at a rate."""
    client_core_seconds: float
    """Processor seconds of this process for a million events."""
    server_core_seconds: float | None
    """Processor seconds of the server for a million events."""
    keys: int
    disk_bytes_per_key: float | None
    memory_bytes_per_key: float | None
    resident_bytes: int | None
    """By how much this process grew at most over load and run; the greatest of the repeats."""
    sweeps: int
    """Of all repeats: how often the engine looked at every group to drop what had expired."""
    load_events_per_second: float | None
    recovery_seconds: float | None
    matches: int
    """Of the last repeat."""
    digest: str
    """Of the last repeat's matches, in order."""
    lost: int | None
    """Matches that memory has and this does not, of all repeats; None of the no-op store, whose mean nothing."""
    extra: int | None
    """Matches that memory does not have."""
    exact: bool
    """Whether it may differ in nothing."""

    @property
    def is_wrong(self) -> bool:
        """Whether it found other matches than it must: an approximate store may lose some, and adds none."""
        return bool(self.extra or (self.exact and self.lost))


def result_of(
    name: str,
    setting: Setting,
    measured: Sequence[Measurement],
    expected: Expected,
    loaded: int,
    kind: str,
    memory: float,
) -> Result:
    """The row of a store's repeats. *kind*: `exact`, `approximate` or `none`; *memory*: its events a second."""
    last = measured[-1]
    rate = rate_of(measured, setting)
    keys = expected.keys(last.events) if last.swept_keys is None else last.swept_keys
    events = sum(each.events for each in measured)
    differences = [expected.difference(each.matches, each.events) for each in measured]
    lost, extra = Difference(*map(sum, zip(*differences, strict=True)))
    load_seconds = middle(each.load_seconds for each in measured)
    return Result(
        store=name,
        durability=last.durability.setting,
        survives=[each for each in ("process", "server", "power") if getattr(last.durability, each)],
        batch=setting.batch,
        target=setting.target,
        events=events,
        unserved=sum(each.run.unserved for each in measured) * setting.batch,
        events_per_second=rate,
        ratio_to_memory=round(rate.median / memory, 3),
        op=latency(chain.from_iterable(each.run.op for each in measured)),
        intended=latency(chain.from_iterable(each.run.intended for each in measured)),
        client_core_seconds=_a_million(sum(each.client_seconds for each in measured), events) or 0.0,
        server_core_seconds=_a_million(_together([each.server_seconds for each in measured]), events),
        keys=keys,
        disk_bytes_per_key=_a_key(last.footprint.disk, keys),
        memory_bytes_per_key=_a_key(last.footprint.memory, keys),
        resident_bytes=max((each.resident for each in measured if each.resident is not None), default=None),
        sweeps=sum(each.sweeps for each in measured),
        load_events_per_second=round(loaded / load_seconds) if loaded and load_seconds else None,
        recovery_seconds=middle(each.recovery_seconds for each in measured),
        matches=len(last.matches),
        digest=digest(map(told, last.matches)),
        lost=None if kind == "none" else lost,
        extra=None if kind == "none" else extra,
        exact=kind == "exact",
    )


def rate_of(measured: Sequence[Measurement], setting: Setting) -> Spread:
    """Events a second of some repeats; on a schedule the last batch has its time like those before it."""
    return spread(_rate(each, setting.target) for each in measured)


def _rate(measured: Measurement, target: float | None) -> float:
    rate = measured.events * 1e9 / max(1, measured.run.nanoseconds)
    return rate if target is None else min(rate, target)


def _together(figures: Sequence[float | None]) -> float | None:
    known = [each for each in figures if each is not None]
    return sum(known) if len(known) == len(figures) else None


def _a_million(seconds: float | None, events: int) -> float | None:
    return None if seconds is None else round(seconds * 1e6 / max(1, events), 3)


def _a_key(size: int | None, keys: int) -> float | None:
    return None if size is None else round(size / max(1, keys), 1)
