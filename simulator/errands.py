"""What follows change in the audit log: devices registered, members added and removed, vaults made for projects.

An errand belongs to an episode: somebody signs in to do it. Episodes of errands use no items.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from simulator.activity import AUDIT_KINDS, PLAIN
from simulator.careers import ADMINISTRATORS, HUMAN, STAYS
from simulator.chapters import CLI, JOINER, LEAVER, PHONE, ROLE
from simulator.clients import SLOTS
from simulator.draws import Ints, Words, stream, words
from simulator.episodes import Episodes, Errands, episodes
from simulator.novelty import Setting
from simulator.vaults import Vaults

KIND: Final = {(kind.action, kind.object_type): number for number, kind in enumerate(AUDIT_KINDS)}
"""Row of `AUDIT_KINDS` by action and object type."""

_TRIES = 8  # candidates looked at before an errand is left undone on a day when nobody is here
_NOTICE_DAYS = 3  # an invitation is sent so long before the first day (assumption)
_GRANT_LEVELS = 2

Names = tuple[Words, Words]
PersonWords = Callable[[Ints], Names]


@dataclass(frozen=True, slots=True)
class Journey:
    """Episodes, and the errands in them."""

    episodes: Episodes
    errands: Errands


def registrations(enrolled: Episodes, person_words: PersonWords) -> Errands:
    """Return the registration of a device in each enrolment; its object is the session's device."""
    rows = np.arange(len(enrolled))
    none = np.zeros(len(rows), dtype=np.uint64)
    registers = np.isin(enrolled.cause, (JOINER, PHONE, CLI)) & (enrolled.slot != SLOTS.index("web"))
    everything = _errands(rows, "create", "device", (none, none), person_words(enrolled.person), enrolled.person)
    return _where(everything, registers)


def administration(setting: Setting, vaults: Vaults, person_words: PersonWords) -> list[Journey]:
    """Return what administrators do about joiners, leavers, changed roles and projects."""
    return [
        _invitations(setting),
        _memberships(setting, JOINER, "join", person_words, earlier=False),
        _memberships(setting, ROLE, "leave", person_words, earlier=True),
        _memberships(setting, ROLE, "join", person_words, earlier=False),
        _suspensions(setting, person_words),
        _projects(setting, vaults, person_words),
    ]


def _invitations(setting: Setting) -> Journey:
    joiner = _joiners(setting)
    day = setting.staff.hired[joiner] - _NOTICE_DAYS
    kept, admins = _administered(setting, "invitation", joiner, day, JOINER)
    key = setting.staff.key[joiner[kept]]
    invite = (words(stream(setting.seed, "invite high"), key), words(stream(setting.seed, "invite low"), key))
    return Journey(admins, _errands(np.arange(len(kept)), "create", "invite", invite, _nobody(len(kept))))


def _memberships(setting: Setting, process: int, action: str, person_words: PersonWords, *, earlier: bool) -> Journey:
    """Return the change of a person's group, that of their role, at a chapter which *process* begins."""
    chapters = setting.chapters
    began = (chapters.since[:, process] == chapters.begin) & (chapters.begin >= setting.days.start)
    row = np.flatnonzero(began & (setting.staff.machine[chapters.person] == HUMAN))
    person, role = chapters.person[row], (chapters.earlier_role if earlier else chapters.role)[row]
    kept, admins = _administered(setting, f"{action} {process}", person, chapters.begin[row], process)
    group = tuple(words(stream(setting.seed, f"group {half}"), role[kept]) for half in ("high", "low"))
    subject = person[kept]
    return Journey(
        admins, _errands(np.arange(len(kept)), action, "gm", (group[0], group[1]), person_words(subject), subject)
    )


def _suspensions(setting: Setting, person_words: PersonWords) -> Journey:
    left = setting.staff.left
    leaver = np.flatnonzero((left < setting.days.stop) & (left < STAYS))
    kept, admins = _administered(setting, "suspension", leaver, left[leaver], LEAVER)
    subject = leaver[kept]
    rows = np.arange(len(kept))
    return Journey(admins, _errands(rows, "suspend", "user", person_words(subject), _nobody(len(kept)), subject))


def _projects(setting: Setting, vaults: Vaults, person_words: PersonWords) -> Journey:
    """Return the making of each project's vault by one of its members, and the grants to the others."""
    slots = np.arange(vaults.first_project, len(vaults.size))
    slot, generation = _begun(vaults, slots, setting.days)
    day = vaults.begins(slot, generation)
    member_slot, member = _members(setting, slots)
    lead = member[np.minimum(np.searchsorted(member_slot, slot), max(len(member) - 1, 0))] if len(member) else slot[:0]
    staffed = np.isin(slot, member_slot)
    staffed &= (setting.chapters.at(lead, day) >= 0) if len(member) else False
    slot, generation, day, lead = slot[staffed], generation[staffed], day[staffed], lead[staffed]
    made = episodes(lead, day, cause=PLAIN, slot=SLOTS.index("web"), moment_ms=setting.working_ms("project", lead, day))
    first, last = (np.searchsorted(member_slot, slot, side=side) for side in ("left", "right"))
    counts = last - first
    rows = np.repeat(np.arange(len(slot)), counts)
    subject = member[np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts) + first[rows]]
    here = setting.chapters.at(subject, day[rows]) >= 0
    rows, subject = rows[here], subject[here]
    high, low = vaults.vault_words(slot, generation)
    return Journey(
        made,
        _sorted(
            [
                _errands(np.arange(len(slot)), "create", "vault", (high, low), _nobody(len(slot))),
                _errands(rows, "grant", "uva", (high[rows], low[rows]), person_words(subject), subject),
            ]
        ),
    )


def _begun(vaults: Vaults, slots: Ints, days: range) -> tuple[Ints, Ints]:
    """Return (slot, generation) of every project that begins on one of *days*."""
    bounds = [vaults.generation(slots, np.full(len(slots), day)) for day in (days.start - 1, days.stop - 1)]
    counts = bounds[1] - bounds[0]
    slot = np.repeat(slots, counts)
    within = np.arange(len(slot)) - np.repeat(np.cumsum(counts) - counts, counts)
    return slot, np.repeat(bounds[0], counts) + 1 + within


def _members(setting: Setting, slots: Ints) -> tuple[Ints, Ints]:
    """Return (slot, person) of everybody who takes part in the projects of *slots*, in that order."""
    habits = setting.habits
    shares = np.diff(habits.vault_shares, axis=1, prepend=0.0)
    chapter, column = np.nonzero((shares > 0) & np.isin(habits.vaults, slots))
    pairs = np.stack([habits.vaults[chapter, column], setting.chapters.person[chapter]])
    pairs = np.unique(pairs[:, setting.staff.machine[pairs[1]] == HUMAN], axis=1)
    return pairs[0], pairs[1]


def _joiners(setting: Setting) -> Ints:
    staff = setting.staff
    return np.flatnonzero((staff.machine == HUMAN) & (staff.hired >= setting.days.start + _NOTICE_DAYS))


def _administered(setting: Setting, name: str, subject: Ints, day: Ints, cause: int) -> tuple[Ints, Episodes]:
    """Return which of *subject* are seen to on *day*, and the episodes of the administrators who do it."""
    staff, chapters = setting.staff, setting.chapters
    roles = [number for number, role in enumerate(setting.profile.role_share) if role in ADMINISTRATORS]
    human = np.flatnonzero(staff.machine == HUMAN)
    pool = human[np.isin(staff.role[human], roles)] if np.isin(staff.role[human], roles).any() else human
    tries = np.arange(_TRIES)
    picks = (setting.at(f"{name} by", staff.key[subject][:, None], tries) * len(pool)).astype(np.int64)
    candidate = pool[picks]
    days = np.broadcast_to(day[:, None], candidate.shape)
    free = (chapters.at(candidate, days) >= 0) & (candidate != subject[:, None])
    kept = np.flatnonzero(free.any(axis=1))
    admin = candidate[kept, free[kept].argmax(axis=1)]
    moment = setting.working_ms(name, admin, day[kept])
    return kept, episodes(admin, day[kept], cause=cause, slot=SLOTS.index("web"), moment_ms=moment)


def _nobody(count: int) -> Names:
    none = np.zeros(count, dtype=np.uint64)
    return none, none


def _errands(
    episode: Ints, action: str, object_type: str, about: Names, aux: Names, subject: Ints | None = None
) -> Errands:
    kind = np.full(len(episode), KIND[action, object_type])
    nobody = np.full(len(episode), -1, dtype=np.int64)
    return Errands(episode, kind, *about, *aux, nobody if subject is None else subject)


def _where(errands: Errands, keep: "np.typing.NDArray[np.bool_] | Ints") -> Errands:
    return Errands(*(getattr(errands, each.name)[keep] for each in fields(Errands)))


def _sorted(parts: Sequence[Errands]) -> Errands:
    together = Errands(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Errands)))
    return _where(together, np.argsort(together.episode, kind="stable"))


def gathered(journeys: Sequence[Journey]) -> Errands:
    """Return the errands of all *journeys*, whose episodes are put one after the other."""
    parts, before = [], 0
    for journey in journeys:
        parts.append(replace(journey.errands, episode=journey.errands.episode + before))
        before += len(journey.episodes)
    return _sorted(parts)
