"""A tape is read once for all who keep pace; who falls behind reads for himself and misses nothing."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.bulk.skipping import records_in, skipped
from detector.bulk.tape import KEPT, Tape
from detector.columnar.columns import Column, Columns
from detector.onepassword import Kind
from detector.source import Chunk


class Library:
    """A text, lent in parts of varying sizes, that remembers how often it was opened."""

    def __init__(self, length: int) -> None:
        self.text = "".join(chr(ord("a") + place % 26) for place in range(length))
        self.opened = 0

    def read(self, start: int) -> Iterator[str]:
        self.opened += 1
        size = self.opened
        while start < len(self.text):
            yield self.text[start : start + size]
            start += size


def test_followers_who_keep_pace_share_one_reading() -> None:
    library = Library(50)
    tape = Tape(library.read, len, 3)
    rounds = list(zip(*(tape.follow(number) for number in range(3)), strict=True))
    assert ["".join(parts) for parts in zip(*rounds, strict=True)] == [library.text] * 3
    assert library.opened == 1


def test_a_part_is_kept_for_those_behind_but_no_more_than_so_many() -> None:
    library = Library(50)
    tape = Tape(library.read, len, 2)
    ahead, behind = tape.follow(0), tape.follow(1)
    assert next(behind) == "a"
    assert len(list(islice(ahead, KEPT))) == KEPT
    assert "".join(islice(behind, KEPT)) == library.text[1 : KEPT + 1]
    assert library.opened == 1


def test_who_falls_further_behind_reads_on_from_where_he_is() -> None:
    library = Library(50)
    tape = Tape(library.read, len, 2)
    ahead, behind = tape.follow(0), tape.follow(1)
    assert next(behind) == "a"
    assert "".join(ahead) == library.text
    assert library.opened == 1
    assert "".join(behind) == library.text[1:]
    assert library.opened == 2


@given(st.integers(0, 30), st.lists(st.integers(0, 2), max_size=60))
def test_whatever_the_pace_all_followers_have_everything_once_and_in_order(length: int, turns: list[int]) -> None:
    library = Library(length)
    tape = Tape(library.read, len, 3)
    followers = [tape.follow(number) for number in range(3)]
    had = ["", "", ""]
    for turn in turns:
        had[turn] += next(followers[turn], "")
    for number, follower in enumerate(followers):
        had[number] += "".join(follower)
    assert had == [library.text] * 3


LINES = [b"1", b"", b"2", b" ", b"", b"3", b"4", b"\r"]


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_skipped_records_are_counted_without_blank_lines_and_the_rest_keeps_its_numbers(size: int) -> None:
    parts = [Chunk(start + 1, LINES[start : start + size]) for start in range(0, len(LINES), size)]
    for records in range(5):
        left = [
            (part.number + index, line)
            for part in skipped(iter(parts), records)
            if isinstance(part, Chunk)
            for index, line in enumerate(part.lines)
            if line.strip()
        ]
        assert left == [(1, b"1"), (3, b"2"), (6, b"3"), (7, b"4")][records:]
    assert sum(map(records_in, parts)) == 4


def test_skipped_rows_of_columns_are_gone_from_all_of_them() -> None:
    column = Column(np.array([2, 0, 1], np.int32), ["b", None, "a"])
    part = Columns(Kind.SIGN_IN, np.array([7, 8, 9], np.int64), {"user.email": column}, lambda row: b"line %d" % row)
    (rest,) = skipped(iter([part]), 1)
    assert isinstance(rest, Columns)
    assert (rest.t.tolist(), rest.columns["user.email"].codes.tolist(), list(rest.columns)) == (
        [8, 9],
        [0, 1],
        ["user.email"],
    )
    assert [rest.line(row) for row in range(2)] == [b"line 1", b"line 2"]
    assert list(skipped(iter([part, part]), 6)) == []
