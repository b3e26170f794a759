"""Other settings: what a report says of how the rule could be set, where the packages for that are installed."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from detector.rules import NewValueRule
from harness.streams import Stream

if TYPE_CHECKING:
    from harness.sweep.result import SweepResult


def other_settings(rule: NewValueRule, streams: Sequence[Stream]) -> "SweepResult | None":
    """The sweep of the usual settings around *rule*, or None without the `columnar` extra."""
    if any(find_spec(name) is None for name in ("duckdb", "numba", "pyarrow")):
        return None
    from harness.sweep.grid import Grid
    from harness.sweep.sweeping import sweep

    return sweep(rule, Grid(), streams).result
