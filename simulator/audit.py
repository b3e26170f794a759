"""The audit log of sessions: delegated sessions and tokens, what sharing, editing and exporting leave, and errands."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.activity import AuditEvents, ItemUsages
from simulator.careers import HUMAN
from simulator.draws import Ints, Words, poisson, quantile, stream, uniform, words
from simulator.errands import KIND
from simulator.profile import ACTIONS
from simulator.sessions import Held
from simulator.timeline import MS, SECOND
from simulator.whole_vaults import first_of_each
from simulator.world import World

DELEGATED, TOKEN = KIND["dlgsess", "dlgdsess"], KIND["ssotknv", "ssotkn"]
DEVICE, SHARE, EXPORT, PATCH = (
    KIND["create", "device"],
    KIND["share", "item"],
    KIND["export", "vault"],
    KIND["patch", "items"],
)
"""Rows of `AUDIT_KINDS`."""

_EDITS: Final = tuple(ACTIONS.index(action) for action in ("enter-item-edit-mode", "server-update"))
_CREATES: Final = ACTIONS.index("server-create")
_LATENCY_MS = np.array([20, 60, 120, 400, 900])  # server's delay, equally spaced quantiles (assumption)
_ERRAND_PACE = 2 * SECOND  # between the errands of a session (assumption)
_NUMBERS = 1 << 18  # events of a kind in a session are numbered below this

_Part = tuple[Ints, Ints, Ints, Ints, Ints, Words, Words, Words, Words, Ints]


def audit_events(world: World, held: Held, usages: ItemUsages) -> AuditEvents:
    """Return the audit events of the sessions *held*, in which *usages* happen."""
    shared = usages.action == ACTIONS.index("share")
    parts = [
        _plumbing(world, held, DELEGATED, _delegations(world, held)),
        _plumbing(world, held, TOKEN, _tokens(world, held)),
        _of_usages(usages, SHARE, shared, of_item=True),
        _of_usages(usages, EXPORT, first_of_each(usages), of_item=False),
        _of_usages(usages, PATCH, _patched(world, held, usages), of_item=False),
        _errands(world, held),
    ]
    session, number, cause, kind, time, high, low, aux_high, aux_low, subject = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    number = kind * _NUMBERS + number
    bits = words(stream(world.seed, "latency"), held.sessions.key[session], number)
    digits = (bits & np.uint64(0xFFFFFFFF)).astype(np.int64) % MS
    time = time + quantile(_LATENCY_MS, bits) * MS + digits
    return AuditEvents(session, number, time, cause, kind, high, low, aux_high, aux_low, subject)


def _delegations(world: World, held: Held) -> Ints:
    """Return how many delegated sessions each session has: one, and more by chance; a machine's none."""
    mean = np.full(len(held.slot), float(world.profile.delegations))
    more = poisson(mean, uniform(words(stream(world.seed, "delegations"), held.sessions.key)))
    return np.where(world.staff.machine[held.sessions.person] == HUMAN, 1 + more, 0)


def _tokens(world: World, held: Held) -> Ints:
    mean = np.where(world.chapters.single_sign_on[held.chapter], float(world.profile.tokens), 0.0)
    return poisson(mean, uniform(words(stream(world.seed, "tokens"), held.sessions.key)))


def _plumbing(world: World, held: Held, kind: int, counts: Ints) -> _Part:
    """Return events of a kind about identifiers that nothing else names, spread over each session."""
    session = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(session)) - np.repeat(np.cumsum(counts) - counts, counts)
    name = words(stream(world.seed, "plumbing"), held.sessions.key[session], kind, number)
    later = (held.sessions.length[session] // MS * (name >> np.uint64(33)).astype(np.int64) >> 31) * MS
    time = held.sessions.start[session] + np.where(number > 0, later, 0)
    low = words(stream(world.seed, "plumbing low"), name)
    return _part(session, number, held.sessions.cause[session], kind, time, (name, low), None)


def _of_usages(usages: ItemUsages, kind: int, caused: NDArray[np.bool_], *, of_item: bool) -> _Part:
    """Return events about the item of each usage, with its vault beside, or about the vault."""
    row = np.flatnonzero(caused)
    vault, item = ((getattr(usages, f"{of}_high")[row], getattr(usages, f"{of}_low")[row]) for of in ("vault", "item"))
    about, aux = (item, vault) if of_item else (vault, None)
    return _part(usages.session[row], usages.number[row], usages.cause[row], kind, usages.time[row], about, aux)


def _patched(world: World, held: Held, usages: ItemUsages) -> NDArray[np.bool_]:
    name = words(stream(world.seed, "patch"), held.sessions.key[usages.session], usages.number)
    edited = np.isin(usages.action, _EDITS) & (uniform(name) < world.profile.patches)
    patched: NDArray[np.bool_] = edited | (usages.action == _CREATES)
    return patched


def _errands(world: World, held: Held) -> _Part:
    position, row = world.errands.of(held.episode)
    number = np.arange(len(position)) - np.searchsorted(position, position)
    errands = world.errands
    about, aux = ((getattr(errands, f"{of}_high")[row], getattr(errands, f"{of}_low")[row]) for of in ("object", "aux"))
    device = errands.kind[row] == DEVICE
    registered = world.directory.device_words(held.sessions.client[position])
    about = (np.where(device, registered[0], about[0]), np.where(device, registered[1], about[1]))
    time = held.sessions.start[position] + np.minimum(number * _ERRAND_PACE, held.sessions.length[position])
    return (
        position,
        number,
        held.sessions.cause[position],
        errands.kind[row],
        time,
        *about,
        *aux,
        errands.subject[row],
    )


def _part(
    session: Ints,
    number: Ints,
    cause: Ints,
    kind: int,
    time: Ints,
    about: tuple[Words, Words],
    aux: tuple[Words, Words] | None,
) -> _Part:
    none = np.zeros(len(session), dtype=np.uint64)
    kinds, nobody = np.full(len(session), kind), np.full(len(session), -1, dtype=np.int64)
    return (session, number, cause, kinds, time, *about, *(aux or (none, none)), nobody)
