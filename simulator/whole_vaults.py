"""Exports of a whole vault: an event for each exported item, within seconds, and one in the audit log."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.activity import ItemUsages
from simulator.draws import Ints, stream, uniform, words
from simulator.profile import ACTIONS
from simulator.sessions import Held
from simulator.timeline import DAY, MS
from simulator.world import World

_EXPORT: Final = ACTIONS.index("export")
_NUMBERS: Final = 4096  # what usage n begins is numbered from (n + 1) times this; no vault has as many items
_PACE: Final = 20 * MS  # between items (assumption)


def with_whole_vaults(world: World, held: Held, usages: ItemUsages, vault: Ints) -> ItemUsages:
    """Return *usages*, of the slots *vault*, and what is exported with some of the exports among them."""
    bits = words(stream(world.seed, "whole vault"), held.sessions.key[usages.session], usages.number)
    habit = held.episode[usages.session] < 0
    whole = np.flatnonzero((usages.action == _EXPORT) & habit & (uniform(bits) < world.profile.vault_exports))
    size = world.vaults.size[vault[whole]]
    more = usages.where(np.repeat(whole, size))
    place = np.arange(len(more.session)) - np.repeat(np.cumsum(size) - size, size)
    high, low, version = world.vaults.items(more.vault_high, place, more.time // DAY)
    others = high != more.item_high  # the item that began it is exported already
    more, high, low, version = more.where(others), high[others], low[others], version[others]
    began = np.searchsorted(np.repeat(whole, size)[others], np.repeat(whole, size)[others])
    place = np.arange(len(began)) - began
    extra = ItemUsages(
        session=more.session,
        number=(more.number + 1) * _NUMBERS + place,
        time=more.time + (place + 1) * _PACE + (high % np.uint64(_PACE)).astype(np.int64),
        cause=more.cause,
        action=more.action,
        version=version,
        vault_high=more.vault_high,
        vault_low=more.vault_low,
        item_high=high,
        item_low=low,
    )
    columns = ItemUsages.__slots__
    return ItemUsages(*(np.concatenate([getattr(part, each) for part in (usages, extra)]) for each in columns))


def first_of_each(usages: ItemUsages) -> NDArray[np.bool_]:
    """Return which of *usages* are the first of a whole vault."""
    first: NDArray[np.bool_] = (usages.number >= _NUMBERS) & (usages.number % _NUMBERS == 0)
    return first
