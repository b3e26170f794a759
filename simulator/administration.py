"""What follows change in the audit log: who joins is invited, who changes roles moved, who left suspended."""

from collections.abc import Callable

import numpy as np

from simulator.careers import ADMINISTRATORS, HUMAN, STAYS, monday
from simulator.clients import WEB
from simulator.draws import Ints, Words, stream, words
from simulator.episodes import Episodes, episodes
from simulator.errands import Errands, Journey, Names, errands, nobody
from simulator.setting import Setting
from simulator.timeline import weekday
from simulator.turns import JOINER, LEAVER, ROLE

_TRIES = 8  # candidates looked at before an errand is left undone on a day when nobody is here
_FRIDAY = 4
_NOTICE_DAYS = 3  # an invitation is sent so long before the first day (assumption)

PersonWords = Callable[[Ints], Names]


def registrations(enrolled: Episodes, person_words: PersonWords) -> Errands:
    """Return the registration of a device in each enrolment; its object is the session's device."""
    rows = np.arange(len(enrolled))
    registers = enrolled.slot != WEB  # a browser that visits 1Password.com is no client that is set up
    everything = errands(rows, "create", "device", nobody(len(rows)), person_words(enrolled.person), enrolled.person)
    return everything.where(registers)


def administration(setting: Setting, person_words: PersonWords) -> list[Journey]:
    """Return what administrators do about joiners, leavers and changed roles."""
    return [
        _invitations(setting),
        _memberships(setting, JOINER, "join", person_words, earlier=False),
        _memberships(setting, ROLE, "leave", person_words, earlier=True),
        _memberships(setting, ROLE, "join", person_words, earlier=False),
        _suspensions(setting, person_words),
    ]


def _invitations(setting: Setting) -> Journey:
    joiner = _joiners(setting)
    day = setting.staff.hired[joiner] - _NOTICE_DAYS
    kept, admins = administered(setting, "invitation", joiner, day, JOINER)
    key = setting.staff.key[joiner[kept]]
    invite = (words(stream(setting.seed, "invite high"), key), words(stream(setting.seed, "invite low"), key))
    return Journey(admins, errands(np.arange(len(kept)), "create", "invite", invite))


def _memberships(setting: Setting, process: int, action: str, person_words: PersonWords, *, earlier: bool) -> Journey:
    """Return the change of a person's group, that of their role, at a chapter which *process* begins."""
    chapters = setting.chapters
    began = (chapters.since[:, process] == chapters.begin) & (chapters.begin >= setting.days.start)
    row = np.flatnonzero(began & (setting.staff.machine[chapters.person] == HUMAN))
    person, role = chapters.person[row], (chapters.earlier_role if earlier else chapters.role)[row]
    kept, admins = administered(setting, f"{action} {process}", person, chapters.begin[row], process)
    group = tuple(words(stream(setting.seed, f"group {half}"), role[kept]) for half in ("high", "low"))
    subject = person[kept]
    return Journey(
        admins, errands(np.arange(len(kept)), action, "gm", (group[0], group[1]), person_words(subject), subject)
    )


def _suspensions(setting: Setting, person_words: PersonWords) -> Journey:
    left = setting.staff.left
    leaver = np.flatnonzero((left < setting.days.stop) & (left < STAYS))
    # On the next working day but one: by then the last day is over in every time zone.
    after = left[leaver] + 1
    day = np.where(weekday(after) > _FRIDAY, monday(after), after)
    kept, admins = administered(setting, "suspension", leaver, day, LEAVER)
    subject = leaver[kept]
    rows = np.arange(len(kept))
    return Journey(admins, errands(rows, "suspend", "user", person_words(subject), subject=subject))


def _joiners(setting: Setting) -> Ints:
    staff = setting.staff
    return np.flatnonzero((staff.machine == HUMAN) & (staff.hired >= setting.days.start + _NOTICE_DAYS))


def administered(
    setting: Setting, name: str, subject: Ints, day: Ints, cause: int, *matter: Ints | Words
) -> tuple[Ints, Episodes]:
    """Return which of *subject* are seen to on *day*, and the episodes of the administrators who do it.

    *matter* tells apart what one person is seen to for on a day. Who holds an administrator's seat of the first day
    does it, so it does not matter who comes later.
    """
    staff = setting.staff
    roles = [number for number, role in enumerate(setting.profile.role_share) if role in ADMINISTRATORS]
    first = np.isin(staff.role[: staff.seats], roles)
    seats = np.flatnonzero(first) if first.any() else np.arange(staff.seats)
    counters = (staff.key[subject], *matter)
    at = setting.at(f"{name} by", *(each[:, None] for each in counters), np.arange(_TRIES))
    picks = (at * len(seats)).astype(np.int64)
    days = np.broadcast_to(day[:, None], picks.shape)
    candidate = staff.holder(seats[picks], days)
    free = (setting.chapters.at(candidate, days) >= 0) & (candidate != subject[:, None])
    free &= ~setting.trips.travels(candidate, days)
    kept = np.flatnonzero(free.any(axis=1))
    admin = candidate[kept, free[kept].argmax(axis=1)]
    moment = setting.working_ms(name, admin, day[kept])
    return kept, episodes(admin, day[kept], cause=cause, slot=WEB, moment_ms=moment)
