"""Raising: the scored signals of a pass, each with what brought it about."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from detector.token import Key
from harness.panel.clocks import Clocks
from harness.panel.kernels import NOTHING, firsts_of_signals, lasts_of_signals
from harness.panel.marks import Marks
from harness.panel.passing import Matched, Signals
from harness.panel.watched import Watched
from harness.scoring.evidence import ATTACK, FORGOTTEN, HABIT, LOOK_ALIKE, Raised
from harness.scoring.ranges import Span, Spans, reward

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CAUSES: Final = (ATTACK, LOOK_ALIKE, FORGOTTEN, HABIT)
_ATTACK, _LOOK_ALIKE, _FORGOTTEN, _HABIT = range(len(_CAUSES))


class Raising:
    """The signals of *matched*, by number; *clocks* say which of them are scored."""

    def __init__(self, watched: Watched, marks: Marks, matched: Matched, signals: Signals, clocks: Clocks) -> None:
        self._watched, self._marks, self._clocks = watched, marks, clocks
        self._rows, self._news, self._signals = matched.rows, matched.news, signals
        learned = clocks.cover(signals.opened, signals.group)
        self.scored: NDArray[np.int64] = np.flatnonzero(~learned)
        """The numbers of those that are scored."""
        self.unscored = int(np.count_nonzero(learned))
        self._is_scored = ~learned
        self._first = self._firsts(np.ones(len(matched.rows), np.bool_))
        last = np.full(len(self._first), NOTHING, np.int64)
        lasts_of_signals(signals.signal, last)
        position = watched.hindsight.position
        self._start, self._end = position[self._rows[self._first]], position[self._rows[last]]

    def raised(self, attacked: Mapping[Key, Spans]) -> list[Raised]:
        """Those that are scored; *attacked* are the ranges of the scored attacks by group."""
        scored, watched, clocks = self.scored, self._watched, self._clocks
        owners = watched.owner[self._rows[self._first[scored]]]
        cause, run = self._causes()
        causes, runs = [*_CAUSES, *self._marks.processes[1:]], [None, *self._marks.runs.names[1:]]
        rewards = self._rewards(attacked)
        columns = (scored, owners, self._signals.opened[scored], cause[scored], run[scored])
        made = []
        for number, owner, t, its_cause, its_run in zip(*(column.tolist() for column in columns), strict=True):
            person = watched.person(owner)
            is_new = clocks.is_new(watched.first_seen[person], t)
            made.append(Raised(person, t, causes[its_cause], runs[its_run], is_new, rewards.get(number, 0.0)))
        return sorted(made, key=_by_opening)

    def by_owner(self) -> tuple["NDArray[np.int64]", "NDArray[np.int64]"]:
        """Of each person who has any: how many signals are scored, and how many of these hold an attack's event."""
        holds = self._firsts(self._marks.runs.is_attack[self._watched.run[self._rows]])[self.scored] != NOTHING
        owners = self._watched.owner[self._rows[self._first[self.scored]]]
        known, home = np.unique(owners, return_inverse=True)
        return np.bincount(home, minlength=len(known)), np.bincount(home[holds], minlength=len(known))

    def caught(self) -> dict[int, int]:
        """By run's code, the earliest of its events in a scored signal."""
        signal, run = self._signals.signal, self._watched.run[self._rows]
        staged = np.flatnonzero((run != 0) & (signal != NOTHING))
        staged = staged[self._is_scored[signal[staged]]]
        caught: dict[int, int] = {}
        for code, t in zip(run[staged].tolist(), self._watched.t[self._rows[staged]].tolist(), strict=True):
            caught[code] = min(t, caught.get(code, t))
        return caught

    def ranges(self, groups: Collection[Key]) -> dict[Key, Spans]:
        """The ranges of the scored signals in these groups."""
        found: dict[Key, list[Span]] = {}
        for number in self._within(groups):
            found.setdefault(self._group(number), []).append(self._span(number))
        return {group: Spans(held) for group, held in found.items()}

    def _rewards(self, attacked: Mapping[Key, Spans]) -> dict[int, float]:
        """The range-based precision of those signals for which it may be more than 0."""
        return {number: reward(self._span(number), attacked[self._group(number)]) for number in self._within(attacked)}

    def _within(self, groups: Collection[Key]) -> list[int]:
        """The scored signals of these groups."""
        keys = self._watched.keys_of_groups
        codes = [code for code in np.unique(self._signals.group).tolist() if keys[code] in groups]
        near: list[int] = self.scored[np.isin(self._signals.group[self.scored], codes)].tolist()
        return near

    def _group(self, number: int) -> Key:
        return self._watched.key_of(int(self._signals.group[number]))

    def _span(self, number: int) -> Span:
        return int(self._start[number]), int(self._end[number])

    def _causes(self) -> tuple["NDArray[np.int64]", "NDArray[np.int32]"]:
        """Of each signal: its cause, by its place among all that there are, and its run's code."""
        run, process = self._watched.run[self._rows], self._watched.process[self._rows]
        recurs = (self._watched.hindsight.shown[self._rows] & self._news) != 0
        cause = np.where(recurs[self._first], _FORGOTTEN, _HABIT)
        if not len(cause):
            return cause, run[:0]
        brought, staged = self._firsts(process != 0), self._firsts(run != 0)
        attack = self._firsts(self._marks.runs.is_attack[run])
        cause = np.where(brought != NOTHING, _HABIT + process[brought], cause)
        cause = np.where(staged != NOTHING, np.where(attack != NOTHING, _ATTACK, _LOOK_ALIKE), cause)
        chosen = np.where(attack != NOTHING, attack, staged)
        return cause, np.where(chosen != NOTHING, run[chosen], np.int32(0))

    def _firsts(self, holds: "NDArray[np.bool_]") -> "NDArray[np.int64]":
        """The first match of each signal that *holds*, by its place among the matches."""
        first = np.full(len(self._signals.opened), NOTHING, np.int64)
        firsts_of_signals(self._signals.signal, holds, first)
        return first


def _by_opening(raised: Raised) -> tuple[int, str, str, str, float]:
    """The order of `harness.scoring.judged`: by all that a signal is."""
    return raised.opened_at, raised.person, raised.cause, raised.run or "", raised.reward
