"""The company before it goes to work: everything that is settled for all its days, built once by each process."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from simulator.administration import administration, registrations
from simulator.careers import Staff, exponential, staff_of
from simulator.chapters import Chapters, chapters_of
from simulator.clients import LEGACY, LEGACY_SLOTS, SLOTS
from simulator.directory import Directory
from simulator.draws import Ints, stream, uniform, words
from simulator.enrolments import enrolments, settled_ms
from simulator.episodes import Episodes, numbered
from simulator.errands import Errands, Journey, gathered
from simulator.habits import Habits, habits_of
from simulator.novelty import calls, migrations, rotations, take_outs
from simulator.population import build_population
from simulator.profile import Profile
from simulator.projects import projects
from simulator.setting import Setting
from simulator.timeline import Period, epoch_day, public_holidays, utc_offsets
from simulator.trips import Trips, trips_of
from simulator.vaults import Vaults, build_vaults

_FIRST_RELEASE = epoch_day(date(2024, 1, 1))
_RELEASES = 4094
_FORESEEN = 14  # days after the last on which what begins casts a shadow before it: an invitation, a leaver's exports
_CAN_BE_LEGACY = np.isin(SLOTS, LEGACY_SLOTS)


@dataclass(frozen=True, slots=True)
class World:
    """A company; *days* are the local days that any time zone shares with *period*."""

    seed: int
    profile: Profile
    period: Period
    days: range
    staff: Staff
    directory: Directory
    chapters: Chapters
    habits: Habits
    vaults: Vaults
    trips: Trips
    episodes: Episodes
    errands: Errands
    holidays: NDArray[np.bool_]
    utc_offsets: Ints
    update_lag: Ints
    settled_ms: Ints

    def release(self, person: Ints, day: Ints, slot: Ints, chapter: Ints) -> Ints:
        """Return the release of the client that each person runs in *slot* on each day."""
        since = day - _FIRST_RELEASE - self.update_lag[person]
        release = np.clip(since // self.profile.release_days, 0, _RELEASES)
        return np.where(self.chapters.legacy[chapter] & _CAN_BE_LEGACY[slot], LEGACY, release)


def build_world(people: int, days: range, period: Period, seed: int, profile: Profile) -> World:
    """Return the company of *people* on the first of *days*, the same for the same arguments."""
    foreseen = range(days.start, days.stop + _FORESEEN)
    staff = staff_of(people, foreseen, seed, profile)
    directory = Directory(build_population(staff, seed, profile))
    vaults = build_vaults(staff.role[:people], seed, profile)
    chapters = chapters_of(staff, foreseen, seed, profile)
    habits = habits_of(staff, chapters, vaults, seed, profile)
    trips = trips_of(staff, foreseen, seed, profile)
    setting = Setting(staff, chapters, habits, trips, foreseen, seed, profile)
    episodes, errands = _happenings(setting, vaults, directory)
    return World(
        seed=seed,
        profile=profile,
        period=period,
        days=days,
        staff=staff,
        directory=directory,
        chapters=chapters,
        habits=habits,
        vaults=vaults,
        trips=trips,
        episodes=episodes,
        errands=errands,
        holidays=public_holidays(profile.offices, days),
        utc_offsets=utc_offsets([office.timezone for office in profile.offices], days),
        update_lag=exponential(uniform(words(stream(seed, "update"), staff.key)), profile.update_days),
        settled_ms=settled_ms(setting),
    )


def _possible(setting: Setting, episodes: Episodes) -> Episodes:
    """Return the *episodes* without those that would use clients before they are set up."""
    chapter = setting.chapters.at(episodes.person, episodes.day)
    first_day = setting.chapters.begin[chapter] == episodes.day
    settled = ~first_day | (episodes.moment_ms >= settled_ms(setting)[chapter])
    return episodes.where(settled & ~setting.trips.travels(episodes.person, episodes.day))


def _happenings(setting: Setting, vaults: Vaults, directory: Directory) -> tuple[Episodes, Errands]:
    enrolled = enrolments(setting)
    registered = Journey(enrolled, registrations(enrolled, directory.person_words))
    words_of = directory.person_words
    journeys = [registered, *administration(setting, words_of), *projects(setting, vaults, words_of)]
    others = [_possible(setting, process(setting)) for process in (take_outs, rotations, calls, migrations)]
    return numbered([*(journey.episodes for journey in journeys), *others]), gathered(journeys)
