"""The store in PostgreSQL when its server dies: what each durability promises, and what a run is told."""

from collections.abc import Iterator
from contextlib import closing
from itertools import product

import pytest
from postgres_server import PostgresCluster, PostgresServer, postgres_cluster

from detector.stores.base import BaselineStore, Durability, StoreError
from detector.stores.urls import look_into, open_store

COMMITS = 40


@pytest.fixture(scope="session")
def cluster() -> Iterator[PostgresCluster]:
    with postgres_cluster() as made:
        yield made


@pytest.fixture
def server(cluster: PostgresCluster) -> Iterator[PostgresServer]:
    server = cluster.server()
    yield server
    server.kill()


def batch(number: int) -> tuple[dict[bytes, bytes], list[bytes], bytes]:
    """A batch of which every other brings a group, and the next takes the last one away again."""
    text = b"%d" % number
    return {b"shared": text, b"own" + text: text}, [b"own%d" % (number - 1)], text


def killed_while_open(server: PostgresServer, durability: str) -> None:
    """Commit, kill the server under the open store, and start it again."""
    with closing(open_store(server.url(parameters=f"durability={durability}"))) as store:
        for number in range(1, COMMITS + 1):
            store.commit(*batch(number))
        server.kill()
    server.restart()


def contents(store: BaselineStore) -> dict[bytes, bytes]:
    return dict(store.scan())


def test_commit_loses_nothing_that_was_acknowledged(server: PostgresServer) -> None:
    killed_while_open(server, "commit")
    with closing(open_store(server.url())) as store:
        assert store.checkpoint() == b"%d" % COMMITS
        assert contents(store) == batch(COMMITS)[0]


def test_async_comes_back_as_some_commit_left_it(server: PostgresServer) -> None:
    open_store(server.url(parameters="durability=commit")).close()
    killed_while_open(server, "async")
    with closing(open_store(server.url(parameters="durability=async"))) as store:
        found = store.checkpoint()
        assert contents(store) == (batch(int(found))[0] if found else {})


def test_unlogged_comes_back_as_new(server: PostgresServer) -> None:
    with closing(open_store(server.url(parameters="durability=commit&store=other"))) as other:
        other.commit(*batch(1))
        killed_while_open(server, "unlogged")
    with closing(open_store(server.url(parameters="durability=unlogged"))) as store:
        assert store.checkpoint() is None
        assert contents(store) == {}
        store.commit(*batch(1))
        assert contents(store) == batch(1)[0]


def test_unlogged_outlives_an_orderly_end_of_the_server(server: PostgresServer) -> None:
    with closing(open_store(server.url(parameters="durability=unlogged"))) as store:
        store.commit(*batch(1))
    server.stop()
    server.restart()
    with closing(look_into(server.url())) as view:
        assert view.checkpoint() == b"1"


def test_another_durability_keeps_what_there_is_and_promises_its_own(server: PostgresServer) -> None:
    for before, after in product(("commit", "async", "unlogged"), repeat=2):
        name = f"{before}_{after}"
        with closing(open_store(server.url(parameters=f"store={name}&durability={before}"))) as store:
            store.commit(*batch(1))
        with closing(open_store(server.url(parameters=f"store={name}&durability={after}"))) as store:
            assert contents(store) == batch(1)[0]
            store.commit(*batch(2))
        schema = f"'vaultdrill_{name}'::regnamespace"
        kinds = server.run(f"SELECT DISTINCT relpersistence::text FROM pg_class WHERE relnamespace = {schema}")
        assert kinds == [("u" if after == "unlogged" else "p",)]


@pytest.mark.parametrize("fsync", ["on", "off"])
def test_the_promises(server: PostgresServer, fsync: str) -> None:
    server.stop()
    server.settings["fsync"] = fsync
    server.restart()
    found = []
    for setting in ("commit", "async", "unlogged"):
        with closing(open_store(server.url(parameters=f"durability={setting}"))) as store:
            found.append(store.durability)
    assert found == [
        Durability("commit", process=True, server=True, power=fsync == "on"),
        Durability("async", process=True, server=False, power=False),
        Durability("unlogged", process=True, server=False, power=False),
    ]


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_server_that_goes_away_is_told_and_the_store_goes_on_from_its_last_commit(
    server: PostgresServer, end: str
) -> None:
    with closing(open_store(server.url())) as store:
        store.commit(*batch(1))
        getattr(server, end)()
        with pytest.raises(StoreError) as told:
            store.commit(*batch(2))
        assert str(told.value).startswith(f"postgresql://127.0.0.1:{server.port}/postgres: the server went away (")
        assert str(told.value).endswith("); legal: to run again, which goes on after the last commit")
        assert "\n" not in str(told.value)
        with pytest.raises(StoreError, match="the server went away"):
            store.read([b"shared"])
    server.restart()
    with closing(open_store(server.url())) as store:
        assert contents(store) == batch(1)[0]
