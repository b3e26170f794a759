"""What records tell beside habits: sign-ins, session plumbing, machines, and how records reach the collector."""

from typing import Any, Final

import numpy as np

from simulator.activity import OUTCOMES
from simulator.clients import CONNECT
from simulator.fitted_habits import by_kind
from simulator.observation import Observation
from simulator.profile import ACTIONS, Profile

_SECOND_MS = 1_000
_A_DAY_AT_MOST = 12 * 3_600  # seconds; what is later was offline rather than slow to sync (assumption)
_SYNC_STEPS = 16
_MOST_OFFLINE_DAYS = 14
_DAY_SECONDS = 86_400
_STEPS = 4  # of the quantiles of machines
_FAILURES: Final = {(outcome.category, outcome.type): outcome.failure for outcome in OUTCOMES if outcome.failure}


def sign_in_figures(seen: Observation) -> dict[str, Any]:
    """Return the figures that sign-ins tell, and none without them."""
    successes = seen.successes.sum()
    if not successes:
        return {}
    credentials, factor, federated = seen.successes.T > 0
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
    successes, federated = int(seen.successes.sum()), int(seen.successes[:, 2].sum()) if len(seen.successes) else 0
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
    for field, chosen, unit in (
        ("service_sessions", ~is_connect, max(base.service_fetches, 1e-9)),
        ("connect_fetches", is_connect, 24.0),
    ):
        if chosen.any():
            table = np.quantile(a_day[chosen] / unit, np.linspace(0, 1, _STEPS + 1))
            figures[field] = tuple(round(float(value), 3) for value in table)
    return figures


def delivery_figures(seen: Observation) -> dict[str, Any]:
    """Return how late and how often records arrive, told by how far each was behind the latest before it.

    What was slow as a whole cannot be seen so: the delays are those beyond the quickest records'. Being behind by
    more than half a day counts as a day offline.
    """
    late = seen.lateness
    offline = late.share_beyond(_A_DAY_AT_MOST)
    within = np.linspace(0, 1, _SYNC_STEPS + 1) * (1 - offline)
    sync = np.minimum(late.quantiles(within), _A_DAY_AT_MOST)
    most = float(late.quantiles(np.array([1.0]))[0]) / _DAY_SECONDS
    return {
        "sync_ms": tuple(int(value) for value in np.rint(sync * _SECOND_MS)),
        "offline": round(offline, 5),
        "offline_days": (1, int(np.clip(np.ceil(most), 1, _MOST_OFFLINE_DAYS))),
        "duplicates": round(seen.repeats / max(1, seen.records), 6),
    }


def _share(part: Any, of: Any) -> float:
    return round(int(part.sum()) / max(1, int(of.sum())), 4)
