"""What a benchmark's figures depend on besides the code: machine, Python, libraries and servers."""

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from sqlite3 import sqlite_version
from typing import Final

import msgspec

from detector.stores.store_url import StoreUrl
from harness.bench.place import NOOP
from harness.bench.server import server_of

_LIBRARIES: Final = (
    "vaultdrill",
    "msgspec",
    "numpy",
    "rocksdict",
    "lmdb",
    "redis",
    "psycopg",
    "rbloom",
    "hdrhistogram",
)


class Environment(msgspec.Struct, frozen=True):
    """Versions by name; *cores* are those that this process may use."""

    python: str
    system: str
    machine: str
    cores: int
    libraries: dict[str, str]
    servers: dict[str, str]


def environment(urls: Iterable[str]) -> Environment:
    """The environment of this process and of the servers behind *urls*."""
    asked = {StoreUrl.of(url).shown(): server_of(url) for url in urls if url != NOOP}
    servers = {name: server.version() for name, server in asked.items() if server is not None}
    return Environment(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()}",
        machine=platform.machine(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        libraries={"sqlite": sqlite_version} | _installed(),
        servers={name: told for name, told in servers.items() if told},
    )


def _installed() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
