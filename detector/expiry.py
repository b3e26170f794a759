"""Expiry: what need not be remembered any longer, once nothing arrives later than was promised.

Dropping never changes the verdict on an event that keeps the promise: whatever is dropped was forgotten for it.
"""

from typing import Final

from detector.clock import Windows
from detector.stores.blob import Baseline
from detector.token import Key
from detector.verdict import UNSET, dropped

_SWEEPS_A_WINDOW: Final = 4
"""How often every group is looked at while time moves on by one forget-after; what is kept too long is that part."""


class Expiry:
    """What may be dropped if no event comes more than *lateness* nanoseconds behind the greatest timestamp seen."""

    def __init__(self, windows: Windows, lateness: int) -> None:
        self.lateness = lateness
        self.window = windows.forget_after + lateness
        """How long before the greatest timestamp a value must have been seen last to be dropped; nanoseconds."""
        self._pause = max(windows.forget_after // _SWEEPS_A_WINDOW, 1)
        self._swept = UNSET

    def prune(self, baseline: Baseline, greatest: int) -> list[Key]:
        """Drop what has expired by the time *greatest*; the values that were. The group's first sight stays."""
        seen = baseline.last_seen
        kept = {value: last for value, last in seen.items() if not dropped(last, greatest, self.window)}
        baseline.last_seen = kept
        return [value for value in seen if value not in kept] if len(kept) < len(seen) else []

    def is_due(self, greatest: int) -> bool:
        """Whether every group should be looked at again, at *greatest*; asking counts as having looked."""
        if self._swept == UNSET:
            self._swept = greatest
        due = greatest - self._swept >= self._pause
        if due:
            self._swept = greatest
        return due
