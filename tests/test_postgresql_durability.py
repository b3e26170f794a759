"""The store in PostgreSQL under each durability: what it goes on with, promises without fsync, and tells of its end."""

from collections.abc import Iterator
from contextlib import closing
from itertools import product

import pytest
from postgres_server import PostgresCluster, PostgresServer, postgres_cluster

from detector.stores.base import BaselineStore, Durability, StoreError
from detector.stores.urls import look_into, open_store


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


def contents(store: BaselineStore) -> dict[bytes, bytes]:
    return dict(store.scan())


def test_unlogged_takes_nothing_of_another_store_with_it(server: PostgresServer) -> None:
    urls = [server.url(parameters=f"durability={setting}&store={setting}") for setting in ("commit", "unlogged")]
    for url in urls:
        with closing(open_store(url)) as store:
            store.commit(*batch(1))
    server.kill()
    server.restart()
    found = []
    for url in urls:
        with closing(open_store(url)) as store:
            found.append(contents(store))
            store.commit(*batch(2))
    assert found == [batch(1)[0], {}]


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


def test_a_server_without_fsync_is_promised_no_power_loss(server: PostgresServer) -> None:
    assert server.settings["fsync"] == "off"
    with closing(open_store(server.url(parameters="durability=commit"))) as store:
        assert store.durability == Durability("commit", process=True, server=True, power=False)


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
