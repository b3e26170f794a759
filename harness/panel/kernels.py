"""Compiled loops of the panel: the detector's kernel without the interpreter's lock, and what is told of its matches.

The verdict is `detector.columnar.kernel`'s, and learning `detector.verdict`'s. Codes are as there: 0 stands for none.
"""

from typing import Any, Final

import numpy as np
from numba.extending import register_jitable

from detector import verdict
from detector.clock import Windows
from detector.columnar import kernel
from detector.verdict import UNSET
from harness.panel.compiled import released

Array = Any
BACKGROUND: Final = -1
"""Stands for everybody's ordinary events where a run's code is asked for."""
NOTHING: Final = -1
"""The place of what is not there."""
_is_learning = register_jitable(verdict.is_learning)


@released
def judge_dense(
    t: Array, group: Array, value: Array, table: Array, width: int, windows: Windows, clock: Array, rows: Array
) -> Any:
    """See `detector.columnar.kernel.judge_dense`."""
    return kernel.judge_dense(t, group, value, table, width, windows, clock, rows)


@released
def judge_hashed(
    t: Array,
    group: Array,
    value: Array,
    firsts: Array,
    slots: Array,
    shift: int,
    windows: Windows,
    clock: Array,
    rows: Array,
) -> Any:
    """See `detector.columnar.kernel.judge_hashed`."""
    return kernel.judge_hashed(t, group, value, firsts, slots, shift, windows, clock, rows)


@released
def judge_any(
    t: Array,
    group: Array,
    values: Array,
    firsts: Array,
    slots: Array,
    shift: int,
    windows: Windows,
    clock: Array,
    rows: Array,
    news: Array,
) -> Any:
    """See `detector.columnar.kernel.judge_any`."""
    return kernel.judge_any(t, group, values, firsts, slots, shift, windows, clock, rows, news)


@released
def look_back(
    group: Array,
    values: Array,
    pairs: Array,
    run: Array,
    shown_by: Array,
    seen: Array,
    shown: Array,
    position: Array,
    detects: Array,
) -> None:
    """What `harness.oracle.Oracle` tells of each row, in arrival order.

    *shown* gets a bit for each value that the group had shown before, *position* the row's place among its group's,
    *detects* is true where a value was shown by nothing but the row's own run.
    """
    for i in range(len(group)):
        position[i] = seen[group[i]]
        seen[group[i]] += 1
        bits, found = 0, False
        for j in range(values.shape[1]):
            if values[i, j] != 0:
                pair = pairs[i, j]
                bits |= (shown_by[pair] != 0) << j
                if run[i] != 0 and (shown_by[pair] == 0 or shown_by[pair] == run[i]):
                    shown_by[pair] = run[i]
                    found = True
                else:
                    shown_by[pair] = BACKGROUND
        shown[i] = bits
        detects[i] = found


@released
def first_times(t: Array, owner: Array, groups: int, first: Array) -> None:
    """Lower *first*, by owner with so many groups before it, to the least time of its rows."""
    for i in range(len(t)):
        place = owner[i] + groups
        first[place] = min(first[place], t[i])


@released
def cover(t: Array, group: Array, firsts: Array, start: int, since: int, windows: Windows, covered: Array) -> int:
    """Whether each row came while the rule learned or before *since*, seen from the end; how many did."""
    found = 0
    for i in range(len(t)):
        covered[i] = t[i] < since or _is_learning(
            t[i], firsts[group[i]], start, windows.learning, windows.duration, windows.settled_before
        )
        found += covered[i]
    return found


@released
def count_covered(t: Array, group: Array, firsts: Array, start: int, since: int, windows: Windows) -> int:
    """How many rows did."""
    found = 0
    for i in range(len(t)):
        found += t[i] < since or _is_learning(
            t[i], firsts[group[i]], start, windows.learning, windows.duration, windows.settled_before
        )
    return found


@released
def gather(
    t: Array,
    group: Array,
    silenced: Array,
    keep_alive: int,
    longest: int,
    held: Array,
    signal: Array,
    opened: Array,
    last: Array,
) -> int:
    """`detector.gathering.Gathering` over matches in arrival order: the *signal* of each; how many there are.

    *held* is each group's open signal, at first `NOTHING`, which is also the signal of a match that is *silenced*.
    """
    count = 0
    for i in range(len(t)):
        signal[i] = NOTHING
        if silenced[i]:
            continue
        s = held[group[i]]
        if s != NOTHING and keep_alive > 0 and abs(t[i] - last[s]) <= keep_alive and abs(t[i] - opened[s]) <= longest:
            opened[s], last[s] = min(opened[s], t[i]), max(last[s], t[i])
        else:
            s = held[group[i]] = count
            opened[s] = last[s] = t[i]
            count += 1
        signal[i] = s
    return count


@released
def firsts_of_signals(signal: Array, holds: Array, first: Array) -> None:
    """The first match of each signal that *holds*; *first* is `NOTHING` where none does."""
    for i in range(len(signal)):
        if holds[i] and signal[i] != NOTHING and first[signal[i]] == NOTHING:
            first[signal[i]] = i


@released
def lasts_of_signals(signal: Array, last: Array) -> None:
    """The last match of each signal."""
    for i in range(len(signal)):
        if signal[i] != NOTHING:
            last[signal[i]] = i


def unset(size: int) -> Any:
    """So many times that are not known."""
    return np.full(size, UNSET, np.int64)
