"""One measurement: a store loaded, run, weighed and opened again."""

import gc
import time
from collections.abc import Sequence
from contextlib import closing
from typing import NamedTuple

from detector.event import Event
from detector.signals import Match
from detector.stores.base import ApproximateStore, BaselineStore, Durability, Footprint
from detector.stores.paged import PagedView
from detector.streaming import StreamingEngine
from harness.bench.load import Clock, Pass, saturated, scheduled
from harness.bench.noop import NoopStore
from harness.bench.place import NOOP, fresh, opened_at
from harness.bench.recovery import after_a_kill, after_the_end
from harness.bench.resident import Resident
from harness.bench.server import Server, server_of
from harness.bench.traffic import Traffic, batched

LOAD_BATCH = 10_000


class Setting(NamedTuple):
    """How a run is driven: events a batch, seconds at most, and events a second or None for as many as it takes."""

    batch: int
    seconds: float
    target: float | None


class Measurement(NamedTuple):
    """What one run over one store showed. Seconds are of the clock on the wall unless they are a processor's."""

    durability: Durability
    is_exact: bool
    """Whether the store must bring memory's matches; one that says how far it is from that need not."""
    load_seconds: float
    run: Pass
    events: int
    matches: Sequence[Match]
    client_seconds: float
    """Processor time of this process."""
    server_seconds: float | None
    """Processor time of the store's server."""
    footprint: Footprint
    resident: int | None
    """By how many bytes this process grew at most, from before the store was opened to the run's end."""
    sweeps: int
    """How often the engine looked at every group in the run, to drop what had expired."""
    swept_keys: int | None
    """How many keys the sweeps left; None where there were to be none."""
    recovery_seconds: float | None
    """From opening it to the first read's end, of a store in files as its killed process would leave them, else after
    an orderly end; None of a store that does not last."""


def measure(url: str, traffic: Traffic, setting: Setting, clock: Clock) -> Measurement:
    """Load a fresh store, run over it, and weigh it. Raises `StoreError`.

    The run has an engine of its own, which knows nobody yet; collections of Python's garbage wait until it is over.
    """
    matches: list[Match] = []
    with fresh(url) as place:
        server = None if url == NOOP else server_of(place)
        batches = batched(traffic.run, setting.batch)
        resident = Resident()
        with closing(opened_at(place)) as store:
            load_seconds = _loaded(store, traffic)
            if isinstance(store, NoopStore):
                store.settle()
            before = _spent(server)
            run, client = _run(traffic.engine(store), matches, batches, setting, clock)
            after, grown = _spent(server), resident.growth()
            swept_keys = None if traffic.lateness is None else _keys(store)
            durability, recovery = store.durability, after_a_kill(place, traffic.run[0]) if url != NOOP else None
            footprint = store.footprint()
            is_exact = not isinstance(store, ApproximateStore)
        if recovery is None and durability.lasts:
            recovery = after_the_end(place, traffic.run[0])
    return Measurement(
        durability=durability,
        is_exact=is_exact,
        load_seconds=load_seconds,
        run=run,
        events=min(run.batches * setting.batch, len(traffic.run)),
        matches=matches,
        client_seconds=client,
        server_seconds=None if before is None or after is None else after - before,
        footprint=footprint,
        resident=grown,
        sweeps=traffic.sweeps(setting.batch, run.batches),
        swept_keys=swept_keys,
        recovery_seconds=recovery,
    )


def _loaded(store: BaselineStore, traffic: Traffic) -> float:
    """Load the store; how long that took."""
    engine = StreamingEngine(traffic.rule, store)
    start = time.perf_counter()
    for batch in batched(traffic.load, LOAD_BATCH):
        engine.feed(batch)
    return time.perf_counter() - start


def _run(
    engine: StreamingEngine, matches: list[Match], batches: list[Sequence[Event]], setting: Setting, clock: Clock
) -> tuple[Pass, float]:
    """The pass, and the processor seconds that it took here."""

    def feed(batch: Sequence[Event]) -> None:
        matches.extend(engine.feed(batch))

    gc.collect()
    was_on = gc.isenabled()
    gc.disable()
    start = time.process_time()
    try:
        if setting.target is None:
            run = saturated(feed, batches, setting.seconds, clock)
        else:
            run = scheduled(feed, batches, setting.seconds, clock, setting.target / setting.batch)
        return run, time.process_time() - start
    finally:
        if was_on:
            gc.enable()


def _spent(server: Server | None) -> float | None:
    return None if server is None else server.seconds()


def _keys(store: BaselineStore) -> int:
    """How many pairs and groups it holds."""
    return sum(1 + len(baseline.last_seen) for _, baseline in PagedView(store).scan())
