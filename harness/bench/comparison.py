"""The comparison: every store in every setting, memory first, all on the same events."""

from collections.abc import Callable, Sequence
from itertools import product

import msgspec

from detector.stores.store_url import StoreUrl
from harness.bench.environment import Environment, environment
from harness.bench.expected import Expected, Mix
from harness.bench.load import Clock
from harness.bench.measurement import Measurement, Setting, measure
from harness.bench.place import NOOP, fresh
from harness.bench.result import Result, rate_of, result_of
from harness.bench.traffic import Traffic

MEMORY = "memory:"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All results of one run of the benchmark, and what they depend on."""

    workload: str
    description: str
    loaded: int
    """Events of the load phase."""
    offered: int
    """Events that a run can have at most."""
    mix: Mix
    """What the run's events really are: shares of values that are new, known, or forgotten."""
    matches: int
    """Of all the run's events."""
    seconds: float
    repeats: int
    results: list[Result]
    environment: Environment

    def wrong(self) -> list[Result]:
        """The rows of stores that found other matches than they must."""
        return [result for result in self.results if result.is_wrong]


class Course(msgspec.Struct, frozen=True):
    """What is to be measured."""

    urls: Sequence[str]
    """Stores besides memory and the no-op store."""
    batches: Sequence[int]
    targets: Sequence[float]
    """Events a second to be offered; none: as many as it takes."""
    seconds: float
    repeats: int

    def stores(self) -> list[str]:
        """Every store once, memory first."""
        return list(dict.fromkeys((MEMORY, NOOP, *self.urls)))

    def measurements(self) -> int:
        """How many there are to be made."""
        return len(self.stores()) * len(self.settings()) * self.repeats

    def settings(self) -> list[Setting]:
        """Each size of a batch with each rate."""
        rates = self.targets or (None,)
        return [Setting(batch, self.seconds, rate) for batch, rate in product(self.batches, rates)]


def compared(
    named: tuple[str, str],
    traffic: Traffic,
    course: Course,
    clock: Clock,
    begun: Callable[[str, Setting], object],
) -> Comparison:
    """Measure every store in every setting. *named*: the workload's name and description.

    *begun* is told of each measurement before it is made. Raises `StoreError`.
    """
    stores = course.stores()
    told = environment(stores)
    for url in stores:  # one that cannot be used is refused before anything is measured
        with fresh(url):
            pass
    expected = Expected(traffic)
    results: list[Result] = []
    for setting in course.settings():
        measured: dict[str, list[Measurement]] = {url: [] for url in stores}
        for _, url in product(range(course.repeats), stores):  # in turn, so that a busy spell of the machine is shared
            begun(shown(url), setting)
            measured[url].append(measure(url, traffic, setting, clock))
        memory = rate_of(measured[MEMORY], setting).median
        results += [
            result_of(shown(url), setting, repeats, expected, len(traffic.load), _kind(url, repeats[-1]), memory)
            for url, repeats in measured.items()
        ]
    return Comparison(
        workload=named[0],
        description=named[1],
        loaded=len(traffic.load),
        offered=len(traffic.run),
        mix=expected.mix(expected.events),
        matches=len(expected.matches(expected.events)),
        seconds=course.seconds,
        repeats=course.repeats,
        results=results,
        environment=told,
    )


def shown(url: str) -> str:
    """The store as results name it: an embedded one's scheme, a server's URL without its secrets.

    >>> shown("sqlite:////tmp/x.db?durability=full"), shown("redis://ada:secret@host:6379/0")
    ('sqlite', 'redis://host:6379/0')
    """
    parts = StoreUrl.of(url)
    server = parts.rest.startswith("//") and not parts.rest.startswith("///") and parts.rest != "//"
    return parts.shown() if server else parts.scheme


def _kind(url: str, measured: Measurement) -> str:
    if url == NOOP:
        return "none"
    return "exact" if measured.is_exact else "approximate"
