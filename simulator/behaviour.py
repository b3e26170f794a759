"""What people do in their sessions: the item usages, and all that the three feeds tell of some sessions."""

import numpy as np

from simulator.activity import Activity, ItemUsages
from simulator.audit import audit_events
from simulator.careers import HUMAN
from simulator.clients import LEGACY, unpack
from simulator.delivery import Collector
from simulator.draws import Floats, Ints, Words, choose, cumulative, stream, uniform, words
from simulator.episodes import AS_USUAL, MIX_WEIGHTS
from simulator.habits import POSSIBLE
from simulator.profile import ACTIONS
from simulator.sessions import Held, sessions
from simulator.sign_ins import sign_ins
from simulator.timeline import DAY, MS, SECOND, Period
from simulator.turns import ROLE, SSO
from simulator.vaults import COMPANY_VAULTS
from simulator.whole_vaults import with_whole_vaults
from simulator.world import World

_CREATE, _SSO = (ACTIONS.index(name) for name in ("server-create", "select-sso-provider"))
_CHANGES = tuple(ACTIONS.index(name) for name in ("enter-item-edit-mode", "server-create", "server-update"))
_OTHER = len(ACTIONS) - 1
_SECRETS = (2, 12)  # items that a machine fetches, least and most (assumption)


def act(world: World, people: Ints, window: Period, collector: Collector) -> Activity:
    """Return what *people* do in the sessions that `sessions.sessions` finds in *window*."""
    held = sessions(world, people, window, collector)
    usages = item_usages(world, held)
    audited = audit_events(world, held, usages)
    return Activity(held.sessions, _told(held, usages), sign_ins(world, held), audited)


def item_usages(world: World, held: Held) -> ItemUsages:
    """Return the items used in the sessions *held*."""
    counts = held.sessions.usages
    session = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(session)) - np.repeat(np.cumsum(counts) - counts, counts)
    name = words(stream(world.seed, "usage"), held.sessions.key[session], number)
    action = choose(_action_shares(world, held)[session], _at(world, "action", name))
    wanted = _wanted(world, held, session, name)
    column = _vault_columns(world, held, session, action, wanted)
    vault, day = world.habits.vaults[held.chapter[session], column], held.sessions.day[session]
    vault_high, vault_low = world.vaults.vault_words(vault, world.vaults.generation(vault, day))
    time = _moments(held, session, number, name)
    # An item's age follows the one clock of the server: by local days, its version would fall between offices.
    place = _item_places(world, held, session, number, vault, wanted)
    high, low, version = world.vaults.items(vault_high, place, time // DAY)
    created = action == _CREATE
    usages = ItemUsages(
        session=session,
        number=number,
        time=time,
        cause=_causes(world, held, session, action, column),
        action=action,
        version=np.where(created, 1, version),
        vault_high=vault_high,
        vault_low=vault_low,
        item_high=np.where(created, words(stream(world.seed, "created high"), name), high),
        item_low=np.where(created, words(stream(world.seed, "created low"), name), low),
    )
    return with_whole_vaults(world, held, usages, vault)


def _at(world: World, name: str, of: Words | Ints) -> Floats:
    return uniform(words(stream(world.seed, name), of))


def _action_shares(world: World, held: Held) -> Floats:
    """Return the cumulative shares of actions in each session: habit or the episode's mix, as far as the client can."""
    habit = held.mix == AS_USUAL
    weights = np.where(habit[:, None], world.habits.action_weights[held.chapter], MIX_WEIGHTS[held.mix])
    possible = weights * POSSIBLE[held.slot]
    return cumulative(np.where(possible.any(axis=1, keepdims=True), possible, POSSIBLE[held.slot]))


def _wanted(world: World, held: Held, session: Ints, name: Words) -> Words:
    """Return what vault and item are drawn from: the usage's name, or one of the few secrets that a machine fetches."""
    person = held.sessions.person[session]
    key = world.staff.key[person]
    secrets = _SECRETS[0] + (_at(world, "secrets", key) * (_SECRETS[1] - _SECRETS[0] + 1)).astype(np.int64)
    secret = words(stream(world.seed, "secret"), key, (_at(world, "which secret", name) * secrets).astype(np.int64))
    return np.where(world.staff.machine[person] == HUMAN, name, secret)


def _vault_columns(world: World, held: Held, session: Ints, action: Ints, name: Words) -> Ints:
    """Return which of the person's vaults is used: one for each usage, one for all where a vault is walked through.

    Who may only look into the company's vaults changes items in others.
    """
    chapter, walk = held.chapter[session], held.walk[session]
    shares = world.habits.vault_shares[chapter]
    at = _at(world, "vault", np.where(walk, words(stream(world.seed, "walk"), held.sessions.key[session]), name))
    company = shares[:, COMPANY_VAULTS - 1]
    barred = (np.isin(action, _CHANGES) | walk) & ~world.habits.administers[chapter] & (company < 1)
    return choose(shares, np.where(barred, company + at * (1 - company), at))


def _item_places(world: World, held: Held, session: Ints, number: Ints, vault: Ints, name: Words) -> Ints:
    """Return places within the vault: Zipf by rank, the ranking turned differently for each person."""
    vaults, size = world.vaults, world.vaults.size[vault]
    rank = choose(vaults.popularity, _at(world, "item", name) * vaults.popularity[size - 1])
    key = world.staff.key[held.sessions.person[session]]
    turn = (words(stream(world.seed, "favourites"), key, vault) % size.astype(np.uint64)).astype(np.int64)
    return (np.where(held.walk[session], number, np.minimum(rank, size - 1)) + turn) % size


def _moments(held: Held, session: Ints, number: Ints, name: Words) -> Ints:
    """Return times from each session's second second on, one after the other, never two within a quarter of a step."""
    length = held.sessions.length[session] // MS
    fraction = (name >> np.uint64(33)).astype(np.int64)
    step = length // np.maximum(held.sessions.usages[session], 1)
    within = number * step + step // 8 + ((step * 3 // 4 * fraction) >> 31)
    digits = (name & np.uint64(0xFFFFFFFF)).astype(np.int64) % MS
    moments: Ints = held.sessions.start[session] + SECOND + within * MS + digits
    return moments


def _causes(world: World, held: Held, session: Ints, action: Ints, column: Ints) -> Ints:
    """Return the session's cause, or the process that gave the person the action or the vault."""
    chapter, day = held.chapter[session], held.sessions.day[session]
    since = day[:, None] - world.chapters.since[chapter][:, [ROLE, SSO]]
    by_role, by_sso = (since < world.profile.settling_days).T
    habit = held.mix[session] == AS_USUAL
    gained = world.habits.gained[chapter, action] | ((column == COMPANY_VAULTS) & world.habits.changed_team[chapter])
    cause = np.where(habit & by_role & gained, ROLE, held.sessions.cause[session])
    return np.where(habit & by_sso & (action == _SSO), SSO, cause)


def _told(held: Held, usages: ItemUsages) -> ItemUsages:
    """Return *usages* as the clients tell them: those older than 8.4.0 say ``other`` whatever is done."""
    *_, release = unpack(held.sessions.client)
    legacy = release[usages.session] == LEGACY
    columns = {each: getattr(usages, each) for each in ItemUsages.__slots__}
    return ItemUsages(**{**columns, "action": np.where(legacy, _OTHER, usages.action)})
