"""Harmless things out of the ordinary, a function for each process that makes sessions of its own.

What a process changes for good is in `chapters`, who travels in `trips`, what administrators do about it in `errands`.
"""

from datetime import date, timedelta

import numpy as np

from simulator.careers import HUMAN, monday
from simulator.draws import Ints, poisson
from simulator.episodes import MOVE, RESCUE, ROTATE, TAKE, Episodes, episodes, first_of
from simulator.setting import Setting
from simulator.timeline import DAY_MS, HOUR_MS, YEAR, epoch_day, weekday
from simulator.turns import LEAVER, MIGRATION, ON_CALL, ROTATION, occurrences

_WORKING_MS = 7 * HOUR_MS  # of a working day, an episode begins in these (assumption)
_TAKING_DAYS = 3  # a leaver takes what is theirs on one of the last days (assumption)
_ROTATION_DAYS = 14  # from the first day of a quarter, a rotation begins within these (assumption)
_CALL_USAGES = 4  # items that a call needs at most (assumption)
_WEEK = 7
_FRIDAY = 4


def take_outs(setting: Setting) -> Episodes:
    """Return the sessions in which leavers take what is theirs, on one of their last days."""
    staff, profile = setting.staff, setting.profile
    leaver = np.flatnonzero(staff.left < setting.days.stop)
    leaver = leaver[setting.at("takes", staff.key[leaver]) < profile.leaver_takes]
    day = staff.left[leaver] - 1 - (setting.at("take day", staff.key[leaver]) * _TAKING_DAYS).astype(np.int64)
    return _present(
        setting, leaver, _to_friday(day), "take", LEAVER, profile.leaver_exports, ("desktop", "web", "extension"), TAKE
    )


def rotations(setting: Setting) -> Episodes:
    """Return the sessions in which secrets are rotated: each quarter, by those whose role does so."""
    staff, profile = setting.staff, setting.profile
    share = np.array([profile.role_rotation.get(role, 0.0) for role in profile.role_share])
    human = np.flatnonzero(staff.machine == HUMAN)
    quarters = np.array(_quarters(setting.days), dtype=np.int64)
    person, quarter = np.repeat(human, len(quarters)), np.tile(quarters, len(human))
    day = quarter + (setting.at("rotation day", staff.key[person], quarter) * _ROTATION_DAYS).astype(np.int64)
    day = np.where(weekday(day) > _FRIDAY, monday(day), day)
    chapter = setting.chapters.at(person, day)
    rotates = (chapter >= 0) & (setting.at("rotates", staff.key[person]) < share[setting.chapters.role[chapter]])
    person, day, mean = person[rotates], day[rotates], profile.rotation_edits
    return _present(setting, person, day, "rotation", ROTATION, mean, ("desktop", "cli", "web"), ROTATE)


def calls(setting: Setting) -> Episodes:
    """Return the sessions of people on call, at any hour of their week."""
    staff, profile = setting.staff, setting.profile
    rate = np.array([profile.role_on_call.get(role, 0.0) for role in profile.role_share])
    human = np.flatnonzero(staff.machine == HUMAN)
    mondays = np.arange(setting.days.start - int(weekday(np.array(setting.days.start))), setting.days.stop, _WEEK)
    chapter = setting.chapters.at(np.repeat(human, len(mondays)), np.tile(mondays, len(human)))
    chances = np.where(chapter >= 0, rate[setting.chapters.role[chapter]], 0.0).reshape(len(human), -1) * _WEEK / YEAR
    on_call = setting.at("on call", staff.key[human][:, None], mondays) < chances
    row, week = np.nonzero(on_call)
    person, week = human[row], mondays[week]
    counts = poisson(np.full(len(person), profile.on_call_calls), setting.at("calls", staff.key[person], week))
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    person, week = np.repeat(person, counts), np.repeat(week, counts)
    moment = (setting.at("call", staff.key[person], week, number) * _WEEK * DAY_MS).astype(np.int64)
    usages = 1 + (setting.at("call usages", staff.key[person], week, number) * _CALL_USAGES).astype(np.int64)
    chapter = setting.chapters.at(person, week + moment // DAY_MS)
    here = chapter >= 0
    return episodes(
        person[here],
        (week + moment // DAY_MS)[here],
        cause=ON_CALL,
        slot=first_of(setting.habits.client_shares[chapter[here]], ("desktop", "extension", "mobile")),
        moment_ms=(moment % DAY_MS)[here],
        usages=usages[here],
        mix=RESCUE,
    )


def migrations(setting: Setting) -> Episodes:
    """Return the sessions in which a few people move items from one place to another for some days."""
    staff, profile, days = setting.staff, setting.profile, setting.days
    rate = profile.migrations * staff.seats / 100
    since, until = np.array([days.start]), np.array([days.stop])
    _, begin = occurrences(np.zeros(1, dtype=np.int64), rate, since, until, setting.seed, "migration")
    number = np.arange(len(begin))[:, None]
    seat = (setting.at("mover", number, np.arange(profile.migration_people)) * staff.seats).astype(np.int64)
    mover = staff.holder(seat, np.broadcast_to(begin[:, None], seat.shape))
    person = np.repeat(mover.ravel(), profile.migration_days)
    day = np.repeat(begin, mover.shape[1] * profile.migration_days) + np.tile(
        np.arange(profile.migration_days), mover.size
    )
    once = np.unique(np.stack([person, day]), axis=1)  # nobody moves the same day's items twice
    person, day = once[:, weekday(once[1]) < 5]
    mean = profile.migration_items / profile.migration_days
    return _present(setting, person, day, "migration", MIGRATION, mean, ("web",), MOVE)


def _present(
    setting: Setting, person: Ints, day: Ints, name: str, cause: int, mean: float, clients: tuple[str, ...], mix: int
) -> Episodes:
    """Return an episode in working hours for each (person, day) on which the person is here."""
    chapter = setting.chapters.at(person, day)
    person, day, chapter = person[chapter >= 0], day[chapter >= 0], chapter[chapter >= 0]
    key = setting.staff.key[person]
    usages = setting.spread(f"{name} usages", mean, key, day)
    return episodes(
        person,
        day,
        cause=cause,
        slot=first_of(setting.habits.client_shares[chapter], clients),
        moment_ms=setting.working_ms(name, person, day),
        usages=usages,
        mix=mix,
        length_ms=usages * 20_000 + 60_000,
        walk=True,
    )


def _to_friday(day: Ints) -> Ints:
    return day - np.maximum(weekday(day) - _FRIDAY, 0)


def _quarters(days: range) -> list[int]:
    """Return the first days of the quarters whose rotations can touch *days*."""
    earliest = days.start - _ROTATION_DAYS - _WEEK
    first, last = (date(1970, 1, 1) + timedelta(days=day) for day in (earliest, days.stop))
    starts = [epoch_day(date(year, month, 1)) for year in range(first.year, last.year + 1) for month in (1, 4, 7, 10)]
    return [start for start in starts if earliest <= start < days.stop]
