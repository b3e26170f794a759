"""A company's log looks like people at work: its marginals stay within bounds, whatever the profile and the seed."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import pytest
from companies import HOUR, PROFILES, Feed, Log, parsed
from hypothesis import settings

from simulator.careers import CONNECT, SERVICE
from simulator.draws import Floats, Ints
from simulator.profile import HABITS

_USUAL_EXAMPLES = 100  # of the profile `ci`; `nightly` has more
SEEDS = range(1, 21 if settings().max_examples > _USUAL_EXAMPLES else 4)
PEOPLE, DAYS = 250, 91
NIGHT_BEGINS, NIGHT_ENDS = 22, 6
SETTLED_DAYS = 28  # after which an action that a person had not done yet counts as a first one
MONTH = 30.4375
FAVOURITES = 5
ENOUGH = 60  # item usages of a person, from which shares tell something


class Bound(NamedTuple):
    """Between which figures a measure of a log lies, and why."""

    measure: Callable[[Log], float]
    least: float
    most: float
    reason: str


def people_usages(log: Log) -> Feed:
    return log.usages.where(log.human[log.usages.person])


def counts_of_person_days(log: Log, *feeds: str) -> Ints:
    """Count the records of each person of the staff on each local day of the period."""
    counts = np.zeros((len(log.staff), len(log.days) + 2), dtype=np.int64)
    for feed in feeds:
        np.add.at(counts, (log.feeds[feed].person, log.feeds[feed].day - log.days.start + 1), 1)
    return counts[:, 1:-1]


def usages_a_day(log: Log) -> Floats:
    """Return each person's item usages a day, of those here for four weeks or more."""
    here = log.here()
    counts = (counts_of_person_days(log, "itemusages") * here).sum(axis=1)
    stays = here.sum(axis=1)
    return counts[stays >= SETTLED_DAYS] / stays[stays >= SETTLED_DAYS]


def mean_usages_a_day(log: Log) -> float:
    return float(usages_a_day(log).mean())


def median_usages_a_day(log: Log) -> float:
    return float(np.median(usages_a_day(log)))


def idle_working_days(log: Log) -> float:
    """Return the share of (person, day from Monday to Friday) without a record of any feed."""
    counts = counts_of_person_days(log, *log.feeds)
    working = log.here() & ((np.arange(log.days.start, log.days.stop) + 3) % 7 < 5)
    return float((counts[working] == 0).mean())


def weekend_share(log: Log) -> float:
    return float(people_usages(log).weekend.mean())


def night_share(log: Log) -> float:
    hour = people_usages(log).hour
    return float(((hour >= NIGHT_BEGINS) | (hour < NIGHT_ENDS)).mean())


def share_of_busiest_tenth(log: Log) -> float:
    counts = np.sort(np.bincount(people_usages(log).person, minlength=int(log.human.sum())))
    return float(counts[-(len(counts) // 10) :].sum() / counts.sum())


def first_pairs_a_month(log: Log) -> float:
    """Return how many actions a person does for the first time in a month, once four weeks of the log are over."""
    usages = people_usages(log)
    pairs = np.char.add(usages.person.astype(np.str_), usages.what)
    _, first = np.unique(pairs[np.argsort(usages.time, kind="stable")], return_index=True)
    late = np.sort(usages.time)[first] >= (log.days.start + SETTLED_DAYS) * 24 * HOUR
    return float(late.sum() / (log.here()[:, SETTLED_DAYS:].sum() / MONTH))


def mixes(log: Log) -> tuple[Floats, Floats]:
    """Return the shares of actions of each person with enough usages, in the first and the second half."""
    usages = people_usages(log)
    second = usages.day >= log.days.start + len(log.days) // 2
    action = np.array([(*HABITS, "other").index(what) for what in usages.what.tolist()])
    counts = np.zeros((2, len(log.staff), len(HABITS) + 1))
    np.add.at(counts, (second.astype(np.int64), usages.person, action), 1)
    enough = (counts.sum(axis=2) >= ENOUGH).all(axis=0)
    shares = counts[:, enough] / counts[:, enough].sum(axis=2, keepdims=True)
    return shares[0], shares[1]


def own_drift(log: Log) -> float:
    """Return the median total variation between a person's mix of actions in one half of the quarter and the other."""
    first, second = mixes(log)
    return float(np.median(np.abs(first - second).sum(axis=1) / 2))


def drift_against_others(log: Log) -> float:
    """Return how much nearer a person's mix is to their own of the other half than to somebody else's: a ratio."""
    first, second = mixes(log)
    others = np.abs(first - np.roll(second, 1, axis=0)).sum(axis=1) / 2
    return own_drift(log) / float(np.median(others))


def favourites_share(log: Log) -> float:
    """Return the share of a person's usages on the items they use most, the median of those with enough usages."""
    usages = people_usages(log)
    shares = []
    for person in np.flatnonzero(np.bincount(usages.person) >= ENOUGH):
        _, counts = np.unique(usages.item[usages.person == person], return_counts=True)
        shares.append(np.sort(counts)[-FAVOURITES:].sum() / counts.sum())
    return float(np.median(shares))


def plumbing_share(log: Log) -> float:
    return float(np.isin(log.feeds["auditevents"].what, ("dlgsess", "ssotknv")).mean())


def failed_share(log: Log) -> float:
    category = log.feeds["signinattempts"].what
    return float((np.char.find(category, "failed") > 0).mean())
