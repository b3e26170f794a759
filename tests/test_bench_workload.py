"""The benchmark's workloads: what a file may say, and that the events are what it says."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine
from harness.bench.expected import Expected
from harness.bench.traffic import batched, simulated_traffic
from harness.bench.workload import Workload, WorkloadError, load_workload, shipped_workloads

GOOD = """\
description: d
people: 100
load: 1
events: 1000
new: 0.1
joining: 0
expired: 0
day: 8
lasts: 6h
lateness: null
metric: action
skew: simulated
"""


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("people: 100", "people: 0", ":2: people: found 0; legal:"),
        ("skew: simulated", "skew: bell", ":12: skew: found 'bell'; legal:"),
        ("metric: action", "colour: red", ": found"),
        ("new: 0.1", "new: 1.5", ":5: new: found 1.5; legal:"),
        ("joining: 0", "joining: 0.95", ":5: new: found 1.05 with joining and expired; legal: together at most 1"),
        ("expired: 0", "expired: 0.1", ":8: day: found 8; legal: 29 or more"),
        ("lasts: 6h", "lasts: 6", ":9: lasts: found 6; legal: a duration like"),
        ("lasts: 6h", "lasts: 5000d", ":9: lasts: found 5000d; legal: up to 3660d"),
        ("lateness: null", "lateness: soon", ":10: lateness: found 'soon'; legal: a duration like"),
        ("day: 8", "day: [", "document: found"),
        ("day: 8", "day: 8\nday: 9", "document: found a second key 'day'"),
    ],
)
def test_a_wrong_workload_is_refused_in_one_line(was: str, now: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    file.write_text(GOOD.replace(was, now))
    with pytest.raises(WorkloadError) as refused:
        load_workload(str(file))
    assert str(refused.value).startswith(str(file))
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(WorkloadError, match="learning, steady, onboarding, high-cardinality, expiry, or a YAML file"):
        load_workload("stedy")


def small(name: str) -> Workload:
    return replace(load_workload(name), people=500, events=2_000)


@pytest.mark.parametrize("name", shipped_workloads())
def test_the_same_seed_makes_the_same_events_and_another_makes_others(name: str) -> None:
    def told(seed: int) -> list[tuple[str, int, str, tuple[str, ...]]]:
        traffic = simulated_traffic(small(name), seed)
        return [(e.uuid, e.timestamp, e.group, e.values) for e in [*traffic.load, *traffic.run]]

    assert told(1) == told(1) != told(2)


@pytest.mark.parametrize("name", ["steady", "onboarding", "high-cardinality", "expiry"])
@pytest.mark.parametrize("skew", ["simulated", "uniform", "zipfian", "latest"])
def test_the_shares_are_as_the_workload_says(name: str, skew: str) -> None:
    workload = replace(small(name), skew=skew)
    mix = Expected(simulated_traffic(workload)).mix(workload.events)
    assert mix.new == pytest.approx(workload.new + workload.joining, abs=0.04)
    assert mix.expired == pytest.approx(workload.expired, abs=0.04)
    assert mix.new + mix.known + mix.expired == pytest.approx(1)


def test_all_that_is_new_while_the_rule_learns_is_learned() -> None:
    expected = Expected(simulated_traffic(small("learning")))
    assert expected.mix(2_000).new > 0.8
    assert expected.matches(2_000) == []


def test_loading_finds_nothing_new_once_the_rule_has_learned() -> None:
    traffic = simulated_traffic(small("expiry"))
    assert StreamingEngine(traffic.rule, MemoryStore()).feed(traffic.load) == []


def test_a_run_of_expiry_sweeps_three_times_and_each_time_something_goes() -> None:
    traffic, store = simulated_traffic(small("expiry")), Swept()
    StreamingEngine(traffic.rule, store).feed(traffic.load)
    engine = traffic.engine(store)
    for batch in batched(traffic.run, 100):
        engine.feed(batch)
    assert traffic.sweeps(100, 20) == 3
    assert len(store.dropped) == 3
    assert min(store.dropped) > 0


def test_sweeping_changes_no_match() -> None:
    traffic = simulated_traffic(small("expiry"))
    kept = Expected(traffic._replace(lateness=None))
    assert Expected(traffic).matches(2_000) == kept.matches(2_000) != []
    assert traffic._replace(lateness=None).sweeps(100, 20) == 0


class Swept(MemoryStore):
    """Tells of each scan how many groups the commits right after it changed."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped: list[int] = []
        self._looked = False

    def scan(self) -> Iterator[tuple[bytes, bytes]]:
        self._looked = True
        self.dropped.append(0)
        return super().scan()

    def commit(self, puts: Mapping[bytes, bytes], deletes: Collection[bytes], checkpoint: bytes) -> None:
        if self._looked:
            self.dropped[-1] += len(puts)
        self._looked = False
        super().commit(puts, deletes, checkpoint)


def test_events_come_in_the_order_of_time() -> None:
    traffic = simulated_traffic(small("expiry"))
    times = [event.timestamp for event in [*traffic.load, *traffic.run]]
    assert times == sorted(times)
