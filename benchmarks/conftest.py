"""What every benchmark's JSON records beside its timings, the versions; and whether the long benchmarks run."""

import os
from importlib.metadata import version
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
)


def pytest_benchmark_update_machine_info(config: object, machine_info: dict[str, Any]) -> None:  # noqa: ARG001
    """Add the versions of the libraries that do the work."""
    machine_info["versions"] = {name: version(name) for name in _LIBRARIES}


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
