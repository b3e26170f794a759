"""Where the stores of a benchmark are: files in a temporary directory, and real servers from the tests' own helpers."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Final

import pytest
from postgres_server import postgres_cluster
from valkey_server import ValkeyServer

LIKE_A_SERVER: Final = {"fsync": "on", "synchronous_commit": "on", "autovacuum": "on", "wal_writer_delay": "200ms"}
"""What the tests' PostgreSQL does without, as the server has it by default."""

Urls = Mapping[str, str]


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Urls]:
    """Where each store is; the servers run until the module ends."""
    room = tmp_path_factory.mktemp("stores")
    embedded = {name: f"{name}:///{room}/{name}" for name in ("sqlite", "rocksdb", "lmdb")}
    with ExitStack() as ending:
        valkey = ValkeyServer(tmp_path_factory.mktemp("valkey"), appendonly="yes")
        ending.callback(valkey.stop)
        postgres = ending.enter_context(postgres_cluster()).server()
        postgres.stop()
        postgres.settings |= LIKE_A_SERVER
        postgres.restart()
        yield {"memory": "memory:", "bloom": "bloom:", **embedded, "valkey": valkey.url, "postgresql": postgres.url()}
