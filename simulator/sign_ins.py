"""How people get in: each session's successful sign-in, and the failed ones before some."""

from typing import Final

import numpy as np

from simulator.activity import OUTCOMES, SignIns
from simulator.careers import HUMAN
from simulator.draws import Ints, choose, cumulative, quantile, stream, uniform, words
from simulator.places import HOME_BASE
from simulator.sessions import Held
from simulator.timeline import MS
from simulator.world import World

CREDENTIALS, FACTOR, FEDERATED = range(3)
"""Ways to sign in: rows of `OUTCOMES`; `REPORTED` more where the firewall reports the success."""

REPORTED: Final = 3

_RETRY_MS = np.array([4_000, 7_000, 12_000, 22_000, 45_000])  # from failure to success, quantiles (assumption)

_WAYS: Final = {
    "password": (CREDENTIALS, FACTOR),
    "mfa-missing": (FACTOR,),
    "totp": (FACTOR,),
    "totp-timeout": (FACTOR,),
    "security-key": (FACTOR,),
    "duo": (FACTOR,),
    "sso": (FEDERATED,),
    "old-client": (CREDENTIALS, FACTOR, FEDERATED),
    "anonymous": (CREDENTIALS, FACTOR, FEDERATED),
    "country": (CREDENTIALS, FACTOR, FEDERATED),
}
"""The ways to sign in that can fail so; the last two are the firewall's doing, and only travellers meet it."""

_FACTORS = (0.6, 0.25, 0.15)  # people with a code, a security key, Duo as their second factor (assumption)
_FACTOR_OF: Final = {"totp": 0, "totp-timeout": 0, "security-key": 1, "duo": 2}
_TRAVELLERS = ("anonymous", "country")


def sign_ins(world: World, held: Held) -> SignIns:
    """Return the sign-ins of the sessions *held*."""
    sessions = held.sessions
    everyone = np.arange(len(sessions.key))
    way = _ways(world, held)
    travels = (sessions.place >= len(world.profile.offices)) & (sessions.place < HOME_BASE)
    reported = travels & (uniform(words(stream(world.seed, "reported"), sessions.key)) < world.profile.firewall_reports)
    parts = [(everyone, np.zeros_like(everyone), sessions.start, way + REPORTED * reported)]
    human = world.staff.machine[sessions.person] == HUMAN
    key = world.staff.key[sessions.person]
    factor = choose(cumulative(_FACTORS), uniform(words(stream(world.seed, "kind of factor"), key)))
    for number, outcome in enumerate(OUTCOMES):
        if outcome.failure is None:
            continue
        can = human & np.isin(way, _WAYS[outcome.failure]) & (travels if outcome.failure in _TRAVELLERS else True)
        if outcome.failure in _FACTOR_OF:
            can = can & (factor == _FACTOR_OF[outcome.failure])
        share = world.profile.failures[outcome.failure] / _share_of(outcome.failure)
        at = uniform(words(stream(world.seed, f"fails {outcome.failure}"), sessions.key))
        failed = np.flatnonzero(can & (at < share))
        parts.append(
            (failed, np.full(len(failed), number), _earlier(world, held, failed, number), np.full(len(failed), number))
        )
    session, counted, time, ended = (np.concatenate(column) for column in zip(*parts, strict=True))
    return SignIns(session, counted, time, sessions.cause[session], ended)


def _share_of(failure: str) -> float:
    """Return the share of people with a second factor who have the kind that can fail so."""
    return _FACTORS[_FACTOR_OF[failure]] if failure in _FACTOR_OF else 1.0


def _ways(world: World, held: Held) -> Ints:
    people = world.directory.people
    factor = np.array([person.two_factor for person in people])[held.sessions.person]
    federated = world.chapters.single_sign_on[held.chapter]
    return np.where(federated, FEDERATED, np.where(factor, FACTOR, CREDENTIALS))


def _earlier(world: World, held: Held, session: Ints, number: int) -> Ints:
    bits = words(stream(world.seed, "retry"), held.sessions.key[session], number)
    digits = (bits & np.uint64(0xFFFFFFFF)).astype(np.int64) % MS
    return held.sessions.start[session] - quantile(_RETRY_MS, bits) * MS - digits
