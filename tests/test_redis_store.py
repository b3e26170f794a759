"""A store on a Valkey server: what it holds, who may write to it, and what is refused."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from valkey_server import ValkeyServer

pytest.importorskip("redis", reason="needs the package redis: pip install 'vaultdrill[stores]'")

from detector.stores.base import BaselineStore, StoreError
from detector.stores.redis_view import A_QUESTION
from detector.stores.urls import look_into, open_store

SECRET = "hunter2"
HOLDER = """
import sys
from detector.stores.urls import open_store
store = open_store(sys.argv[1])
store.commit({b"g": b"held"}, (), b"holder")
print("holds", flush=True)
sys.stdin.read()
"""


@contextmanager
def started(folder: Path, **options: str) -> Iterator[ValkeyServer]:
    folder.mkdir(exist_ok=True)
    server = ValkeyServer(folder, **options)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    with started(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def server(shared: ValkeyServer, monkeypatch: pytest.MonkeyPatch) -> ValkeyServer:
    monkeypatch.delenv("REDISCLI_AUTH", raising=False)
    monkeypatch.delenv("VALKEYCLI_AUTH", raising=False)
    shared.ask("FLUSHALL")
    return shared


def refusal(url: str) -> str:
    with pytest.raises(StoreError) as refused:
        open_store(url).close()
    assert "\n" not in str(refused.value)
    assert SECRET not in str(refused.value)
    return str(refused.value)


@contextmanager
def holder(url: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process that writes to the store."""
    command = [sys.executable, "-c", HOLDER, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "holds\n"
            yield process
        finally:
            process.kill()


def fill(url: str) -> None:
    with closing(open_store(url)) as store:
        store.commit({b"a": b"1", b"b": b"2"}, (), b"first")


# What it holds


def test_what_was_committed_is_there_when_it_is_opened_again(server: ValkeyServer) -> None:
    fill(server.url)
    with closing(open_store(server.url)) as store:
        assert (store.read([b"b", b"x", b"a"]), store.checkpoint()) == ([b"2", None, b"1"], b"first")
        store.commit({b"c": b"3"}, [b"a"], b"second")
    with closing(look_into(server.url)) as view:
        assert (list(view.scan()), view.checkpoint()) == ([(b"b", b"2"), (b"c", b"3")], b"second")


def test_more_groups_than_one_command_takes(server: ValkeyServer) -> None:
    blobs = {b"%06d" % number: b"%d" % number for number in range(2 * A_QUESTION + 1)}
    with closing(open_store(server.url)) as store:
        store.commit(blobs, (), b"first")
        assert store.read(list(blobs)) == list(blobs.values())
        assert dict(store.scan()) == blobs
        store.commit({}, blobs.keys() - {b"000007"}, b"second")
        assert list(store.scan()) == [(b"000007", b"7")]


def test_two_stores_of_one_database_know_nothing_of_each_other(server: ValkeyServer) -> None:
    with closing(open_store(f"{server.url}?store=a")) as a, closing(open_store(f"{server.url}?store=b")) as b:
        a.commit({b"g": b"of a"}, (), b"a")
        b.commit({b"g": b"of b"}, (), b"b")
        assert (a.read([b"g"]), b.checkpoint()) == ([b"of a"], b"b")


def test_a_store_that_was_never_committed_to_leaves_no_key(server: ValkeyServer) -> None:
    open_store(server.url).close()
    assert server.ask("KEYS", "*") == []


def test_a_look_changes_nothing_and_is_refused_where_there_is_no_store(server: ValkeyServer) -> None:
    with pytest.raises(StoreError, match="no such store"):
        look_into(server.url)
    assert server.ask("KEYS", "*") == []


# One writer at a time


def test_a_second_writer_is_refused_and_a_look_is_not(server: ValkeyServer) -> None:
    with holder(server.url):
        told = "another run is writing to this store; legal: one writer at a time"
        assert refusal(server.url) == f"redis://127.0.0.1:{server.port}/0: {told}"
        with closing(look_into(server.url)) as view:
            assert view.read([b"g"]) == [b"held"]


def test_a_killed_writer_is_taken_over_from_and_its_commits_stay(server: ValkeyServer) -> None:
    with holder(server.url) as process:
        process.kill()
        process.wait()
        with closing(open_store(server.url)) as store:
            assert (store.read([b"g"]), store.checkpoint()) == ([b"held"], b"holder")


def test_a_writer_that_was_taken_over_from_can_never_commit(server: ValkeyServer) -> None:
    with closing(open_store(server.url)) as cut_off:
        cut_off.commit({b"g": b"old"}, (), b"old")
        server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        with closing(open_store(server.url)) as store:
            store.commit({b"g": b"new"}, (), b"new")
            with pytest.raises(StoreError, match="another run took the store over"):
                cut_off.commit({b"g": b"late"}, (), b"late")
            cut_off.close()
            store.commit({b"h": b"new"}, (), b"newer")
            assert store.read([b"g", b"h"]) == [b"new", b"new"]


def test_a_writer_whose_connection_broke_goes_on_if_nobody_came_in_between(server: ValkeyServer) -> None:
    with closing(open_store(server.url)) as store:
        store.commit({b"g": b"1"}, (), b"1")
        server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        store.commit({b"g": b"2"}, (), b"2")
        assert store.read([b"g"]) == [b"2"]
        assert "another run is writing" in refusal(server.url)


# What is refused


@pytest.mark.parametrize("part", ["store", "groups", "writer"])
def test_keys_of_another_application_are_refused_and_left_alone(server: ValkeyServer, part: str) -> None:
    server.ask("SET", f"{{vaultdrill}}:{part}", "theirs")
    assert "keys of another application" in refusal(server.url)
    assert server.ask("KEYS", "*") == [b"{vaultdrill}:%s" % part.encode()]
    assert server.ask("GET", f"{{vaultdrill}}:{part}") == b"theirs"


def test_a_store_of_a_newer_version_is_refused(server: ValkeyServer) -> None:
    fill(server.url)
    server.ask("HSET", "{vaultdrill}:store", "vaultdrill", "7")
    assert "found a store of version '7'; legal: 1" in refusal(server.url)


def test_what_is_not_a_hash_any_more_is_neither_read_nor_committed_to(server: ValkeyServer) -> None:
    with closing(open_store(server.url)) as store:
        store.commit({b"a": b"1"}, (), b"first")
        server.ask("SET", "{vaultdrill}:groups", "theirs")
        with pytest.raises(StoreError, match="WRONGTYPE"):
            store.read([b"a"])
        with pytest.raises(StoreError, match="keys of another application"):
            store.commit({b"a": b"2"}, (), b"second")
        assert store.checkpoint() == b"first"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("DEL", "{vaultdrill}:groups"), "damaged: found a checkpoint without its baselines"),
        (("HDEL", "{vaultdrill}:store", "checkpoint"), "damaged: found baselines without their checkpoint"),
    ],
)
def test_a_store_that_has_lost_a_part_is_refused(server: ValkeyServer, command: tuple[str, ...], told: str) -> None:
    with closing(open_store(server.url)) as store:
        store.commit({b"a": b"1", b"b": b"2"}, (), b"first")
        store.commit({}, {b"b", b"unknown"}, b"second")
        server.ask(*command)
        with pytest.raises(StoreError, match=told):
            store.commit({b"c": b"3"}, (), b"third")
    assert told in refusal(server.url)
    with pytest.raises(StoreError, match=told):
        look_into(server.url)


def test_a_store_without_any_group_has_lost_none(server: ValkeyServer) -> None:
    with closing(open_store(server.url)) as store:
        store.commit({b"a": b"1"}, (), b"first")
        store.commit({}, {b"a"}, b"second")
    with closing(look_into(server.url)) as view:
        assert (list(view.scan()), view.checkpoint()) == ([], b"second")


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ("//localhost/0?store=a/b", "store: found 'a/b'"),
        ("//localhost/zero", "a database that is no number"),
        ("//localhost/0?durability=none", "durability: found 'none'; legal: server, fsync"),
        ("//localhost/0?user=ada", "found the parameter 'user'"),
        ("//localhost/0?ca=ca.pem", "ca: takes TLS"),
        ("localhost", "found no host"),
        (f"//:{SECRET}@localhost:port/0", "malformed host or port"),
    ],
)
def test_urls_that_are_refused(rest: str, why: str) -> None:
    assert why in refusal(f"redis:{rest}")


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with started(tmp_path / "s") as server:
        server.kill()
        url = f"redis://ada:{SECRET}@127.0.0.1:{server.port}/0"
        told = f"redis://127.0.0.1:{server.port}/0: the server cannot be reached (Connection refused)"
        assert refusal(url) == told


def test_a_server_that_evicts_what_it_holds(tmp_path: Path) -> None:
    with started(tmp_path / "s", maxmemory="100mb", maxmemory_policy="allkeys-lru") as server:
        assert "the server evicts what it holds (maxmemory-policy allkeys-lru)" in refusal(server.url)


def test_a_full_server_refuses_the_whole_commit(tmp_path: Path) -> None:
    with started(tmp_path / "s", maxmemory="16mb") as server, closing(open_store(server.url)) as store:
        blobs = {b"%d" % number: bytes(100_000) for number in range(300)}
        with pytest.raises(StoreError, match="maxmemory"):
            _fill_up(store, blobs)
        assert store.read([b"a"]) == [store.checkpoint()]


def _fill_up(store: BaselineStore, blobs: dict[bytes, bytes]) -> None:
    for number, (group, blob) in enumerate(blobs.items()):
        store.commit({group + b"blob": blob, b"a": b"%d" % number}, (), b"%d" % number)
