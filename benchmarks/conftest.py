"""What every benchmark's JSON records beside its timings: the versions that they depend on."""

from importlib.metadata import version
from typing import Any


def pytest_benchmark_update_machine_info(config: object, machine_info: dict[str, Any]) -> None:  # noqa: ARG001
    """Add the versions of the libraries that do the work."""
    machine_info["versions"] = {name: version(name) for name in ("vaultdrill", "msgspec", "numpy", "luqum", "click")}
