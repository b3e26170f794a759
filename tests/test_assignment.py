"""Assignment: who plays which scenario, and when, by what the stream shows of them."""

from collections.abc import Mapping
from itertools import chain, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import CLI, DAY, HOUR, MAC, MINUTE, SECOND, START, at_work, audited, client, signing_in, suspended, usage

from scenarios.actor import Actor
from scenarios.administrators import Administrators
from scenarios.assignment import Assignment, assign
from scenarios.cast import Cast, survey
from scenarios.duration import Duration
from scenarios.eligibility import unfit
from scenarios.opening import Opening, in_session, openings
from scenarios.scenario import Casting, Moment, Scenario
from scenarios.step import AuditStep, ItemUsageStep, SignInStep, Step
from scenarios.trail import Trail, follow

REVEAL = ItemUsageStep(action="reveal")
SIGN_IN = SignInStep(category="success")
FAILURE = SignInStep(category="credentials_failed")
ENTRY = SignInStep(category="success", by="administrator")
RECOVERY = AuditStep(action="beginr", object_type="user", by="administrator")
WEEKDAYS = [day for day in range(42) if day % 7 < 5]
NAMES = ("ana", "bo", "cyd", "dan", "eli")
WORK = {
    name: [line for day in WEEKDAYS for line in at_work(name, range(day, day + 1), range(9, 17, 2))] for name in NAMES
}
OFFICE = list(chain.from_iterable(WORK.values()))
FORTNIGHT = [line for name in NAMES for line in at_work(name, range(14), range(9, 17, 4))]
CAST = survey(OFFICE)


def days(number: float) -> Duration:
    return Duration(int(number * DAY))


def scenario(*steps: Step, **fields: Any) -> Scenario:
    """An attack of those steps, or of a sign-in and a reveal."""
    return Scenario(name="x", kind="attack", story="x", steps=steps or (SIGN_IN, REVEAL), **fields)


def actor(lines: list[bytes], name: str = "ana") -> tuple[Actor, Cast]:
    cast = survey(lines)
    return cast.actors[f"{name}@example.com"], cast


def begins(lines: list[bytes], *steps: Step, **when: Any) -> list[tuple[float, float]]:
    """The stretches in which ana may begin, in days after `START`, adjoining hours in one."""
    found: list[tuple[int, int]] = []
    for opening in openings(scenario(*steps, when=Moment(**when)), *actor(lines)):
        begin = found.pop()[0] if found and found[-1][1] == opening.begin else opening.begin
        found.append((begin, opening.end))
    return [(round((begin - START) / DAY, 6), round((end - START) / DAY, 6)) for begin, end in found]


def hours(begin: int, end: int) -> tuple[float, float]:
    return round(begin / 24, 6), round(end / 24, 6)


def played(made: list[Assignment]) -> dict[str, str]:
    return {one.run: one.actor.email.partition("@")[0] for one in made}


def begun(one: Assignment, trail: Trail, seed: int) -> int:
    """When it begins in the end."""
    return trail.anchored(one.start, seed) if in_session(one.scenario) else one.start


def refusals(one: Scenario, lines: list[bytes]) -> str:
    """Why *one* is not placed."""
    [(case, reason)] = assign({"x": one}, survey(lines), 1)[1]
    assert case == "x"
    return reason


# Who.


@pytest.mark.parametrize(
    ("role", "fit"),
    [
        ("anyone", {"ana", "bo", "cyd", "dan"}),
        ("person", {"ana", "bo", "dan"}),
        ("machine", {"cyd"}),
        ("developer", {"bo"}),
        ("administrator", {"dan"}),
    ],
)
def test_a_role_is_told_by_clients_and_audit_events(role: Any, fit: set[str]) -> None:
    lines = [usage(name, 0) for name in ("ana", "bo", "dan")] + [usage(name, 1, client=CLI) for name in ("bo", "cyd")]
    cast = survey([*lines, audited("dan", 0, "create", "invite"), audited("cyd", 0, "create", "invite")])
    asked = scenario(SIGN_IN, actor=Casting(role=role))
    assert {
        name for name in ("ana", "bo", "cyd", "dan") if not unfit(asked, cast.actors[f"{name}@example.com"], cast)
    } == fit


@pytest.mark.parametrize(
    ("casting", "reason"),
    [
        (Casting(has_done=("fill", "reveal")), None),
        (Casting(has_done=("export",)), "never did export"),
        (Casting(never_did=("export",)), None),
        (Casting(never_did=("fill",)), "did fill"),
        (Casting(often=("reveal",)), None),
        (Casting(often=("share",)), "seldom or never did share"),
        (Casting(often=("export",)), "seldom or never did export"),
        (Casting(min_events=10, active_days=8), None),
        (Casting(min_events=11), "not active enough"),
        (Casting(active_days=9), "not active enough"),
        (Casting(joined=days(2)), None),
        (Casting(joined=days(3)), "there within the first 3d"),
        (Casting(role="machine"), "not a machine"),
    ],
)
def test_an_actor_is_judged_by_what_they_did(casting: Casting, reason: str | None) -> None:
    ana = [usage("ana", day * DAY) for day in range(2, 10)]
    did = [usage("ana", 3 * DAY, "reveal"), usage("ana", 4 * DAY, "share")]
    later = [usage("ana", 5 * DAY + 1, "reveal")] if "reveal" in casting.often else []
    stream = [usage("bo", 0), *ana, *did, *later]
    assert unfit(scenario(actor=casting), *actor(stream)) == reason


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (ItemUsageStep(action="export"), "without a client that can export"),
        (ItemUsageStep(action="server-fetch"), "without a client that can server-fetch"),
        (ItemUsageStep(action="export", client="desktop"), "without a desktop client"),
        (ItemUsageStep(action="export", client="desktop", device="strange"), None),
        (ItemUsageStep(action="fill", client="phone"), "without a phone client"),
        (ItemUsageStep(action="fill", client="phone", device="strange"), "in a stream without a phone client"),
        (SignInStep(category="success", client="web"), "in a stream without a web client"),
        (ItemUsageStep(action="fill", client="browser"), None),
        (ItemUsageStep(action="reveal", vault="foreign"), "without a vault that is not theirs"),
        (SignInStep(category="credentials_failed", target="others"), None),
    ],
)
def test_an_actor_needs_what_the_steps_need(step: Step, reason: str | None) -> None:
    assert unfit(scenario(step), *actor([usage("ana", 0), usage("bo", 0, client=MAC)])) == reason


@pytest.mark.parametrize(
    ("kind", "app", "reason"),
    [
        ("desktop", "1Password for Mac", "without a desktop client"),
        ("phone", "1Password for iOS", "without a phone client"),
        ("web", "1Password for Web", None),
        ("command-line", "1Password CLI", None),
        ("command-line", "1Password SDK", "in a stream without a command-line client"),
        ("command-line", "1Password Connect", "in a stream without a command-line client"),
    ],
)
def test_an_actor_acts_on_their_own_machine_with_what_is_there_a_site_or_the_command_line_tool(
    kind: Any, app: str, reason: str | None
) -> None:
    others = usage("bo", 0, client=client(app))
    assert unfit(scenario(SignInStep(category="success", client=kind)), *actor([usage("ana", 0), others])) == reason


def test_an_actor_may_do_again_with_their_clients_what_they_did() -> None:
    assert unfit(scenario(ItemUsageStep(action="export")), *actor([usage("ana", 0, "export")])) is None


def test_who_is_alone_has_no_others_to_try() -> None:
    spray = scenario(SignInStep(category="credentials_failed", target="others"))
    assert unfit(spray, *actor([usage("ana", 0)])) == "without others"


@pytest.mark.parametrize(
    ("types", "reason"),
    [
        (["mfa_ok", "mfa_ok", "federated"], None),
        (["federated"], None),
        (["credentials_ok", "credentials_ok", "mfa_ok"], "not signing in by mfa_ok or federated"),
        ([], "not signing in by mfa_ok or federated"),
    ],
)
def test_who_signs_in_so_does_it_mostly(types: list[str], reason: str | None) -> None:
    asked = scenario(actor=Casting(signs_in=("mfa_ok", "federated")))
    entries = [signing_in("ana", k, f"S{k}", type=type_) for k, type_ in enumerate(types)]
    assert unfit(asked, *actor([usage("ana", 0), signing_in("bo", 0), *entries])) == reason


def test_in_a_stream_without_sign_ins_anybody_signs_in_so() -> None:
    failed = signing_in("ana", 0, category="credentials_failed", type="password_secret_bad")
    for lines in ([usage("ana", 0)], [usage("ana", 0), failed]):
        assert unfit(scenario(actor=Casting(signs_in=("federated",))), *actor(lines)) is None


# When.


def test_an_ordinary_incident_begins_after_the_history_and_before_the_last_usage() -> None:
    lines = [usage("ana", 0), usage("ana", 4 * DAY), usage("bo", 9 * DAY)]
    assert begins(lines, after_history=days(1.5)) == [(1.5, 4)]
    assert begins(lines, within_history=days(0.5)) == [(0, 0.5)]


def test_an_incident_ends_within_the_stream() -> None:
    lines = [usage("ana", 0), usage("ana", 4 * DAY)]
    slow = ItemUsageStep(action="reveal", at=days(1), repeat=3, every=days(0.5), jitter=days(0.5))
    assert begins(lines, SIGN_IN, slow) == [(0, 1.5)]
    assert begins(lines, SIGN_IN, ItemUsageStep(action="reveal", at=days(5))) == []


def test_an_incident_begins_after_what_the_actor_has_done_before() -> None:
    lines = [usage("ana", 0), usage("ana", 2 * DAY, "export"), usage("ana", 4 * DAY)]
    for casting in (Casting(has_done=("export",)), Casting(often=("export",))):
        first = next(openings(scenario(actor=casting), *actor(lines)))
        assert first.begin == START + 2 * DAY + 1


def habitual(*days: int) -> list[tuple[float, float]]:
    """When ana may begin who uses an item daily for 60 days at 9 h, and exports on those *days*, at 10 h."""
    lines = [usage("ana", day * DAY + 9 * HOUR) for day in range(60)]
    lines += [usage("ana", day * DAY + 10 * HOUR, "export") for day in days]
    found: list[tuple[int, int]] = []
    for opening in openings(scenario(actor=Casting(often=("export",))), *actor(lines)):
        begin = found.pop()[0] if found and found[-1][1] == opening.begin else opening.begin
        found.append((begin, opening.end))
    return [(round((begin - START) / DAY, 4), round((end - START) / DAY, 4)) for begin, end in found]


TEN = round(10 / 24, 4)
"""Ten o'clock, in days."""


def test_what_is_done_often_was_done_within_the_fortnight_before() -> None:
    assert habitual(3) == [(3 + TEN, 17)]
    assert habitual(3, 16) == [(3 + TEN, 30)]
    assert habitual(3, 17) == [(3 + TEN, 17), (18, 31)]
    assert habitual(3, 10, 40) == [(3 + TEN, 24), (41, 54)]


def test_each_habit_is_alive_on_the_day() -> None:
    lines = [usage("ana", day * DAY) for day in range(60)]
    lines += [usage("ana", 3 * DAY, "export"), usage("ana", 10 * DAY, "share")]
    asked = scenario(actor=Casting(often=("export", "share")))
    found = list(openings(asked, *actor(lines)))
    assert (found[0].begin, found[-1].end) == (START + 10 * DAY + 1, START + 17 * DAY)


def test_a_habit_that_rests_is_refused_in_words() -> None:
    lines = [usage("ana", day * DAY) for day in range(40)] + [usage("ana", DAY, "export")]
    lines += [usage("ana", day * DAY + HOUR, "export") for day in range(10)]
    asked = scenario(actor=Casting(often=("export",)), when=Moment(after_history=days(30)))
    assert refusals(asked, lines) == "0 of 1 placed; of all actors: 1 without a suitable day at most 14d after export"


def test_work_is_when_the_actor_works_and_night_when_they_sleep() -> None:
    lines = [*at_work("ana", range(2)), usage("ana", DAY + 22 * HOUR), *at_work("ana", range(5, 7))]
    work = list(openings(scenario(when=Moment(hours="work")), *actor(lines)))
    assert {opening.begin // DAY - START // DAY for opening in work} == {0, 1, 5, 6}
    assert {opening.begin % DAY // HOUR for opening in work} == set(range(9, 17))
    assert {opening.weight for opening in work} == {4}
    night = [opening.begin for opening in openings(scenario(when=Moment(hours="night")), *actor(lines))]
    assert {at % DAY // HOUR for at in night} <= {*range(20, 24), *range(6)}
    assert {at // DAY - START // DAY for at in night} == set(range(7))


def test_an_hour_with_less_than_a_tenth_of_the_busiest_is_not_one_of_work() -> None:
    lines = [
        *at_work("ana", range(11)),
        usage("ana", 19 * HOUR),
        *(usage("ana", at * DAY + 18 * HOUR) for at in (0, 1)),
    ]
    found = openings(scenario(when=Moment(hours="work")), *actor(lines))
    assert {opening.begin % DAY // HOUR for opening in found} == {*range(9, 17), 18}


def test_who_is_absent_in_hours_of_work_is_so_on_weekdays_of_work() -> None:
    """Ana works from Monday to Friday, once on a Saturday, and not in the fourth week."""
    lines = [line for day in WEEKDAYS if day // 7 != 3 for line in at_work("ana", range(day, day + 1))]
    lines.append(usage("ana", 5 * DAY + 9 * HOUR))
    found = list(openings(scenario(when=Moment(hours="work", while_absent=days(1))), *actor(lines)))
    assert {(opening.begin - START) // DAY for opening in found} == {21, 22, 23, 24, 25}
    assert {opening.begin % DAY // HOUR for opening in found} == set(range(9, 17))


def test_the_first_days_are_counted_from_the_first_usage_of_the_stream() -> None:
    lines = [usage("bo", 0), usage("ana", DAY), usage("ana", 9 * DAY)]
    assert begins(lines, within_first=days(3)) == [(1, 3)]


def test_a_last_day_lies_around_the_last_usage_a_week_before_the_end() -> None:
    lines = [usage("ana", 0), usage("ana", 3 * DAY)]
    assert begins([*lines, usage("bo", 10 * DAY)], last_day=True) == [(2, 4)]
    assert begins([*lines, usage("bo", 9 * DAY)], last_day=True) == []


def test_a_return_is_the_first_day_after_an_absence() -> None:
    lines = [usage("ana", at * 12 * HOUR) for at in (0, 2, 17, 19, 28)]
    assert begins([*lines, usage("bo", 40 * DAY)], after_absence=days(7)) == [(8, 9)]
    assert begins([*lines, usage("bo", 40 * DAY)], after_absence=days(7.5)) == [(8.5, 9)]
    assert begins([*lines, usage("bo", 40 * DAY)], after_absence=days(8)) == []


def test_who_is_absent_has_been_so_for_long_and_stays_so() -> None:
    lines = [usage("ana", 0), usage("ana", 9 * DAY), usage("bo", 14 * DAY)]
    slow = ItemUsageStep(action="reveal", at=days(1))
    assert begins(lines, REVEAL, slow, while_absent=days(5)) == [(5, 8)]
    assert begins(lines, REVEAL, while_absent=days(5)) == [(5, 9)]


def test_nothing_reaches_into_a_suspension() -> None:
    lines = [usage("ana", 0), usage("ana", 9 * DAY)]
    let_in = [suspended("ana", 3 * DAY), suspended("ana", 5 * DAY, "reactive")]
    slow = ItemUsageStep(action="reveal", at=days(1))
    assert begins(lines + let_in, SIGN_IN, slow) == [(0, 2), (5, 8)]
    assert begins(lines + let_in[:1], SIGN_IN, slow) == [(0, 2)]


@pytest.mark.parametrize(
    ("steps", "when", "expected"),
    [
        ((REVEAL,), Moment(), True),
        ((SIGN_IN, REVEAL), Moment(), False),
        ((FAILURE, SIGN_IN, REVEAL), Moment(), False),
        ((FAILURE, REVEAL), Moment(), True),
        ((FAILURE,), Moment(), False),
        ((AuditStep(action="export", object_type="vault"), SIGN_IN), Moment(), True),
        ((ItemUsageStep(action="reveal", at=Duration(1)), SIGN_IN), Moment(), False),
        ((REVEAL,), Moment(while_absent=days(1)), False),
        ((RECOVERY, SIGN_IN, REVEAL), Moment(), False),
        ((ENTRY, RECOVERY, REVEAL), Moment(), True),
        ((ENTRY, RECOVERY), Moment(), False),
    ],
)
def test_what_acts_before_it_signs_in_begins_in_a_session_of_the_actors(
    steps: tuple[Step, ...],
    when: Moment,
    expected: object,
) -> None:
    assert in_session(scenario(*steps, when=when)) is expected


def test_in_a_session_an_incident_begins_in_an_hour_with_a_usage_wherever_in_it() -> None:
    lines = [usage("ana", at * HOUR) for at in (1, 26, 27, 60)]
    assert begins(lines, REVEAL, after_history=Duration(HOUR)) == [hours(26, 28)]


@pytest.mark.parametrize(("later", "expected"), [(MINUTE, []), (2 * MINUTE, [hours(26, 27)])])
def test_a_begin_in_the_wake_of_a_usage_may_be_two_minutes_later(
    later: int,
    expected: list[tuple[float, float]],
) -> None:
    assert begins([usage("ana", 26 * HOUR), usage("ana", 27 * HOUR + later)], REVEAL) == expected


def test_who_is_to_act_on_several_days_has_as_many_before_them() -> None:
    slow = ItemUsageStep(action="reveal", repeat=3, every="active-day", jitter=Duration(HOUR))
    lines = [usage("ana", day * DAY + 9 * HOUR) for day in (0, 1, 4, 7)] + [usage("bo", 8 * DAY)]
    assert begins(lines, slow) == [hours(9, 10), hours(33, 34)]
    assert begins(lines, SIGN_IN, slow)[-1] == (0.375, 1.375)


# Who among many.


def test_every_actor_plays_once_at_most() -> None:
    cases = {f"x[n={n}]": scenario(count=2) for n in range(2)}
    made, missing = assign(cases, CAST, 1)
    assert [one.run for one in made] == ["x[n=0]#1", "x[n=0]#2", "x[n=1]#1", "x[n=1]#2"]
    assert len({one.actor.email for one in made}) == 4
    assert missing == []


@given(st.integers(0, 2**32), st.randoms(use_true_random=False))
def test_the_choice_depends_on_the_seed_and_not_on_the_order_of_lines(seed: int, random: Any) -> None:
    lines = random.sample(FORTNIGHT, len(FORTNIGHT))
    scenarios = {"a": scenario(count=2), "b": scenario(REVEAL, when=Moment(hours="work"))}
    assert assign(scenarios, survey(lines), seed) == assign(scenarios, survey(FORTNIGHT), seed)


def test_another_seed_is_another_choice() -> None:
    assert len({tuple(played(assign({"x": scenario(count=3)}, CAST, seed)[0]).values()) for seed in range(20)}) > 5


def test_the_rarest_are_left_to_those_who_need_them() -> None:
    lines = [*OFFICE, usage("cyd", 3 * DAY, "share")]
    needy = scenario(actor=Casting(has_done=("share",)))
    for seed in range(10):
        made, missing = assign({"a": scenario(count=4), "z": needy}, survey(lines), seed)
        assert played(made)["z#1"] == "cyd"
        assert missing == []


@pytest.mark.parametrize("seed", range(10))
def test_one_more_scenario_changes_others_only_where_it_takes_an_actor(seed: int) -> None:
    few, more = ({case: scenario() for case in cases} for cases in (("a", "b"), ("a", "aa", "b")))
    before, after = (assign(cases, CAST, seed)[0] for cases in (few, more))
    taken = next(one.actor.email for one in after if one.case == "aa")
    kept = [one for one in before if one.actor.email != taken]
    assert [one for one in after if one in kept] == kept


@given(st.integers(0, 2**32), st.sampled_from([2, 6, 26, 80]), st.sampled_from([(SIGN_IN,), (REVEAL,)]))
def test_incidents_that_begin_together_lie_in_one_window(seed: int, hours: int, steps: tuple[Step, ...]) -> None:
    when = Moment(hours="work", together=Duration(hours * HOUR))
    made, missing = assign({"x": scenario(*steps, count=5, when=when)}, CAST, seed)
    trails = follow(OFFICE, CAST.actors)
    starts = [begun(one, trails[one.actor.email], seed) for one in made]
    assert missing == []
    assert max(starts) - min(starts) < hours * HOUR


def test_the_wake_of_a_usage_lies_in_the_window_too() -> None:
    times = {"ana": (-5 * DAY, 9 * HOUR, 5 * DAY), "bo": (-9 * DAY, 11 * HOUR - 1, 5 * DAY)}
    lines = [usage(name, at) for name, each in times.items() for at in each]
    for together, placed in ((Duration(2 * HOUR), 1), (Duration(4 * HOUR), 2)):
        asked = scenario(REVEAL, count=2, when=Moment(together=together))
        assert len(assign({"x": asked}, survey(lines), 1)[0]) == placed


@pytest.mark.parametrize("seed", range(5))
def test_the_window_is_one_in_which_enough_can_begin(seed: int) -> None:
    lines = at_work("ana", range(20)) + at_work("bo", range(10, 12))
    asked = scenario(count=2, when=Moment(hours="work", together=days(1)))
    assert len(assign({"x": asked}, survey(lines), seed)[0]) == 2


def test_windows_differ_from_seed_to_seed() -> None:
    when = Moment(together=days(1))
    starts = {assign({"x": scenario(count=2, when=when)}, CAST, seed)[0][0].start // DAY for seed in range(20)}
    assert len(starts) > 10


def test_who_cannot_begin_with_the_others_does_not_play() -> None:
    lines = [*at_work("ana", range(3)), *at_work("bo", range(3)), *at_work("cyd", range(20, 23))]
    made, missing = assign({"x": scenario(count=3, when=Moment(hours="work", together=days(5)))}, survey(lines), 1)
    assert set(played(made).values()) == {"ana", "bo"}
    assert missing == [("x", "2 of 3 placed; the other actors: 1 not at the same time as the others")]


# Administrators.


def desk(**hours: range) -> list[bytes]:
    """Ana at work for four weeks, and those administrators, who use an item in the *hours* of these days."""
    lines = at_work("ana", range(28))
    for name, each in hours.items():
        lines += [*at_work(name, range(28), each), audited(name, 0, "create", "invite")]
    return lines


def helped(lines: list[bytes], *steps: Step, seed: int = 1, **fields: Any) -> Assignment:
    """The incident of ana's in which an administrator does *steps*."""
    fields = {"actor": Casting(min_events=28 * 8), "when": Moment(hours="work")} | fields
    ([one], missing) = assign({"x": scenario(*(steps or (RECOVERY,)), **fields)}, survey(lines), seed)
    assert missing == []
    return one


def helper(one: Assignment) -> str:
    assert one.administrator is not None
    return one.administrator.email.partition("@")[0]


def test_without_a_step_of_theirs_no_administrator_takes_part() -> None:
    one = helped(desk(bo=range(9, 12)), SIGN_IN)
    assert (one.administrator, one.emails) == (None, {"ana@example.com"})


@pytest.mark.parametrize("seed", range(5))
def test_an_administrator_is_another_who_administers(seed: int) -> None:
    lines = [*desk(bo=range(9, 12)), *at_work("cyd", range(28), range(9, 16)), audited("ana", 1, "create", "invite")]
    one = helped(lines, seed=seed)
    assert one.emails == {"ana@example.com", "bo@example.com"}


@pytest.mark.parametrize("seed", range(5))
def test_an_administrator_is_at_work_then_if_any_is(seed: int) -> None:
    one = helped(desk(bo=range(13, 14), cyd=range(21, 22)), seed=seed)
    assert one.start % DAY // HOUR in range(12, 15)
    assert helper(one) == "bo"


@pytest.mark.parametrize("seed", range(5))
def test_an_administrator_is_there_for_each_step_of_theirs(seed: int) -> None:
    completed = AuditStep(at=Duration(6 * HOUR), action="completr", object_type="user", by="administrator")
    lines = desk(bo=range(9, 11), cyd=range(9, 18, 2))
    assert helper(helped(lines, RECOVERY, completed, seed=seed)) == "cyd"


def test_who_is_only_active_around_then_helps_if_nobody_is_at_work() -> None:
    """Bo has an hour of work at 13 h, as every day, but used no item within an hour of it on the first."""
    first_day = [usage("bo", 17 * HOUR), *desk(bo=range(13, 14))]
    lines = [line for line in first_day if b"bo@" not in line or b"-05T13" not in line]
    morning: dict[str, Any] = {
        "actor": Casting(min_events=28 * 8),
        "when": Moment(hours="work", within_history=days(0.25)),
    }
    assert helper(helped(lines, **morning)) == "bo"
    away = [line for line in lines if b"bo@" not in line or b"-05T" not in line]
    assert "1 without an administrator who is free and active around then" in refusals(
        scenario(RECOVERY, **morning), away
    )


@pytest.mark.parametrize(
    ("used", "there"),
    [(9, [20]), (8, [20]), (7, []), (19, [20]), (21, [20]), (22, [20, 30]), (31, [30]), (32, [20, 30]), (42, [30])],
)
def test_around_then_is_twelve_hours_before_or_after(used: int, there: list[int]) -> None:
    """Bo uses an item in the hour *used*, and in other weeks at 6 h and 20 h; ana may begin in the hours 20 and 30."""
    others = [usage("bo", (7 * week + day) * DAY + at * HOUR) for week in (2, 3) for day in (0, 1) for at in (6, 20)]
    cast = survey([usage("bo", used * HOUR + 59 * MINUTE), audited("bo", 0, "create", "invite"), *others])
    found = Administrators(scenario(RECOVERY), cast).staffed(
        (Opening(START + at * HOUR, START + (at + 1) * HOUR, 1) for at in (20, 30)), set()
    )
    assert [opening.begin // HOUR - START // HOUR for opening in found] == there


@pytest.mark.parametrize(
    ("at", "there"), [(9 * HOUR, 1), (23 * HOUR, 0), (5 * DAY + 9 * HOUR, 0), (4 * DAY + 9 * HOUR, 1)]
)
def test_an_administrator_helps_in_their_hours_and_on_their_weekdays_of_work(at: int, there: int) -> None:
    """Bo works from Monday to Friday, and once late on a Monday and once on a Saturday."""
    work = [line for day in WEEKDAYS for line in at_work("bo", range(day, day + 1))]
    odd = [usage("bo", 23 * HOUR), usage("bo", 5 * DAY + 9 * HOUR)]
    found = Administrators(scenario(RECOVERY), survey([*work, *odd, audited("bo", 0, "create", "invite")]))
    assert len(found.staffed([Opening(START + at, START + at + HOUR, 1)], set())) == there


def test_who_is_suspended_helps_nobody() -> None:
    lines = [*desk(bo=range(9, 17), cyd=range(9, 17)), suspended("bo", 0)]
    assert {helper(helped(lines, seed=seed)) for seed in range(10)} == {"cyd"}
    assert {helper(helped(lines[:-1], seed=seed)) for seed in range(10)} == {"bo", "cyd"}


def test_an_administrator_takes_part_in_one_incident() -> None:
    lines = [
        *desk(bo=range(9, 17), cyd=range(9, 17)),
        *chain.from_iterable(at_work(n, range(28)) for n in ("dan", "eli")),
    ]
    asked = scenario(RECOVERY, when=Moment(hours="work"))
    for seed in range(10):
        made, missing = assign({"x": asked, "y": asked, "z": asked}, survey(lines), seed)
        people = [email for one in made for email in one.emails]
        assert len(people) == len(set(people)) == 2 * len(made)
        assert len(made) + len(missing) == 3


def test_two_incidents_of_one_scenario_have_two_administrators() -> None:
    lines = [*desk(bo=range(9, 12)), *at_work("dan", range(28)), *at_work("eli", range(28))]
    asked = scenario(RECOVERY, count=2, actor=Casting(min_events=28 * 8), when=Moment(hours="work"))
    more = [*at_work("cyd", range(28), range(9, 12)), audited("cyd", 0, "create", "invite")]
    assert {helper(one) for one in assign({"x": asked}, survey(lines + more), 1)[0]} == {"bo", "cyd"}
    reason = "1 not active enough, 2 without an administrator who is free and active around then"
    assert refusals(asked, lines) == f"1 of 2 placed; the other actors: {reason}"


def test_administrators_are_left_to_those_who_need_them() -> None:
    lines = [*desk(bo=range(9, 17)), *at_work("dan", range(28))]
    for seed in range(10):
        made, missing = assign({"a": scenario(count=1), "z": scenario(RECOVERY)}, survey(lines), seed)
        assert missing == []
        assert [helper(one) for one in made if one.case == "z"] == ["bo"]


def test_who_finds_no_administrator_is_told_so() -> None:
    lines = [*desk(), *at_work("dan", range(28))]
    reason = "2 without an administrator who is free and active around then"
    assert refusals(scenario(RECOVERY), lines) == f"0 of 1 placed; of all actors: {reason}"


# Who is missing.


def test_what_is_not_placed_in_full_is_told_with_the_reasons() -> None:
    lines = [*OFFICE, usage("cyd", 3 * DAY, "share"), usage("flo", 4 * DAY, "share"), usage("flo", 5 * DAY)]
    asked = scenario(count=2, actor=Casting(has_done=("share",)), when=Moment(after_history=days(14)))
    assert refusals(asked, lines) == (
        "1 of 2 placed; the other actors: 4 never did share, 1 without a suitable day after 14d of history"
    )


def test_who_plays_elsewhere_is_counted_so() -> None:
    _, missing = assign({"a": scenario(count=5), "b": scenario(count=1)}, CAST, 1)
    assert missing == [("b", "0 of 1 placed; of all actors: 5 playing in another scenario")]


def test_a_stream_without_actors_places_nothing() -> None:
    assert assign({"x": scenario()}, survey([]), 1) == ([], [("x", "0 of 1 placed; of all actors: none")])


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ({"last_day": True}, "without a last day a week before the stream's"),
        ({"after_absence": days(28)}, "without a return from an absence of 28d"),
        ({"while_absent": days(28)}, "without an absence of 28d and time enough in it"),
        ({"within_first": days(0.25)}, "not there within the first 6h"),
        ({"after_history": days(90)}, "without a suitable day after 90d of history"),
        (
            {"after_history": days(33), "within_history": days(33.5)},
            "without a suitable day after 33d and at most 804h of history",
        ),
        ({"hours": "night"}, "without a suitable hour of night"),
    ],
)
def test_each_demand_on_the_moment_is_refused_in_words(when: Mapping[str, Any], reason: str) -> None:
    asked = scenario(REVEAL, when=Moment(**when))
    assert f"1 {reason}" in refusals(asked, [usage("bo", -DAY, client=CLI), *WORK["ana"]])


def test_a_stream_too_short_for_the_steps_is_called_so() -> None:
    asked = scenario(SIGN_IN, ItemUsageStep(action="reveal", at=days(60)))
    assert "1 without time enough before the end of the stream or of their account" in refusals(asked, WORK["ana"])


@pytest.mark.parametrize("text", ["14d", "36h", "90m", "5s", "300ms"])
def test_lengths_are_written_as_in_a_scenario(text: str) -> None:
    assert Duration.parse(text).written == text


# Whatever the stream.


_usages = st.tuples(
    st.sampled_from(NAMES),
    st.integers(0, 30 * 24 * 4),
    st.sampled_from(["fill", "reveal", "export"]),
    st.sampled_from([client(), MAC, CLI]),
)
_days: list[dict[str, Any]] = [
    {},
    {"within_first": days(5)},
    {"last_day": True},
    {"after_absence": days(3)},
    {"while_absent": days(3)},
]
_moments = st.fixed_dictionaries(
    {},
    optional={
        "after_history": st.integers(0, 10).map(days),
        "within_history": st.integers(0, 20).map(days),
        "hours": st.sampled_from(["work", "night", "any"]),
    },
).flatmap(lambda common: st.sampled_from(_days).map(lambda picked: Moment(**dict(common, **picked))))
_steps = st.sampled_from(
    [(SIGN_IN, REVEAL), (REVEAL,), (ItemUsageStep(action="reveal", repeat=3, every="active-day"),)]
)


@given(st.lists(_usages, max_size=60), _moments, _steps, st.integers(0, 9), st.integers(0, 30))
def test_whoever_plays_may_and_begins_when_they_may(
    events: list[tuple[str, int, str, dict[str, str]]], when: Moment, steps: tuple[Step, ...], seed: int, closed: int
) -> None:
    lines = [usage(name, at * 15 * MINUTE, action, client=app) for name, at, action, app in events]
    cast = survey([*lines, *(suspended(name, closed * DAY) for name in NAMES)])
    asked = {"x": scenario(*steps, count=2, when=when), "y": scenario(*steps, when=when)}
    made, _ = assign(asked, cast, seed)
    trails = follow(lines, [one.actor.email for one in made])
    assert len({one.actor.email for one in made}) == len(made)
    for one in made:
        trail = trails[one.actor.email]
        start, times = begun(one, trail, seed), [each.at for each in trail.usages]
        check_moment(one, when, start, times)
        assert cast.first <= start <= cast.last
        assert start < START + closed * DAY
        if in_session(one.scenario):
            assert any(2 * SECOND <= start - at <= 2 * MINUTE for at in times)
            assert steps[-1].repeat <= len(trail.active_days_from(start))


def check_moment(one: Assignment, when: Moment, start: int, times: list[int]) -> None:
    """Assert of an incident that begins at *start*, by an actor with usages at *times*, what *when* asks for."""
    first = one.actor.first
    assert start >= first + when.after_history
    assert when.within_history is None or start <= first + when.within_history
    if when.hours == "night" and not in_session(one.scenario):
        assert start % DAY // HOUR in one.actor.night
    if when.while_absent is not None:
        assert not any(start - when.while_absent < at <= start for at in times)
    elif when.after_absence is not None:
        assert any(b - a >= when.after_absence and b // DAY == start // DAY for a, b in pairwise(times))
    elif when.last_day:
        assert abs(start - max(times)) <= DAY
    else:
        assert start <= max(times)
