"""What people do in their sessions: columns of item usages, sign-ins and audit events."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, choose, cumulative, quantile, stream, uniform, words
from simulator.habits import Habits
from simulator.profile import ACTIONS
from simulator.sessions import MS, SECOND, Period, Sessions, sessions

AUDIT_KINDS = (
    ("dlgsess", "dlgdsess"),
    ("ssotknv", "ssotkn"),
    ("create", "device"),
    ("share", "item"),
    ("export", "vault"),
)
"""(action, object type) of the audit events people cause; an event's *kind* is an index into this."""

_DELEGATED, _TOKEN, _DEVICE, _SHARE, _EXPORT = range(len(AUDIT_KINDS))
_LATENCY_MS = np.array([20, 60, 120, 400, 900])  # server's delay, equally spaced quantiles (assumption)
_RETRY_MS = np.array([4_000, 7_000, 12_000, 22_000, 45_000])  # from mistyped to right password (assumption)
_NEVER = np.iinfo(np.int64).max
_SCAN_DAYS = 28


@dataclass(frozen=True, slots=True)
class ItemUsages:
    """Columns: *session* is a row of the sessions, *number* counts within it, *item* is company-wide."""

    session: Ints
    number: Ints
    time: Ints
    action: Ints
    vault: Ints
    item: Ints


@dataclass(frozen=True, slots=True)
class SignIns:
    """Columns: each session has one successful sign-in, some a failed one before it."""

    session: Ints
    time: Ints
    failed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AuditEvents:
    """Columns: *number*, *vault* and *item* are those of the item usage behind the event, else 0."""

    session: Ints
    number: Ints
    time: Ints
    kind: Ints
    vault: Ints
    item: Ints


@dataclass(frozen=True, slots=True)
class Activity:
    """All that happens in some sessions."""

    sessions: Sessions
    item_usages: ItemUsages
    sign_ins: SignIns
    audit_events: AuditEvents


def act(habits: Habits, seed: int, people: Ints, days: range, period: Period, first_uses: Ints) -> Activity:
    """Return what *people* do on the local *days*; *first_uses* comes from `first_uses`.

    Each person's acts depend on nothing but that person: any split of people and days gives the same.
    """
    held = sessions(habits, seed, people, days, period)
    usages = _item_usages(habits, seed, held)
    return Activity(held, usages, _sign_ins(habits, seed, held), _audit_events(habits, seed, held, usages, first_uses))


def first_uses(habits: Habits, seed: int, people: Ints, days: range, period: Period) -> Ints:
    """Return when each device of the company is first signed in from, in nanoseconds since the epoch.

    Devices that *people* do not use within *period* have the greatest 64-bit integer.
    """
    first = np.full(len(habits.action_shares), _NEVER, dtype=np.int64)
    for start in range(days.start, days.stop, _SCAN_DAYS):
        held = sessions(habits, seed, people, range(start, min(start + _SCAN_DAYS, days.stop)), period)
        np.minimum.at(first, held.device, held.start)
    return first


def _item_usages(habits: Habits, seed: int, held: Sessions) -> ItemUsages:
    session = np.repeat(np.arange(len(held.key)), held.usages)
    number = np.arange(len(session)) - np.repeat(np.cumsum(held.usages) - held.usages, held.usages)
    key, person = held.key[session], held.person[session]
    action_shares = habits.action_shares[held.device[session]]
    vault_row = choose(habits.vault_shares[person], uniform(words(stream(seed, "vault"), key, number)))
    vault = habits.vaults[person, vault_row]
    return ItemUsages(
        session=session,
        number=number,
        time=_moments(seed, held, session, number),
        action=choose(action_shares, uniform(words(stream(seed, "action"), key, number))),
        vault=vault,
        item=habits.vault_first_item[vault] + _favourites(habits, seed, held, session, number, vault),
    )


def _moments(seed: int, held: Sessions, session: Ints, number: Ints) -> Ints:
    """Return times evenly spread over each session, from its second second on."""
    bits = words(stream(seed, "moment"), held.key[session], number)
    within = (held.length[session] // MS * (bits >> np.uint64(33)).astype(np.int64)) >> 31
    digits = (bits & np.uint64(0xFFFFFFFF)).astype(np.int64) % MS
    return held.start[session] + SECOND + within * MS + digits


def _favourites(habits: Habits, seed: int, held: Sessions, session: Ints, number: Ints, vault: Ints) -> Ints:
    """Return item numbers within the vault: Zipf by rank, the ranking turned differently for each person."""
    popularity = cumulative(np.arange(1, habits.vault_items.max() + 1) ** -habits.profile.item_zipf)
    size = habits.vault_items[vault]
    at = uniform(words(stream(seed, "item"), held.key[session], number)) * popularity[size - 1]
    turn = words(stream(seed, "favourites"), held.person[session], vault) % size.astype(np.uint64)
    return (np.minimum(choose(popularity, at), size - 1) + turn.astype(np.int64)) % size


def _sign_ins(habits: Habits, seed: int, held: Sessions) -> SignIns:
    everyone = np.arange(len(held.key))
    mistyped = np.flatnonzero(uniform(words(stream(seed, "mistyped"), held.key)) < habits.profile.mistyped)
    earlier = quantile(_RETRY_MS, words(stream(seed, "retry"), held.key[mistyped])) * MS
    return SignIns(
        session=np.concatenate([everyone, mistyped]),
        time=np.concatenate([held.start, held.start[mistyped] - earlier]),
        failed=np.repeat([False, True], [len(everyone), len(mistyped)]),
    )


def _audit_events(habits: Habits, seed: int, held: Sessions, usages: ItemUsages, first_uses: Ints) -> AuditEvents:
    everyone = np.arange(len(held.key))
    tokens = uniform(words(stream(seed, "token"), held.key)) < habits.profile.sso_token
    exports = uniform(words(stream(seed, "vault export"), held.key[usages.session], usages.number))
    exporting = (usages.action == ACTIONS.index("export")) & (exports < habits.profile.vault_export)
    parts = [
        _of_sessions(held, _DELEGATED, everyone),
        _of_sessions(held, _TOKEN, np.flatnonzero(tokens)),
        _of_sessions(held, _DEVICE, np.flatnonzero(held.start == first_uses[held.device])),
        _of_usages(usages, _SHARE, usages.action == ACTIONS.index("share")),
        _of_usages(usages, _EXPORT, exporting),
    ]
    session, number, cause, kind, vault, item = (np.concatenate(column) for column in zip(*parts, strict=True))
    bits = words(stream(seed, "latency"), held.key[session], kind, number)
    digits = words(stream(seed, "digits"), held.key[session], kind, number) % np.uint64(MS)
    time = cause + quantile(_LATENCY_MS, bits) * MS + digits.astype(np.int64)
    return AuditEvents(session, number, time, kind, vault, item)


def _of_sessions(held: Sessions, kind: int, session: Ints) -> tuple[Ints, ...]:
    none = np.zeros(len(session), dtype=np.int64)
    return session, none, held.start[session], none + kind, none, none


def _of_usages(usages: ItemUsages, kind: int, caused: NDArray[np.bool_]) -> tuple[Ints, ...]:
    session, number, time = usages.session[caused], usages.number[caused], usages.time[caused]
    return session, number, time, np.full(len(session), kind), usages.vault[caused], usages.item[caused]
