"""One measurement: a store loaded, run, weighed and opened again."""

import gc
import time
from collections.abc import Sequence
from contextlib import closing
from typing import NamedTuple

from detector.event import Event
from detector.signals import Match
from detector.stores.base import BaselineStore, Durability, Footprint
from detector.stores.store_url import StoreUrl
from detector.streaming import StreamingEngine
from harness.bench.load import Clock, Pass, saturated, scheduled
from harness.bench.noop import NoopStore
from harness.bench.place import NOOP, fresh, opened_at
from harness.bench.server_cost import server_seconds
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
    load_seconds: float
    run: Pass
    events: int
    matches: Sequence[Match]
    client_seconds: float
    """Processor time of this process."""
    server_seconds: float | None
    """Processor time of the store's server."""
    footprint: Footprint
    recovery_seconds: float | None
    """From opening what was closed to the first read's end; None of a store that does not last."""


def measure(url: str, traffic: Traffic, setting: Setting, clock: Clock) -> Measurement:
    """Load a fresh store, run over it, and weigh it. Raises `StoreError`.

    The run has an engine of its own, which knows nobody yet; collections of Python's garbage wait until it is over.
    """
    with fresh(url) as place:
        with closing(opened_at(place)) as store:
            load_seconds = _loaded(store, traffic)
            if isinstance(store, NoopStore):
                store.settle()
            matches: list[Match] = []
            engine = StreamingEngine(traffic.rule, store)
            server = _server(place)
            run, client = _run(engine, matches, batched(traffic.run, setting.batch), setting, clock)
            after = _server(place)
            durability, footprint = store.durability, store.footprint()
        recovery = _recovered(place, traffic.run[0]) if durability.lasts else None
    events = min(run.batches * setting.batch, len(traffic.run))
    spent = None if server is None or after is None else after - server
    return Measurement(durability, load_seconds, run, events, matches, client, spent, footprint, recovery)


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


def _recovered(url: str, event: Event) -> float:
    start = time.perf_counter()
    with closing(opened_at(url)) as store:
        store.checkpoint()
        store.read([event.group.encode()])
        return time.perf_counter() - start


def _server(url: str) -> float | None:
    return None if url == NOOP else server_seconds(StoreUrl.of(url))
