"""Marginals: what is counted of a log, hand-computable, and how far apart two logs are."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.record_reader import RecordReader
from simulator.company import Company, simulate
from simulator.counting import counted
from simulator.delivery import Delivery
from simulator.marginals import Marginals, distances, kolmogorov_smirnov, marginals, total_variation
from simulator.observation import Observation, ObservationError
from simulator.profile import ACTIONS
from simulator.profile_file import load_profile
from simulator.timeline import DAY, HOUR, SECOND

MONDAY = 20_458 * DAY  # 2026-01-05
APPS = ["1Password Browser Extension", "1Password CLI", "1Password SDK"]
EXTENSION, CLI, SDK = range(3)


class Usage(NamedTuple):
    time: int
    person: int = 0
    action: str = "fill"
    client: int = EXTENSION


def observed(*usages: Usage, into: Observation | None = None) -> Observation:
    """What is seen of usages that arrive in this order."""
    seen = into or Observation()
    columns = (
        np.array([getattr(usage, name) for usage in usages], dtype=np.int64) for name in ("person", "time", "client")
    )
    person, time, client = columns
    action = np.array([ACTIONS.index(usage.action) for usage in usages], dtype=np.int64)
    seen.add_usages(person, time, action, client, APPS)
    return seen


def described(*usages: Usage) -> Marginals:
    return marginals(observed(*usages))


def test_a_log_is_counted_by_people_days_actions_and_clients() -> None:
    found = described(
        Usage(MONDAY),
        Usage(MONDAY + HOUR, action="reveal"),
        Usage(MONDAY + DAY, person=1),
        Usage(MONDAY + 3 * DAY, person=1, action="server-create", client=CLI),
    )
    assert (found.records, found.people, found.days) == (4, 2, 4)
    assert {action: share for action, share in found.actions.items() if share} == {
        "fill": 0.5,
        "reveal": 0.25,
        "server-create": 0.25,
    }
    assert found.action_people["fill"] == 1.0
    assert found.action_people["reveal"] == 0.5
    assert found.clients == {APPS[EXTENSION]: 0.75, APPS[CLI]: 0.25}


def test_a_person_day_without_events_counts_as_one() -> None:
    found = described(Usage(MONDAY), Usage(MONDAY + 1), Usage(MONDAY + 3 * DAY, person=1))
    assert found.person_days.tolist() == [6, 1, 1]
    assert found.person_means.tolist() == [0.5, 0.25]
    assert found.events_a_day == 0.375


def test_hours_are_those_of_the_week_in_utc_from_monday_on() -> None:
    found = described(Usage(MONDAY), Usage(MONDAY + 6 * DAY + 23 * HOUR), Usage(MONDAY + 7 * DAY + 9 * HOUR))
    assert np.flatnonzero(found.hours).tolist() == [0, 9, 167]
    shown = found.shown()["hour_of_week"]
    assert (shown["weekend"], shown["night"]) == pytest.approx((1 / 3, 2 / 3))


def test_first_times_count_once_the_log_is_28_days_old() -> None:
    """Two of four first times come after day 28 of 28 + 30.4375 days: one for each person and month."""
    end = MONDAY + 28 * DAY + int(30.4375 * DAY)
    found = described(
        Usage(MONDAY),
        Usage(MONDAY + 27 * DAY, person=1),
        Usage(MONDAY + 28 * DAY, action="reveal"),
        Usage(MONDAY + 40 * DAY, person=1, action="export"),
        Usage(MONDAY + 41 * DAY, person=1, action="export"),
        Usage(end),
    )
    assert found.first_pairs == pytest.approx(1.0)


def test_a_log_of_less_than_28_days_has_no_first_times() -> None:
    assert described(Usage(MONDAY), Usage(MONDAY + 20 * DAY)).first_pairs is None


def test_lateness_is_how_far_an_event_is_behind_the_latest_before_it() -> None:
    found = described(
        Usage(MONDAY + 2 * HOUR), Usage(MONDAY + 2 * HOUR - 60 * SECOND), Usage(MONDAY), Usage(MONDAY + 3 * HOUR)
    )
    assert (found.late_minute, found.late_hour) == (0.25, 0.25)
    assert found.late_p99 == pytest.approx(7200, rel=0.06)


def test_lateness_goes_on_from_batch_to_batch() -> None:
    seen = observed(Usage(MONDAY + 2 * HOUR))
    observed(Usage(MONDAY), into=seen)
    assert marginals(seen).late_hour == 0.5


@pytest.mark.parametrize(
    ("usages", "machine"),
    [
        ([Usage(MONDAY, action="server-fetch", client=SDK)], True),
        ([Usage(MONDAY, action="server-fetch", client=CLI)], False),
        ([Usage(MONDAY + hour * HOUR, action="server-fetch", client=CLI) for hour in range(9)], True),
        ([Usage(MONDAY + hour * HOUR, action="server-fetch", client=CLI) for hour in range(8)], False),
        ([Usage(MONDAY + hour * HOUR, client=EXTENSION) for hour in range(24)], False),
        ([Usage(MONDAY, action="server-fetch", client=SDK), Usage(MONDAY, action="server-create", client=CLI)], False),
    ],
)
def test_a_machine_only_fetches_by_machinery_or_around_the_clock(usages: list[Usage], *, machine: bool) -> None:
    assert observed(*usages).machines().tolist() == [machine]


def test_machines_are_counted_apart_from_all_shares() -> None:
    fetches = [Usage(MONDAY + n, 1, "server-fetch", SDK) for n in range(9)]
    found = described(Usage(MONDAY), *fetches)
    assert (found.people, found.machines, found.machine_records) == (1, 1, 9)
    assert found.actions["fill"] == 1.0
    assert found.clients == {APPS[EXTENSION]: 1.0}


def test_a_session_begins_after_half_an_hour_or_on_another_client() -> None:
    seen = observed(Usage(MONDAY), Usage(MONDAY + 30 * 60 * SECOND), Usage(MONDAY + 31 * 60 * SECOND, client=CLI))
    observed(Usage(MONDAY + 32 * 60 * SECOND, client=CLI), Usage(MONDAY + 2 * HOUR, client=CLI), into=seen)
    assert np.flatnonzero(seen.starts[0]).tolist() == [0, 2]
    assert seen.starts[0].sum() == 3


def test_times_too_far_apart_are_refused() -> None:
    seen = observed(Usage(MONDAY))
    with pytest.raises(ObservationError, match=r"^timestamp: found records \d+ days apart; legal: up to 3653$"):
        observed(Usage(MONDAY + 4_000 * DAY), into=seen)


def test_a_log_is_at_no_distance_from_itself() -> None:
    one = described(Usage(MONDAY), Usage(MONDAY + 40 * DAY, action="reveal"))
    apart = distances(one, one)
    assert (apart.actions, apart.clients, apart.hours, apart.person_days, apart.person_means) == (0,) * 5
    assert (apart.events_a_day, apart.first_pairs) == (0, 0)


def test_logs_with_nothing_in_common_are_at_distance_one() -> None:
    one = described(Usage(MONDAY))
    other = described(
        Usage(MONDAY + DAY, action="export", client=CLI), Usage(MONDAY + DAY, action="export", client=CLI)
    )
    apart = distances(one, other)
    assert (apart.actions, apart.clients, apart.hours, apart.person_days, apart.person_means) == (1,) * 5
    assert (apart.events_a_day, apart.first_pairs) == (1.0, None)


shares = st.dictionaries(st.sampled_from("abcd"), st.floats(0.01, 1), min_size=1)
samples = st.lists(st.integers(0, 9), min_size=1, max_size=30)


@given(one=shares, other=shares)
def test_total_variation_is_symmetric_and_at_most_one(one: dict[str, float], other: dict[str, float]) -> None:
    one, other = ({key: value / sum(each.values()) for key, value in each.items()} for each in (one, other))
    assert total_variation(one, other) == pytest.approx(total_variation(other, one))
    assert 0 <= total_variation(one, other) <= 1 + 1e-9


@given(one=samples, other=samples)
def test_kolmogorov_smirnov_is_the_greatest_gap_of_the_distribution_functions(one: list[int], other: list[int]) -> None:
    gaps = [abs(sum(x <= at for x in one) / len(one) - sum(x <= at for x in other) / len(other)) for at in range(10)]
    assert kolmogorov_smirnov(np.array(one, float), np.array(other, float)) == pytest.approx(max(gaps))


usages = st.builds(
    Usage,
    time=st.integers(MONDAY - 9 * DAY, MONDAY + 60 * DAY),
    person=st.integers(0, 5),
    action=st.sampled_from(ACTIONS),
    client=st.integers(0, 2),
)


@given(log=st.lists(usages, min_size=1, max_size=40), cut=st.integers(0, 40))
def test_however_a_log_is_cut_into_batches_the_same_is_counted(log: list[Usage], cut: int) -> None:
    cut = min(cut, len(log) - 1)
    log[0] = log[0]._replace(action="fill")  # somebody is human
    whole, parts = observed(*log), observed(*log[cut:], into=observed(*log[:cut])) if cut else observed(*log)
    assert marginals(whole).shown() == marginals(parts).shown()
    assert (whole.hours == parts.hours).all()


def test_a_company_is_counted_as_its_records_are() -> None:
    profile = load_profile("startup-50")
    company = Company(30, 40, 5, date(2026, 1, 5), profile, Delivery.of(profile))
    reader = RecordReader()
    for block in simulate(company):
        for feed in ("itemusages", "signinattempts", "auditevents"):
            data = bytes(block.pieces[feed].data)
            reader.read_lines(data.splitlines(), feed)
    read, seen = reader.observation, counted(company)
    assert read.repeats == seen.repeats > 0
    one, other = marginals(read).shown(), marginals(seen).shown()
    assert one["records"] > 2_000
    for table in ("events_per_person_day", "events_per_day_of_a_person"):
        assert one.pop(table) == pytest.approx(other.pop(table))  # people are summed in another order
    assert one == other
