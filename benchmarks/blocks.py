"""The benchmarks' material: what people of a simulated company did, as columns, before anything is written."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from simulator.activity import Activity
from simulator.company import Company, simulate
from simulator.delivery import Arrived, Delivery
from simulator.directory import Directory
from simulator.profile_file import load_profile
from simulator.records import FEEDS

PEOPLE: Final = 2_000

Happened = tuple[Activity, Mapping[str, Arrived]]


def company(days: int, people: int = PEOPLE) -> Company:
    """So many days from a Monday, records late and repeated as in real life."""
    profile = load_profile("midsize-1000")
    return Company(people, days, 1, date(2026, 1, 5), profile, Delivery.of(profile))


class _Kept:
    def __init__(self, _: Directory) -> None:
        pass

    def render(self, activity: Activity, arrived: Mapping[str, Arrived]) -> dict[str, Happened]:
        return {"happened": (activity, arrived)}


def happenings(of: Company) -> list[Happened]:
    """What rendering is given, block by block."""
    return [block.pieces["happened"] for block in simulate(of, rendering=_Kept)]


def records_of(blocks: Iterable[Happened]) -> int:
    return sum(len(arrived[feed].row) for _, arrived in blocks for feed in FEEDS)
