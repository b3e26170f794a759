"""What records tell beside habits: sign-ins, session plumbing, machines, and how records reach the collector."""

from typing import Any, Final

import numpy as np

from simulator.activity import OUTCOMES
from simulator.clients import CONNECT
from simulator.draws import Ints
from simulator.fitted_habits import by_kind
from simulator.observation import OFFLINE, Observation
from simulator.profile import ACTIONS, Profile
from simulator.profile_rules import READS_AN_HOUR
from simulator.timeline import SECOND

_SECOND_MS = 1_000
_SYNC_STEPS = 16
_MOST_OFFLINE_DAYS = 14
_DAY_SECONDS = 86_400
_STEPS = 4  # of the quantiles of machines
_FEDERATED = 2  # column of `Observation.successes`
_FAILURES: Final = {(outcome.category, outcome.type): outcome.failure for outcome in OUTCOMES if outcome.failure}


def sign_in_figures(seen: Observation) -> dict[str, Any]:
    """Return the figures that sign-ins tell, and none without them."""
    human = _humans(seen)
    successes = human.sum()
    if not successes:
        return {}
    credentials, factor, federated = human.T > 0
    counts = dict.fromkeys(_FAILURES.values(), 0)
    for outcome, count in seen.sign_ins.items():
        if outcome in _FAILURES:
            counts[_FAILURES[outcome]] += count
    with_password = credentials | factor
    return {
        "failures": {name: round(min(1.0, count / int(successes)), 5) for name, count in counts.items()},
        "two_factor": _share(factor & with_password, with_password),
        "single_sign_on": _share(federated, federated | with_password),
    }


def audit_figures(seen: Observation) -> dict[str, Any]:
    """Return the figures that audit events tell beside sign-ins, and none without both."""
    successes, federated = int(seen.successes.sum()), int(seen.successes[:, _FEDERATED].sum())
    if not successes or not seen.audit_events:
        return {}
    figures: dict[str, Any] = {
        "delegations": round(max(0.0, seen.audit_events["dlgsess", "dlgdsess"] / successes - 1), 4),
    }
    edits = int(seen.actions[:, ACTIONS.index("enter-item-edit-mode")].sum())
    if federated:
        figures["tokens"] = round(seen.audit_events["ssotknv", "ssotkn"] / federated, 4)
    if edits:
        figures["patches"] = round(min(1.0, seen.audit_events["patch", "items"] / edits), 4)
    return figures


def machine_figures(seen: Observation, base: Profile) -> dict[str, Any]:
    """Return how many machines there are for each 100 people, and how busy they are; a job fetches as *base* says."""
    machine = seen.machines()
    people = int(seen.humans().sum())
    is_connect = by_kind(seen, machine)[:, CONNECT] > 0
    days = np.maximum(1, (seen.usages[machine] > 0).sum(axis=1))
    a_day = seen.usages[machine].sum(axis=1) / days
    figures: dict[str, Any] = {
        "service_accounts": round(100 * int((~is_connect).sum()) / people, 4),
        "connect_servers": round(100 * int(is_connect.sum()) / people, 4),
    }
    a_job = max(base.service_fetches, 1e-9)
    for field, chosen, unit, fetches in (
        ("service_sessions", ~is_connect, a_job, a_job),
        ("connect_fetches", is_connect, 24.0, 1.0),
    ):
        if chosen.any():
            table = np.quantile(a_day[chosen] / unit, np.linspace(0, 1, _STEPS + 1))
            # A profile's jobs must keep to the rate limit even if all of a day's fell within one hour.
            figures[field] = tuple(round(min(float(value), READS_AN_HOUR / fetches), 3) for value in table)
    return figures


def delivery_figures(seen: Observation) -> dict[str, Any]:
    """Return how late and how often records arrive, told by how far each was behind the latest before it.

    What was slow as a whole cannot be seen so: the delays are those beyond the quickest records'. Being behind by
    more than `OFFLINE` counts as a day offline.
    """
    late = seen.lateness
    human = seen.humans()
    offline = seen.offline[human].sum() / max(1, seen.usages[human].sum())
    at_most = OFFLINE / SECOND
    within = np.linspace(0, 1, _SYNC_STEPS + 1) * (1 - late.share_beyond(at_most))
    sync = np.minimum(late.quantiles(within), at_most)
    most = float(late.quantiles(np.array([1.0]))[0]) / _DAY_SECONDS
    return {
        "sync_ms": tuple(int(value) for value in np.rint(sync * _SECOND_MS)),
        "offline": round(float(offline), 5),
        "offline_days": (1, int(np.clip(np.ceil(most), 1, _MOST_OFFLINE_DAYS))),
        "duplicates": round(seen.repeats / max(1, seen.records), 6),
    }


def _humans(seen: Observation) -> Ints:
    """Return the successes of everybody who signed in and is no machine, also of those who used no item."""
    machine = np.zeros(len(seen.successes), dtype=bool)
    known = seen.machines()[: len(machine)]
    machine[: len(known)] = known
    return seen.successes[~machine]


def _share(part: Any, of: Any) -> float:
    return round(int(part.sum()) / max(1, int(of.sum())), 4)
