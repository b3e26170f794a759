"""Plans: which pair each event of a workload has, as columns, before there are any events."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.bench.habits import Habits
from harness.bench.keys import Pairs, people_like, unusual_pairs
from harness.bench.skew import known_rows
from harness.bench.workload import LONG_AGO, Workload

Ints = NDArray[np.int64]
_KNOWN, _NEW, _JOINING, _EXPIRED = range(4)


class Plan(NamedTuple):
    """Pairs, and rows of them: those loaded long ago, those loaded lately, and those of the run's events."""

    pairs: Pairs
    long_ago: Ints
    lately: Ints
    run: Ints


def planned(workload: Workload, habits: Habits, seed: int) -> Plan:
    """The plan of a workload; the same for the same arguments."""
    draw = np.random.default_rng(seed)
    kind = _kinds(workload, draw)
    loaded, fresh = _split(workload, habits, int((kind == _NEW).sum()), draw)
    forgotten = 0
    if workload.day >= LONG_AGO and len(loaded.person):
        forgotten = min(max(1, int((kind == _EXPIRED).sum())), max(1, len(loaded.person) // 2))
    count = len(loaded.person)
    joiners = _joiners(workload, habits, int((kind == _JOINING).sum()), draw)
    pairs = loaded.then(fresh).then(joiners)
    long_ago, lately = np.arange(forgotten), np.arange(forgotten, count)
    new = np.arange(count, count + len(fresh.person))
    joining = np.arange(count + len(fresh.person), len(pairs.person))
    run = _run(workload, kind, {_NEW: new, _JOINING: joining, _EXPIRED: long_ago}, lately, pairs.weight, draw)
    return Plan(pairs, long_ago, lately, run)


def _kinds(workload: Workload, draw: np.random.Generator) -> Ints:
    """What each event is to be; without anything loaded the first is new."""
    bounds = np.cumsum([workload.new, workload.joining, workload.expired])
    kind = (np.searchsorted(bounds, draw.random(workload.events), side="right") + 1) % 4
    if not workload.load:
        kind[:1] = _NEW
    return kind


def _split(workload: Workload, habits: Habits, new: int, draw: np.random.Generator) -> tuple[Pairs, Pairs]:
    """The pairs to be loaded, and those that come for the first time in the run."""
    habitual = people_like(habits, workload.people, draw)
    order = draw.permutation(len(habitual.person))
    cut = round(workload.load * len(order))
    left = habitual.where(order[cut:])
    missing = max(0, new - len(left.person))
    unusual = unusual_pairs(habitual, workload.people, workload.metric, missing, draw)
    return habitual.where(order[:cut]), left.then(unusual)


def _joiners(workload: Workload, habits: Habits, events: int, draw: np.random.Generator) -> Pairs:
    """The pairs of as many new people as these events need, one person after the other."""
    pairs = people_like(habits, events, draw, first=workload.people)
    return pairs.where(np.arange(events))


def _run(
    workload: Workload, kind: Ints, pools: dict[int, Ints], lately: Ints, weight: Ints, draw: np.random.Generator
) -> Ints:
    """The row of each event; where a pool has run dry, a known pair takes its place."""
    row = np.full(len(kind), -1, dtype=np.int64)
    for each, pool in pools.items():
        places = np.flatnonzero(kind == each)[: len(pool)]
        row[places] = pool[: len(places)]
    came = (row >= 0) & (kind != _EXPIRED)
    introduced = row[came]
    known = np.concatenate([lately, introduced])
    hits = np.flatnonzero(row < 0)
    so_far = len(lately) + np.cumsum(came)[hits]
    row[hits] = known[known_rows(workload.skew, weight[lately], so_far, draw)]
    return row
