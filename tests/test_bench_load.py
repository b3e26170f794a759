"""The load generator against a clock that only the test moves."""

import msgspec
import pytest

from harness.bench.latency import latency
from harness.bench.load import Clock, saturated, scheduled

MS = 1_000_000


class Stub:
    """A clock that stands still but for sleeps, and for what each batch takes."""

    def __init__(self) -> None:
        self.at = 0

    def sleep(self, seconds: float) -> None:
        self.at += max(1, round(seconds * 1e9))

    def now(self) -> int:
        self.at += 1  # a nanosecond a look, so that busy waiting ends
        return self.at

    def feed(self, milliseconds: int) -> None:
        self.at += milliseconds * MS


@pytest.fixture
def stub() -> Stub:
    return Stub()


def ms(told: list[int]) -> list[int]:
    return [round(each / MS) for each in told]


def test_at_saturation_a_batch_follows_the_other_until_the_time_is_up(stub: Stub) -> None:
    done = saturated(stub.feed, [40, 50, 20, 20], 0.1, Clock(stub.now, stub.sleep))
    assert (done.batches, ms(done.op), done.intended, done.unserved) == (3, [40, 50, 20], [], 0)
    assert round(done.nanoseconds / MS) == 110


def test_at_saturation_it_ends_with_the_batches(stub: Stub) -> None:
    assert saturated(stub.feed, [1, 1], 10, Clock(stub.now, stub.sleep)).batches == 2


def test_a_stall_counts_for_all_who_wait_behind_it(stub: Stub) -> None:
    done = scheduled(stub.feed, [1, 35, 1, 1, 1], 1, Clock(stub.now, stub.sleep), a_second=100)
    assert ms(done.op) == [1, 35, 1, 1, 1]
    assert ms(done.intended) == [1, 35, 26, 17, 8], "due at 0, 10, 20, 30, 40; begun at 0, 10, 45, 46, 47"
    assert done.unserved == 0


def test_a_batch_waits_for_its_time(stub: Stub) -> None:
    done = scheduled(stub.feed, [1, 1, 1], 1, Clock(stub.now, stub.sleep), a_second=10)
    assert round(done.nanoseconds / MS) == 201


def test_what_was_due_and_not_begun_is_told(stub: Stub) -> None:
    done = scheduled(stub.feed, [60] * 20, 0.1, Clock(stub.now, stub.sleep), a_second=100)
    assert (done.batches, done.unserved) == (2, 8), "10 are due in the time; the second ends after it"


def test_percentiles_are_of_all_latencies_to_three_digits() -> None:
    pytest.importorskip("hdrh")
    told = latency([MS] * 989 + [7 * MS] * 10 + [1_234_567_890])
    assert told is not None
    assert told.p50 == pytest.approx(1000, rel=1e-3)
    assert told.p99 == pytest.approx(7000, rel=1e-3)
    assert told.max == 1_234_567.89
    assert latency([]) is None


@pytest.mark.parametrize(
    ("batches", "told"), [(1, ()), (2, ("p50",)), (99, ("p50",)), (100, ("p50", "p99")), (1000, ("p50", "p99", "p999"))]
)
def test_a_percentile_that_so_few_batches_cannot_tell_is_none(batches: int, told: tuple[str, ...]) -> None:
    found = msgspec.structs.asdict(latency([MS] * batches) or pytest.fail("there are some"))
    assert {name for name, figure in found.items() if figure is not None} == {*told, "max"}
