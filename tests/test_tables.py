"""Two layouts of what is known: the same verdicts and the same memory, however often they grow."""

from collections.abc import Sequence
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.clock import Windows
from detector.columnar import kernel, tables
from detector.columnar.rows import Rows
from detector.columnar.tables import DenseTable, HashedTable, Judged, Known, is_sparse
from detector.event import Event
from detector.verdict import NEVER_LEARN, UNSET

WINDOWS = Windows(NEVER_LEARN, 0, UNSET, 10, UNSET, fixed=False)
Layout = type[DenseTable] | type[HashedTable]
Table = DenseTable | HashedTable
layouts = pytest.mark.parametrize("layout", [DenseTable, HashedTable])


def room_for(table: Table, groups: int, values: int, rows: int) -> None:
    """Room for codes up to these, and as many pairs as there are rows."""
    table.reserve(groups + 1, values + 1 if isinstance(table, DenseTable) else rows)


def _never(row: int) -> Event:
    raise AssertionError(f"row {row} was asked for")


def judged(table: Table, events: Sequence[tuple[int, int, int]]) -> Judged:
    """The verdicts on events of time, group and value."""
    t, group, value = np.array(events, np.int64).reshape(-1, 3).T
    batch = Rows(t.copy(), group.astype(np.int32), value.astype(np.int32), _never)
    return table.judge(batch, WINDOWS, np.array([UNSET, False], np.int64))


def contents(table: Table) -> dict[tuple[int, int], int]:
    known = table.known()
    pairs = zip(known.group.tolist(), known.value.tolist(), strict=True)
    found = dict(zip(pairs, known.last.tolist(), strict=True))
    assert len(found) == len(known.last) == table.pairs
    return found


def home(group: int, value: int, slots: int) -> int:
    """The slot at which a pair is looked for first: the upper bits of its key times 2^64 over the golden ratio."""
    return ((group << 32 | value) * 0x9E3779B97F4A7C15 % 2**64) >> (65 - slots.bit_length())


def sharing(slot: int, slots: int, count: int) -> list[tuple[int, int]]:
    """So many pairs that are all looked for at *slot* first."""
    found = ((g, v) for g in range(1, 40) for v in range(1, 100_000) if home(g, v, slots) == slot)
    return [next(found) for _ in range(count)]


@layouts
def test_a_table_of_nothing_holds_nothing(layout: Layout) -> None:
    table = layout()
    room_for(table, 0, 0, 0)
    assert judged(table, []).rows.tolist() == []
    assert contents(table) == {}


@layouts
def test_matches_are_the_places_of_what_was_unknown(layout: Layout) -> None:
    table = layout()
    room_for(table, 2, 2, 4)
    found = judged(table, [(1, 1, 1), (2, 1, 1), (3, 0, 2), (4, 2, 1), (5, 1, 2)])
    assert (found.rows.tolist(), found.news.tolist(), found.unseen) == ([0, 3, 4], [1, 1, 1], 0)
    assert contents(table) == {(1, 1): 2, (2, 1): 4, (1, 2): 5}
    assert table.first_seen(np.array([1, 2])).tolist() == [1, 4]


@layouts
def test_what_was_put_there_is_known(layout: Layout) -> None:
    table = layout()
    room_for(table, 3, 2, 3)
    table.put(np.array([1, 3]), np.array([-5, 7]), Known(np.array([1, 3]), np.array([2, 1]), np.array([4, 8])))
    assert contents(table) == {(1, 2): 4, (3, 1): 8}
    assert table.first_seen(np.array([1, 2, 3])).tolist() == [-5, UNSET, 7]
    assert judged(table, [(9, 1, 2), (9, 3, 1), (9, 3, 2)]).rows.tolist() == [2]


def test_a_dense_table_names_the_groups_that_were_seen() -> None:
    table = DenseTable()
    table.reserve(5, 2)
    judged(table, [(1, 4, 1), (2, 2, 1)])
    assert table.groups().tolist() == [2, 4]


@layouts
@settings(max_examples=max(100, settings().max_examples))
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 30), st.integers(0, 40), st.integers(1, 40)), max_size=30), max_size=6
    )
)
def test_a_table_that_grows_batch_by_batch_knows_what_a_dict_knows(
    layout: Layout, batches: list[list[tuple[int, int, int]]]
) -> None:
    known: dict[tuple[int, int], int] = {}
    firsts: dict[int, int] = {}
    groups = values = 0
    with patch.object(tables, "_FEWEST_SLOTS", 2):
        table = layout()
        for batch in batches:
            groups, values = max([groups, *(g for _, g, _ in batch)]), max([values, *(v for *_, v in batch)])
            room_for(table, groups, values, len(batch))
            expected = []
            for row, (t, group, value) in enumerate(batch):
                if group:
                    last = known.get((group, value))
                    expected += [row] if last is None or t - last >= 10 else []
                    known[group, value] = t if last is None else max(last, t)
                    firsts.setdefault(group, t)
            assert judged(table, batch).rows.tolist() == expected
            assert contents(table) == known
            assert table.first_seen(np.array(list(firsts), np.int64)).tolist() == list(firsts.values())


@pytest.mark.parametrize("slot", [0, 7, 1023])
def test_pairs_that_share_a_slot_stand_in_the_next_ones_past_the_end_too(slot: int) -> None:
    pairs = sharing(slot, 1024, 6)
    table = HashedTable()
    table.reserve(100, len(pairs))
    assert judged(table, [(1, *pair) for pair in pairs]).rows.tolist() == [0, 1, 2, 3, 4, 5]
    assert judged(table, [(2, *pair) for pair in reversed(pairs)]).rows.tolist() == []
    assert contents(table) == dict.fromkeys(pairs, 2)
    used = np.flatnonzero(table._slots[::2] != kernel.NO_KEY).tolist()
    assert used == sorted((slot + step) % 1024 for step in range(6))


def test_slots_are_at_most_half_used_and_doubled_when_they_would_be_more() -> None:
    table = HashedTable()
    for pairs, slots in ((512, 1024), (513, 2048), (1024, 2048), (1025, 4096)):
        table = HashedTable()
        table.reserve(1, pairs)
        assert len(table._slots) == 2 * slots
    table.reserve(5000, 2)
    assert len(table._slots) == 2 * 4096
    judged(table, [(0, group, 1) for group in range(1, 2049)])
    table.reserve(5000, 1)
    assert len(table._slots) == 2 * 8192
    assert contents(table) == {(group, 1): 0 for group in range(1, 2049)}


def test_room_that_suffices_is_left_as_it_is() -> None:
    dense, hashed = DenseTable(), HashedTable()
    dense.reserve(10, 4)
    hashed.reserve(10, 100)
    cells, slots, firsts = dense._cells, hashed._slots, hashed._firsts
    dense.reserve(10, 4)
    hashed.reserve(10, 100)
    assert (dense._cells is cells, hashed._slots is slots, hashed._firsts is firsts) == (True, True, True)


def test_widths_and_heights_are_doubled_so_that_few_growths_are_needed() -> None:
    table, growths = DenseTable(), 0
    for code in range(1, 1000):
        before = table._cells
        table.reserve(code + 1, code + 1)
        growths += table._cells is not before
    assert growths < 25


@pytest.mark.parametrize("codes", [(2**31 - 1, 1), (1, 2**31 - 1), (2**31 - 1, 2**31 - 1)])
def test_the_greatest_codes_have_keys_of_their_own(codes: tuple[int, int]) -> None:
    pairs = [codes, (1, 1), (codes[0] - 1 or 2, codes[1])]
    slots = np.full(2 * 8, kernel.NO_KEY)
    group, value = np.array(pairs).T
    kernel.fill(slots, 64 - 3, group.copy(), value.copy(), np.array([10, 20, 30]))
    table = HashedTable()
    table._slots, table.pairs = slots, 3
    assert contents(table) == dict(zip(pairs, (10, 20, 30), strict=True))


def test_a_table_is_sparse_where_it_is_large_and_few_of_its_cells_are_used() -> None:
    assert not is_sparse(1 << 11, 1 << 11, 0)
    assert is_sparse((1 << 11) + 1, 1 << 11, 0)
    assert not is_sparse(1 << 12, 1 << 12, 1 << 20)
    assert is_sparse(1 << 12, 1 << 12, (1 << 20) - 1)
