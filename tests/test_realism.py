"""A company's log looks like people at work: its marginals stay within bounds, whatever the profile and the seed."""

from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import pytest
from companies import HOUR, PROFILES, Feed, Log, parsed
from hypothesis import settings

from simulator.draws import Floats, Ints
from simulator.profile import HABITS

_USUAL_EXAMPLES = 100  # of the profile `ci`; `nightly` has more
SEEDS = range(1, 21 if settings().max_examples > _USUAL_EXAMPLES else 4)
PEOPLE, DAYS = 160, 91
EPOCH = date(1970, 1, 1).toordinal()
NIGHT_BEGINS, NIGHT_ENDS = 22, 6
SETTLED_DAYS = 28  # after which an action that a person had not done yet counts as a first one
MONTH = 30.4375
FAVOURITES = 5
ENOUGH = 60  # item usages of a person, from which shares tell something
DAYS_OFF = {
    "Toronto": ((4, 3), (5, 18)),
    "Berlin": ((4, 3), (4, 6), (5, 1), (5, 14), (5, 25)),
    "Munich": ((4, 3), (4, 6), (5, 1), (5, 14), (5, 25)),
    "San Francisco": ((5, 25),),
    "Chicago": ((5, 25),),
    "Austin": ((5, 25),),
    "Melbourne": ((3, 9), (4, 3), (4, 6)),
    "London": ((4, 3), (4, 6), (5, 4), (5, 25)),
    "Dublin": ((3, 17), (4, 6), (5, 4)),
    "Lisbon": ((4, 3), (5, 1)),
}
"""Public holidays on working days of March to May 2026 (month, day): Good Friday, Victoria Day, Ascension ..."""


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
    means: Floats = counts[stays >= SETTLED_DAYS] / stays[stays >= SETTLED_DAYS]
    return means


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


def holiday_activity(log: Log) -> float:
    """Return the item usages a person on public holidays, as a multiple of those on other working days."""
    days = np.arange(log.days.start, log.days.stop)
    off = np.zeros((len(log.company.profile.offices), len(days)), dtype=bool)
    for row, office in enumerate(log.company.profile.offices):
        for month, day in DAYS_OFF.get(office.city, ()):
            off[row, date(2026, month, day).toordinal() - EPOCH - log.days.start] = True
    counts, off = counts_of_person_days(log, "itemusages"), off[log.staff.office]
    working = log.here() & ((days + 3) % 7 < 5)
    return float(counts[working & off].mean() / counts[working & ~off].mean())


BOUNDS: Final = (
    Bound(mean_usages_a_day, 1.5, 4.5, "7 sign-ins a working day (LastPass, 2017), of which few are of shared items"),
    Bound(median_usages_a_day, 0.8, 2.5, "well below the mean, which a few busy people raise"),
    Bound(idle_working_days, 0.25, 0.6, "vacations, and days without need of a shared item; not most of them"),
    Bound(weekend_share, 0.02, 0.15, "some are on call or on a support desk; without a weekend it would be 0.29"),
    Bound(night_share, 0.004, 0.04, "late evenings and calls; spread evenly it would be 0.33"),
    Bound(holiday_activity, 0.01, 0.35, "as on a Sunday, and somebody is on call"),
    Bound(share_of_busiest_tenth, 0.25, 0.6, "use of shared tools is heavy-tailed; were all alike it would be 0.1"),
    Bound(first_pairs_a_month, 0.1, 0.8, "habits are few and settled, yet rare ones show late and lives change"),
    Bound(own_drift, 0.01, 0.15, "what a person does stays the same over a quarter, but for chance"),
    Bound(drift_against_others, 0.05, 0.45, "people differ more from one another than from themselves"),
    Bound(favourites_share, 0.18, 0.4, "some logins are used daily, as by Zipf's law; used evenly it would be 0.11"),
    Bound(plumbing_share, 0.85, 0.995, "session plumbing is most of a real audit log, but not all of it"),
    Bound(failed_share, 0.003, 0.05, "a wrong password now and then; hardly ever with single sign-on"),
)

ACTION_PEOPLE: Final = {
    "fill": (0.93, 1.0, "filling is what the product is for"),
    "reveal": (0.5, 0.85, "where nothing can fill: most meet it in a quarter"),
    "secure-copy": (0.5, 0.85, "as for reveal"),
    "enter-item-edit-mode": (0.08, 0.45, "a minority looks after shared items"),
    "select-sso-provider": (0.03, 0.3, "only those who sign in with a provider on web sites"),
    "server-fetch": (0.08, 0.6, "the command line and the web: engineers, most in a startup"),
    "server-create": (0.01, 0.3, "the command line and the web, and of those some"),
    "server-update": (0.03, 0.3, "as for server-create"),
    "share": (0.02, 0.2, "nearly everybody never shares outside a vault"),
    "export": (0.003, 0.1, "nearly everybody never exports: that is what makes a first export tell"),
    "other": (0.0, 0.08, "few clients are older than 8.4.0"),
}
"""Which share of people does an action in a quarter: least, most, and why."""

MOST_SHARE_OF_FILL = 0.8
LEAST_SHARE_OF_FILL = 0.45  # filling leads by far, and is not all


@pytest.fixture(
    scope="module",
    params=[(name, seed) for name in PROFILES for seed in SEEDS],
    ids=lambda which: f"{which[0]}/{which[1]}",
)
def log(request: pytest.FixtureRequest) -> Log:
    """A quarter of people without machines, and without the roll-out of single sign-on that some seeds would bring."""
    profile, seed = request.param
    return parsed(profile, PEOPLE, DAYS, seed, service_accounts=0.0, connect_servers=0.0, sso_roll_outs=0.0)


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.measure.__name__)
def test_a_marginal_stays_within_its_bounds(log: Log, bound: Bound) -> None:
    assert bound.least <= bound.measure(log) <= bound.most, bound.reason


@pytest.mark.parametrize("action", ACTION_PEOPLE)
def test_as_many_people_do_an_action_as_is_plausible(log: Log, action: str) -> None:
    least, most, reason = ACTION_PEOPLE[action]
    usages = people_usages(log)
    here = np.flatnonzero(log.here().any(axis=1))
    does = np.unique(usages.person[usages.what == action])
    assert least <= np.isin(here, does).mean() <= most, reason


def test_filling_is_most_of_what_is_done_but_not_all(log: Log) -> None:
    assert LEAST_SHARE_OF_FILL <= float((people_usages(log).what == "fill").mean()) <= MOST_SHARE_OF_FILL


def test_days_have_their_hours_of_work(log: Log) -> None:
    """The busiest hour of the working day has several times the usages of any hour of the night."""
    hours = np.bincount(people_usages(log).hour, minlength=24)
    assert 9 <= int(hours.argmax()) <= 16
    assert hours.max() > 10 * max(hours[NIGHT_BEGINS + 1 :].max(), hours[:NIGHT_ENDS].max())
