"""Shards that begin at the same moment, and what else may lie where a server keeps them."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Barrier
from typing import Final

import pytest
from store_places import PLACES
from valkey_server import ValkeyServer

from detector.shard import Shard
from detector.stores.base import BaselineStore, StoreError
from detector.stores.urls import look_into, open_store

SERVERS: Final = ("redis", "postgresql")
ROUNDS: Final = 5


def opened_at_once(url: str, shards: Iterable[Shard | None]) -> dict[Shard | None, BaselineStore | StoreError]:
    """What came of each, where all began as one."""
    asked = list(shards)
    barrier = Barrier(len(asked))

    def opened(shard: Shard | None) -> BaselineStore | StoreError:
        barrier.wait()
        try:
            return open_store(url, shard)
        except StoreError as error:
            return error

    with ThreadPoolExecutor(len(asked)) as pool:
        return dict(zip(asked, pool.map(opened, asked), strict=True))


@pytest.mark.parametrize("kind", SERVERS)
def test_all_shards_of_a_store_can_begin_at_the_same_moment(kind: str, tmp_path: Path) -> None:
    shards = [Shard(part, 6) for part in range(1, 7)]
    for _ in range(ROUNDS):
        found = opened_at_once(PLACES[kind](tmp_path), shards)
        with ExitStack() as ending:
            stores = [store for store in found.values() if not isinstance(store, StoreError)]
            for store in stores:
                ending.enter_context(closing(store))
            assert len(stores) == 6, found


@pytest.mark.parametrize("kind", SERVERS)
def test_of_several_divisions_that_begin_at_the_same_moment_one_does(kind: str, tmp_path: Path) -> None:
    for _ in range(ROUNDS):
        found = opened_at_once(PLACES[kind](tmp_path), [None, Shard(1, 2), Shard(1, 3), Shard(2, 3), Shard(1, 4)])
        with ExitStack() as ending:
            begun = {shard: store for shard, store in found.items() if not isinstance(store, StoreError)}
            for store in begun.values():
                ending.enter_context(closing(store))
            assert len({shard and shard.parts for shard in begun}) == 1, found


@pytest.fixture
def valkey(tmp_path: Path) -> Iterable[ValkeyServer]:
    server = ValkeyServer(tmp_path)
    yield server
    server.stop()


@pytest.mark.parametrize("theirs", [("SET", "{vaultdrill}:shards", "x"), ("HSET", "{vaultdrill}:shards", "1/2", "x")])
def test_a_list_of_shards_that_is_not_ours_is_refused_and_left_alone(
    valkey: ValkeyServer, theirs: tuple[str, ...]
) -> None:
    valkey.ask(*theirs)
    for shard in (None, Shard(1, 2)):
        with pytest.raises(StoreError, match=r"{vaultdrill}:shards: a key of another application"):
            open_store(valkey.url, shard)
    assert valkey.ask("KEYS", "*") == [b"{vaultdrill}:shards"]


def test_a_shard_whose_keys_were_deleted_bars_nobody(valkey: ValkeyServer) -> None:
    with closing(open_store(valkey.url, Shard(1, 2))) as store:
        store.commit({b"g": b"1"}, (), b"1")
    valkey.ask("DEL", "{vaultdrill/1-of-2}:store", "{vaultdrill/1-of-2}:groups")
    open_store(valkey.url, Shard(1, 3)).close()
    with pytest.raises(StoreError, match="no such store"):
        look_into(valkey.url)


def test_a_whole_store_on_valkey_has_the_keys_that_it_always_had(valkey: ValkeyServer) -> None:
    with closing(open_store(valkey.url)) as store:
        store.commit({b"g": b"1"}, (), b"1")
    assert sorted(valkey.ask("KEYS", "*")) == [b"{vaultdrill}:groups", b"{vaultdrill}:store"]


def test_the_name_of_a_store_in_postgresql_leaves_room_for_its_shard(tmp_path: Path) -> None:
    url = PLACES["postgresql"](tmp_path).partition("?")[0]
    open_store(f"{url}?store={'n' * 45}", Shard(1, 2)).close()
    with pytest.raises(StoreError, match="legal: 1 to 45 letters"):
        open_store(f"{url}?store={'n' * 46}", Shard(1, 2))
    open_store(f"{url}?store={'n' * 52}").close()
