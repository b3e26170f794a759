"""The kernel: `detector.verdict` compiled, and carried over columns of codes in arrival order.

Numba compiles the very functions that the streaming engine calls; nothing of the rule is said here a second time. What
this module adds is where the state of a (group, value) lies, in one of two layouts, and that it is fetched into the
processor's cache some events ahead: past 10^5 groups a pass is bound by that memory, not by its arithmetic.

Codes are integers from 1; group 0 is an event that the rule does not see, value 0 a field that is absent. State is
int64 nanoseconds, `UNSET` where there is none. *clock* holds the rule's start and whether it is live, and is moved on.
Each pass fills *rows* with the places of its matches and returns how many, how many events were not seen because the
rule was not enabled, and how many pairs of group and value are new to the state.

Open addressing keeps pairs of key and last sighting in *slots*, a power of two, probed one after the other. No helper
takes an array: Numba would count its references in every turn of the loop, which doubles the time.
"""

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, register_jitable

from detector import verdict as rule
from detector.clock import Windows
from detector.columnar.compiled import compiled
from detector.verdict import HISTORY, LIVE, NEW, UNSEEN, UNSET, clock_start, remember, standing, verdict

Array = Any  # numba's types are told by the calls
AHEAD: Final = 32
"""How many events ahead state is fetched: with 10^6 groups, 16 were a quarter slower, 48 no better on the whole."""
NO_KEY: Final = 0
"""The key of a slot that holds nothing; no group has the code 0."""
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio: multiplicative hashing (Knuth, The Art of Computer Programming 3, section 6.4)."""
_at = np.uint64  # an index that cannot be negative is not looked at twice

for _function in (rule.is_learning, verdict, standing, clock_start, remember):
    register_jitable(_function)


@intrinsic  # type: ignore[untyped-decorator]
def _fetch(_typing: Any, array: Any, index: Any) -> Any:
    """Ask for the cache line of *array*[*index*], to be read and written: llvm.prefetch."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.bitcast(builder.gep(held.data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [address.type, number, number, number])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(prefetch, [address, number(1), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, index), generate


@register_jitable  # type: ignore[untyped-decorator]
def _home(group: Any, value: Any, shift: int) -> Any:
    """The key of a pair, and the slot at which it is looked for first."""
    key = (np.int64(group) << 32) | np.int64(value)
    return key, _at(key) * _MIX >> _at(shift)


@register_jitable  # type: ignore[untyped-decorator]
def _arrive(t: int, start: int, live: bool, windows: Windows) -> Any:  # noqa: FBT001 - a fact, not a switch
    """How the event stands to the rule's being enabled, and the clock after its arrival."""
    stands = standing(t, live, windows.enabled_at, windows.settled_before, windows.duration)
    if stands != UNSEEN and not live:
        if start == UNSET:
            start = clock_start(t, stands, windows.enabled_at)
        live = stands == LIVE
    return stands, start, live


@register_jitable  # type: ignore[untyped-decorator]
def _judge(t: int, last: int, first: int, start: int, windows: Windows) -> Any:
    """The verdict on a value that was last seen then, and when it counts as last seen now."""
    found = verdict(
        t, last, first, start, windows.learning, windows.duration, windows.settled_before, windows.forget_after
    )
    return found, remember(t, last, found, windows.fixed)


@compiled
def judge_dense(
    t: Array, group: Array, value: Array, table: Array, width: int, windows: Windows, clock: Array, rows: Array
) -> Any:
    """One value an event; *table* holds a row of *width* cells a group: its first sight, then its values'."""
    start, live = clock[0], clock[1] != 0
    found = unseen = pairs = 0
    for i in range(len(t)):
        ahead = min(i + AHEAD, len(t) - 1)
        _fetch(table, _at(group[ahead]) * _at(width))
        _fetch(table, _at(group[ahead]) * _at(width) + _at(value[ahead]))
        if group[i] == 0:
            continue
        stands, start, live = _arrive(t[i], start, live, windows)
        if stands == UNSEEN:
            unseen += 1
            continue
        row = _at(group[i]) * _at(width)
        cell = row + _at(value[i])
        last = table[cell]
        verdict_, table[cell] = _judge(t[i], last, table[row], start, windows)
        if last == UNSET:
            pairs += 1
            if table[row] == UNSET:
                table[row] = t[i]
        if verdict_ == NEW and stands != HISTORY:
            rows[found] = i
            found += 1
    clock[0], clock[1] = start, live
    return found, unseen, pairs


@compiled
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
    """One value an event; *firsts* holds the groups' first sights, *slots* the pairs (see `_place`)."""
    start, live, last_slot = clock[0], clock[1] != 0, _at(len(slots) // 2 - 1)
    found = unseen = pairs = 0
    for i in range(len(t)):
        ahead = min(i + AHEAD, len(t) - 1)
        _fetch(slots, _at(2) * _home(group[ahead], value[ahead], shift)[1])
        _fetch(firsts, _at(group[ahead]))
        if group[i] == 0:
            continue
        stands, start, live = _arrive(t[i], start, live, windows)
        if stands == UNSEEN:
            unseen += 1
            continue
        key, slot = _home(group[i], value[i], shift)
        while slots[_at(2) * slot] != key and slots[_at(2) * slot] != NO_KEY:
            slot = slot + _at(1) & last_slot
        last = UNSET if slots[_at(2) * slot] == NO_KEY else slots[_at(2) * slot + _at(1)]
        slots[_at(2) * slot] = key
        verdict_, slots[_at(2) * slot + _at(1)] = _judge(t[i], last, firsts[_at(group[i])], start, windows)
        if last == UNSET:
            pairs += 1
            if firsts[_at(group[i])] == UNSET:
                firsts[_at(group[i])] = t[i]
        if verdict_ == NEW and stands != HISTORY:
            rows[found] = i
            found += 1
    clock[0], clock[1] = start, live
    return found, unseen, pairs


@compiled
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
    """Several values an event, each judged by what was known before it; *news* gets a bit for each that is new."""
    start, live, last_slot = clock[0], clock[1] != 0, _at(len(slots) // 2 - 1)
    found = unseen = pairs = 0
    for i in range(len(t)):
        if group[i] == 0:
            continue
        stands, start, live = _arrive(t[i], start, live, windows)
        if stands == UNSEEN:
            unseen += 1
            continue
        first, new = firsts[_at(group[i])], 0
        for j in range(values.shape[1]):
            if values[i, j] != 0:
                key, slot = _home(group[i], values[i, j], shift)
                while slots[_at(2) * slot] != key and slots[_at(2) * slot] != NO_KEY:
                    slot = slot + _at(1) & last_slot
                last = UNSET if slots[_at(2) * slot] == NO_KEY else slots[_at(2) * slot + _at(1)]
                slots[_at(2) * slot] = key
                verdict_, slots[_at(2) * slot + _at(1)] = _judge(t[i], last, first, start, windows)
                pairs += last == UNSET
                new |= (verdict_ == NEW) << j
        if first == UNSET:
            firsts[_at(group[i])] = t[i]
        if new and stands != HISTORY:
            rows[found], news[found] = i, new
            found += 1
    clock[0], clock[1] = start, live
    return found, unseen, pairs


@compiled
def fill(slots: Array, shift: int, group: Array, value: Array, last: Array) -> None:
    """Put pairs with their last sightings into *slots*, which has none of them."""
    last_slot = _at(len(slots) // 2 - 1)
    for i in range(len(group)):
        key, slot = _home(group[i], value[i], shift)
        while slots[_at(2) * slot] != NO_KEY:
            slot = slot + _at(1) & last_slot
        slots[_at(2) * slot], slots[_at(2) * slot + _at(1)] = key, last[i]
