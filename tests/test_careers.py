"""Who works here and when: seats, those who follow on them, those who join beyond them, and machines."""

from typing import Any

import numpy as np
import pytest
from stories import FIRST_DAY, Bools, calm, near

from simulator.careers import CONNECT, HUMAN, SERVICE, STAYS, Staff, staff_of
from simulator.draws import Ints
from simulator.timeline import YEAR, weekday

SEED = 7
SEATS = 2**24  # keys of those who hold a seat of the first day from the beginning are below
MONTH, TWO_YEARS = range(FIRST_DAY, FIRST_DAY + 30), range(FIRST_DAY, FIRST_DAY + 731)
FORTNIGHT = 14


def staff(people: int, days: range = TWO_YEARS, seed: int = SEED, **figures: Any) -> Staff:
    return staff_of(people, days, seed, calm(**figures))


def humans(of: Staff) -> Bools:
    return np.asarray(of.machine == HUMAN)


def columns(of: Staff, keep: Bools | Ints | slice) -> list[tuple[int, ...]]:
    names = ("key", "machine", "role", "office", "hired", "left")
    return list(zip(*(getattr(of, name)[keep].tolist() for name in names), strict=True))


def years(of: Staff, days: range) -> float:
    """How long people are here within *days*, in person-years."""
    stays = np.minimum(of.left, days.stop) - np.maximum(of.hired, days.start)
    return float(stays[humans(of)].sum() / YEAR)


# Seats


def test_where_nobody_leaves_or_joins_the_staff_is_those_of_the_first_day_and_the_machines() -> None:
    company = staff(300, service_accounts=2.0, connect_servers=1.0)
    assert columns(company, humans(company)) == columns(company, slice(0, 300))
    assert company.key[:300].tolist() == list(range(300))
    assert company.left.tolist() == [STAYS] * len(company)
    assert (company.hired[:300] <= FIRST_DAY).all()
    assert company.machine[300:].tolist() == [SERVICE] * 6 + [CONNECT] * 3
    assert (company.hired[300:] < FIRST_DAY - FORTNIGHT).all()


def test_roles_and_offices_have_their_shares_of_the_staff() -> None:
    profile = calm()
    company = staff(5_000)
    for of, shares in (
        (company.role, list(profile.role_share.values())),
        (company.office, [office.share for office in profile.offices]),
    ):
        counts = np.bincount(of[humans(company)], minlength=len(shares))
        assert all(near(count, 5_000 * share / sum(shares)) for count, share in zip(counts, shares, strict=True))


def test_tenure_on_the_first_day_is_exponential_around_its_mean() -> None:
    days_here = FIRST_DAY - staff(5_000, years_here=4.0).hired[:5_000]
    assert days_here.mean() / YEAR == pytest.approx(4.0, rel=4 / np.sqrt(5_000))
    assert np.median(days_here) / YEAR == pytest.approx(4.0 * np.log(2), rel=0.06)


def test_each_seat_is_held_by_one_after_the_other_with_the_same_role_and_office() -> None:
    company = staff(200, leavers=1.0, vacancy_days=20)
    seat = company.key % SEATS
    followers = 0
    for each in range(200):
        rows = np.flatnonzero(humans(company) & (seat == each))
        rows = rows[np.argsort(company.hired[rows])]
        followers += len(rows) - 1
        assert rows[0] == each
        assert (company.left[rows[:-1]] < company.hired[rows[1:]]).all()
        assert len(set(company.role[rows].tolist())) == len(set(company.office[rows].tolist())) == 1
        # Whoever left early enough has been replaced: vacancies are exponential, 20 days on average.
        assert company.left[rows[-1]] > TWO_YEARS.stop - 20 * 12
    assert followers > 200
    assert len(set(company.key.tolist())) == len(company)


def test_a_vacancy_lasts_its_mean_and_until_the_next_monday() -> None:
    company = staff(1_000, leavers=1.0, vacancy_days=20)
    seat = company.key % SEATS
    rows = np.flatnonzero(humans(company))
    rows = rows[np.lexsort((company.hired[rows], seat[rows]))]
    same = seat[rows[1:]] == seat[rows[:-1]]
    gaps = (company.hired[rows[1:]] - company.left[rows[:-1]])[same]
    early = gaps[company.left[rows[:-1]][same] < TWO_YEARS.stop - 300]  # no gap is cut off by the end
    assert early.min() >= 1
    # Whole days of an exponential wait are half a day short of it on average; three days pass until Monday.
    assert early.mean() == pytest.approx(20.5 + 3, rel=4 / np.sqrt(len(early)))


def test_careers_begin_on_mondays_and_end_on_working_days() -> None:
    company = staff(500, leavers=1.0, growth=0.5)
    joined, left = company.hired[500:][humans(company)[500:]], company.left[humans(company)]
    assert set(weekday(joined).tolist()) == {0}
    assert set(weekday(left[left < STAYS] - 1).tolist()) == {0, 1, 2, 3, 4}


def test_initial_staff_come_first_by_seat_then_joiners_by_key_then_machines() -> None:
    company = staff(100, leavers=1.0, growth=0.5)
    joiners = company.key[100:][humans(company)[100:]]
    assert company.key[:100].tolist() == list(range(100))
    assert joiners.tolist() == sorted(joiners.tolist())
    assert len(joiners) > 100
    assert humans(company).tolist() == sorted(humans(company).tolist(), reverse=True)


def test_nobody_is_listed_who_is_not_here_on_one_of_the_days() -> None:
    company = staff(300, MONTH, leavers=3.0, growth=3.0, vacancy_days=3)
    assert (company.hired < MONTH.stop).all()
    assert (company.left > MONTH.start).all()
    assert (company.left > company.hired).all()


# Keys


def test_the_holder_of_a_seat_is_who_came_to_it_last() -> None:
    company = staff(50, leavers=2.0, growth=1.0, vacancy_days=20)
    for seat in range(50):
        rows = np.flatnonzero(humans(company) & (company.key % 2**40 == seat))
        days = np.arange(TWO_YEARS.start, TWO_YEARS.stop, 5)
        hired = company.hired[rows] <= days[:, None]
        latest = rows[np.where(hired, company.hired[rows], -(2**40)).argmax(axis=1)]
        assert company.holder(np.full(len(days), seat), days).tolist() == latest.tolist()


def test_a_person_is_the_same_in_a_larger_company() -> None:
    small, large = (staff(people, leavers=0.8, growth=0.5) for people in (20, 60))
    everybody = set(columns(large, humans(large)))
    assert len(small) > 40
    assert set(columns(small, humans(small))) <= everybody


def test_a_longer_simulation_begins_with_the_same_people() -> None:
    short, long = (staff(100, days, leavers=0.8, growth=0.5) for days in (MONTH, TWO_YEARS))
    assert set(columns(short, humans(short))) <= set(columns(long, humans(long)))


def test_another_seed_makes_other_careers() -> None:
    one, other = (staff(50, seed=seed, leavers=0.8) for seed in (1, 2))
    assert columns(one, slice(0, 50)) != columns(other, slice(0, 50))


# Rates


@pytest.mark.parametrize("rate", [0.2, 1.0])
def test_as_many_leave_as_the_rate_of_leaving_says(rate: float) -> None:
    company = staff(2_000, leavers=rate, vacancy_days=10)
    # Nobody leaves in the first two weeks of a stay.
    settled = company.hired + FORTNIGHT
    exposed = np.minimum(company.left, TWO_YEARS.stop) - np.maximum(settled, TWO_YEARS.start + FORTNIGHT)
    left = int((company.left < TWO_YEARS.stop).sum())
    assert near(left, rate * exposed[humans(company) & (exposed > 0)].sum() / YEAR)


def test_leaving_is_as_likely_late_in_a_stay_as_early() -> None:
    company = staff(2_000, leavers=1.0)
    stays = (company.left[:2_000] - FIRST_DAY - FORTNIGHT).clip(0)
    half = [int(((stays >= begin) & (stays < begin + 100)).sum()) for begin in (0, 100)]
    assert half[1] / half[0] == pytest.approx(np.exp(-100 / YEAR), abs=0.1)


def test_those_who_have_long_been_here_leave_in_the_first_fortnight_as_at_any_time() -> None:
    company = staff(5_000, MONTH, leavers=1.0)  # tenures of centuries
    left = int((company.left < MONTH.start + FORTNIGHT).sum())
    assert near(left, 5_000 * FORTNIGHT / YEAR)


def test_a_stay_lasts_a_fortnight_at_least_or_to_the_friday_before_that() -> None:
    company = staff(1_000, leavers=20.0, vacancy_days=1)
    assert len(company) > 10_000
    assert FORTNIGHT - 2 <= (company.left - company.hired).min() <= FORTNIGHT


def test_the_company_grows_at_its_rate_without_limit() -> None:
    company = staff(1_000, growth=0.4)
    joined = company.hired[1_000:][humans(company)[1_000:]]
    assert (joined > TWO_YEARS.start).all()
    # Each join costs its seat a day in which no other falls.
    assert near(len(joined), 1_000 * 0.4 / (1 + 0.4 / YEAR) * len(TWO_YEARS) / YEAR)
    assert np.median(joined) == pytest.approx(TWO_YEARS.start + len(TWO_YEARS) / 2, abs=50)


def test_who_joins_on_another_seat_has_a_role_and_an_office_of_their_own() -> None:
    company = staff(300, growth=1.0)
    joined = np.flatnonzero(humans(company))[300:]
    parent = company.key[joined] % SEATS
    assert 0.1 < (company.role[joined] == company.role[parent]).mean() < 0.3
    assert 0.2 < (company.office[joined] == company.office[parent]).mean() < 0.4


def test_with_growth_and_without_leaving_nobody_goes_and_the_other_way_round() -> None:
    growing, shrinking = staff(500, growth=0.5), staff(500, leavers=0.5, vacancy_days=36_525)
    assert (growing.left == STAYS).all()
    assert len(growing) > 700
    assert columns(shrinking, slice(0, 500))
    assert humans(shrinking).sum() < 512  # hardly anybody is replaced within a century
    assert years(shrinking, TWO_YEARS) < 0.8 * years(growing, TWO_YEARS)


def test_machines_are_as_many_as_the_people_of_the_first_day_ask_for() -> None:
    company = staff(400, service_accounts=3.0, connect_servers=0.5, growth=2.0)
    assert np.bincount(company.machine)[1:].tolist() == [12, 2]
