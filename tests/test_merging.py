"""Streams of rows are merged as `heapq.merge` merges events, whole batches at once."""

from collections.abc import Iterator, Sequence
from heapq import merge
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detector.bulk.merging import merged, peaks, seen
from detector.columnar.rows import Rows

NOTHING = Rows(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32), [].__getitem__)


def batch(times: Sequence[int], name: str, first: int = 0) -> Rows:
    """Rows at these times, whose events are their stream's name and their number in it."""
    events: list[Any] = [(name, first + row) for row in range(len(times))]
    numbers = np.arange(first, first + len(times), dtype=np.int32)
    return Rows(np.array(times, np.int64), numbers + np.int32(1), numbers, events.__getitem__)


def stream(times: Sequence[int], size: int, name: str) -> Iterator[Rows]:
    for start in range(0, len(times), size):
        yield batch(times[start : start + size], name, start)


def told(rows: Rows) -> list[Any]:
    return [(int(rows.t[row]), int(rows.values[row]), *rows.event(row)) for row in range(len(rows.t))]  # type: ignore[misc]


def merge_of(*streams: tuple[Sequence[int], int]) -> list[Any]:
    """What comes of streams, each given by its times and the size of its batches."""
    named = [stream(times, size, name) for (times, size), name in zip(streams, "abcdef", strict=False)]
    return [row for rows in merged(named, NOTHING) for row in told(rows)]


def order(rows: Sequence[Any]) -> str:
    return " ".join(f"{name}{number}" for _, _, name, number in rows)


def test_sorted_streams_are_merged_by_time() -> None:
    assert order(merge_of(([1, 4, 6], 2), ([2, 3, 5], 1))) == "a0 b0 b1 a1 b2 a2"


def test_equal_times_come_in_the_order_of_the_streams_also_over_the_ends_of_batches() -> None:
    assert order(merge_of(([5, 5, 5], 1), ([5, 5], 2))) == "a0 a1 a2 b0 b1"
    assert order(merge_of(([1, 5], 1), ([5, 5, 6], 2), ([5], 1))) == "a0 a1 b0 b1 c0 b2"


def test_a_late_row_comes_right_behind_its_predecessor() -> None:
    assert order(merge_of(([5, 1, 6], 3), ([2, 5, 7], 3))) == "b0 a0 a1 b1 a2 b2"
    assert order(merge_of(([5, 1, 6], 1), ([2, 5, 7], 1))) == "b0 a0 a1 b1 a2 b2"


def test_streams_that_are_empty_or_end_early_hold_up_nothing() -> None:
    assert order(merge_of(([], 1), ([3, 4], 1), ([], 1))) == "b0 b1"
    assert order(merge_of(([9], 1), ([3, 4], 2))) == "b0 b1 a0"
    assert merge_of() == []


def test_batches_without_rows_in_between_change_nothing() -> None:
    first = iter([NOTHING, batch([1], "a"), NOTHING, batch([3], "a", 1), NOTHING])
    rows = [row for some in merged([first, iter([NOTHING, batch([2], "b")])], NOTHING) for row in told(some)]
    assert order(rows) == "a0 b0 a1"


def test_what_is_taken_ahead_is_one_batch_of_each_stream() -> None:
    taken = []

    def watched(name: str, times: list[int]) -> Iterator[Rows]:
        for number, time in enumerate(times):
            taken.append(name)
            yield batch([time], name, number)

    given_out = 0
    for rows in merged([watched("a", [*range(0, 100, 2)]), watched("b", [*range(1, 100, 2)])], NOTHING):
        given_out += len(rows.t)
        assert len(taken) - given_out <= 2
    assert given_out == 100


times = st.lists(st.integers(0, 5), max_size=12)


@given(st.lists(st.tuples(times, st.integers(1, 4)), max_size=4))
def test_any_streams_in_any_batches_are_merged_as_heapq_merges_them(streams: list[tuple[list[int], int]]) -> None:
    rows = [told(batch(times, name)) for (times, _), name in zip(streams, "abcdef", strict=False)]
    assert merge_of(*streams) == list(merge(*rows, key=lambda row: row[0]))


@given(times, st.integers(-1, 6))
def test_peaks_are_the_greatest_times_so_far(times: list[int], before: int) -> None:
    assert peaks(np.array(times, np.int64), before).tolist() == [
        max(before, *times[: end + 1]) for end in range(len(times))
    ]


def test_only_rows_with_a_group_are_seen() -> None:
    rows = batch([3, 1, 2], "a")._replace(group=np.array([4, 0, 5], np.int32))
    assert told(seen(rows)) == [(3, 0, "a", 0), (2, 2, "a", 2)]
    assert seen(batch([3, 1], "a")).t.tolist() == [3, 1]
