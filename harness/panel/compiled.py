"""Compilation of what runs beside other threads."""

from collections.abc import Callable
from typing import Any

from detector.columnar.compiled import compiled


def released(function: Callable[..., Any]) -> Any:
    """*function* compiled as the detector's are, and run without the interpreter's lock, so that threads do add up."""
    made = compiled(function)
    made.targetoptions["nogil"] = True  # before the first call, which is when Numba reads it
    return made
