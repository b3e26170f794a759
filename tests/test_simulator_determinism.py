"""The same seed and parameters give the same bytes, however the work is split."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.company import Company, simulate
from simulator.draws import choose, cumulative, poisson, quantile, stream, uniform, words
from simulator.records import FEEDS

START = date(2026, 10, 20)  # daylight saving ends in Europe within the period
PEOPLE = 30  # enough for somebody in every office: days overlap only between far time zones
LENGTHS = st.lists(st.integers(0, 2**20), min_size=5, max_size=5).map(sorted)


def lines(people: int = PEOPLE, days: int = 9, seed: int = 7, **split: Any) -> dict[str, bytes]:
    blocks = list(simulate(Company(people, days, seed, START), **split))
    return {feed: b"".join(line for block in blocks for line in block.lines[feed]) for feed in FEEDS}


@pytest.fixture(scope="module")
def whole() -> dict[str, bytes]:
    return lines()


def test_a_second_run_gives_the_same_bytes(whole: dict[str, bytes]) -> None:
    assert lines() == whole
    assert all(whole.values())


@pytest.mark.parametrize("block_days", [1, 2, 5, 100])
def test_any_size_of_block_gives_the_same_bytes(whole: dict[str, bytes], block_days: int) -> None:
    assert lines(block_days=block_days) == whole


def test_two_workers_give_the_same_bytes_as_one(whole: dict[str, bytes]) -> None:
    assert lines(workers=2, block_days=2) == whole


@pytest.mark.parametrize("other", [{"seed": 8}, {"days": 10}, {"people": PEOPLE + 1}])
def test_other_parameters_give_other_bytes(whole: dict[str, bytes], other: dict[str, int]) -> None:
    changed = lines(**other)
    assert all(changed[feed] != whole[feed] for feed in FEEDS)


def test_a_longer_simulation_tells_the_same_story_until_the_shorter_one_ends(whole: dict[str, bytes]) -> None:
    longer = lines(days=12)["signinattempts"].splitlines()
    shorter = whole["signinattempts"].splitlines()
    # What straddles the end of the shorter period is left out there.
    assert len(set(shorter) & set(longer)) == len(shorter)


def test_progress_grows_to_the_number_of_days() -> None:
    done: list[int] = []
    blocks = list(simulate(Company(3, 6, 7, START), block_days=2, progress=done.append))
    assert done == sorted(done)
    assert done[-1] == 6
    assert done == [block.days for block in blocks]


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
        Company(*arguments)


@pytest.mark.parametrize("seed", [0, -1, 2**70])
def test_one_person_on_one_day_may_well_do_nothing_whatever_the_seed(seed: int) -> None:
    sunday = date(2026, 10, 25)
    blocks = list(simulate(Company(1, 1, seed, sunday)))
    assert blocks[-1].days == 1
    assert {feed for block in blocks for feed in block.lines} == set(FEEDS)


@pytest.mark.parametrize("split", [{"workers": 0}, {"block_days": -1}])
def test_a_split_into_nothing_is_refused(split: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\A(workers|block_days): found (0|-1); legal: 1 or more\Z"):
        simulate(Company(5, 5, 7, START), **split)


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
