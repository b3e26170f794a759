"""Vaults and items: what stands where on which day follows from the day, and nothing is ever in two places."""

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import FIRST_DAY, Story, calm, everyone, told

from simulator.careers import HUMAN
from simulator.draws import Ints, Words
from simulator.profile import ACTIONS
from simulator.timeline import DAY, weekday
from simulator.vaults import COMPANY_VAULTS, Vaults, build_vaults

SEED = 7
ROLES = np.repeat([0, 1, 4], [25, 7, 60])  # of ten; the others have nobody
CREATES = ACTIONS.index("server-create")
YEAR = np.arange(FIRST_DAY, FIRST_DAY + 365)


def vaults(seed: int = SEED, role: Ints = ROLES, **figures: Any) -> Vaults:
    return build_vaults(role, seed, calm(**figures))


def names(high: Words, low: Words) -> list[tuple[int, int]]:
    return list(zip(high.tolist(), low.tolist(), strict=True))


def history(of: Vaults, slot: int, place: int, days: Ints = YEAR) -> tuple[list[tuple[int, int]], Ints]:
    """Return the identifiers and versions of what stands at a place on each day."""
    slots = np.full(len(days), slot)
    high, _ = of.vault_words(slots, of.generation(slots, days))
    item_high, item_low, version = of.items(high, np.full(len(days), place), days)
    return names(item_high, item_low), version


# Slots


def test_a_company_has_its_own_vaults_a_team_for_each_so_many_of_a_role_and_projects() -> None:
    built = vaults(team_size=12, project_size=8, projects_most=3)
    assert built.teams.tolist() == [3, 1, 1, 1, 5, 1, 1, 1, 1, 1]
    assert built.first_team.tolist() == [2, 5, 6, 7, 8, 13, 14, 15, 16, 17]
    assert built.first_project == COMPANY_VAULTS + 16
    assert len(built.size) - built.first_project == round(92 * 1.5 / 8)


def test_a_company_without_projects_has_no_place_for_them() -> None:
    built = vaults(projects_most=0)
    assert len(built.size) == built.first_project
    assert len(vaults(role=ROLES[:1], projects_most=1, project_size=10**6).size) > built.teams.size


def test_vaults_hold_from_the_least_to_the_most_items() -> None:
    sizes = vaults(role=np.zeros(3_000, dtype=np.int64), vault_items=(5, 8), team_size=1).size
    assert np.unique(sizes).tolist() == [5, 6, 7, 8]
    assert set(vaults(vault_items=(6, 6)).size.tolist()) == {6}


def test_popularity_falls_with_rank_by_its_exponent() -> None:
    built = vaults(item_zipf=0.9)
    shares = np.diff(built.popularity, prepend=0.0)
    assert len(shares) == built.size.max()
    assert shares / shares[0] == pytest.approx(np.arange(1, len(shares) + 1) ** -0.9)
    assert np.ptp(np.diff(vaults(item_zipf=0.0).popularity)) < 1e-12


# Generations


def test_vaults_of_company_and_teams_last_and_projects_give_way_to_each_other() -> None:
    built = vaults(project_days=(60, 62))
    slots = np.arange(len(built.size))
    before, after = (built.generation(slots, np.full(len(slots), FIRST_DAY + day)) for day in (0, 56))
    assert (after - before).tolist() == (slots >= built.first_project).tolist()


@given(st.integers(0, 2**32), st.integers(1, 300), st.integers(0, 300))
def test_generations_tile_time(seed: int, least: int, more: int) -> None:
    built = vaults(seed, project_days=(least, least + more))
    slots = np.arange(built.first_project, len(built.size))[:, None]
    generation = built.generation(slots, YEAR)
    begins, ends = (built.begins(slots, generation + later) for later in (0, 1))
    assert (begins <= YEAR).all()
    assert (ends > YEAR).all()
    assert (weekday(begins) == 0).all()
    life = ends - begins
    assert ((life > least - 7) & (life <= max(7, least + more)) & (life % 7 == 0)).all()
    assert set(np.diff(generation).ravel().tolist()) <= {0, 1}


def test_projects_do_not_all_begin_on_the_same_day() -> None:
    built = vaults(role=np.zeros(400, dtype=np.int64), project_days=(60, 60))
    slots = np.arange(built.first_project, len(built.size))
    begins = built.begins(slots, built.generation(slots, np.full(len(slots), FIRST_DAY)))
    assert len(set(begins.tolist())) == 8  # whole weeks of 60 days


def test_every_generation_has_an_identifier_of_its_own() -> None:
    built = vaults()
    slot, generation = (each.ravel() for each in np.meshgrid(np.arange(len(built.size)), np.arange(200)))
    assert len(set(names(*built.vault_words(slot, generation)))) == len(slot)


# Items


def test_no_two_places_vaults_or_generations_have_an_item_in_common() -> None:
    built = vaults(item_days=(10, 20))
    slot, place, day = (each.ravel() for each in np.meshgrid(np.arange(len(built.size)), np.arange(24), YEAR[::30]))
    generation = built.generation(slot, day)
    vault, _ = built.vault_words(slot, generation)
    high, low, _ = built.items(vault, place, day)
    where: dict[tuple[int, int], set[tuple[int, int, int]]] = {}
    for item, position in zip(
        names(high, low), zip(slot.tolist(), place.tolist(), generation.tolist(), strict=True), strict=True
    ):
        where.setdefault(item, set()).add(position)
    assert all(len(positions) == 1 for positions in where.values())
    # Lives of 10 to 20 days: after 30 days everything is another item.
    assert len(where) == len(slot)


def test_an_item_lives_its_days_once_and_in_one_piece() -> None:
    built = vaults(item_days=(10, 20))
    for slot in range(COMPANY_VAULTS + 3):
        for place in range(5):
            items, _ = history(built, slot, place)
            changes = [day for day in range(1, len(items)) if items[day] != items[day - 1]]
            lives = np.diff(changes)
            assert len(set(items)) == len(changes) + 1
            assert lives.min() >= 10
            assert lives.max() <= 20
            assert changes[0] <= 20
            assert np.ptp(lives) == 0  # a place keeps its pace


def test_a_version_begins_with_1_and_rises_by_1_every_so_many_days_and_never_falls() -> None:
    built = vaults(item_days=(100, 100), item_edit_days=10)
    paces = []
    for place in range(24):
        items, version = history(built, 0, place)
        same = np.array([one == other for one, other in pairwise(items)])
        assert set(np.diff(version)[same].tolist()) == {0, 1}
        assert (version[1:][~same] == 1).all()
        whole = np.flatnonzero(~same)[0] + 1
        paces.append(100 / version[whole : whole + 100].max())
    # Evenly from half to twice the median.
    assert 4.5 < min(paces) < 7
    assert 15 < max(paces) <= 20
    assert np.median(paces) == pytest.approx(11, abs=3)


def test_another_seed_makes_other_vaults_and_items() -> None:
    one, other = vaults(1), vaults(2)
    assert one.size.tolist() != other.size.tolist()
    assert not set(history(one, 0, 0)[0]) & set(history(other, 0, 0)[0])


# In use


@pytest.fixture(scope="module")
def story() -> Story:
    """A company of short projects and short-lived items."""
    return told(calm(project_days=(20, 40), item_days=(20, 60), item_edit_days=5), 80, 60)


def test_people_use_their_companys_vaults_their_teams_and_their_projects_only(story: Story) -> None:
    habits, built, usages = story.world.habits, story.world.vaults, story.activity.item_usages
    person, day = story.person(usages), story.day(usages)
    human = story.world.staff.machine[person] == HUMAN
    chapter = story.world.chapters.at(person, day)
    used = np.diff(habits.vault_shares, axis=1, prepend=0.0)[chapter] > 0
    theirs = habits.vaults[chapter]
    high, _ = built.vault_words(theirs, built.generation(theirs, day[:, None]))
    belongs = used & (high == usages.vault_high[:, None])
    assert belongs.any(axis=1).all()
    team = built.first_team[story.world.chapters.role[chapter]]
    within = (theirs[:, COMPANY_VAULTS] >= team) & (
        theirs[:, COMPANY_VAULTS] < team + built.teams[story.world.chapters.role[chapter]]
    )
    assert within.all()
    assert belongs[human].sum(axis=0).min() > 0


def test_kinds_of_vaults_are_used_by_their_weight() -> None:
    """Seen of those who fill in nothing but passwords and have projects at all; others use the rest the more."""
    weights = {"company": 0.25, "team": 0.5, "project": 0.25}
    only_fills = {action: float(action == "fill") for action in calm().action_people}
    figures = {"vault_use": weights, "projects_most": 8, "action_people": only_fills, "vault_exports": 0.0}
    story = told(calm(service_accounts=0.0, connect_servers=0.0, **figures), 80, 60)
    habits, built, usages = story.world.habits, story.world.vaults, story.activity.item_usages
    chapter = story.world.chapters.at(story.person(usages), story.day(usages))
    shares = np.diff(habits.vault_shares, axis=1, prepend=0.0)
    usages, chapter = (
        usages.where(shares[chapter, -8:].sum(axis=1) > 0),
        chapter[shares[chapter, -8:].sum(axis=1) > 0],
    )
    slots = np.arange(COMPANY_VAULTS)
    company, _ = built.vault_words(slots, built.generation(slots, np.full(len(slots), FIRST_DAY)))
    slots = np.arange(built.first_project)
    lasting, _ = built.vault_words(slots, built.generation(slots, np.full(len(slots), FIRST_DAY)))
    of_company = np.isin(usages.vault_high, company).mean()
    of_projects = 1 - np.isin(usages.vault_high, lasting).mean()
    assert of_company == pytest.approx(0.25, abs=0.02)
    assert of_projects == pytest.approx(0.25, abs=0.02)


def test_who_takes_part_in_no_project_uses_a_vault_even_where_projects_are_all_that_is_used() -> None:
    of = told(calm(vault_use={"company": 0.0, "team": 0.0, "project": 1.0}), 40, 60)
    assert np.isfinite(of.world.habits.vault_shares).all()
    assert (np.bincount(of.person(of.activity.item_usages), minlength=40)[:40] > 0).mean() > 0.9


def test_an_item_is_used_only_while_it_stands_in_its_vault(story: Story) -> None:
    built, usages = story.world.vaults, story.activity.item_usages
    kept = usages.where(usages.action != CREATES)
    standing: set[tuple[int, int, int, int]] = set()
    slots = np.arange(len(built.size))
    places = np.arange(built.size.max())
    exists = places < built.size[:, None]
    # Vaults follow the local day, items that of the server: at night there may be a day between them.
    for day, local in product(story.world.days, (-1, 0, 1)):
        vault, _ = built.vault_words(slots, built.generation(slots, np.full(len(slots), day + local)))
        high, low, version = built.items(vault[:, None], places, np.full((len(slots), len(places)), day))
        standing |= set(
            zip([day] * exists.sum(), *(each[exists].tolist() for each in (high, low, version)), strict=True)
        )
    rows = zip(
        (kept.time // DAY).tolist(), kept.item_high.tolist(), kept.item_low.tolist(), kept.version.tolist(), strict=True
    )
    assert set(rows) <= standing


def test_an_items_version_never_falls_from_one_moment_to_the_next(story: Story) -> None:
    usages = story.activity.item_usages
    assert falls(usages.item_high, usages.version, usages.time) == 0


def falls(item: Words, version: Ints, time: Ints) -> int:
    """Return how often the version of an item is less than at an earlier time."""
    order = np.lexsort((version, time, item))
    item, version = item[order], version[order]
    return int(((item[1:] == item[:-1]) & (version[1:] < version[:-1])).sum())


def test_a_created_item_has_version_1_and_an_identifier_of_its_own() -> None:
    doing = dict.fromkeys(calm().action_people, 1.0)
    usages = told(calm(role_command_line=everyone(calm(), 1.0), action_people=doing), 40, 60).activity.item_usages
    created = usages.where(usages.action == CREATES)
    others = usages.where(usages.action != CREATES)
    assert len(created.time) > 50
    assert (created.version == 1).all()
    assert len(set(created.item_high.tolist())) == len(created.time)
    assert not set(created.item_high.tolist()) & set(others.item_high.tolist())


def test_a_person_has_favourites_and_another_person_others(story: Story) -> None:
    usages, built = story.activity.item_usages, story.world.vaults
    company, _ = built.vault_words(np.array([0]), built.generation(np.array([0]), np.array([FIRST_DAY])))
    early = (story.day(usages) < FIRST_DAY + 30) & (usages.vault_high == company[0])
    person = story.person(usages)
    favourites = []
    for each in np.flatnonzero(np.bincount(person[early]) >= 30):
        _, counts = np.unique(usages.item_high[early & (person == each)], return_counts=True)
        assert counts.max() / counts.sum() > 0.06
        favourites.append(usages.item_high[early & (person == each)][0])
    assert len(set(favourites)) > 0.5 * len(favourites) > 3


def test_what_is_used_most_follows_zipf_from_a_first_place_of_each_persons_own() -> None:
    """In vaults of 30 items that never change; who is seen often shows with which place their ranking begins."""
    lasting = {"vault_items": (30, 30), "item_days": (36_525, 36_525), "vault_exports": 0.0}
    story = told(calm(service_accounts=0.0, connect_servers=0.0, **lasting), 40, 90)
    usages, built = story.activity.item_usages, story.world.vaults
    places, ranked, firsts = np.arange(30), np.zeros(30), []
    for vault in np.unique(usages.vault_high):
        items, _, _ = built.items(np.full(30, vault), places, np.full(30, FIRST_DAY))
        for person in range(40):
            theirs = usages.item_high[(story.person(usages) == person) & (usages.vault_high == vault)]
            counts = (theirs[:, None] == items).sum(axis=0)
            if counts.sum() >= 200:
                firsts.append(int(counts.argmax()))
                ranked += np.roll(counts, -firsts[-1])
    expected = np.arange(1, 31) ** -0.9
    assert len(set(firsts)) > 5
    assert (ranked / ranked.sum()).tolist() == pytest.approx((expected / expected.sum()).tolist(), abs=0.015)
