"""Habits told by records: how much people do, what, and with which clients; estimates for `calibration` to better."""

from typing import Final

import numpy as np

from simulator.clients import SLOTS
from simulator.clocks import weekdays_of
from simulator.draws import Floats, Ints
from simulator.observation import NEVER, Bools, Observation
from simulator.presence import Presence, days_at_work
from simulator.profile import ACTIONS, HABITS
from simulator.profile_rules import MOST_A_DAY
from simulator.timeline import DAY

KINDS: Final = {
    "1Password Browser Extension": "extension",
    "1Password for Mac": "desktop",
    "1Password for Windows": "desktop",
    "1Password for Linux": "desktop",
    "1Password for iOS": "mobile",
    "1Password for Android": "mobile",
    "1Password CLI": "cli",
    "1Password for Web": "web",
    "1Password SDK": "sdk",
    "1Password Connect": "connect",
}
"""The client of `SLOTS` that each app name means; others, such as SCIM bridges, are nobody's habit."""

COMPUTERS: Final = {"1Password for Mac": "mac", "1Password for Windows": "windows", "1Password for Linux": "linux"}

NEVER_UPGRADED: Final = 36_500.0
"""Days until an upgrade, mean, that no log is long enough to see: a century, in `fitted_figures.DIGITS`."""

LEAST: Final = 1e-4
"""A weight above 0 for what was not seen, so that it can still be calibrated."""

_FILL = HABITS.index("fill")
_STRENGTHS = 9  # quantiles of `action_strength`
_ENOUGH = 20  # fills, and (person, action) pairs, from which ratios say something (assumption)
_FEWEST_USAGES, _MOST_USAGES = 0.25, 20.0  # a session: bounds of what is believed of sessions (assumption)


def by_kind(seen: Observation, people: Bools) -> Ints:
    """Return item usages of *people*, a row each, by `SLOTS`."""
    counts = np.zeros((int(people.sum()), len(SLOTS)), dtype=np.int64)
    for column, name in enumerate(seen.client_names):
        if name in KINDS:
            counts[:, SLOTS.index(KINDS[name])] += seen.clients[people, column]
    return counts


def events_a_day(seen: Observation, here: Presence, weekdays: tuple[float, ...]) -> tuple[float, ...]:
    """Return quantiles over people of item usages a working day; the greatest makes the mean of the table right."""
    usages = seen.usages[seen.humans()]
    rate = usages.sum(axis=1) / days_at_work(here, weekdays_of(seen), np.array(weekdays))
    steps = 16 if len(rate) < 500 else 32
    table = np.quantile(np.minimum(rate, MOST_A_DAY / max(1.0, *weekdays)), np.linspace(0, 1, steps + 1))
    rest = (table[0] + 2 * table[1:-1].sum()) / (2 * steps)
    table[-1] = np.clip((float(rate.mean()) - rest) * 2 * steps, table[-2], table[-1])  # trapezes between quantiles
    return tuple(round(float(value), 4) for value in table)


def events_a_session(seen: Observation, here: Presence, weekdays: tuple[float, ...]) -> float:
    """Return item usages a session, mean, from how many days of people have none.

    Sessions being Poisson and usages in them geometric, a day with *r* expected usages has none with probability
    exp(-r / (1 + mean)); the mean is found by bisection, between a quarter and 20.
    """
    usages = seen.usages[seen.humans()]
    factors = np.array(weekdays)
    rate = usages.sum(axis=1) / days_at_work(here, weekdays_of(seen), factors)
    away = here.weeks_away or 0.0
    day = np.arange(seen.days)
    there = (here.begin[:, None] <= day) & (day < here.end[:, None])
    none = float((there & (usages == 0)).sum())
    counts = np.stack([(there & (weekdays_of(seen) == weekday)).sum(axis=1) for weekday in range(7)])
    low, high = _FEWEST_USAGES, _MOST_USAGES
    for _ in range(40):
        middle = (low + high) / 2
        empty = away + (1 - away) * np.exp(-np.outer(factors, rate) / (1 + middle))
        low, high = (low, middle) if (counts * empty).sum() > none else (middle, high)
    return round(low, 4)


def action_figures(seen: Observation) -> tuple[dict[str, float], dict[str, float], tuple[float, ...] | None]:
    """Return `action_people`, `action_per_fill` and `action_strength`, the last None where too few do too little."""
    counts = seen.actions[seen.humans()][:, : len(HABITS)]
    does = counts > 0
    people = {action: round(float(does[:, row].mean()), 4) for row, action in enumerate(HABITS)}
    fills = counts[:, _FILL]
    enough = fills >= _ENOUGH
    per_fill, strengths = {}, []
    for row, action in enumerate(HABITS):
        those = does[:, row] & (fills > 0)
        mean = counts[those, row].sum() / max(1, fills[those].sum())
        ratios = counts[does[:, row] & enough, row] / fills[does[:, row] & enough]
        per_fill[action] = round(float(np.median(ratios) if len(ratios) >= _ENOUGH else mean), 5) or LEAST
        strengths.append(ratios / per_fill[action] if row != _FILL else ratios[:0])
    return people, per_fill, _strengths(np.concatenate(strengths))


def _strengths(ratios: Floats) -> tuple[float, ...] | None:
    if len(ratios) < _ENOUGH:
        return None
    table = np.quantile(ratios, np.linspace(0.02, 0.98, _STRENGTHS))
    return tuple(round(float(value), 4) for value in table / max(table[_STRENGTHS // 2], LEAST))


def client_figures(seen: Observation) -> tuple[dict[str, float], dict[str, float], dict[str, float] | None]:
    """Return the share of people with each client, its weight among its owners' sessions, and `computers`.

    The last is None where no desktop app was seen.
    """
    counts = by_kind(seen, seen.humans())
    totals = counts.sum(axis=1)
    owns = {slot: round(float((counts[:, row] > 0).mean()), 4) for row, slot in enumerate(SLOTS)}
    weights = {}
    for row, slot in enumerate(SLOTS[:5]):
        owners = counts[:, row] > 0
        share = counts[owners, row].sum() / max(1, totals[owners].sum())
        weights[slot] = round(max(LEAST, float(share)), 4)
    return owns, weights, _computers(seen)


def _computers(seen: Observation) -> dict[str, float] | None:
    human = seen.humans()
    named = {
        kind: seen.clients[human, column] > 0
        for column, name in enumerate(seen.client_names)
        if (kind := COMPUTERS.get(name))
    }
    total = sum(int(people.sum()) for people in named.values())
    if not total:
        return None
    return {kind: round(int(named[kind].sum()) / total, 4) if kind in named else 0.0 for kind in COMPUTERS.values()}


def legacy_share(seen: Observation) -> float:
    """Return the share of people whose clients said ``other``."""
    return round(float((seen.actions[seen.humans(), ACTIONS.index("other")] > 0).mean()), 4)


def upgrade_days(seen: Observation) -> float | None:
    """Return the days until clients that said ``other`` were upgraded, mean: `NEVER_UPGRADED` where none was.

    Upgraded are those of whom another action was seen after; until then, or to the end, they were not. None where
    nobody began with ``other``.
    """
    first = seen.first[seen.humans()]
    other, habits = first[:, ACTIONS.index("other")], first[:, : len(HABITS)].min(axis=1)
    old = other < habits
    if not old.any():
        return None
    waited = (np.minimum(habits[old], seen.end) - seen.begin).sum() / DAY
    upgraded = int((habits[old] < NEVER).sum())
    return min(float(waited) / upgraded, NEVER_UPGRADED) if upgraded else NEVER_UPGRADED
