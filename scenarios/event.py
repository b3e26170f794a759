"""An event: one record that an incident leaves behind."""

from typing import NamedTuple

from simulator.records import Record


class Event(NamedTuple):
    """One record of an enactment: time in nanoseconds since the epoch, and its step, counted from 1."""

    at: int
    feed: str
    step: int
    uuid: str
    record: Record
