"""Tuples of codes get codes of their own: equal ones the same, others never."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.columnar import pairing
from detector.columnar.codes import Codes
from detector.columnar.pairing import Pairs, Tuples

GREATEST = 2**31 - 1


def column(*codes: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(codes, np.int32)


def test_a_pair_gets_the_code_of_its_first_meeting() -> None:
    pairs = Pairs()
    assert pairs.codes(column(1, 2, 1, 2), column(1, 1, 1, 2)).tolist() == [0, 1, 0, 2]
    assert pairs.codes(column(2, 3), column(2, 3)).tolist() == [2, 3]
    assert [pairs.members(code) for code in range(pairs.count)] == [(1, 1), (2, 1), (2, 2), (3, 3)]


def test_a_pair_is_not_the_pair_turned_round() -> None:
    assert Pairs().codes(column(1, 2), column(2, 1)).tolist() == [0, 1]


def test_absent_members_make_pairs_too() -> None:
    pairs = Pairs()
    assert pairs.codes(column(0, 0, 1), column(0, 1, 0)).tolist() == [0, 1, 2]
    assert [pairs.members(code) for code in range(3)] == [(0, 0), (0, 1), (1, 0)]


def test_no_rows_have_no_codes() -> None:
    pairs = Pairs()
    assert (pairs.codes(column(), column()).tolist(), pairs.count) == ([], 0)


@pytest.mark.parametrize("pair", [(GREATEST - 1, GREATEST), (GREATEST - 1, 0), (0, GREATEST)])
def test_the_greatest_codes_are_told_apart(pair: tuple[int, int]) -> None:
    pairs = Pairs()
    assert pairs.codes(column(0, pair[0], pair[0]), column(0, pair[1], pair[1])).tolist() == [0, 1, 1]
    assert pairs.members(1) == pair


def test_pairs_that_share_a_slot_are_told_apart() -> None:
    first, second = np.divmod(np.arange(40_000), 200)
    keys = ((first.astype(np.uint64) + np.uint64(1)) << np.uint64(32)) | second.astype(np.uint64)
    slots = (keys * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - 10)
    last = np.flatnonzero(slots == 1023)[:20]
    assert len(last) == 20
    pairs = Pairs()
    for _ in range(2):
        codes = pairs.codes(first[last].astype(np.int32), second[last].astype(np.int32))
        assert codes.tolist() == list(range(20))


def test_pairs_keep_their_codes_when_slots_are_doubled() -> None:
    pairs = Pairs()
    for end in (3, 600, 5_000):
        places = np.arange(end, dtype=np.int32)
        assert pairs.codes(places, places % 7).tolist() == list(range(end))
    assert [pairs.members(code) for code in (0, 2, 599, 4_999)] == [(0, 0), (2, 2), (599, 4), (4_999, 1)]


@settings(max_examples=max(100, settings().max_examples))
@given(
    fields=st.integers(1, 4),
    batches=st.lists(st.lists(st.tuples(*[st.integers(0, 3)] * 4), max_size=40), max_size=5),
)
def test_tuples_are_coded_as_a_dict_would(fields: int, batches: list[list[tuple[int, ...]]]) -> None:
    first = Codes()
    for key in "abc":
        first[key]
    with patch.object(pairing, "_FEWEST_SLOTS", 1):
        tuples, known = Tuples(fields), dict[tuple[int, ...], int]()
        for rows in batches:
            columns = [column(*(row[field] for row in rows)) for field in range(fields)]
            codes = tuples.codes(columns).tolist()
            cut = [row[:fields] for row in rows]
            if fields == 1:
                assert codes == [row[0] for row in rows]
                assert tuples.count(first) == 4
            else:
                assert codes == [known.setdefault(row, len(known)) for row in cut]
                assert tuples.count(first) == len(known)
            assert [tuples.members(code) for code in codes] == cut
