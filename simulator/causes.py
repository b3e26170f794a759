"""Which events are not plain habit, in the one order that no partition can change: that in which they first arrive."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from simulator.activity import PLAIN, Activity
from simulator.delivery import Arrived
from simulator.draws import Ints, Words
from simulator.identifiers import EVENT_KINDS, event_words


class Caused(NamedTuple):
    """Identifiers of events, and what brought each about: an index into `PROCESSES`."""

    high: Words
    low: Words
    process: Ints


def caused(activity: Activity, arrived: Mapping[str, Arrived], seed: int) -> Caused:
    """Return the events that a process brought about, each once, by time of arrival and feed."""
    parts = []
    for number, (feed, columns) in enumerate(activity.feeds().items()):
        came = arrived[feed]
        told = np.flatnonzero(~came.again & (columns.cause[came.row] != PLAIN))
        row = came.row[told]
        high, low = event_words(seed, EVENT_KINDS[feed], activity.sessions, columns.session[row], columns.number[row])
        parts.append((came.time[told], np.full(len(told), number), high, low, columns.cause[row]))
    time, feed_number, high, low, process = (np.concatenate(column) for column in zip(*parts, strict=True))
    # Within a feed the order is that of arrival already, and a stable sort keeps it.
    by_time = np.lexsort((feed_number, time))
    return Caused(high[by_time], low[by_time], process[by_time])
