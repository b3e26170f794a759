"""Errands: audit events that somebody signs in to bring about, beside those that follow from using items."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulator.activity import AUDIT_KINDS, Columns
from simulator.draws import Ints, Words
from simulator.episodes import Episodes

KIND: Final = {(kind.action, kind.object_type): number for number, kind in enumerate(AUDIT_KINDS)}
"""Row of `AUDIT_KINDS` by action and object type."""

Names = tuple[Words, Words]
"""Identifiers: their high and low words."""


@dataclass(frozen=True, slots=True)
class Errands(Columns):
    """Columns in order of *episode*, a row of some `Episodes`; the others as in `AuditEvents`."""

    episode: Ints
    kind: Ints
    object_high: Words
    object_low: Words
    aux_high: Words
    aux_low: Words
    subject: Ints

    def of(self, episodes: Ints) -> tuple[Ints, Ints]:
        """Return (position in *episodes*, row of these errands) for every errand of *episodes*."""
        first, last = (np.searchsorted(self.episode, episodes, side=side) for side in ("left", "right"))
        counts = last - first
        position = np.repeat(np.arange(len(episodes)), counts)
        within = np.arange(len(position)) - np.repeat(np.cumsum(counts) - counts, counts)
        return position, first[position] + within


@dataclass(frozen=True, slots=True)
class Journey:
    """Episodes, and the errands in them."""

    episodes: Episodes
    errands: Errands


def nobody(count: int) -> Names:
    """Return identifiers of nothing."""
    none = np.zeros(count, dtype=np.uint64)
    return none, none


def errands(
    episode: Ints, action: str, object_type: str, about: Names, aux: Names | None = None, subject: Ints | None = None
) -> Errands:
    """Return errands of one kind, in *episode* rows, about objects, with what ``aux_uuid`` names."""
    kind = np.full(len(episode), KIND[action, object_type])
    none = np.full(len(episode), -1, dtype=np.int64)
    return Errands(episode, kind, *about, *(aux or nobody(len(episode))), none if subject is None else subject)


def ordered(parts: Sequence[Errands]) -> Errands:
    """Return the errands of *parts* in order of their episodes."""
    together = Errands(*(np.concatenate([getattr(part, name) for part in parts]) for name in Errands.__slots__))
    return together.where(np.argsort(together.episode, kind="stable"))


def gathered(journeys: Sequence[Journey]) -> Errands:
    """Return the errands of all *journeys*, whose episodes are put one after the other."""
    parts, before = [], 0
    for journey in journeys:
        parts.append(replace(journey.errands, episode=journey.errands.episode + before))
        before += len(journey.episodes)
    return ordered(parts)
