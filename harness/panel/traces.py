"""Traces: what the rows of a stream hold of each staged incident, whatever the windows of a rule."""

from typing import NamedTuple

from detector.token import Key
from harness.panel.watched import Watched
from harness.scoring.ranges import Span, spans


class Trace(NamedTuple):
    """Of one incident."""

    detectable_at: int | None
    """Its first detectable event, in arrival order."""
    group: int | None
    """The code of the group of that, else of its first event; None where it has none that the rules watch."""
    spans: dict[Key, Span]
    """From its first to its last event in each group, by their positions there."""


UNTRACED = Trace(None, None, {})


def traces(watched: Watched) -> dict[int, Trace]:
    """The trace of each incident that has a row, by its code."""
    rows, hindsight = watched.staged, watched.hindsight
    columns = (watched.run, watched.t, watched.group, hindsight.position, hindsight.detects)
    detectable: dict[int, tuple[int, int]] = {}
    groups: dict[int, int] = {}
    places: dict[int, list[tuple[Key, int]]] = {}
    for run, t, group, position, detects in zip(*(column[rows].tolist() for column in columns), strict=True):
        groups.setdefault(run, group)
        places.setdefault(run, []).append((watched.key_of(group), position))
        if detects:
            detectable.setdefault(run, (t, group))
    found = {}
    for run, first in groups.items():
        at, group = detectable.get(run, (None, first))
        found[run] = Trace(at, group, spans(places[run]))
    return found
