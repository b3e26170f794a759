"""Clients that are set up, on the first day of a chapter: a joiner's, a replaced telephone, a first command line."""

import numpy as np
from numpy.typing import NDArray

from simulator.careers import HUMAN
from simulator.clients import CLI as COMMAND_LINE
from simulator.clients import MOBILE, SLOTS
from simulator.draws import Ints
from simulator.episodes import Episodes, episodes
from simulator.setting import Setting
from simulator.timeline import DAY_MS, HOUR_MS
from simulator.turns import CLI, JOINER, PHONE, ROLE

_MORNING_MS = HOUR_MS  # from the start of work, the first client is set up within this (assumption)
_STEP_MS = 90_000  # from one client to the next (assumption)
_LENGTH_MS = 60_000
_NOTHING = -1


def enrolments(setting: Setting) -> Episodes:
    """Return the first session on each client that is set up."""
    cause = _causes(setting)
    chapter, slot = np.nonzero(cause != _NOTHING)
    person, day = setting.chapters.person[chapter], setting.chapters.begin[chapter]
    moment = (_begins_ms(setting, chapter) + slot * _STEP_MS) % DAY_MS
    made = episodes(person, day, cause=JOINER, slot=slot, moment_ms=moment, usages=1, length_ms=_LENGTH_MS)
    made.cause[:] = cause[chapter, slot]
    return made


def settled_ms(setting: Setting) -> Ints:
    """Return when, on the first day of each chapter, its clients are set up: milliseconds since local midnight, or 0.

    Nothing is done with them earlier, so that the audit log registers every device before it is used.
    """
    anything = (_causes(setting) != _NOTHING).any(axis=1)
    done = (_begins_ms(setting, np.arange(len(anything))) + len(SLOTS) * _STEP_MS) % DAY_MS
    return np.where(anything, done, 0)


def _begins_ms(setting: Setting, chapter: Ints) -> Ints:
    person, day = setting.chapters.person[chapter], setting.chapters.begin[chapter]
    return setting.working_ms("enrolment", person, day, _MORNING_MS)


def _causes(setting: Setting) -> Ints:
    """Return what brings about each client's set-up: a row for each chapter, a column for each of `SLOTS`."""
    chapters = setting.chapters
    owned = np.diff(setting.habits.client_shares, axis=1, prepend=0.0) > 0
    human = (setting.staff.machine[chapters.person] == HUMAN) & (chapters.begin >= setting.days.start)
    here = (human & ~chapters.on_leave)[:, None] & owned
    slots = np.arange(len(SLOTS))

    def began(process: int) -> NDArray[np.bool_]:
        begun: NDArray[np.bool_] = here & (chapters.since[:, process] == chapters.begin)[:, None]
        return begun

    with_role = (chapters.command_line & ~chapters.earlier_command_line)[:, None] & (slots == COMMAND_LINE)
    ways = [
        (began(JOINER), JOINER),
        (began(CLI) & (slots == COMMAND_LINE), CLI),
        (began(ROLE) & with_role, ROLE),
        (began(PHONE) & (slots == MOBILE), PHONE),
    ]
    return np.select([each for each, _ in ways], [cause for _, cause in ways], _NOTHING)
