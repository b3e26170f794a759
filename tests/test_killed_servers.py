"""A server that is killed beneath a run: the run ends with one line, and the same command goes on with what is left.

Whatever the store lost by its durability, the results are at the end those of a run that nothing happened to.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

import pytest
from killed_runs import IS_NIGHTLY, KILLS, finished, running, simulated, uninterrupted
from postgres_server import PASSWORD, USER, PostgresCluster, PostgresServer, postgres_cluster
from valkey_server import ValkeyServer

from detector.stores import postgresql_connection, redis_session
from detector.stores.base import StoreError
from detector.stores.redis_claim import info
from detector.stores.urls import open_store

Server: TypeAlias = ValkeyServer | PostgresServer
SECRETS: Final = (USER, PASSWORD, "open-too")
LOG: Final = {"appendonly": "yes", "appendfsync": "always"}
SURVIVING: Final = ("redis fsync", "redis server with a log", "postgresql commit")
LOSING: Final = ("redis server", "postgresql async", "postgresql unlogged")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("servers"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    with postgres_cluster() as made:
        yield made


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], "tuple[Server, str]"]:
    """Starts the server of a case; the server, and the URL of a store in it."""

    def start(case: str) -> tuple[Server, str]:
        kind, setting, *log = case.split(" ", 2)
        if kind == "postgresql":
            postgres = request.getfixturevalue("cluster").server()
            request.addfinalizer(postgres.kill)
            return postgres, postgres.url(parameters=f"durability={setting}")
        (tmp_path / "valkey").mkdir()
        options = LOG if log or setting == "fsync" else {}
        valkey = ValkeyServer(tmp_path / "valkey", requirepass=SECRETS[-1], **options)
        request.addfinalizer(valkey.stop)
        return valkey, f"{valkey.url.replace('//', f'//:{SECRETS[-1]}@')}?durability={setting}"

    return start


def restarted(server: Server) -> None:
    if isinstance(server, ValkeyServer):
        server.start()
    else:
        server.restart()


@contextmanager
def beneath(command: Sequence[str], server: Server, commits: int, pause: float) -> Iterator[str]:
    """Kill the server beneath the command; what it says as it ends, or nothing where it was through before."""
    with running(command, commits) as child:
        time.sleep(pause)
        server.kill()
        assert child.stderr is not None
        said = child.stderr.read().decode()
        code = child.wait()
    assert code in (0, 2), said
    yield said if code else ""
    restarted(server)


def is_one_line_for_its_user(said: str, server: Server) -> None:
    assert said.startswith("vaultdrill: ")
    assert said.count("\n") == 1
    assert f"127.0.0.1:{server.port}/" in said
    assert "the server went away (" in said
    assert said.endswith("; legal: to run again, which goes on after the last commit\n")
    assert not any(secret in said for secret in SECRETS)


@pytest.mark.parametrize("case", [*SURVIVING, *LOSING])
def test_the_run_ends_with_one_line_and_goes_on_to_the_same_results(
    case: str, company: Path, tmp_path: Path, served: Callable[[str], "tuple[Server, str]"]
) -> None:
    random = Random(case)
    whole = uninterrupted(company, tmp_path)
    server, url = served(case)
    out = tmp_path / "results.ndjson"
    command = ["detect", str(company), "--engine", "stream", "--store", url, "--out", str(out)]
    kills = 0
    for _ in range(KILLS if case in SURVIVING or IS_NIGHTLY else 3):
        with beneath(command, server, random.randint(1, 6), random.random() * 0.03) as said:
            if said:
                kills += 1
                is_one_line_for_its_user(said, server)
            assert whole.startswith(out.read_bytes())
    assert kills
    finished(command)
    assert out.read_bytes() == whole


@contextmanager
def hanging(server: Server) -> Iterator[None]:
    """The server's process that answers the store is there, and does nothing."""
    if isinstance(server, ValkeyServer):
        pid = int(info(server.ask("INFO", "server"))["process_id"])
    else:
        ((pid,),) = server.run("SELECT pid FROM pg_stat_activity WHERE application_name = 'vaultdrill' LIMIT 1")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("case", ["redis server", "postgresql commit"])
def test_a_server_that_hangs_is_not_waited_for_for_ever(
    case: str, served: Callable[[str], "tuple[Server, str]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    for session in (redis_session, postgresql_connection):
        monkeypatch.setattr(session, "ANSWER_SECONDS", 0.3)
    server, url = served(case)
    with closing(open_store(url)) as store:
        store.commit({b"a": b"1"}, (), b"first")
        with hanging(server):
            with pytest.raises(StoreError) as told:
                store.commit({b"a": b"2"}, (), b"second")
            store.close()
    is_one_line_for_its_user(f"vaultdrill: {told.value}\n", server)
    assert "(no answer in time)" in str(told.value)


@pytest.mark.parametrize("case", ["redis server", "postgresql unlogged"])
def test_a_run_that_built_on_what_the_server_has_lost_is_not_begun_again_without_it(
    case: str, company: Path, tmp_path: Path, served: Callable[[str], "tuple[Server, str]"]
) -> None:
    server, url = served(case)
    finished(["detect", str(company), "--engine", "stream", "--store", url, "--out", str(tmp_path / "first.ndjson")])
    out = tmp_path / "second.ndjson"
    command = ["detect", str(company), "--engine", "stream", "--store", url, "--out", str(out)]
    with beneath(command, server, 3, 0.0) as said:
        is_one_line_for_its_user(said, server)
        left = out.read_bytes()
    with pytest.raises(AssertionError, match=r"it has lost what the interrupted run into .* began from"):
        finished(command)
    assert out.read_bytes() == left
    finished([*command, "--abandon"])
    assert out.read_bytes() == (tmp_path / "first.ndjson").read_bytes()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
