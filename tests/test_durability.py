"""The README's table of durability, proved: what a killed process loses, what a killed server loses, of every store.

A process of its own commits numbered batches and tells each once its commit has returned; it, or the server beneath it,
gets SIGKILL. What is left must be the state after one of its commits, and after the last that it told where the table
says `kept`. A loss of power cannot be shown by a kill: of that column it is proved only that it is what the stores say.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from durable_places import DurablePlace, Promise, durable_place, promises
from embedded_losses import is_of_one_commit, killed_after
from postgres_server import PostgresCluster, postgres_cluster

from detector.stores.base import StoreError
from detector.stores.urls import look_into, open_store
from harness.store_kinds import kind_rows

TABLE: Final = promises()
LASTING: Final = [promise for promise in TABLE if promise.scheme not in ("memory", "bloom")]
ON_SERVERS: Final = [promise for promise in LASTING if promise.scheme in ("redis", "postgresql")]
BATCHES: Final = 300
UNCERTAIN: Final = ("postgresql", "async")
"""Loses what the server had not yet written, which may be nothing."""


@pytest.fixture(scope="module")
def clusters() -> Iterator[list[PostgresCluster]]:
    """The cluster, once it is needed."""
    with postgres_cluster() as made:
        yield [made]


@pytest.fixture
def place(promise: Promise, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[DurablePlace]:
    place = durable_place(promise, tmp_path, lambda: request.getfixturevalue("clusters")[0])
    yield place
    place.end()


def named(promise: Promise) -> str:
    return f"{promise.scheme} {promise.setting}{promise.configured}"


def left(url: str) -> int:
    """The number of the commit that is left; 0 where nothing is, not even a store."""
    try:
        view = look_into(url)
    except StoreError as error:
        if "no such store" not in str(error):
            raise
        return 0
    with closing(view):
        return is_of_one_commit(view)


def test_the_table_has_every_setting_of_every_store_the_default_first() -> None:
    rows = kind_rows()
    assert not [row.needs for row in rows if row.needs]
    told = dict.fromkeys((promise.scheme, promise.setting) for promise in TABLE)
    assert list(told) == [(row.schemes[0], setting) for row in rows for setting in row.durability]


@pytest.mark.parametrize("promise", LASTING, ids=named)
def test_the_store_promises_what_the_table_says(promise: Promise, place: DurablePlace) -> None:
    with closing(open_store(place.url)) as store:
        says = store.durability
    assert (says.setting, says.process, says.server, says.power) == (promise.setting, *promise[-3:])
    assert says.lasts


@pytest.mark.parametrize("scheme", ["memory", "bloom"])
def test_what_lives_in_the_process_has_nothing_to_reopen(scheme: str) -> None:
    (promise,) = (promise for promise in TABLE if promise.scheme == scheme)
    with closing(open_store(f"{scheme}:")) as store:
        assert store.durability == (promise.setting, False, False, False, False)
    assert promise[-3:] == (False, False, False)
    with pytest.raises(StoreError, match="holds nothing after its process"):
        look_into(f"{scheme}:")


@pytest.mark.parametrize("promise", LASTING, ids=named)
def test_a_killed_process(promise: Promise, place: DurablePlace) -> None:
    with closing(open_store(place.url)) as store:
        store.commit({}, (), b"0")
    told = killed_after(place.url, BATCHES)
    found = left(place.url)
    if promise.process:
        assert found in (told, told + 1)
    else:
        assert found < told
    with closing(open_store(place.url)) as store:
        assert is_of_one_commit(store) == found, "the next run goes on from there"
    if not place.kill:
        assert promise.server == promise.process, "an embedded store has no server but its process"


@pytest.mark.parametrize("promise", ON_SERVERS, ids=named)
def test_a_killed_server(promise: Promise, place: DurablePlace) -> None:
    assert place.kill
    assert place.restart
    told = killed_after(place.url, BATCHES, place.kill)
    place.restart()
    found = left(place.url)
    if promise.server:
        assert found in (told, told + 1)
    elif (promise.scheme, promise.setting) == UNCERTAIN:
        assert found <= told + 1
    else:
        assert found == 0
    with closing(open_store(place.url)) as store:
        assert is_of_one_commit(store) == found, "the next run goes on from there"
