"""What reaches the collector, and when: every record of the period, in the order of arrival, however time is cut."""

import dataclasses
from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from simulator.activity import Activity, AuditEvents, ItemUsages, Sessions, SignIns
from simulator.clients import CLI, CONNECT, EXTENSION, MOBILE, SDK, WEB, pack
from simulator.delivery import AGAIN_MS, Collector, Delivery, order
from simulator.draws import Ints, Words, stream, words
from simulator.records import FEEDS
from simulator.timeline import DAY, HOUR, MS, SECOND, Period, epoch_day

FIRST = epoch_day(date(2026, 1, 5))
PERIOD = Period(FIRST * DAY, (FIRST + 8) * DAY)
EVER = 2**63 - 1
PEOPLE = 4
KEYS: Words = words(stream(0, "people"), np.arange(PEOPLE))
OFF = Delivery.off()
REALISTIC = Delivery(
    sync_ms=(0, 1_000, 20_000, 300_000, 3_600_000),
    offline=0.2,
    offline_days=(1, 3),
    disorder_ms=(0, 1_000, 120_000),
    duplicates=0.1,
    outages=100,
    outage_ms=(1_200_000, 28_800_000),
    catch_up=0.1,
)


class Work(NamedTuple):
    """A session, and when its items are used; it has a sign-in at the first, an audit event at each."""

    person: int
    day: int  # of the period
    number: int
    times: tuple[int, ...]  # nanoseconds since the period's begin


class Seen(NamedTuple):
    """An arrival, and the name of the record that arrives."""

    arrival: int
    person: int
    day: int
    session: int
    number: int
    time: int


def activity(works: Iterable[Work]) -> Activity:
    told = list(works)
    usages = [(row, number, PERIOD.begin + at) for row, work in enumerate(told) for number, at in enumerate(work.times)]
    return Activity(
        _sessions(told),
        ItemUsages(*_named(usages), **_blank(len(usages), "action version", "vault item")),
        SignIns(*_named([name for name in usages if name[1] == 0]), **_blank(len(told), "outcome", "")),
        AuditEvents(*_named(usages), **_blank(len(usages), "kind subject", "object aux")),
    )


def _sessions(told: list[Work]) -> Sessions:
    person, day, number = (_column(getattr(work, field) for work in told) for field in ("person", "day", "number"))
    start = _column(PERIOD.begin + work.times[0] for work in told)
    key = words(stream(0, "session"), KEYS[person], FIRST + day, number)
    blank = _blank(len(told), "client place length usages", "")
    return Sessions(key, person, FIRST + day, number, start=start, **blank, cause=np.full(len(told), -1))


def _named(names: list[tuple[int, int, int]]) -> tuple[Ints, Ints, Ints, Ints]:
    row, number, time = (_column(name[field] for name in names) for field in range(3))
    return row, number, time, np.full(len(names), -1)


def _blank(length: int, ints: str, uuids: str) -> dict[str, Any]:
    halves = [f"{uuid}_{half}" for uuid in uuids.split() for half in ("high", "low")]
    return {name: np.zeros(length, np.int64) for name in ints.split()} | {
        name: np.zeros(length, np.uint64) for name in halves
    }


def _column(numbers: Iterable[int]) -> Ints:
    return np.fromiter(numbers, dtype=np.int64)


def collector(delivery: Delivery, seed: int = 7) -> Collector:
    return Collector(delivery, seed, PERIOD)


def delivered(
    by: Collector, done: Activity, begin: int = PERIOD.begin, end: int = EVER, keys: Words = KEYS
) -> dict[str, list[Seen]]:
    """What arrives in [begin, end), by feed."""
    arrived = by.deliver(done, keys, begin, end)
    rows, arrivals = ({feed: getattr(came, name) for feed, came in arrived.items()} for name in ("row", "time"))
    assert tuple(rows) == tuple(arrivals) == FEEDS
    held = done.sessions
    seen: dict[str, list[Seen]] = {}
    for feed, columns in done.feeds().items():
        at = columns.session[rows[feed]]
        named = (held.person[at], held.day[at] - FIRST, held.number[at], columns.number[rows[feed]])
        table = zip(arrivals[feed], *named, columns.time[rows[feed]], strict=True)
        seen[feed] = [Seen(*(int(field) for field in row)) for row in table]
    return seen


def late(seen: Iterable[Seen]) -> list[int]:
    return [record.arrival - record.time for record in seen]


def many(sessions: int, apart: int = 7 * SECOND) -> Activity:
    """Sessions of two usages a second apart, the people in turn, and round by round on each of six days."""
    works = []
    for at in range(sessions):
        number, day = divmod(at // PEOPLE, 6)
        begin = day * DAY + at * apart
        works.append(Work(at % PEOPLE, day, number, (begin, begin + SECOND)))
    return activity(works)


# Off


def test_off_every_record_arrives_as_it_happens() -> None:
    seen = delivered(collector(OFF), activity([Work(1, 0, 0, (5, 9)), Work(0, 0, 0, (7, 8))]))
    assert [record.time - PERIOD.begin for record in seen["itemusages"]] == [5, 7, 8, 9]
    assert [record.time - PERIOD.begin for record in seen["signinattempts"]] == [5, 7]
    assert [record.time - PERIOD.begin for record in seen["auditevents"]] == [5, 7, 8, 9]
    assert all(set(late(records)) == {0} for records in seen.values())


def test_records_that_arrive_at_once_come_by_person_then_by_session_then_by_number() -> None:
    works = [
        Work(1, 0, 0, (5, 5)),
        Work(0, 0, 3, (5,)),
        Work(0, 0, 2, (5, 5)),
        Work(0, 1, 0, (5, 6)),
        Work(2, 0, 0, (4,)),
    ]
    seen = delivered(collector(OFF), activity(works))["itemusages"]
    assert [record[1:5] for record in seen] == [
        *(
            (2, 0, 0, 0),
            (0, 0, 2, 0),
            (0, 0, 2, 1),
            (0, 0, 3, 0),
            (0, 1, 0, 0),
            (1, 0, 0, 0),
            (1, 0, 0, 1),
            (0, 1, 0, 1),
        ),
    ]


def test_a_block_has_what_arrives_from_its_begin_to_before_its_end() -> None:
    done = activity([Work(0, 0, 0, (9, 10, 19, 20))])
    seen = delivered(collector(OFF), done, PERIOD.begin + 10, PERIOD.begin + 20)
    assert [record.time - PERIOD.begin for record in seen["itemusages"]] == [10, 19]
    assert seen["signinattempts"] == []


def test_off_nothing_waits_and_nothing_is_looked_back_for() -> None:
    by = collector(OFF)
    assert by.lookback(PERIOD.begin, EVER) == 0
    assert by.longest_wait == 0
    assert not by.waits(KEYS[:, None], np.arange(30)).any()


def test_nothing_happens_and_nothing_arrives() -> None:
    assert delivered(collector(REALISTIC), activity([])) == {feed: [] for feed in FEEDS}


def test_realistic_is_what_the_profile_says() -> None:
    figures = {field: getattr(REALISTIC, field) for field in REALISTIC.__struct_fields__}
    profile: Any = SimpleNamespace(name="a company", people=9, **figures)
    assert Delivery.of(profile) == REALISTIC


def test_the_count_of_a_persons_records_ascends_by_day_session_and_number() -> None:
    most = order(np.array([FIRST]), np.array([2**12 - 1]), np.array([2**20 - 1]))
    assert most < order(np.array([FIRST + 1]), np.array([0]), np.array([0]))
    assert order(np.array([1]), np.array([1]), np.array([2**20 - 1])) < order(
        np.array([1]), np.array([2]), np.array([0])
    )


# Syncs


def test_item_usages_wait_for_the_sync_and_what_the_server_does_itself_does_not() -> None:
    seen = delivered(collector(replace(OFF, sync_ms=(2_000, 2_000))), many(20))
    assert set(late(seen["itemusages"])) == {2 * SECOND}
    assert set(late(seen["signinattempts"] + seen["auditevents"])) == {0}


def test_the_usages_of_a_session_sync_in_their_order_and_sessions_each_at_their_own_time() -> None:
    seen = delivered(collector(replace(OFF, sync_ms=(0, 600_000))), many(200))["itemusages"]
    delays: dict[tuple[int, ...], set[int]] = {}
    for record in seen:
        delays.setdefault(record[1:4], set()).add(record.arrival - record.time)
    assert {len(found) for found in delays.values()} == {1}
    assert len(set.union(*delays.values())) > 190
    drawn = sorted(late(seen))
    assert drawn[0] >= 0
    assert drawn[-1] < 600 * SECOND
    assert 250 * SECOND < drawn[200] < 350 * SECOND  # the median of 0 to 600 seconds


def test_a_sync_delay_has_the_quantiles_asked_for() -> None:
    seen = delivered(collector(replace(OFF, sync_ms=(0, 1_000, 3_600_000))), many(400))["itemusages"]
    assert 0.4 < sum(delay <= SECOND for delay in late(seen)) / len(seen) < 0.6


# Days offline


def test_the_usages_of_an_offline_day_arrive_together_days_later_and_sign_ins_on_time() -> None:
    done = activity([Work(0, 1, 0, (DAY + HOUR, DAY + 2 * HOUR)), Work(0, 1, 1, (DAY + 23 * HOUR,))])
    seen = delivered(collector(replace(OFF, offline=1.0, offline_days=(2, 2), sync_ms=(9_000, 9_000))), done)
    arrivals = {record.arrival for record in seen["itemusages"]}
    assert len(arrivals) == 1
    assert (arrivals.pop() - PERIOD.begin) // DAY == 3
    assert [record[2:5] for record in seen["itemusages"]] == [(1, 0, 0), (1, 0, 1), (1, 1, 0)]
    assert set(late(seen["signinattempts"] + seen["auditevents"])) == {0}


def test_each_person_and_each_day_comes_online_at_a_time_of_its_own() -> None:
    done = activity(Work(person, day, 0, (day * DAY,)) for person in range(PEOPLE) for day in range(3))
    seen = delivered(collector(replace(OFF, offline=1.0, offline_days=(4, 4))), done)["itemusages"]
    assert len({record.arrival % DAY for record in seen}) == 3 * PEOPLE
    assert all((record.arrival - PERIOD.begin) // DAY == record.day + 4 for record in seen)


def test_a_usage_after_its_days_upload_arrives_when_it_happens() -> None:
    # Local days reach into the next day of UTC: the whole of this session lies a day and more after its local day.
    done = activity([Work(0, 0, 0, tuple(DAY + hour * HOUR for hour in range(25)))])
    seen = delivered(collector(replace(OFF, offline=1.0, sync_ms=(1_000, 1_000))), done)["itemusages"]
    together = [record for record in seen if record.arrival > record.time]
    assert 0 < len(together) < 25
    assert len({record.arrival for record in together}) == 1
    assert [record.number for record in seen] == list(range(25))


def test_the_share_of_days_offline_and_their_waits_are_those_asked_for() -> None:
    by = collector(replace(OFF, offline=0.3, offline_days=(2, 5)))
    waits = by.waits(words(1, np.arange(100))[:, None], np.arange(FIRST, FIRST + 100))
    assert waits.shape == (100, 100)
    assert by.longest_wait == 5
    assert 0.28 < (waits > 0).mean() < 0.32
    counts = Counter(waits[waits > 0].tolist())
    assert sorted(counts) == [2, 3, 4, 5]
    assert min(counts.values()) > 0.22 * counts.total()


def test_waits_are_those_by_which_the_usages_are_late() -> None:
    by = collector(replace(OFF, offline=0.5, offline_days=(1, 3)))
    done = activity(Work(person, day, 0, (day * DAY,)) for person in range(PEOPLE) for day in range(5))
    waits = by.waits(KEYS[:, None], FIRST + np.arange(5))
    seen = delivered(by, done)["itemusages"]
    assert all((record.arrival - record.time) // DAY == waits[record.person, record.day] for record in seen)
    assert len({int(wait) for wait in waits.flat}) > 2


# Disorder and duplicates


def test_disorder_delays_each_record_a_little_so_that_neighbours_swap() -> None:
    done = many(100, apart=SECOND)
    seen = delivered(collector(replace(OFF, disorder_ms=(1_000, 9_000))), done)
    for feed in FEEDS:
        assert all(SECOND <= delay < 9 * SECOND for delay in late(seen[feed]))
        assert len(set(late(seen[feed]))) > 0.9 * len(seen[feed])
        assert sum(one.time > other.time for one, other in pairwise(seen[feed])) > 10
    by_name = [{record[1:5]: record.arrival for record in seen[feed]} for feed in ("itemusages", "auditevents")]
    assert by_name[0].keys() == by_name[1].keys()
    assert all(by_name[0][name] != by_name[1][name] for name in by_name[0])  # one feed does not tell of another


def test_a_duplicate_is_the_same_record_some_minutes_later() -> None:
    for records in delivered(collector(replace(OFF, duplicates=1.0)), many(50)).values():
        times: dict[tuple[int, ...], list[int]] = {}
        for record in records:
            times.setdefault(record[1:], []).append(record.arrival)
        assert all(
            first == name[-1] and AGAIN_MS[0] * MS <= second - first <= AGAIN_MS[1] * MS
            for name, (first, second) in times.items()
        )


def test_the_share_of_duplicates_is_the_one_asked_for() -> None:
    done = many(1000)
    seen = delivered(collector(replace(OFF, duplicates=0.2)), done)
    assert 0.17 < len(seen["itemusages"]) / 2000 - 1 < 0.23
    assert 0.16 < len(seen["signinattempts"]) / 1000 - 1 < 0.24


# Outages

DAILY = replace(OFF, outages=365.25, outage_ms=(3_600_000, 3_600_000), catch_up=0.25)


def test_what_comes_during_an_outage_is_caught_up_after_it_in_its_order() -> None:
    by = collector(DAILY)
    down, up, caught_up = (int(time) for time in by.outages[:, 0])
    assert (up - down, caught_up - up) == (HOUR, HOUR // 4)
    times = (down - 1, down, down + 4, down + HOUR // 2, up - 1, up)
    seen = delivered(by, activity([Work(0, 0, 0, tuple(time - PERIOD.begin for time in times))]))["auditevents"]
    assert {record.time: record.arrival for record in seen} == {
        down - 1: down - 1,
        down: up,
        down + 4: up + 1,
        down + HOUR // 2: up + HOUR // 8,
        up - 1: up + HOUR // 4 - 1,
        up: up,  # what comes meanwhile is not kept waiting
    }
    assert [record.number for record in seen] == [0, 1, 5, 2, 3, 4]


def test_nothing_arrives_during_an_outage() -> None:
    by = collector(DAILY)
    seen = delivered(by, many(3000, apart=DAY // 3000))
    assert sum(record.arrival > record.time for record in seen["itemusages"]) > 100
    assert by.outages.shape == (3, 8)
    for down, up, caught_up in by.outages.T.tolist():
        for records in seen.values():
            assert not any(down <= record.arrival < up for record in records)
            held_back = [record for record in records if record.arrival != record.time]
            assert all(record.arrival <= caught_up for record in held_back if record.time < up)


def test_an_outage_is_looked_back_for_as_long_as_it_is_caught_up() -> None:
    by = collector(DAILY)
    down, up, caught_up = (int(time) for time in by.outages[:, 0])
    assert by.lookback(up, up + 1) == HOUR
    assert by.lookback(caught_up, caught_up + 1) == HOUR + HOUR // 4
    assert by.lookback(caught_up + 1, caught_up + 2) == 0
    assert by.lookback(down + HOUR // 2, up) == 0


@given(st.integers(0, 99), st.integers(0, 10**9), st.floats(0.01, 1))
def test_outages_lie_in_the_period_and_never_overlap(seed: int, longest_ms: int, catch_up: float) -> None:
    often = replace(OFF, outages=300, outage_ms=(0, longest_ms), catch_up=catch_up)
    down, up, caught_up = Collector(often, seed, Period(PERIOD.begin + HOUR, PERIOD.end - HOUR)).outages
    assert all((PERIOD.begin + HOUR <= down) & (down < PERIOD.end - HOUR))
    assert all((down <= up) & (up <= caught_up))
    assert all(caught_up[:-1] < down[1:])


def test_there_are_as_many_outages_a_year_as_asked_for() -> None:
    century = Collector(replace(OFF, outages=200), 7, Period(PERIOD.begin, PERIOD.begin + 36_525 * DAY))
    assert 19_600 < century.outages.shape[1] < 20_400


def test_outages_are_the_same_whatever_else_is_asked_for_and_however_long_the_period() -> None:
    often = replace(REALISTIC, outages=200)
    alone = replace(OFF, outages=200, outage_ms=often.outage_ms)
    longer = Collector(often, 7, Period(PERIOD.begin, PERIOD.end + 30 * DAY)).outages
    found = collector(alone).outages
    assert found.shape[1] > 1
    assert np.array_equal(longer[:, : found.shape[1]], found)


# Everything at once

shares = st.sampled_from([0.0, 0.3, 1.0])
tables = st.lists(st.integers(0, 7_200_000), min_size=3, max_size=3).map(sorted).map(tuple) | st.just((0, 0))
deliveries = st.builds(
    Delivery,
    sync_ms=tables,
    offline=shares,
    offline_days=st.sampled_from([(1, 1), (1, 3), (2, 2)]),
    disorder_ms=tables,
    duplicates=shares,
    outages=st.sampled_from([0.0, 100.0, 365.25]),
    outage_ms=st.sampled_from([(60_000, 60_000), (1_200_000, 172_800_000)]),
    catch_up=st.sampled_from([0.001, 0.1, 1.0]),
)
moments = st.builds(lambda hour, more: hour * HOUR + more, st.integers(-12, 36), st.integers(0, 2))


@st.composite
def work(draw: st.DrawFn) -> Work:
    day = draw(st.integers(1, 5))
    times = sorted(day * DAY + moment for moment in draw(st.lists(moments, min_size=1, max_size=4)))
    return Work(draw(st.integers(0, PEOPLE - 1)), day, draw(st.integers(0, 2)), tuple(times))


works = st.lists(work(), max_size=12, unique_by=lambda told: told[:3])
cuts = st.lists(st.integers(0, 12 * 24), max_size=6).map(
    lambda hours: [PERIOD.begin, *sorted(PERIOD.begin + hour * HOUR for hour in hours), EVER]
)


@given(deliveries, works, cuts)
def test_any_blocks_of_time_give_together_what_the_whole_does(
    delivery: Delivery, told: list[Work], ends: list[int]
) -> None:
    by, done = collector(delivery), activity(told)
    blocks = [delivered(by, done, begin, end) for begin, end in pairwise(ends)]
    assert {feed: [record for block in blocks for record in block[feed]] for feed in FEEDS} == delivered(by, done)


@given(deliveries, works)
def test_everything_arrives_once_or_else_twice_in_order_and_never_before_it_happens(
    delivery: Delivery, told: list[Work]
) -> None:
    done = activity(told)
    seen = delivered(collector(delivery), done)
    for feed, columns in done.feeds().items():
        counts = Counter(record[1:] for record in seen[feed])
        assert len(counts) == len(columns.time)
        assert set(counts.values()) <= {0.0: {1}, 1.0: {2}}.get(delivery.duplicates, {1, 2})
        assert seen[feed] == sorted(seen[feed])
        assert all(record.arrival >= record.time for record in seen[feed])


@given(deliveries, works, st.randoms(use_true_random=False))
def test_rows_and_who_else_works_do_not_matter(delivery: Delivery, told: list[Work], random: Any) -> None:
    by = collector(delivery)
    whole = delivered(by, activity(told))
    shuffled = random.sample(told, len(told))
    assert delivered(by, activity(shuffled)) == whole
    alone = [delivered(by, activity(w for w in told if w.person == person)) for person in range(PEOPLE)]
    assert {feed: sorted(record for part in alone for record in part[feed]) for feed in FEEDS} == whole


def test_the_lookback_is_the_greatest_delay_there_can_be() -> None:
    calm = replace(REALISTIC, outages=0)
    assert collector(calm).lookback(PERIOD.begin, EVER) == HOUR + 120 * SECOND + 1800 * SECOND
    assert collector(replace(calm, duplicates=0)).lookback(PERIOD.begin, EVER) == HOUR + 120 * SECOND


@given(deliveries, works, st.integers(0, 99), st.integers(1, 72 * HOUR))
def test_a_block_needs_only_what_lies_within_the_lookback_or_waits_offline(
    delivery: Delivery, told: list[Work], first: int, length: int
) -> None:
    by = collector(delivery)
    arriving = [record.arrival for records in delivered(by, activity(told)).values() for record in records]
    begin = arriving[first % len(arriving)] if arriving else PERIOD.begin
    since = begin - by.lookback(begin, begin + length)

    def may_arrive(one: Work) -> bool:
        wait = int(by.waits(KEYS[one.person], _column([FIRST + one.day]))[0])
        assert 0 <= wait <= by.longest_wait
        upload = PERIOD.begin + (one.day + wait) * DAY
        return PERIOD.begin + one.times[-1] >= since or (wait > 0 and upload + DAY > since and upload < begin + length)

    needed = activity(filter(may_arrive, told))
    assert delivered(by, needed, begin, begin + length) == delivered(by, activity(told), begin, begin + length)


def test_the_person_is_known_by_the_key_and_not_by_the_row() -> None:
    by = collector(replace(REALISTIC, outages=0))
    told = [Work(person, 1, number, (DAY, 2 * DAY)) for person in range(2) for number in range(3)]
    done = activity(told)
    held = done.sessions
    seated = dataclasses.replace(done, sessions=dataclasses.replace(held, person=1 - held.person))
    seen, otherwise = delivered(by, done), delivered(by, seated, keys=KEYS[[1, 0]])
    assert otherwise != seen
    for feed in FEEDS:
        assert sorted(record._replace(person=1 - record.person) for record in otherwise[feed]) == sorted(seen[feed])


def test_another_seed_delivers_otherwise() -> None:
    done = many(20)
    assert delivered(collector(REALISTIC, 7), done) == delivered(collector(REALISTIC, 7), done)
    one, other = (delivered(collector(REALISTIC, seed), done) for seed in (7, 8))
    assert all(one[feed] != other[feed] for feed in FEEDS)


# What the server sees itself


@pytest.mark.parametrize(
    ("slot", "waits"), [(EXTENSION, True), (MOBILE, True), (CLI, False), (WEB, False), (SDK, False), (CONNECT, False)]
)
def test_what_the_server_sees_itself_waits_for_no_client(slot: int, waits: bool) -> None:  # noqa: FBT001 - a table
    done = activity([Work(0, 0, 0, (HOUR,))])
    held = dataclasses.replace(done.sessions, client=np.array([pack(0, slot, 0, 5)]))
    slow = collector(replace(OFF, sync_ms=(60_000, 60_001), offline=1.0, offline_days=(1, 1)))
    [came] = delivered(slow, dataclasses.replace(done, sessions=held))["itemusages"]
    assert (came.arrival > came.time) == waits
