"""Calibration: a fitted profile is simulated, compared with the records, and corrected, a few rounds.

The figures of a profile act on each other: who has few clients does fewer kinds of things, rare habits show late.
No formula undoes that, so each figure is multiplied by what it fell short of, and the same again.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import msgspec
import numpy as np

from simulator.company import Company
from simulator.counting import counted
from simulator.fitted_habits import KINDS, LEAST
from simulator.fitting import ROLE, Fit
from simulator.marginals import Marginals, marginals
from simulator.observation import Observation
from simulator.profile import HABITS, Profile
from simulator.timeline import HOUR_MS

ROUNDS: Final = 6
"""Rounds of correction, after which sampling noise is all that is left (measured)."""

_DAMPED = (
    0.8  # exponent of a correction, for figures that act on each other (measured: faster than 0.5, steady unlike 1)
)
_MOST = 4.0  # factor of one correction at most
_PERSON_DAYS = 80_000  # of a simulation: enough against the noise of a small company, soon done for a large one
_CROWD = (300, 2_000)  # people in it, least and most
_CHANCE = ("role_rotation", "role_on_call")
_CHANGES = ("migrations", "first_cli")
_SCALED = "fitted: to how many actions people were seen to do for a first time"
_LONGEST_MS = 12 * HOUR_MS  # of a session (assumption)
_SEED = 1

Simulated = Callable[[Profile, Observation], Observation]
"""Simulates a profile for as long as what was observed."""


def calibrated(first: Fit, seen: Observation, simulated: Simulated | None = None, rounds: int = ROUNDS) -> Fit:
    """Return *first* corrected until a simulation of it looks like what was *seen*; the same for the same arguments."""
    simulate = simulated or crowd
    profile, wanted = first.profile, marginals(seen)
    for _ in range(rounds):
        profile = _corrected(profile, wanted, marginals(simulate(profile, seen)))
    sources = first.sources | {"session_ms": f"{first.sources['session_ms']}; scaled, fitted: to the mean length seen"}
    if wanted.first_pairs is not None:
        sources = sources | {field: f"{sources[field]}; scaled, {_SCALED}" for field in (*_CHANCE, *_CHANGES)}
    return Fit(profile, sources)


def crowd(profile: Profile, seen: Observation) -> Observation:
    """Return what is seen of a company of *profile* in as many days, of as many people as give even shares."""
    people = int(np.clip(_PERSON_DAYS // seen.days, *_CROWD))
    start = date(1970, 1, 1) + timedelta(days=seen.first_day)
    return counted(Company(people, seen.days, _SEED, start, profile))


def _corrected(profile: Profile, wanted: Marginals, found: Marginals) -> Profile:
    pace = _factor(wanted.events_a_day, found.events_a_day)
    empty = np.log([_share_of_none(wanted), _share_of_none(found)])
    sessions = (1 + profile.events_a_session) * _factor(float(empty[1]), float(empty[0])) - 1
    span = _factor(wanted.session_span, found.session_span)
    return msgspec.structs.replace(
        profile,
        events_a_day=tuple(round(value * pace, 4) for value in profile.events_a_day),
        events_a_session=round(float(np.clip(sessions, 0.25, 20.0)), 4),
        session_ms=tuple(min(round(value * span), _LONGEST_MS) for value in profile.session_ms),
        client_sessions=_clients(profile, wanted, found),
        **_actions(profile, wanted, found),
        **_changes(profile, wanted, found),
    )


def _factor(wanted: float, found: float) -> float:
    """Return what to multiply a figure by whose effect is *found* rather than *wanted*."""
    if wanted == found:
        return 1.0
    return float(np.clip((wanted / found) ** _DAMPED, 1 / _MOST, _MOST)) if found else _MOST


def _share_of_none(one: Marginals) -> float:
    return min(max(float(one.person_days[0] / one.person_days.sum()), LEAST), 1 - LEAST)


def _clients(profile: Profile, wanted: Marginals, found: Marginals) -> dict[str, float]:
    shares = [dict.fromkeys(profile.client_sessions, 0.0) for _ in range(2)]
    for share, one in zip(shares, (wanted, found), strict=True):
        for name, value in one.clients.items():
            if KINDS.get(name) in share:
                share[KINDS[name]] += value
        share["second"] = share["extension"]  # nothing tells the two apart
    weights = {
        slot: weight * _factor(shares[0][slot], shares[1][slot]) for slot, weight in profile.client_sessions.items()
    }
    most = max(weights.values())
    return {slot: round(max(weight / most, LEAST), 5) for slot, weight in weights.items()}


def _actions(profile: Profile, wanted: Marginals, found: Marginals) -> dict[str, dict[str, float]]:
    """Return how many have each habit, corrected by how many were seen to, and how strong it is, by its share."""
    fills = _factor(wanted.actions["fill"], found.actions["fill"])
    people, per_fill = {}, {}
    for action in HABITS:
        had = profile.action_people[action] * _factor(wanted.action_people[action], found.action_people[action])
        strength = profile.action_per_fill[action] * _factor(wanted.actions[action], found.actions[action]) / fills
        people[action], per_fill[action] = round(min(1.0, had), 4), round(strength, 5)
    return {"action_people": people, "action_per_fill": per_fill}


def _changes(profile: Profile, wanted: Marginals, found: Marginals) -> dict[str, object]:
    """Return the processes that bring first times about, corrected by how many first times there are."""
    if wanted.first_pairs is None or found.first_pairs is None:
        return {}
    factor = _factor(wanted.first_pairs, found.first_pairs)
    chances = {field: {ROLE: round(min(4.0, getattr(profile, field).get(ROLE, 0.0) * factor), 5)} for field in _CHANCE}
    chances["role_rotation"] = {ROLE: min(1.0, chances["role_rotation"][ROLE])}
    return chances | {field: round(getattr(profile, field) * factor, 5) for field in _CHANGES}
