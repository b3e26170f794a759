"""The compiled passes against the definition they compile: step by step, cell by cell."""

from typing import Any, Final, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.clock import Windows
from detector.columnar import kernel
from detector.instant import DAY, parse_instant
from detector.verdict import (
    FIRST_EVENT,
    GROUP_CLOCK,
    HISTORY,
    LIVE,
    NEVER_LEARN,
    NEW,
    RULE_CLOCK,
    UNSEEN,
    UNSET,
    clock_start,
    remember,
    standing,
    verdict,
)

GROUPS, VALUES, METRICS = 3, 3, 5
SHIFT: Final = 64 - 6
"""For 64 slots."""
FIRST_INSTANT = parse_instant("1678-01-01T00:00:00Z")
LAST_INSTANT = parse_instant("2261-12-31T23:59:59.999999999Z")
ALWAYS = Windows(NEVER_LEARN, 0, UNSET, 10, UNSET, fixed=False)


class Step(NamedTuple):
    """What an event leaves behind: its new values, whether it was seen, and all state after it."""

    new: list[int]
    unseen: bool
    clock: tuple[int, bool]
    firsts: dict[int, int]
    lasts: dict[tuple[int, int], int]


class Definition:
    """`detector.verdict` called by hand over dicts."""

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        self.start, self.live = UNSET, False
        self.firsts: dict[int, int] = {}
        self.lasts: dict[tuple[int, int], int] = {}

    def step(self, t: int, group: int, values: list[int]) -> Step:
        stands = self.stands(t) if group else UNSEEN
        new = self.judged(t, group, values) if stands != UNSEEN else []
        shown = [] if stands == HISTORY else new
        return Step(
            shown, bool(group) and stands == UNSEEN, (self.start, self.live), self.firsts.copy(), {**self.lasts}
        )

    def stands(self, t: int) -> int:
        windows = self.windows
        stands = standing(t, self.live, windows.enabled_at, windows.settled_before, windows.duration)
        if stands != UNSEEN:
            self.start = clock_start(t, stands, windows.enabled_at) if self.start == UNSET else self.start
            self.live = self.live or stands == LIVE
        return stands

    def judged(self, t: int, group: int, values: list[int]) -> list[int]:
        learning, duration, settled_before, forget_after, _, fixed = self.windows
        first, new = self.firsts.get(group, UNSET), []
        for place, value in enumerate(values):
            if value:
                last = self.lasts.get((group, value), UNSET)
                found = verdict(t, last, first, self.start, learning, duration, settled_before, forget_after)
                self.lasts[group, value] = remember(t, last, found, fixed)
                new += [place] if found == NEW else []
        self.firsts.setdefault(group, t)
        return new


class Compiled:
    """One of the kernel's passes, an event at a time."""

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        self.clock = np.array([UNSET, False], np.int64)
        self.rows = np.full(1, -1, np.int32)
        self.news = np.zeros(1, np.uint8)
        self.firsts = np.full(GROUPS + 1, UNSET)
        self.slots = np.full(2 * 64, kernel.NO_KEY)
        self.pairs = 0

    def step(self, t: int, group: int, values: list[int]) -> Step:
        found, unseen, pairs = self.judge(np.array([t]), np.array([group], np.int32), np.array([values], np.int32))
        self.pairs += pairs
        start, live = self.clock.tolist()
        firsts, lasts = self.state()
        assert self.pairs == len(lasts)
        return Step(self.new() if found else [], bool(unseen), (start, bool(live)), firsts, lasts)

    def judge(self, t: Any, group: Any, values: Any) -> Any:
        raise NotImplementedError

    def new(self) -> list[int]:
        assert self.rows[0] == 0
        return [0]

    def state(self) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
        keys, lasts = self.slots[::2].tolist(), self.slots[1::2].tolist()
        known = {divmod(key, 1 << 32): last for key, last in zip(keys, lasts, strict=True) if key != kernel.NO_KEY}
        return {group: first for group, first in enumerate(self.firsts.tolist()) if first != UNSET}, known


class Dense(Compiled):
    def __init__(self, windows: Windows) -> None:
        super().__init__(windows)
        self.cells = np.full((GROUPS + 1) * (VALUES + 1), UNSET)

    def judge(self, t: Any, group: Any, values: Any) -> Any:
        return kernel.judge_dense(
            t, group, values[:, 0].copy(), self.cells, VALUES + 1, self.windows, self.clock, self.rows
        )

    def state(self) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
        cells = self.cells.reshape(GROUPS + 1, VALUES + 1).tolist()
        known = {(g, v): last for g, row in enumerate(cells) for v, last in enumerate(row) if v and last != UNSET}
        return {group: row[0] for group, row in enumerate(cells) if row[0] != UNSET}, known


class Hashed(Compiled):
    def judge(self, t: Any, group: Any, values: Any) -> Any:
        return kernel.judge_hashed(
            t, group, values[:, 0].copy(), self.firsts, self.slots, SHIFT, self.windows, self.clock, self.rows
        )


class Apart(Compiled):
    def judge(self, t: Any, group: Any, values: Any) -> Any:
        return kernel.judge_any(
            t, group, values, self.firsts, self.slots, SHIFT, self.windows, self.clock, self.rows, self.news
        )

    def new(self) -> list[int]:
        assert self.rows[0] == 0
        return [place for place in range(METRICS) if self.news[0] >> place & 1]


layouts = pytest.mark.parametrize("layout", [Dense, Hashed, Apart])
instants = st.integers(-12, 12)
enabled = st.just(UNSET) | instants
all_windows = st.builds(
    Windows,
    learning=st.sampled_from([NEVER_LEARN, FIRST_EVENT, RULE_CLOCK, GROUP_CLOCK]),
    duration=st.integers(0, 8),
    settled_before=enabled,
    forget_after=st.integers(1, 8),
    enabled_at=enabled,
    fixed=st.booleans(),
)
groups = st.integers(0, GROUPS)
single = st.lists(st.tuples(instants, groups, st.integers(1, VALUES).map(lambda value: [value])), max_size=20)
several = st.lists(
    st.tuples(instants, groups, st.lists(st.integers(0, 4), min_size=METRICS, max_size=METRICS)), max_size=20
)


@pytest.mark.parametrize("layout", [Dense, Hashed])
@settings(max_examples=max(300, settings().max_examples))
@given(windows=all_windows, events=single)
def test_after_every_event_the_state_is_what_the_definition_leaves(
    layout: type[Compiled], windows: Windows, events: list[tuple[int, int, list[int]]]
) -> None:
    compiled, definition = layout(windows), Definition(windows)
    for event in events:
        assert compiled.step(*event) == definition.step(*event)


@settings(max_examples=max(300, settings().max_examples))
@given(windows=all_windows, events=several)
def test_with_any_every_watched_field_is_judged_by_what_was_known_before_the_event(
    windows: Windows, events: list[tuple[int, int, list[int]]]
) -> None:
    # one code is one value of one field: the place is part of it, as `apart_key` has it
    coded = [(t, g, [v and 5 * v + place for place, v in enumerate(values)]) for t, g, values in events]
    compiled, definition = Apart(windows), Definition(windows)
    for event in coded:
        assert compiled.step(*event) == definition.step(*event)


@layouts
def test_a_value_is_new_once_and_again_when_it_was_forgotten(layout: type[Compiled]) -> None:
    compiled = layout(ALWAYS)
    assert [compiled.step(t, 1, [1]).new for t in (0, 0, 9, 18, 28, 27)] == [[0], [], [], [], [0], []]


@layouts
def test_an_event_that_the_rule_does_not_see_leaves_no_trace(layout: type[Compiled]) -> None:
    compiled = layout(ALWAYS)
    assert compiled.step(5, 0, [1]) == Step([], unseen=False, clock=(UNSET, False), firsts={}, lasts={})


@layouts
def test_an_event_before_the_rule_was_enabled_is_counted_and_leaves_no_trace(layout: type[Compiled]) -> None:
    compiled = layout(ALWAYS._replace(enabled_at=6))
    assert compiled.step(5, 1, [1]) == Step([], unseen=True, clock=(UNSET, False), firsts={}, lasts={})
    assert compiled.step(6, 1, [1]).new == [0]


@layouts
def test_history_is_learned_in_silence_and_ends_with_the_first_live_event(layout: type[Compiled]) -> None:
    compiled = layout(Windows(RULE_CLOCK, 7, 10, 100, 10, fixed=False))
    events = [(2, 1), (3, 1), (10, 1), (10, 2), (9, 3)]
    steps = [compiled.step(t, 1, [value]) for t, value in events]
    assert [step.new for step in steps] == [[], [], [], [0], []]
    assert [step.unseen for step in steps] == [True, False, False, False, True]
    assert [step.clock for step in steps] == [(UNSET, False), (3, False), (3, True), (3, True), (3, True)]


@layouts
@pytest.mark.parametrize("learning", [NEVER_LEARN, FIRST_EVENT, RULE_CLOCK, GROUP_CLOCK])
def test_the_longest_windows_overflow_at_neither_end_of_time(layout: type[Compiled], learning: int) -> None:
    windows = Windows(learning, 30 * DAY, UNSET, 30 * DAY, UNSET, fixed=False)
    compiled, definition = layout(windows), Definition(windows)
    for t in (FIRST_INSTANT, FIRST_INSTANT + 30 * DAY - 1, LAST_INSTANT - 1, LAST_INSTANT, FIRST_INSTANT, LAST_INSTANT):
        for value in (1, 2):
            assert compiled.step(t, 1, [value]) == definition.step(t, 1, [value])


@layouts
@pytest.mark.parametrize("enabled_at", [FIRST_INSTANT, LAST_INSTANT])
def test_history_at_the_ends_of_time_does_not_overflow(layout: type[Compiled], enabled_at: int) -> None:
    windows = Windows(RULE_CLOCK, 30 * DAY, enabled_at, 30 * DAY, enabled_at, fixed=True)
    compiled, definition = layout(windows), Definition(windows)
    for t in (FIRST_INSTANT, LAST_INSTANT - 30 * DAY - 1, LAST_INSTANT - 30 * DAY, LAST_INSTANT):
        assert compiled.step(t, 1, [1]) == definition.step(t, 1, [1])


@layouts
def test_a_nanosecond_decides_at_the_ends_of_time(layout: type[Compiled]) -> None:
    for start in (FIRST_INSTANT, LAST_INSTANT - 30 * DAY):
        windows = ALWAYS._replace(forget_after=30 * DAY)
        for later, new in ((30 * DAY - 1, []), (30 * DAY, [0])):
            compiled = layout(windows)
            assert compiled.step(start, 1, [1]).new == [0]
            assert compiled.step(start + later, 1, [1]).new == new


@pytest.mark.parametrize("length", [1, kernel.AHEAD - 1, kernel.AHEAD, kernel.AHEAD + 1, 3 * kernel.AHEAD])
def test_how_far_state_is_fetched_ahead_shows_in_nothing(length: int) -> None:
    t, group = np.arange(length), np.arange(length, dtype=np.int32) % GROUPS + 1
    value = np.arange(length, dtype=np.int32) // 2 % VALUES + 1
    results = []
    for layout in (Dense, Hashed, Apart):
        compiled = layout(ALWAYS)
        compiled.rows, compiled.news = np.full(length, -1, np.int32), np.zeros(length, np.uint8)
        found, _, pairs = compiled.judge(t, group, value[:, None])
        results.append((compiled.rows[:found].tolist(), pairs, compiled.state()))
    assert results[0] == results[1] == results[2]
