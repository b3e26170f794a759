"""The same company leaves the same bytes, however the work is split, and begins as a longer or larger one does."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import msgspec
import numpy as np
import pytest
from companies import DAY, HOUR, at_once, company, written
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.activity import Activity
from simulator.careers import ADMINISTRATORS, CONNECT, SERVICE
from simulator.company import Company, simulate
from simulator.delivery import Arrived, Delivery
from simulator.directory import Directory
from simulator.draws import choose, cumulative, poisson, quantile, stream, uniform, words
from simulator.profile import Profile
from simulator.profile_file import load_profile
from simulator.records import FEEDS
from simulator.timeline import MS

START = date(2026, 10, 20)  # daylight saving ends in Europe within the period
MIDSIZE = load_profile("midsize-1000")
LENGTHS = st.lists(st.integers(0, 2**20), min_size=5, max_size=5).map(sorted)
SMALL = settings(max_examples=max(10, settings().max_examples // 5))  # each simulates a company twice
HAPPENING: dict[str, Any] = {
    "leavers": 2.0,
    "growth": 6.0,
    "role_changes": 2.0,
    "sso_roll_outs": 400.0,
    "migrations": 90.0,
}
"""A profile's figures with which more changes than in years of a real company."""


Deliveries = Callable[[Profile], Delivery]


def troubled(profile: Profile) -> Delivery:
    """Return a realistic delivery with more trouble: every third day an outage, one day in ten offline."""
    return msgspec.structs.replace(Delivery.of(profile), outages=120.0, offline=0.1, duplicates=0.05)


DELIVERIES: tuple[Deliveries, ...] = (at_once, troubled)


def busy(people: int = 24, days: int = 9, seed: int = 7, delivery: Deliveries = troubled) -> Company:
    """Return a company with machines, in which a lot happens."""
    machines = {"service_accounts": 8.0, "connect_servers": 4.0}
    return company("midsize-1000", people, days, seed, START, delivery=delivery, **HAPPENING, **machines)


def emails(of: Company) -> list[str]:
    return [person.email for person in of.world().directory.people]


def by_user(lines: bytes) -> dict[str, list[bytes]]:
    """Return the lines of a feed by the email address of the user, who is not whoever else is mentioned."""
    found: dict[str, list[bytes]] = {}
    for line in lines.splitlines():
        found.setdefault(_user(line), []).append(line)
    return found


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Return the names of the files that are not the same, rather than megabytes of difference."""
    return [name for name in one if one[name] != other[name]]


def _user(line: bytes) -> str:
    record = _OF_USER.decode(line)
    user = record.user or record.target_user or record.actor_details
    assert user is not None
    return user["email"]


class _OfUser(msgspec.Struct):
    user: dict[str, str] | None = None
    target_user: dict[str, str] | None = None
    actor_details: dict[str, str] | None = None


_OF_USER = msgspec.json.Decoder(_OfUser)


@pytest.fixture(scope="module", params=DELIVERIES, ids=["at once", "troubled"])
def of(request: pytest.FixtureRequest) -> Company:
    return busy(delivery=request.param)


@pytest.fixture(scope="module")
def whole(of: Company) -> dict[str, bytes]:
    return written(of)


# However the work is split


def test_a_second_run_gives_the_same_bytes(of: Company, whole: dict[str, bytes]) -> None:
    assert differing(written(of), whole) == []
    assert all(whole.values())


@pytest.mark.parametrize("workers", [2, 3])
def test_more_workers_give_the_same_bytes_as_one(workers: int) -> None:
    assert differing(written(busy(), workers=workers, block=DAY), written(busy(), block=DAY)) == []


@pytest.mark.parametrize("block", [2 * HOUR, DAY - 1, 4 * DAY, 100 * DAY])
def test_any_size_of_block_gives_the_same_bytes(of: Company, whole: dict[str, bytes], block: int) -> None:
    assert differing(written(of, block=block), whole) == []


def test_a_failure_is_told_of_in_another_block_than_the_session_that_follows() -> None:
    """Failures are seconds before their session, so blocks have to be short and failures many for that to happen."""
    often = MIDSIZE.failures | {"password": 0.9, "totp": 0.9, "duo": 0.9}
    of = company("midsize-1000", 60, 1, 7, START, failures=often, service_accounts=0.0, connect_servers=0.0)
    assert differing(written(of, block=HOUR // 4), written(of, block=DAY)) == []


@SMALL
@given(
    people=st.integers(1, 6),
    days=st.integers(1, 4),
    seed=st.integers(0, 2**64 - 1),
    delivery=st.sampled_from(DELIVERIES),
    block=st.integers(3 * HOUR, 5 * DAY),
)
def test_any_block_of_any_small_company_gives_the_same_bytes(
    people: int, days: int, seed: int, delivery: Deliveries, block: int
) -> None:
    one = busy(people, days, seed, delivery)
    assert differing(written(one, block=block), written(one, block=100 * DAY)) == []


def test_a_caused_event_is_told_of_once(whole: dict[str, bytes]) -> None:
    causes = [msgspec.json.decode(line)["uuid"] for line in whole["causes"].splitlines()]
    known = {msgspec.json.decode(line)["uuid"] for feed in FEEDS for line in whole[feed].splitlines()}
    assert len(causes) == len(set(causes))
    assert set(causes) < known


def test_progress_grows_to_the_number_of_days() -> None:
    done = [block.days for block in simulate(busy(12, 6), block=2 * DAY)]
    assert done == [2.0, 4.0, 6.0]


# Whoever else is looked at


def one_of_each_kind(of: Company) -> dict[str, int]:
    """Return a row of the population for an administrator with errands, a machine of each kind and somebody else."""
    lines = written(of)["auditevents"].splitlines()
    rows = {email: row for row, email in enumerate(emails(of))}
    machine = of.world().staff.machine.tolist()
    admits = next(line for line in lines if b'"action":"join"' in line)
    service, connect = machine.index(SERVICE), machine.index(CONNECT)
    return {"administrator": rows[_user(admits)], "anybody": 0, "service": service, "connect": connect}


@pytest.mark.parametrize("kind", ["administrator", "anybody", "service", "connect"])
def test_one_person_alone_leaves_what_they_leave_among_all(of: Company, whole: dict[str, bytes], kind: str) -> None:
    row = one_of_each_kind(of)[kind]
    alone = written(of, only=[row])
    email = emails(of)[row]
    for feed in FEEDS:
        assert alone[feed].splitlines() == by_user(whole[feed]).get(email, [])
    assert set(alone["causes"].splitlines()) <= set(whole["causes"].splitlines())
    assert alone["signinattempts"]


def test_two_halves_of_the_staff_leave_what_all_leave(of: Company, whole: dict[str, bytes]) -> None:
    rows = range(len(emails(of)))
    halves = [written(of, only=half) for half in (rows[::2], rows[1::2])]
    for name in whole:
        assert sorted(half for each in halves for half in each[name].splitlines()) == sorted(whole[name].splitlines())


# However long it lasts, and however many others there are


def test_other_seeds_and_sizes_give_other_bytes(of: Company, whole: dict[str, bytes]) -> None:
    for other in (busy(seed=8), busy(seed=7 + 2**64), busy(people=25), busy(days=10)):
        assert differing(written(other), whole) == [*FEEDS, "causes"]


STRADDLING = 4 * HOUR
"""So long before the end of the period, at most, begins a session that would end beyond it and is left out."""


def before(end: int, lines: bytes) -> list[bytes]:
    """Return the lines of records that happen before *end*, in their order."""
    text = str(np.datetime64(end, "ns")).encode()
    found = []
    for line in lines.splitlines():
        record = msgspec.json.decode(line)
        if record["timestamp"].encode() < text:
            found.append(line)
    return found


@pytest.mark.parametrize("figures", [{}, HAPPENING], ids=["as shipped", "with much change"])
def test_a_longer_simulation_begins_as_the_shorter_one(figures: dict[str, Any]) -> None:
    shorter, longer = (company("midsize-1000", 60, days, 7, START, **figures) for days in (25, 60))
    short, long = written(shorter), written(longer)
    end = shorter.period.end - STRADDLING
    for feed in FEEDS:
        assert before(end, short[feed]) == before(end, long[feed])


OF_A_VAULT = ("used_version", "vault_uuid", "item_uuid")
SHARED: dict[str, Any] = {"vault_exports": 0.0, "migrations": 0.0, "projects_most": 0}
"""Figures without what people do together: who does it, and how much, is a matter of who else is there."""


def apart_from_vaults(line: bytes) -> dict[str, Any]:
    record: dict[str, Any] = msgspec.json.decode(line)
    return {name: value for name, value in record.items() if name not in OF_A_VAULT}


def test_a_person_or_machine_is_the_same_in_a_larger_company_apart_from_vaults() -> None:
    """Administrators are left out, who have more to do there."""
    small, large = (company("midsize-1000", people, 20, 7, START, **SHARED) for people in (60, 140))
    among_few, among_many = (
        {feed: by_user(lines) for feed, lines in written(of).items() if feed in FEEDS} for of in (small, large)
    )
    there = {person.key: person for person in large.world().directory.people}
    roles = [tuple(MIDSIZE.role_share)[role] for role in small.world().staff.role]
    for person in small.world().directory.people:
        same = there[person.key]
        assert (person.uuid, person.email, person.home_ip) == (same.uuid, same.email, same.home_ip)
        if person.machine or roles[person.number] not in ADMINISTRATORS:
            few, many = (feeds["signinattempts"].get(person.email, []) for feeds in (among_few, among_many))
            assert few == many
            few, many = (feeds["itemusages"].get(person.email, []) for feeds in (among_few, among_many))
            assert list(map(apart_from_vaults, few)) == list(map(apart_from_vaults, many))


# What comes at once


class Counters:
    """Tells of each record when it arrives, whose it is and which it is of that person's."""

    def __init__(self, directory: Directory) -> None:
        del directory

    def render(self, activity: Activity, arrived: Mapping[str, Arrived]) -> dict[str, list[tuple[int, ...]]]:
        return {feed: list(self._counters(activity, feed, arrived[feed])) for feed in FEEDS}

    def _counters(self, activity: Activity, feed: str, came: Arrived) -> Iterator[tuple[int, ...]]:
        held, columns = activity.sessions, activity.feeds()[feed]
        session = columns.session[came.row]
        whose = (held.person[session], held.day[session], held.number[session], columns.number[came.row])
        yield from zip(came.time.tolist(), *(column.tolist() for column in whose), strict=True)


@pytest.mark.parametrize("block", [3 * HOUR, 100 * DAY])
def test_what_arrives_at_once_is_in_the_order_of_the_people_and_their_own_counts(block: int) -> None:
    """A collector that comes back and reads all it missed in an instant makes thousands of records arrive together."""
    outages = {"outages": 366.0, "outage_ms": (6 * HOUR // MS, 12 * HOUR // MS), "catch_up": 0.0}
    together = msgspec.structs.replace(Delivery.off(), **outages)
    of = Company(24, 5, 7, START, busy().profile, together)
    pieces = [piece.pieces for piece in simulate(of, block=block, rendering=Counters)]
    for feed in FEEDS:
        counters = [counter for piece in pieces for counter in piece[feed]]
        times = [time for time, *_ in counters]
        assert len(times) - len(set(times)) > 100
        assert counters == sorted(counters)


# What is refused


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("people", (0, 5, 7, START)),
        ("days", (5, -1, 7, START)),
        ("days", (5, 0, 7, START)),
        ("days", (5, 10**12, 7, START)),
        ("people", (10**12, 5, 7, START)),
        ("start", (5, 5, 7, date(1970, 1, 1))),
        ("start", (5, 5, 7, date(9999, 12, 30))),
    ],
)
def test_arguments_out_of_range_are_refused_in_one_line_at_the_call(
    field: str, arguments: tuple[int, int, int, date]
) -> None:
    with pytest.raises(ValueError, match=rf"\A{field}: found [^\n]+; legal: [^\n]+\Z"):
        Company(*arguments, MIDSIZE)


@pytest.mark.parametrize("seed", [0, -1, 2**70])
def test_one_person_on_one_day_may_well_do_nothing_whatever_the_seed(seed: int) -> None:
    sunday = date(2026, 10, 25)
    blocks = list(simulate(company("startup-50", 1, 1, seed, sunday, vacancy_days=1)))
    assert blocks[-1].days == 1
    assert set(blocks[-1].pieces) == {*FEEDS, "causes"}


@pytest.mark.parametrize("split", [{"workers": 0}, {"block": -1}])
def test_a_split_into_nothing_is_refused(split: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\A(workers|block): found (0|-1); legal: 1 or more\Z"):
        simulate(busy(), **split)


# Draws


def test_the_hash_is_splitmix64_and_its_streams_differ() -> None:
    # The generator's first outputs from state 0, as its reference implementation prints them.
    assert words(0, np.arange(3)).tolist() == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]
    assert stream(7, "a") != stream(7, "b") != stream(8, "b")


@given(st.integers(0, 2**63 - 1), st.lists(st.integers(0, 2**62), min_size=1, max_size=20))
def test_a_draw_does_not_depend_on_what_is_drawn_with_it(key: int, counters: list[int]) -> None:
    together = words(key, np.array(counters), 5)
    assert together.tolist() == [words(key, counter, 5)[0] for counter in counters]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=8).filter(any), st.floats(0, 1, exclude_max=True))
def test_an_option_of_weight_zero_is_never_chosen_by_one_row_or_by_many(weights: list[float], at: float) -> None:
    shares = cumulative(weights)
    chosen = choose(shares, np.array([at]))
    assert chosen.tolist() == choose(shares[None, :], np.array([at])).tolist()
    assert weights[chosen[0]] > 0


@pytest.mark.parametrize("mean", [0.01, 1.0, 7.5, 40.0])
def test_poisson_counts_have_their_mean_for_mean_and_variance(mean: float) -> None:
    at = uniform(words(stream(7, "poisson"), np.arange(20_000)))
    counts = poisson(np.full(20_000, mean), at)
    tolerance = 5 * (mean / 20_000) ** 0.5
    assert counts.mean() == pytest.approx(mean, abs=tolerance)
    assert counts.var() == pytest.approx(mean, rel=0.15, abs=0.005)


@settings(max_examples=50)
@given(LENGTHS, st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=30))
def test_a_quantile_rises_with_its_bits_and_stays_within_its_table(table: list[int], drawn: list[int]) -> None:
    bits = np.array(sorted(drawn), dtype=np.uint64)
    values = quantile(np.array(table), bits).tolist()
    assert values == sorted(values)
    assert table[0] <= values[0] <= values[-1] <= table[-1]
