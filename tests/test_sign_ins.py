"""How people get in: an outcome that fits the person, the place and what they have, and failures before some."""

from itertools import pairwise

import numpy as np
import pytest
from stories import Bools, Story, calm, everyone, near, told

from simulator.activity import OUTCOMES, SignIns
from simulator.careers import HUMAN, SERVICE
from simulator.draws import Ints
from simulator.places import CLOUD_BASE, HOME_BASE
from simulator.timeline import SECOND

FAILURES = {number: outcome.failure for number, outcome in enumerate(OUTCOMES) if outcome.failure}
OF_A_FACTOR = {"mfa-missing", "totp", "totp-timeout", "security-key", "duo"}
OF_THE_FIREWALL = {"anonymous", "country"}
RATE = 0.05
PEOPLE, DAYS = 120, 60


@pytest.fixture(scope="module")
def story() -> Story:
    """A company of travellers, half with a second factor, half with single sign-on, all of whom fail often."""
    profile = calm()
    return told(
        calm(
            two_factor=0.5,
            single_sign_on=0.5,
            firewall_reports=0.3,
            role_trips=everyone(profile, 20.0),
            failures=dict.fromkeys(profile.failures, RATE),
        ),
        PEOPLE,
        DAYS,
    )


@pytest.fixture(scope="module")
def successes(story: Story) -> SignIns:
    sign_ins = story.activity.sign_ins
    return sign_ins.where(sign_ins.number == 0)


def factor(story: Story, sign_ins: SignIns) -> Bools:
    has = np.array([person.two_factor for person in story.world.directory.people])
    return np.asarray(has[story.person(sign_ins)])


def federated(story: Story, sign_ins: SignIns) -> Bools:
    chapter = story.world.chapters.at(story.person(sign_ins), story.day(sign_ins))
    return story.world.chapters.single_sign_on[chapter]


def travels(story: Story, sign_ins: SignIns) -> Bools:
    place = story.activity.sessions.place[sign_ins.session]
    return np.asarray((place >= len(story.company.profile.offices)) & (place < HOME_BASE))


def failed(story: Story, name: str) -> SignIns:
    sign_ins = story.activity.sign_ins
    return sign_ins.where(sign_ins.outcome == next(number for number, each in FAILURES.items() if each == name))


def categories(outcomes: Ints) -> set[tuple[str, str]]:
    return {(OUTCOMES[outcome].category, OUTCOMES[outcome].type) for outcome in np.unique(outcomes).tolist()}


def test_every_session_is_opened_by_one_success_at_its_very_beginning(story: Story, successes: SignIns) -> None:
    sessions = story.activity.sessions
    assert np.sort(successes.session).tolist() == list(range(len(sessions.key)))
    assert (successes.time == sessions.start[successes.session]).all()
    assert {OUTCOMES[each].failure for each in successes.outcome.tolist()} == {None}


@pytest.mark.parametrize(
    ("single_sign_on", "two_factor", "kind"),
    [(0.0, 0.0, "credentials_ok"), (0.0, 1.0, "mfa_ok"), (1.0, 0.0, "federated"), (1.0, 1.0, "federated")],
)
def test_the_way_in_is_what_the_person_has(single_sign_on: float, two_factor: float, kind: str) -> None:
    quick = {"service_accounts": 0.0, "project_days": (5, 10)}
    alone = told(calm(single_sign_on=single_sign_on, two_factor=two_factor, failures=no(), **quick), 20, 20)
    assert categories(alone.activity.sign_ins.outcome) == {("success", kind)}


def no() -> dict[str, float]:
    return dict.fromkeys(calm().failures, 0.0)


def test_the_way_in_fits_each_person_at_the_time(story: Story, successes: SignIns) -> None:
    way = np.where(federated(story, successes), 2, np.where(factor(story, successes), 1, 0))
    assert (successes.outcome % 3 == way).all()
    assert np.bincount(way).min() > 500


def test_machines_sign_in_from_their_data_centre_without_factors_or_failures(story: Story) -> None:
    sign_ins = story.activity.sign_ins
    theirs = sign_ins.where(story.world.staff.machine[story.person(sign_ins)] != HUMAN)
    assert len(theirs.time) > 500
    assert categories(theirs.outcome) == {("success", "credentials_ok")}
    assert (story.activity.sessions.place[theirs.session] == CLOUD_BASE + story.person(theirs)).all()


def test_the_firewall_reports_its_share_of_what_comes_from_trips_and_nothing_else(
    story: Story, successes: SignIns
) -> None:
    reported = (successes.outcome >= 3) & (successes.outcome < 6)
    abroad = travels(story, successes)
    assert not reported[~abroad].any()
    assert near(reported.sum(), 0.3 * abroad.sum())
    assert categories(successes.outcome[reported]) == {
        ("firewall_reported_success", kind) for kind in ("credentials_ok", "mfa_ok", "federated")
    }


KINDS_OF_FACTOR = {"totp": "code", "totp-timeout": "code", "security-key": "key", "duo": "duo"}


@pytest.mark.parametrize("name", sorted(set(filter(None, FAILURES.values()))))
def test_a_failure_precedes_its_share_of_the_sign_ins_that_can_fail_so(
    story: Story, successes: SignIns, name: str
) -> None:
    human = story.world.staff.machine[story.person(successes)] == HUMAN
    sso, second, abroad = (each(story, successes) for each in (federated, factor, travels))
    can = human & ~sso
    if name in OF_A_FACTOR:
        can &= second
    elif name == "sso":
        can = human & sso
    elif name in OF_THE_FIREWALL:
        can = human & abroad
    elif name == "old-client":
        can = human
    found = failed(story, name)
    assert set(found.session.tolist()) <= set(successes.session[can].tolist())
    assert len(set(found.session.tolist())) == len(found.session)
    if name in KINDS_OF_FACTOR:  # told apart by person, so busy people weigh
        assert len(found.session) == pytest.approx(RATE * can.sum(), rel=0.6)
    else:
        assert near(len(found.session), RATE * can.sum())


def test_nobody_fails_with_two_kinds_of_second_factor(story: Story) -> None:
    kinds: dict[int, set[str]] = {}
    for name, kind in KINDS_OF_FACTOR.items():
        for person in story.person(failed(story, name)).tolist():
            kinds.setdefault(person, set()).add(kind)
    assert {len(theirs) for theirs in kinds.values()} == {1}
    assert set().union(*kinds.values()) == set(KINDS_OF_FACTOR.values())


def test_failures_precede_their_success_by_seconds_and_within_a_minute(story: Story) -> None:
    sign_ins = story.activity.sign_ins
    failures = sign_ins.where(sign_ins.number > 0)
    before = story.activity.sessions.start[failures.session] - failures.time
    assert before.min() >= 4 * SECOND
    assert before.max() < 60 * SECOND
    assert 5 * SECOND < np.median(before) < 30 * SECOND
    assert (failures.number == failures.outcome).all()  # a number of its own within the session


def test_where_nothing_fails_nothing_is_seen_but_successes() -> None:
    alone = told(calm(failures=no(), firewall_reports=0.0, role_trips=everyone(calm(), 12.0)), 40, 60)
    assert {category for category, _ in categories(alone.activity.sign_ins.outcome)} == {"success"}
    assert travels(alone, alone.activity.sign_ins).any()


def test_who_is_moved_to_single_sign_on_is_federated_from_that_day_on() -> None:
    """Signing in by oneself before; a session that began before midnight counts to its day."""
    moved = told(calm(single_sign_on=0.0, sso_roll_outs=200.0, sso_days=20, failures=no()), 40, 60)
    sign_ins = moved.activity.sign_ins
    human = moved.world.staff.machine[moved.person(sign_ins)] == HUMAN
    for person in np.unique(moved.person(sign_ins)[human]):
        theirs = sign_ins.where(moved.person(sign_ins) == person)
        ordered = (OUTCOMES[each].type == "federated" for each in theirs.outcome[np.argsort(theirs.time)])
        assert all(earlier <= later for earlier, later in pairwise(ordered))
    assert {kind for _, kind in categories(sign_ins.outcome)} == {"credentials_ok", "mfa_ok", "federated"}


def test_service_accounts_sign_in_for_each_job_however_many() -> None:
    """A mean of a thousand a day is far beyond what the exponential function can be inverted at."""
    jobs_a_day = {"service_sessions": (1_000.0, 1_000.0), "service_fetches": 0.0}
    company = told(calm(service_accounts=10.0, connect_servers=0.0, project_days=(5, 5), **jobs_a_day), 40, 10)
    assert (company.world.staff.machine == SERVICE).sum() == 4
    sign_ins = company.activity.sign_ins
    jobs = (company.world.staff.machine[company.person(sign_ins)] == SERVICE).sum()
    assert 25_000 < jobs < 41_000  # four accounts, ten days, and weekends off for some
