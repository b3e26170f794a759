"""One rule's pass over watched rows: the detector's kernel from nothing to the end of the stream."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detector.clock import Windows
from detector.columnar.kernel import NO_KEY
from detector.columnar.tables import is_sparse
from detector.instant import SECOND
from detector.rules import NewValueRule
from detector.verdict import UNSET
from harness.panel.kernels import NOTHING, gather, judge_any, judge_dense, judge_hashed, unset
from harness.panel.watched import Watched

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST_SLOTS = 1 << 10


class Remembered(NamedTuple):
    """What a store would hold at the end if it dropped what is forgotten."""

    pairs: int
    bytes: int


class Matched(NamedTuple):
    """The matches of a rule, in order, and the clocks as the last event left them."""

    rows: "NDArray[np.int32]"
    news: "NDArray[np.uint8]"
    """For each match, a bit for each value that is new."""
    windows: Windows
    rule_start: int
    firsts: "NDArray[np.int64]"
    """By group, when it was first seen; `UNSET` for never."""
    remembered: Remembered


class Signals(NamedTuple):
    """Matches gathered."""

    signal: "NDArray[np.int32]"
    """Of each match, by its number in the order of opening; `NOTHING` where it is suppressed."""
    group: "NDArray[np.int32]"
    opened: "NDArray[np.int64]"


def matches(watched: Watched, rule: NewValueRule, enabled_at: int | None = None) -> Matched:
    """Judge every row."""
    windows = Windows.of(rule, enabled_at)
    groups, values = len(watched.keys_of_groups), len(watched.keys_of_values)
    if watched.values.shape[1] > 1 or is_sparse(groups, values, watched.hindsight.pairs):
        return _hashed(watched, windows)
    return _dense(watched, windows)


def gathered(watched: Watched, rule: NewValueRule, matched: Matched) -> Signals:
    """The matches that are not suppressed as signals."""
    rows = matched.rows
    group, size = watched.group[rows], len(rows)
    signal, opened, last = np.empty(size, np.int32), unset(size), unset(size)
    held = np.full(len(watched.keys_of_groups), NOTHING, np.int32)
    lengths = rule.keep_alive_seconds * SECOND, rule.max_signal_seconds * SECOND
    count = gather(watched.t[rows], group, watched.silenced[rows], *lengths, held, signal, opened, last)
    groups = np.empty(count, np.int32)
    groups[signal[signal != NOTHING]] = group[signal != NOTHING]
    return Signals(signal, groups, opened[:count])


def _dense(watched: Watched, windows: Windows) -> Matched:
    groups, width = len(watched.keys_of_groups), len(watched.keys_of_values)
    table, clock, rows = unset(groups * width), np.array([UNSET, 0]), np.empty(len(watched.t), np.int32)
    column = watched.values[:, 0]
    found, _, _ = judge_dense(watched.t, watched.group, column, table, width, windows, clock, rows)
    cells = table.reshape(groups, width)
    group, value = np.nonzero(_lasting(watched, cells, windows)[:, 1:])
    firsts = cells[:, 0].copy()
    kept = _remembered(watched, firsts, group, value + 1)
    return Matched(rows[:found].copy(), np.ones(found, np.uint8), windows, int(clock[0]), firsts, kept)


def _hashed(watched: Watched, windows: Windows) -> Matched:
    groups, size = len(watched.keys_of_groups), len(watched.t)
    slots = np.full(2 * max(_FEWEST_SLOTS, 1 << (2 * watched.hindsight.pairs).bit_length()), NO_KEY, np.int64)
    firsts, clock, rows = unset(groups), np.array([UNSET, 0]), np.empty(size, np.int32)
    shift = 66 - len(slots).bit_length()
    given = firsts, slots, shift, windows, clock, rows
    if watched.values.shape[1] == 1:
        found, _, _ = judge_hashed(watched.t, watched.group, watched.values[:, 0], *given)
        news = np.ones(found, np.uint8)
    else:
        news = np.empty(size, np.uint8)
        found, _, _ = judge_any(watched.t, watched.group, watched.values, *given, news)
    keys, lasts = slots[0::2], slots[1::2]
    live = keys[(keys != NO_KEY) & _lasting(watched, np.where(keys == NO_KEY, UNSET, lasts), windows)]
    kept = _remembered(watched, firsts, live >> 32, live & 0xFFFFFFFF)
    return Matched(rows[:found].copy(), news[:found].copy(), windows, int(clock[0]), firsts, kept)


def _lasting(watched: Watched, lasts: "NDArray[np.int64]", windows: Windows) -> "NDArray[np.bool_]":
    """Which of these sightings a rule remembers at the time of the latest event."""
    return lasts > max(UNSET, int(watched.t.max(initial=UNSET)) - windows.forget_after)


def _remembered(watched: Watched, firsts: "NDArray[np.int64]", group: object, value: object) -> Remembered:
    """The size of baselines as `detector.stores.blob` writes them, and their names."""
    seen = firsts != UNSET
    held = np.bincount(np.asarray(group), minlength=len(firsts))[seen]
    heads = watched.bytes_of_groups[seen] + 16 + np.where(held < 16, 0, np.where(held < 65_536, 2, 4))
    return Remembered(len(np.asarray(group)), int(heads.sum() + watched.bytes_of_values[np.asarray(value)].sum()))
