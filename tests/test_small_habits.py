"""Small habits that no marginal shows: evenings at home, minutes of the hour, favourites and teams of one's own."""

from collections import Counter, defaultdict

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from stories import Story, calm, told

from simulator.careers import HUMAN
from simulator.chapters import Chapters
from simulator.places import HOME_BASE
from simulator.timeline import DAY_MS, HOUR, HOUR_MS, MS, SECOND
from simulator.vaults import COMPANY_VAULTS

PEOPLE, DAYS = 150, 60
EVENING_MS = 10 * HOUR_MS  # since the person's start of work


@pytest.fixture(scope="module")
def story() -> Story:
    """A company in which nothing changes, in one office on UTC."""
    [office, *_] = calm().offices
    here = msgspec.structs.replace(office, timezone="Etc/UTC", share=1.0)
    return told(calm(offices=(here,)), PEOPLE, DAYS)


def test_evenings_are_spent_at_home(story: Story) -> None:
    sessions, habits = story.activity.sessions, story.world.habits
    since_ms = (sessions.start // MS - habits.work_starts_ms[sessions.person]) % DAY_MS
    evening = story.human & (since_ms >= EVENING_MS)
    assert evening.sum() > 50
    assert (sessions.place[evening] >= HOME_BASE).all()
    assert (sessions.place[story.human & ~evening] < HOME_BASE).mean() > 0.2


def test_sessions_begin_at_any_minute_of_the_hour(story: Story) -> None:
    sessions = story.activity.sessions
    since_ms = (sessions.start // MS - story.world.habits.work_starts_ms[sessions.person]) % HOUR_MS
    sixths = np.bincount(since_ms[story.human] * 6 // HOUR_MS, minlength=6) / story.human.sum()
    assert np.abs(sixths - 1 / 6).max() < 0.03


def test_a_job_is_over_within_minutes() -> None:
    busy = told(calm(service_accounts=10.0), 40, 20)
    sessions, staff = busy.activity.sessions, busy.world.staff
    length = sessions.length[staff.machine[sessions.person] == 1]
    assert len(length) > 500
    assert length.max() <= 4 * HOUR // 60
    assert np.median(length) < 20 * SECOND


def test_favourites_of_a_common_vault_are_each_persons_own(story: Story) -> None:
    usages = story.activity.item_usages
    vaults = story.world.vaults
    [company, *_] = vaults.vault_words(np.arange(COMPANY_VAULTS), np.zeros(COMPANY_VAULTS, dtype=np.int64))[0]
    used: dict[int, Counter[int]] = defaultdict(Counter)
    common = usages.where(usages.vault_high == company)
    for person, item in zip(story.person(common).tolist(), common.item_high.tolist(), strict=True):
        used[person][item] += 1
    favourites = [items.most_common(1)[0][0] for items in used.values() if items.total() >= 15]
    assert len(favourites) >= 10
    assert len(set(favourites)) > len(favourites) / 3


def test_a_role_has_as_many_teams_as_its_size_needs(story: Story) -> None:
    staff, habits, chapters = story.world.staff, story.world.habits, story.world.chapters
    role = list(story.company.profile.role_share).index("engineer")
    engineers = np.flatnonzero((staff.machine == HUMAN) & (staff.role == role))
    teams = habits.vaults[first_chapters(chapters, engineers), COMPANY_VAULTS]
    needed = -(-len(engineers) // story.company.profile.team_size)
    assert needed > 1
    assert len(set(teams.tolist())) == needed


def first_chapters(chapters: Chapters, person: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(chapters.person, person)


def test_items_of_a_vault_are_of_all_ages(story: Story) -> None:
    """Were all created together, all would be archived together."""
    vaults = story.world.vaults
    high, _ = vaults.vault_words(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    places = np.arange(vaults.size[0])
    days = np.arange(story.world.days.start, story.world.days.start + 700)
    names = np.stack([vaults.items(np.repeat(high, len(places)), places, np.full(len(places), day))[0] for day in days])
    renewed = (names[1:] != names[:-1]).sum(axis=1)
    assert renewed.sum() > 10
    assert renewed.max() <= 3
