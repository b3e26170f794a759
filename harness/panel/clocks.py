"""Clocks: from when on a rule's time is scored, as its pass over a stream has left it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from detector.clock import Windows, learning_kind
from detector.instant import DAY
from detector.rules import NewValueRule
from detector.verdict import RULE_CLOCK, UNSET, is_learning
from harness.panel.kernels import count_covered, cover
from harness.panel.passing import Matched
from harness.scoring.evidence import TENURE_DAYS
from harness.scoring.judged import SETTLING_DAYS

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Clocks:
    """Says what `harness.hindsight.Hindsight` says of time, for many rows at once; nothing before *since* is scored."""

    def __init__(self, rule: NewValueRule, matched: Matched, since: int = UNSET) -> None:
        self._windows: Windows = matched.windows
        self._since = max(since, self._windows.enabled_at)
        self._start = matched.rule_start
        self._firsts = matched.firsts
        self._is_rule_clock = learning_kind(rule) == RULE_CLOCK
        self.begun_at = max(self._start, self._windows.enabled_at)
        learns = self._is_rule_clock and self.begun_at != UNSET and self._learns(self.begun_at)
        learned = self.begun_at + DAY * rule.learning_duration_days if learns else self.begun_at
        self.scored_from = learned if learned == UNSET else max(learned, since)
        self.new_since = self.begun_at + DAY * max(rule.learning_duration_days, SETTLING_DAYS)

    def covers(self, t: int, group: int | None) -> bool:
        """Whether something at *t* came while the rule learned, or before it ran; *group* is None if it has none."""
        if group is None:
            return t < self._since or (self._is_rule_clock and self._learns(t))
        return bool(self.cover(np.array([t]), np.array([group], np.int32))[0])

    def cover(self, t: "NDArray[np.int64]", group: "NDArray[np.int32]") -> "NDArray[np.bool_]":
        """The same of many."""
        found = np.empty(len(t), np.bool_)
        cover(t, group, self._firsts, self._start, self._since, self._windows, found)
        return found

    def count(self, t: "NDArray[np.int64]", group: "NDArray[np.int32]") -> int:
        """How many of them came in scored time."""
        return len(t) - int(count_covered(t, group, self._firsts, self._start, self._since, self._windows))

    def days(self, end: int) -> float:
        """How many days before *end* are scored."""
        return 0.0 if self.scored_from == UNSET else max(0, end - self.scored_from) / DAY

    def is_new(self, first_seen: int, t: int) -> bool:
        """Whether somebody who was first seen then counts as new at *t*."""
        return first_seen >= self.new_since and 0 <= t - first_seen < TENURE_DAYS * DAY

    def new_person_days(self, first_seen: Iterable[int], end: int) -> float:
        """The scored days before *end* that people who were first seen then spend as new ones, all together."""
        begin = self.scored_from
        if begin == UNSET:
            return 0.0
        came = [first for first in first_seen if first >= self.new_since]
        return sum(max(0, min(first + TENURE_DAYS * DAY, end) - max(first, begin)) for first in came) / DAY

    def _learns(self, t: int) -> bool:
        """Whether the rule learns at *t* in a group of which nothing was seen."""
        windows = self._windows
        return is_learning(t, UNSET, self._start, windows.learning, windows.duration, windows.settled_before)
