"""A life here is told in chapters, each as long as role, clients and ways stay the same.

A rate of 1e9 a year makes things happen on the first day on which they can, so that chapters can be worked out by hand.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import FIRST_DAY, calm, everyone, near

from simulator.careers import HUMAN, SERVICE, STAYS, Staff, staff_of
from simulator.chapters import LONG_AGO, Chapters, chapters_of
from simulator.draws import Ints
from simulator.profile import Profile
from simulator.timeline import YEAR
from simulator.turns import CLI, JOINER, PARENTAL, PHONE, ROLE, SSO, UPGRADE, occurrences

SEED = 7
ALWAYS = 1e9
DAYS = range(FIRST_DAY, FIRST_DAY + 40)
YEARS = range(FIRST_DAY, FIRST_DAY + 731)
LONG_HERE = FIRST_DAY - 1_000
BUSY = {
    "leavers": 2.0,
    "growth": 1.0,
    "role_changes": 3.0,
    "first_cli": 2.0,
    "phones": 4.0,
    "sso_roll_outs": 10.0,
    "legacy_clients": 0.3,
    "parental_leaves": 2.0,
    "vacancy_days": 10,
}


def staff(*lives: tuple[int, int], machine: int = HUMAN, role: int = 0) -> Staff:
    """Return people who are here from and until the given days."""
    rows = np.arange(len(lives), dtype=np.int64)
    hired, left = np.array(lives, dtype=np.int64).reshape(-1, 2).T
    return Staff(rows * 3, np.full(len(lives), machine), np.full(len(lives), role), rows * 0, hired, left)


def chapters(of: Staff, days: range = DAYS, **figures: Any) -> Chapters:
    return chapters_of(of, days, SEED, calm(**figures))


def spans(of: Chapters, person: int = 0) -> list[tuple[int, int]]:
    """Return the chapters of a person, counted from the first day."""
    rows = np.flatnonzero(of.person == person)
    return list(zip((of.begin[rows] - FIRST_DAY).tolist(), (of.end[rows] - FIRST_DAY).tolist(), strict=True))


def on(of: Chapters, day: int, person: int = 0) -> int:
    """Return the chapter of a person on a day, counted from the first one."""
    return int(of.at(np.array([person]), np.array([FIRST_DAY + day]))[0])


# By hand


def test_a_life_in_which_nothing_happens_is_one_chapter() -> None:
    told = chapters(staff((LONG_HERE, STAYS), (FIRST_DAY + 5, FIRST_DAY + 25)))
    assert spans(told, 0) == [(-1_000, STAYS - FIRST_DAY)]
    assert spans(told, 1) == [(5, 25)]
    assert told.since[:, JOINER].tolist() == [LONG_HERE, FIRST_DAY + 5]
    assert (told.since[:, JOINER + 1 :] == LONG_AGO).all()
    assert not told.on_leave.any()
    assert not told.legacy.any()


def test_nobody_is_in_a_chapter_before_the_first_day_and_after_the_last() -> None:
    told = chapters(staff((FIRST_DAY + 5, FIRST_DAY + 25), (FIRST_DAY + 7, STAYS)))
    assert [on(told, day, 0) for day in (-2_000, 0, 4, 5, 24, 25, 26, 10_000)] == [-1, -1, -1, 0, 0, -1, -1, -1]
    assert [on(told, day, 1) for day in (-2_000, 6, 7, 10_000)] == [-1, -1, 1, 1]


def test_a_replaced_telephone_begins_a_chapter_and_counts() -> None:
    told = chapters(staff((LONG_HERE, FIRST_DAY + 2)), mobile=1.0, phones=ALWAYS)
    assert spans(told) == [(-1_000, 0), (0, 2)]
    assert told.phone.tolist() == [0, 1]
    assert told.since[:, PHONE].tolist() == [LONG_AGO, FIRST_DAY]
    assert told.since[:, JOINER].tolist() == [LONG_HERE] * 2


def test_what_comes_in_a_week_begins_with_the_next_monday() -> None:
    """Day by day from Tuesday to Monday, a telephone: one a week is enough."""
    told = chapters(staff((LONG_HERE, FIRST_DAY + 9)), mobile=1.0, phones=ALWAYS)
    assert spans(told) == [(-1_000, 0), (0, 7), (7, 9)]
    assert told.phone.tolist() == [0, 1, 2]
    assert [on(told, day) for day in (0, 6, 7, 8)] == [1, 1, 2, 2]


def test_who_has_no_telephone_replaces_none() -> None:
    assert spans(chapters(staff((LONG_HERE, STAYS)), mobile=0.0, phones=ALWAYS)) == [(-1_000, STAYS - FIRST_DAY)]


def test_the_command_line_is_taken_up_once_and_kept() -> None:
    never = everyone(calm(), 0.0)
    told = chapters(staff((LONG_HERE, STAYS)), role_command_line=never, first_cli=ALWAYS)
    assert spans(told) == [(-1_000, 0), (0, STAYS - FIRST_DAY)]
    assert told.command_line.tolist() == [False, True]
    assert told.since[:, CLI].tolist() == [LONG_AGO, FIRST_DAY]


def test_who_has_the_command_line_by_role_does_not_take_it_up() -> None:
    told = chapters(staff((LONG_HERE, STAYS)), role_command_line=everyone(calm(), 1.0), first_cli=ALWAYS)
    assert told.command_line.tolist() == [True]


def test_a_leave_begins_and_ends_a_chapter_and_nobody_is_here_meanwhile() -> None:
    told = chapters(staff((LONG_HERE, STAYS)), parental_leaves=ALWAYS, parental_days=(16, 16))
    # The second leave begins on the Monday after a day and twice the longest leave have passed since the first.
    assert spans(told) == [(-1_000, 0), (0, 16), (16, 35), (35, 51), (51, STAYS - FIRST_DAY)]
    assert told.on_leave.tolist() == [False, True, False, True, False]
    assert told.since[:, PARENTAL].tolist() == [LONG_AGO, LONG_AGO, FIRST_DAY + 16, FIRST_DAY + 16, FIRST_DAY + 51]
    assert [on(told, day) for day in (-1, 0, 15, 16, 34, 35, 50, 51)] == [0, -1, -1, 2, 2, -1, -1, 4]


def test_a_leave_that_outlasts_the_stay_ends_with_it() -> None:
    told = chapters(staff((LONG_HERE, FIRST_DAY + 10)), parental_leaves=ALWAYS, parental_days=(16, 16))
    assert spans(told) == [(-1_000, 0), (0, 10)]
    assert [on(told, day) for day in (-1, 0, 9, 10)] == [0, -1, -1, -1]


def test_a_roll_out_moves_everybody_to_single_sign_on_and_who_comes_later_from_the_first_day() -> None:
    of = staff((LONG_HERE, STAYS), (FIRST_DAY + 9, STAYS))
    told = chapters(of, single_sign_on=0.0, sso_roll_outs=ALWAYS, sso_days=1)
    assert spans(told, 0) == [(-1_000, 0), (0, STAYS - FIRST_DAY)]
    assert [on(told, day, 1) for day in (8, 9)] == [-1, len(told.begin) - 1]
    assert told.single_sign_on[[0, 1, -1]].tolist() == [False, True, True]
    assert told.since[[0, 1, -1], SSO].tolist() == [LONG_AGO, FIRST_DAY, FIRST_DAY + 9]


def test_who_signs_in_with_single_sign_on_from_the_beginning_is_not_moved() -> None:
    told = chapters(staff((LONG_HERE, STAYS)), single_sign_on=1.0, sso_roll_outs=ALWAYS, sso_days=1)
    assert told.single_sign_on.tolist() == [True]
    assert (told.since[:, SSO] == LONG_AGO).all()


def test_old_clients_are_upgraded_once_and_who_joins_later_has_none() -> None:
    of = staff((LONG_HERE, STAYS), (FIRST_DAY + 2, STAYS))
    told = chapters(of, legacy_clients=1.0, upgrade_days=1e-9)
    assert spans(told, 0) == [(-1_000, 1), (1, STAYS - FIRST_DAY)]
    assert told.legacy.tolist() == [True, False, False]
    assert told.since[:, UPGRADE].tolist() == [LONG_AGO, FIRST_DAY + 1, LONG_AGO]


def test_clients_that_are_upgraded_at_once_are_not_old_for_ever() -> None:
    told = chapters(staff((LONG_HERE, STAYS)), legacy_clients=1.0, upgrade_days=0.0)
    assert not told.legacy[-1]


def test_a_role_change_keeps_the_role_before() -> None:
    told = chapters(staff((LONG_HERE, FIRST_DAY + 70), role=3), role_changes=ALWAYS)
    assert told.role[0] == told.earlier_role[0] == 3
    assert told.earlier_role[1:].tolist() == told.role[:-1].tolist()
    assert told.since[:, ROLE].tolist() == [LONG_AGO, *told.begin[1:].tolist()]
    assert (np.diff(told.begin[1:]) == 7).all()
    assert len(set(told.role.tolist())) > 3


def test_a_role_change_is_to_another_role() -> None:
    told = chapters(staff((LONG_HERE, STAYS)), role_changes=ALWAYS)
    assert (told.role[1:] != told.earlier_role[1:]).all()


def test_machines_have_one_chapter_whatever_happens_to_people() -> None:
    always: dict[str, Any] = dict.fromkeys(("role_changes", "first_cli", "phones", "parental_leaves"), ALWAYS)
    told = chapters(staff((LONG_HERE, STAYS), machine=SERVICE), sso_roll_outs=ALWAYS, legacy_clients=1.0, **always)
    assert spans(told) == [(-1_000, STAYS - FIRST_DAY)]
    assert not (told.command_line | told.single_sign_on | told.legacy | told.on_leave).any()


# Properties of a busy company


@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(1, 400))
def test_chapters_tile_each_life_without_gap_or_overlap(seed: int, people: int, days: int) -> None:
    span, profile = range(FIRST_DAY, FIRST_DAY + days), calm(**BUSY)
    of = staff_of(people, span, seed, profile)
    told = chapters_of(of, span, seed, profile)
    follows = told.person[1:] == told.person[:-1]
    assert np.unique(told.person).tolist() == list(range(len(of)))
    assert (np.diff(told.person) >= 0).all()
    assert (told.begin[1:] == told.end[:-1])[follows].all()
    assert (told.begin <= told.end).all()
    assert told.begin[np.append(True, ~follows)].tolist() == of.hired.tolist()
    assert told.end[np.append(~follows, True)].tolist() == of.left.tolist()


@given(st.integers(0, 2**32), st.integers(1, 20), st.lists(st.integers(-50, 450), min_size=1))
def test_the_chapter_of_a_day_is_the_one_that_holds_it(seed: int, people: int, days: list[int]) -> None:
    span, profile = range(FIRST_DAY, FIRST_DAY + 400), calm(**BUSY)
    of = staff_of(people, span, seed, profile)
    told = chapters_of(of, span, seed, profile)
    person = np.repeat(np.arange(len(of)), len(days))
    day = np.tile(np.array(days), len(of)) + FIRST_DAY
    holds = (told.person == person[:, None]) & (told.begin <= day[:, None]) & (day[:, None] < told.end)
    assert (holds.sum(axis=1) <= 1).all()
    here = (holds & ~told.on_leave).any(axis=1)
    assert told.at(person, day).tolist() == np.where(here, holds.argmax(axis=1), -1).tolist()


def test_a_persons_chapters_depend_on_nobody_else() -> None:
    profile = calm(**BUSY)
    of = staff_of(60, YEARS, SEED, profile)
    everybody = chapters_of(of, YEARS, SEED, profile)
    someone = int(np.bincount(everybody.person).argmax())  # with most chapters
    alone = chapters_of(Staff(*(getattr(of, name)[[someone]] for name in Staff.__slots__)), YEARS, SEED, profile)
    rows = np.flatnonzero(everybody.person == someone)
    assert len(rows) > 10
    for name in Chapters.__slots__[1:]:
        assert getattr(everybody, name)[rows].tolist() == getattr(alone, name).tolist()


# Rates


def happened(profile: Profile, process: int, people: int = 1_000) -> tuple[Ints, Ints]:
    """Return (person, day) of what happens in two years to people who stay."""
    of = staff_of(people, YEARS, SEED, profile)
    told = chapters_of(of, YEARS, SEED, profile)
    fresh = (told.since[:, process] == told.begin) & (told.begin >= YEARS.start)
    return told.person[fresh], told.begin[fresh]


@pytest.mark.parametrize(
    ("figures", "process", "mean"),
    [
        ({"role_changes": 0.5}, ROLE, 0.5 / (1 + 0.5 / YEAR)),
        ({"phones": 0.5, "mobile": 1.0}, PHONE, 0.5 / (1 + 0.5 / YEAR)),
        ({"phones": 0.5, "mobile": 0.4}, PHONE, 0.2),
        # For 11 days from its beginning a leave is followed by no other.
        ({"parental_leaves": 0.2, "parental_days": (5, 5)}, PARENTAL, 0.2 / (1 + 0.2 * 11 / YEAR)),
    ],
)
def test_things_happen_at_their_rate(figures: dict[str, Any], process: int, mean: float) -> None:
    person, _ = happened(calm(**figures), process)
    assert near(len(person), mean * 1_000 * len(YEARS) / YEAR)


def test_the_first_command_line_comes_at_its_rate_to_those_who_have_none() -> None:
    person, _ = happened(calm(first_cli=0.5, role_command_line=everyone(calm(), 0.4)), CLI)
    assert len(set(person.tolist())) == len(person)
    assert near(len(person), 600 * (1 - np.exp(-0.5 * len(YEARS) / YEAR)))


def test_old_clients_are_had_by_their_share_and_upgraded_after_their_mean_of_days() -> None:
    person, day = happened(calm(legacy_clients=0.3, upgrade_days=45.0), UPGRADE)
    assert near(len(person), 300)
    assert (day - YEARS.start).mean() == pytest.approx(45.5, rel=4 / np.sqrt(300))


def test_everybody_is_moved_to_single_sign_on_within_the_days_of_the_roll_out() -> None:
    person, day = happened(calm(single_sign_on=0.3, sso_roll_outs=ALWAYS, sso_days=30), SSO)
    assert near(len(person), 700)
    assert np.unique(day - YEARS.start).tolist() == list(range(30))


def test_a_company_rolls_single_sign_on_out_at_its_rate_and_once() -> None:
    one, rate = staff((LONG_HERE, STAYS)), 0.5
    profile = calm(single_sign_on=0.0, sso_roll_outs=rate)
    rolled_out = [bool(chapters_of(one, YEARS, seed, profile).single_sign_on[-1]) for seed in range(300)]
    assert near(sum(rolled_out), 300 * (1 - np.exp(-rate * len(YEARS) / YEAR)))


def test_leaves_have_lengths_evenly_between_the_least_and_the_most() -> None:
    profile = calm(parental_leaves=0.5, parental_days=(20, 29))
    of = staff_of(1_000, YEARS, SEED, profile)
    told = chapters_of(of, YEARS, SEED, profile)
    counts = np.bincount((told.end - told.begin)[told.on_leave])
    assert np.flatnonzero(counts).tolist() == list(range(20, 30))
    assert all(near(count, counts.sum() / 10) for count in counts[20:])


def test_occurrences_are_a_gap_apart_and_within_their_days() -> None:
    key, since = np.arange(200), np.full(200, 100) + np.arange(200) % 7
    row, day = occurrences(key, 300.0, since, since + 50, SEED, "anything", gap=6)
    order = np.lexsort((day, row))
    row, day = row[order], day[order]
    assert (day >= since[row]).all()
    assert (day < since[row] + 50).all()
    assert np.diff(day)[np.diff(row) == 0].min() == 7
    assert len(occurrences(key, 0.0, since, since + 50, SEED, "anything")[0]) == 0
