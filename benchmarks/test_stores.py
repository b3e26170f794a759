"""Stores under the workload `steady` of `vaultdrill bench stores`: their pace, of memory's.

Servers are real ones, from the tests' own helpers. Memory and the stores run in turn, by the clock on the wall: a
server's share of the work is not this process's. Every exact store finds memory's matches, whatever its pace.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import cache, partial
from statistics import median
from typing import Any, Final, NamedTuple

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.store_urls import Urls, urls
from detector.signals import Match
from detector.stores.base import Durability
from detector.streaming import StreamingEngine
from harness.bench.expected import Expected
from harness.bench.load import Clock
from harness.bench.measurement import LOAD_BATCH, Measurement, Setting, measure
from harness.bench.place import fresh, opened_at
from harness.bench.server import server_of
from harness.bench.traffic import Traffic, batched, simulated_traffic
from harness.bench.workload import load_workload

__all__ = ["urls"]

WORKLOAD: Final = "steady"
BATCHES: Final = (10_000, 1_000)
ROUNDS: Final = 3
SECONDS: Final = 120
"""More than a run of the workload takes over any of them."""
GOALS: Final = {"rocksdb": 0.5, "valkey": 0.45, "lmdb": 0.4, "sqlite": 0.2, "postgresql": 0.2}
"""Of memory's events a second, in batches of 10,000."""
SMALLER: Final = 0.7
"""The part of its goal that a store has to reach in batches of 1,000."""
STORES: Final = ("memory", "sqlite", "rocksdb", "lmdb", "bloom", "valkey", "postgresql")
APPROXIMATE: Final = ("bloom",)


class Reached(NamedTuple):
    ratio: float
    """Of memory's events a second, the median over rounds."""
    lowest: float
    highest: float
    durability: Durability


@cache
def traffic() -> Traffic:
    return simulated_traffic(load_workload(WORKLOAD))


@cache
def expected() -> Expected:
    return Expected(traffic())


def assert_right(store: str, matches: Sequence[Match], events: int) -> None:
    """Equal to memory's; what is approximate may lose some, and adds none."""
    lost, extra = expected().difference(matches, events)
    assert extra == 0
    assert lost == 0 or store in APPROXIMATE


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("store", STORES)
def test_steady(benchmark: BenchmarkFixture, urls: Urls, store: str, batch: int) -> None:
    matches: list[Match] = []
    events = traffic().run
    with fresh(urls[store]) as url, closing(opened_at(url)) as opened:
        learning = StreamingEngine(traffic().rule, opened)
        for each in batched(traffic().load, LOAD_BATCH):
            learning.feed(each)
        engine = traffic().engine(opened)

        def run() -> None:
            for each in batched(events, batch):
                matches.extend(engine.feed(each))

        benchmark.group = f"{WORKLOAD}, batches of {batch:,}"
        benchmark.pedantic(run, rounds=1, iterations=1)  # type: ignore[no-untyped-call]
        assert_right(store, matches, len(events))
        server = server_of(url)
        told: dict[str, Any] = {
            "events": len(events),
            "keys": expected().keys(len(events)),
            "matches": len(matches),
            "durability": opened.durability._asdict(),
            "footprint": opened.footprint()._asdict(),
            "server": None if server is None else server.version(),
        }
    benchmark.extra_info.update(told)


def missed(goals: Iterable[str], store: str, why: str, *, strict: bool = True) -> list[Any]:
    """The stores, the one marked that is known to miss its goal."""
    mark = pytest.mark.xfail(reason=why, strict=strict)
    return [pytest.param(name, marks=mark) if name == store else name for name in goals]


near = partial(missed, strict=False)


@pytest.fixture(scope="module")
def reached(urls: Urls) -> dict[int, dict[str, Reached]]:
    """Of each size of batches, what each store with a goal came to."""
    found = {batch: in_turn(urls, batch) for batch in BATCHES}
    for batch, stores in found.items():
        for name, store in stores.items():
            told = f"{name}, {store.durability.setting}, batches of {batch:,}: {store.ratio:.2f} of memory"
            print(f"\n{told} ({store.lowest:.2f} to {store.highest:.2f})", end="")
    return found


def in_turn(urls: Urls, batch: int) -> dict[str, Reached]:
    setting = Setting(batch, SECONDS, None)
    rounds = [{name: measured(urls, name, setting) for name in ("memory", *GOALS)} for _ in range(ROUNDS)]
    return {name: over([each[name] for each in rounds], [each["memory"] for each in rounds]) for name in GOALS}


def measured(urls: Urls, store: str, setting: Setting) -> Measurement:
    told = measure(urls[store], traffic(), setting, Clock())
    assert told.events == len(traffic().run), "the whole run, as memory has it"
    assert_right(store, told.matches, told.events)
    return told


def over(store: Sequence[Measurement], memory: Sequence[Measurement]) -> Reached:
    ratios = [bare.run.nanoseconds / own.run.nanoseconds for own, bare in zip(store, memory, strict=True)]
    return Reached(median(ratios), min(ratios), max(ratios), store[-1].durability)


@pytest.mark.parametrize("store", near(GOALS, "lmdb", "0.40 and 0.45 in two runs: at the goal, not above it"))
def test_the_pace_reaches_its_part_of_memorys(reached: dict[int, dict[str, Reached]], store: str) -> None:
    assert reached[10_000][store].ratio >= GOALS[store]


@pytest.mark.parametrize("store", missed(GOALS, "lmdb", "0.17: each commit waits for some 750 pages; see README"))
def test_smaller_batches_cost_less_than_a_third_of_it(reached: dict[int, dict[str, Reached]], store: str) -> None:
    assert reached[1_000][store].ratio >= SMALLER * GOALS[store]
