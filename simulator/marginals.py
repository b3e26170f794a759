"""Marginals: what a log looks like from one side at a time, and how far two logs are apart.

All but the counts of machines, the lateness and the sign-ins is about humans, see `Observation.machines`: service
accounts would swamp every share.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from simulator.draws import Floats, Ints
from simulator.observation import NEVER, WEEK_HOURS, Observation
from simulator.profile import ACTIONS
from simulator.timeline import DAY, SECOND

SETTLED_DAYS: Final = 28
"""Days from the start of a log after which an action that a person had not done yet counts as a first one."""

MONTH: Final = 30.4375
"""Days in a mean month of the Julian year."""

_SHARES: Final = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0)
_WEEKEND: Final = np.arange(WEEK_HOURS) >= 5 * 24
_NIGHT: Final = (np.arange(WEEK_HOURS) % 24 >= 22) | (np.arange(WEEK_HOURS) % 24 < 6)
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginals:
    """Counts first, then shares and rates of humans; days and hours are of UTC.

    *person_days* says how many days of how many people had 0, 1, 2 ... item usages, every day of the log being one of
    every person's; *person_means* are each person's item usages a day. *session_span* is the mean from the first to the
    last usage of a session, in seconds; half an hour without any, or another client, begins another. *first_pairs* is
    how many actions a person did for the first time in a month: the (person, action) whose first time is 28 days or
    more after the log's first usage, for each person of the log and month that remains; None for logs that are not
    longer. Lateness is the latest time of an event before an arrival minus the time of the one that arrives, in
    seconds.
    """

    records: int
    people: int
    machines: int
    machine_records: int
    days: int
    repeats: int
    actions: dict[str, float]
    action_people: dict[str, float]
    clients: dict[str, float]
    hours: Floats
    person_days: Ints
    person_means: Floats
    session_span: float
    first_pairs: float | None
    late_minute: float
    late_hour: float
    late_p99: float
    sign_ins: int
    sign_in_shares: dict[str, float]
    audit_events: int

    @property
    def events_a_day(self) -> float:
        """Item usages a person and day, mean."""
        return float(self.person_means.mean())

    def shown(self) -> dict[str, Any]:
        """Return all figures as JSON has them, the long tables as a few quantiles."""
        weekend, night = float(self.hours[_WEEKEND].sum()), float(self.hours[_NIGHT].sum())
        busiest = int(self.hours.argmax())
        return {
            "records": self.records,
            "people": self.people,
            "machines": self.machines,
            "machine_records": self.machine_records,
            "days": self.days,
            "repeats": self.repeats,
            "actions": self.actions,
            "action_people": self.action_people,
            "clients": self.clients,
            "events_per_person_day": {"mean": self.events_a_day} | _quantiles_of_counts(self.person_days),
            "events_per_day_of_a_person": _quantiles(self.person_means),
            "hour_of_week": {
                "weekend": weekend,
                "night": night,
                "busiest": f"{_WEEKDAYS[busiest // 24]} {busiest % 24:02d}:00",
                "shares": [round(float(share), 6) for share in self.hours],
            },
            "first_pairs_per_person_month": self.first_pairs,
            "lateness": {
                "beyond_a_minute": self.late_minute,
                "beyond_an_hour": self.late_hour,
                "p99_seconds": self.late_p99,
            },
            "sign_ins": {"records": self.sign_ins, "shares": self.sign_in_shares},
            "audit_events": self.audit_events,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """How far two logs are apart; None where one has nothing to compare.

    Total variation between shares, Kolmogorov-Smirnov between distributions (both from 0, the same, to 1), and the
    difference of the second to the first for each of the first, which may be negative.
    """

    actions: float
    clients: float
    hours: float
    person_days: float
    person_means: float
    events_a_day: float | None
    first_pairs: float | None


def marginals(seen: Observation) -> Marginals:
    """Return the marginals of what was *seen*, which must hold an item usage of a human."""
    human, total = seen.humans(), seen.actions.sum(axis=1)
    actions, usages = seen.actions[human], seen.usages[human]
    clients = seen.clients[human].sum(axis=0)
    sign_ins = seen.sign_ins.total()
    return Marginals(
        records=seen.records,
        people=int(human.sum()),
        machines=int(((total > 0) & ~human).sum()),
        machine_records=int(total[~human].sum()),
        days=seen.days,
        repeats=seen.repeats,
        actions=dict(zip(ACTIONS, _shares(actions.sum(axis=0)), strict=True)),
        action_people=dict(zip(ACTIONS, (actions > 0).mean(axis=0).tolist(), strict=True)),
        clients={name: share for name, share in zip(seen.client_names, _shares(clients), strict=True) if share},
        hours=np.array(_shares(seen.hours[human].sum(axis=0))),
        person_days=np.bincount(usages.ravel()),
        person_means=usages.mean(axis=1),
        session_span=float(seen.spans[human].sum() / SECOND / seen.starts[human].sum()),
        first_pairs=_first_pairs(seen),
        late_minute=seen.lateness.share_beyond(60),
        late_hour=seen.lateness.share_beyond(3600),
        late_p99=float(seen.lateness.quantiles(np.array([0.99]))[0]),
        sign_ins=sign_ins,
        sign_in_shares={f"{category}/{kind}": n / sign_ins for (category, kind), n in sorted(seen.sign_ins.items())},
        audit_events=seen.audit_events.total(),
    )


def distances(one: Marginals, other: Marginals) -> Distances:
    """Return how far *other* is from *one*."""
    return Distances(
        actions=total_variation(one.actions, other.actions),
        clients=total_variation(one.clients, other.clients),
        hours=float(np.abs(one.hours - other.hours).sum() / 2),
        person_days=_kolmogorov_smirnov_of_counts(one.person_days, other.person_days),
        person_means=kolmogorov_smirnov(one.person_means, other.person_means),
        events_a_day=_relative(one.events_a_day, other.events_a_day),
        first_pairs=_relative(one.first_pairs, other.first_pairs),
    )


def total_variation(one: dict[str, float], other: dict[str, float]) -> float:
    """Return half the sum of the differences (Levin and Peres, Markov Chains and Mixing Times, proposition 4.2).

    >>> total_variation({"fill": 1.0}, {"fill": 0.75, "reveal": 0.25})
    0.25
    """
    return sum(abs(one.get(name, 0.0) - other.get(name, 0.0)) for name in {*one, *other}) / 2


def kolmogorov_smirnov(one: Floats, other: Floats) -> float:
    """Return the greatest difference of two samples' distribution functions (Massey, JASA 46, 1951).

    >>> kolmogorov_smirnov(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    0.5
    """
    at = np.concatenate([one, other])
    below = (np.searchsorted(np.sort(sample), at, side="right") / len(sample) for sample in (one, other))
    return float(np.abs(np.subtract(*below)).max())


def _kolmogorov_smirnov_of_counts(one: Ints, other: Ints) -> float:
    length = max(len(one), len(other))
    below = (np.cumsum(np.pad(counts, (0, length - len(counts)))) / counts.sum() for counts in (one, other))
    return float(np.abs(np.subtract(*below)).max())


def _relative(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None or one == 0 else other / one - 1


def _first_pairs(seen: Observation) -> float | None:
    left = (seen.end - seen.begin) / DAY - SETTLED_DAYS
    if left <= 0:
        return None
    first = seen.first[seen.humans()]
    late = (first >= seen.begin + SETTLED_DAYS * DAY) & (first < NEVER)
    return float(late.sum() / (len(first) * left / MONTH))


def _shares(counts: Ints) -> list[float]:
    shares: list[float] = (counts / max(1, counts.sum())).tolist()
    return shares


def _quantiles(sample: Floats) -> dict[str, float]:
    at = np.quantile(sample, _SHARES, method="inverted_cdf").tolist()
    return {f"p{round(share * 100)}": value for share, value in zip(_SHARES, at, strict=True)}


def _quantiles_of_counts(counts: Ints) -> dict[str, float]:
    running = np.cumsum(counts) / counts.sum()
    at = np.searchsorted(running, np.array(_SHARES) - 1e-12).tolist()
    return {f"p{round(share * 100)}": value for share, value in zip(_SHARES, at, strict=True)}
