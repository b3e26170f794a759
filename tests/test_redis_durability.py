"""A Valkey server that comes back beneath a writer, or stays away; its promises; and passwords, which are not told."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from test_redis_store import SECRET, fill, refusal, started

from detector.stores.base import Durability, StoreError
from detector.stores.urls import look_into, open_store


@pytest.fixture(autouse=True)
def _no_password_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDISCLI_AUTH", raising=False)
    monkeypatch.delenv("VALKEYCLI_AUTH", raising=False)


def test_a_log_that_is_left_to_the_system_to_sync_is_promised_no_power_loss(tmp_path: Path) -> None:
    with (
        started(tmp_path / "s", appendonly="yes", appendfsync="no") as server,
        closing(open_store(server.url)) as store,
    ):
        assert store.durability == Durability("server", process=True, server=True, power=False)


def test_a_server_that_came_back_empty_takes_no_commit_on_top_of_nothing(tmp_path: Path) -> None:
    with started(tmp_path / "s") as server, closing(open_store(server.url)) as store:
        store.commit({b"a": b"1"}, (), b"first")
        server.kill()
        server.start()
        with pytest.raises(StoreError, match="the server lost commits"):
            store.commit({b"b": b"2"}, (), b"second")
        with pytest.raises(StoreError, match="no such store"):
            look_into(server.url)


def test_a_server_that_came_back_from_an_older_snapshot_takes_no_commit_on_top_of_it(tmp_path: Path) -> None:
    with started(tmp_path / "s") as server, closing(open_store(server.url)) as store:
        store.commit({b"a": b"1"}, (), b"first")
        server.ask("SAVE")
        store.commit({b"a": b"2"}, (), b"second")
        server.kill()
        server.start()
        with pytest.raises(StoreError, match="the server lost commits"):
            store.commit({b"b": b"3"}, (), b"third")
        with closing(open_store(server.url)) as next_one:
            assert (next_one.read([b"a", b"b"]), next_one.checkpoint()) == ([b"1", None], b"first")


def test_a_writer_goes_on_after_a_restart_that_lost_nothing(tmp_path: Path) -> None:
    with started(tmp_path / "s", appendonly="yes") as server, closing(open_store(server.url)) as store:
        store.commit({b"a": b"1"}, (), b"first")
        server.kill()
        server.start()
        store.commit({b"b": b"2"}, (), b"second")
        assert list(store.scan()) == [(b"a", b"1"), (b"b", b"2")]


def test_a_server_that_stays_away_is_told_in_one_line(tmp_path: Path) -> None:
    with started(tmp_path / "s") as server, closing(open_store(server.url)) as store:
        server.kill()
        with pytest.raises(StoreError, match=r"the server went away .*; legal: to run again") as told:
            store.commit({b"a": b"1"}, (), b"first")
        assert "\n" not in str(told.value)


def test_fsync_waits_for_the_disk(tmp_path: Path) -> None:
    with (
        started(tmp_path / "s", appendonly="yes", appendfsync="everysec") as server,
        closing(open_store(f"{server.url}?durability=fsync")) as store,
    ):
        assert store.durability == Durability("fsync", process=True, server=True, power=True)
        store.commit({b"a": b"1"}, (), b"first")
        assert b"cmdstat_waitaof:calls=2" in server.ask("INFO", "commandstats")
        assert store.footprint().disk


def test_fsync_is_refused_without_an_append_only_file(tmp_path: Path) -> None:
    with started(tmp_path / "s") as server:
        assert "a server without append-only file" in refusal(f"{server.url}?durability=fsync")
        assert server.ask("KEYS", "*") == []


def test_who_may_not_ask_for_the_configuration_is_promised_no_power_loss(tmp_path: Path) -> None:
    with started(tmp_path / "s", appendonly="yes", appendfsync="always") as server:
        server.ask("ACL", "SETUSER", "ada", "on", f">{SECRET}", "~*", "+@all", "-config")
        with closing(open_store(f"redis://ada:{SECRET}@127.0.0.1:{server.port}/0")) as store:
            assert (store.durability.server, store.durability.power) == (True, False)


def test_what_a_user_may_not_do_is_told_without_the_user(tmp_path: Path) -> None:
    with started(tmp_path / "s") as server:
        server.ask("ACL", "SETUSER", "ada", "on", f">{SECRET}", "~*", "+@all", "-exec")
        told = refusal(f"redis://ada:{SECRET}@127.0.0.1:{server.port}/0")
        assert told == f"redis://127.0.0.1:{server.port}/0: the user may not run EXEC"


def test_a_wrong_password_is_one_line_and_not_repeated(tmp_path: Path) -> None:
    with started(tmp_path / "s", requirepass="right") as server:
        for url in (f"redis://:{SECRET}@127.0.0.1:{server.port}/0", server.url):
            assert "the server refused user or password" in refusal(url)


def _in_url(url: str, _: pytest.MonkeyPatch) -> str:
    return url.replace("//", f"//:{SECRET}@")


def _in_environment(name: str) -> Callable[[str, pytest.MonkeyPatch], str]:
    def given(url: str, environment: pytest.MonkeyPatch) -> str:
        environment.setenv(name, SECRET)
        return url

    return given


@pytest.mark.parametrize("given", [_in_url, _in_environment("REDISCLI_AUTH"), _in_environment("VALKEYCLI_AUTH")])
def test_a_password_of_the_url_or_the_environment_opens_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: Callable[[str, pytest.MonkeyPatch], str]
) -> None:
    with started(tmp_path / "s", requirepass=SECRET) as server:
        url = given(server.url, monkeypatch)
        fill(url)
        with closing(open_store(url)):
            assert "another run is writing" in refusal(url)
