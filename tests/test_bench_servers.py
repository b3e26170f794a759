"""`vaultdrill bench stores` over real servers: its rows are right, and nothing of it stays there."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from postgres_server import PASSWORD, PostgresServer, postgres_cluster
from valkey_server import ValkeyServer

from detector.rules import shipped_rule
from detector.stores.base import StoreError
from detector.stores.urls import look_into, open_store
from detector.streaming import StreamingEngine
from harness.bench.place import fresh, opened_at
from harness.bench.server import server_of
from harness.bench.traffic import Traffic, simulated_traffic
from harness.bench.workload import load_workload
from harness.verbs.bench import stores

pytest.importorskip("hdrh")
SMALL = ("--people", "300", "--events", "2000", "--seconds", "0.2", "--repeats", "1", "--batch", "100")


class Place(NamedTuple):
    """A server of a kind, and what is in it."""

    url: str
    version: str
    held: Callable[[], list[Any]]
    weighed: str
    """Which figure tells its room."""


def valkey(folder: Path) -> Iterator[Place]:
    server = ValkeyServer(folder)
    yield Place(server.url, "valkey ", lambda: sorted(server.ask("KEYS", "*")), "memory_bytes_per_key")
    server.stop()


def postgres(_: Path) -> Iterator[Place]:
    def held(server: PostgresServer) -> list[Any]:
        return server.run("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'vaultdrill%'")

    with postgres_cluster() as cluster:
        server = cluster.server()
        yield Place(server.url(), "postgresql ", lambda: held(server), "disk_bytes_per_key")


@pytest.fixture(scope="module", params=[valkey, postgres], ids=["valkey", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from request.param(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="module")
def told(place: Place) -> dict[str, Any]:
    result = CliRunner().invoke(stores, [*SMALL, "--format", "json", "--store", place.url], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def traffic() -> Traffic:
    return simulated_traffic(replace(load_workload("steady"), people=50, events=200))


def test_its_row_has_the_matches_and_all_figures(place: Place, told: dict[str, Any]) -> None:
    memory, _, row = told["results"]
    assert row["events"] > 0
    assert (row["lost"], row["extra"]) == (0, 0)
    assert row["events"] < memory["events"] or row["digest"] == memory["digest"]
    assert row["server_core_seconds"] is not None
    assert memory["server_core_seconds"] is None
    assert row["recovery_seconds"] > 0
    assert row[place.weighed] > 1
    assert "process" in row["survives"]


def test_the_version_of_the_server_is_told(place: Place, told: dict[str, Any]) -> None:
    (version,) = told["environment"]["servers"].values()
    assert version.startswith(place.version)
    assert version.removeprefix(place.version)[0].isdecimal()


def test_the_server_is_left_empty(place: Place, told: dict[str, Any]) -> None:
    assert told["results"]
    assert place.held() == []


def test_a_server_that_works_has_used_more_of_its_processor(place: Place) -> None:
    server = server_of(place.url)
    assert server is not None
    before, store = server.seconds(), open_store(place.url)
    for number in range(40):  # what PostgreSQL has used is counted in hundredths of a second
        store.commit({b"g%d" % each: b"blob" * 20 for each in range(2_000)}, (), b"%d" % number)
    after = server.seconds()
    store.close()
    server.drop()
    assert after is not None
    assert before is not None
    assert after > before


def test_somebodys_state_is_refused_and_stays_as_it_is(
    place: Place, traffic: Traffic, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(place.url)
    StreamingEngine(shipped_rule(), store).feed(traffic.run)
    kept = (list(store.scan()), store.checkpoint())
    store.close()
    before = place.held()
    with pytest.raises(StoreError, match="found a rule's state; legal: an empty store") as refused, fresh(place.url):
        pass
    assert PASSWORD not in str(refused.value)
    monkeypatch.setattr("harness.bench.comparison.measure", lambda *_: pytest.fail("measured before it was refused"))
    with pytest.raises(StoreError, match="found a rule's state"):
        CliRunner().invoke(stores, [*SMALL, "--store", place.url], catch_exceptions=False)
    view = look_into(place.url)
    assert (list(view.scan()), view.checkpoint()) == kept
    view.close()
    assert place.held() == before
    server = server_of(place.url)
    assert server is not None
    server.drop()


def test_what_a_killed_benchmark_left_is_taken_away(place: Place, traffic: Traffic) -> None:
    left = open_store(place.url)
    StreamingEngine(traffic.rule, left).feed(traffic.run)
    left.close()
    with fresh(place.url) as url:
        assert place.held() == []
        store = opened_at(url)
        assert store.checkpoint() is None
        store.close()
    assert place.held() == []


def test_it_is_taken_away_after_an_error_too(place: Place, traffic: Traffic) -> None:
    def interrupted() -> None:
        with fresh(place.url) as url, closing(opened_at(url)) as store:
            StreamingEngine(traffic.rule, store).feed(traffic.run)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert place.held() == []


def test_a_store_that_another_writes_to_is_not_dropped(place: Place, traffic: Traffic) -> None:
    other = open_store(place.url)
    StreamingEngine(traffic.rule, other).feed(traffic.run)
    server = server_of(place.url)
    assert server is not None
    with pytest.raises(StoreError, match="another run is writing to this store"):
        server.drop()
    assert next(other.scan(), None) is not None
    other.close()
    server.drop()
    assert place.held() == []


def test_without_a_server_there_is_nothing_to_ask() -> None:
    assert server_of("memory:") is None
