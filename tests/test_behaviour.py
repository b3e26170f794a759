"""Three feeds tell one story: who signs in, what they use, and what the audit log has of it.

First as records, as anybody outside sees them, then as columns, which know what belongs together.
"""

from bisect import bisect
from collections import Counter, defaultdict
from datetime import date
from typing import Any

import msgspec
import numpy as np
import pytest
from stories import FIRST_DAY, MONDAY, Bools, Story, calm, everyone, near, told

from simulator.activity import PROCESSES, AuditEvents, ItemUsages
from simulator.careers import ADMINISTRATORS, HUMAN
from simulator.clients import ACTIONS_OF, SLOTS, unpack
from simulator.company import Company, simulate
from simulator.draws import Ints
from simulator.episodes import FIRST_NUMBER
from simulator.profile import ACTIONS, HABITS
from simulator.profile_file import load_profile
from simulator.records import FEEDS, parse_timestamp
from simulator.sessions import TRAIL, longest
from simulator.timeline import DAY, MS, SECOND
from simulator.vaults import COMPANY_VAULTS

PEOPLE, DAYS = 100, 45
START = date(2026, 3, 16)  # a quarter begins within the period, and clocks change in Europe and Australia
SUCCESSES = ("success", "firewall_reported_success")
USER = {"itemusages": "user", "signinattempts": "target_user", "auditevents": "actor_details"}
CLIENT = ["app_name", "app_version", "platform_name", "platform_version", "os_name", "os_version", "ip_address"]
EDITS = tuple(ACTIONS.index(action) for action in ("enter-item-edit-mode", "server-update"))
OTHER = len(ACTIONS) - 1
CREATES, SHARES, EXPORTS = (ACTIONS.index(action) for action in ("server-create", "share", "export"))
WHOLE = 4_096
Feeds = dict[str, list[dict[str, Any]]]
Origin = tuple[Any, ...]


def busy() -> dict[str, Any]:
    """Return figures with which much of everything happens."""
    roles = calm()
    return {
        "years_here": 4.0,
        "leavers": 1.5,
        "growth": 1.5,
        "role_changes": 1.0,
        "first_cli": 1.0,
        "phones": 2.0,
        "role_trips": everyone(roles, 6.0),
        "sso_roll_outs": 200.0,
        "legacy_clients": 0.1,
        "role_rotation": everyone(roles, 0.3),
        "role_on_call": everyone(roles, 4.0),
        "parental_leaves": 0.3,
        "migrations": 40.0,
        "failures": dict.fromkeys(roles.failures, 0.02),
        "firewall_reports": 0.2,
        "action_people": roles.action_people | {"share": 0.4, "export": 0.3},
        "vault_exports": 0.3,
        "connect_servers": 2.0,
        "project_days": (20, 60),
    }


# As records


@pytest.fixture(scope="module")
def company() -> Company:
    return Company(60, DAYS, 7, START, calm(**busy()))


@pytest.fixture(scope="module")
def feeds(company: Company) -> Feeds:
    decode = msgspec.json.Decoder(dict[str, Any]).decode_lines
    found: Feeds = {name: [] for name in (*FEEDS, "causes")}
    for block in simulate(company):
        for name, piece in block.pieces.items():
            found[name] += decode(piece.data)
    return found


def origin(record: dict[str, Any], feed: str) -> Origin:
    """Return who, on what, from where: all seven fields of the client, the address among them, and the location."""
    user, client = record[USER[feed]], record["client"]
    assert list(client) == CLIENT
    return (*user.values(), *client.values(), *record["location"].values())


def is_machine(record: dict[str, Any], feed: str) -> bool:
    return " " not in record[USER[feed]]["name"]  # people have two names


def opened(feeds: Feeds) -> dict[Origin, list[int]]:
    """Return when sessions were opened, by where they come from, in order."""
    found: dict[Origin, list[int]] = defaultdict(list)
    for sign_in in feeds["signinattempts"]:
        if sign_in["category"] in SUCCESSES:
            found[origin(sign_in, "signinattempts")].append(parse_timestamp(sign_in["timestamp"]))
    return found


def test_every_item_usage_lies_in_a_session_that_its_user_opened_with_that_client_from_that_place(
    company: Company, feeds: Feeds
) -> None:
    sessions, most = opened(feeds), longest(company.world())
    assert len(feeds["itemusages"]) > 10_000
    for usage in feeds["itemusages"]:
        moment = parse_timestamp(usage["timestamp"])
        starts = sessions[origin(usage, "itemusages")]
        latest = bisect(starts, moment - 1)
        assert latest, usage
        assert moment - starts[latest - 1] <= most


def test_an_audit_event_repeats_what_its_session_was_opened_with(feeds: Feeds) -> None:
    sign_ins = {sign_in["session_uuid"]: sign_in for sign_in in feeds["signinattempts"]}
    devices: dict[str, set[tuple[str, str]]] = defaultdict(set)
    by_session: dict[str, str] = {}
    for event in feeds["auditevents"]:
        session = event["session"]
        sign_in = sign_ins[session["uuid"]]
        assert sign_in["category"] in SUCCESSES
        assert sign_in["timestamp"] == session["login_time"]
        assert parse_timestamp(event["timestamp"]) > parse_timestamp(session["login_time"])
        assert sign_in["client"]["ip_address"] == session["ip"]
        assert sign_in["location"] == event["location"]
        assert sign_in["target_user"] == event["actor_details"]
        assert event["actor_uuid"] == event["actor_details"]["uuid"]
        assert by_session.setdefault(session["uuid"], session["device_uuid"]) == session["device_uuid"]
        devices[session["device_uuid"]].add((event["actor_uuid"], sign_in["client"]["app_name"]))
    assert all(len(owners) == 1 for owners in devices.values())


def test_a_failed_sign_in_precedes_a_success_from_the_same_place_by_a_minute_at_most(feeds: Feeds) -> None:
    sessions, failures = opened(feeds), 0
    audited = {event["session"]["uuid"] for event in feeds["auditevents"]}
    for sign_in in feeds["signinattempts"]:
        if sign_in["category"] in SUCCESSES:
            continue
        moment = parse_timestamp(sign_in["timestamp"])
        assert any(0 < start - moment < 60 * SECOND for start in sessions[origin(sign_in, "signinattempts")])
        assert sign_in["session_uuid"] not in audited
        assert not is_machine(sign_in, "signinattempts")
        failures += 1
    assert failures > 200
    assert len({sign_in["session_uuid"] for sign_in in feeds["signinattempts"]}) == len(feeds["signinattempts"])


def test_each_session_of_a_person_is_delegated_and_no_machines_is(feeds: Feeds) -> None:
    delegated = Counter(event["session"]["uuid"] for event in feeds["auditevents"] if event["action"] == "dlgsess")
    machines = 0
    for sign_in in feeds["signinattempts"]:
        machine = is_machine(sign_in, "signinattempts")
        machines += machine
        expected = sign_in["category"] in SUCCESSES and not machine
        assert (delegated[sign_in["session_uuid"]] > 0) == expected
    assert machines > 500


def test_machines_fetch_from_the_server_with_their_own_clients_and_nothing_else(feeds: Feeds) -> None:
    theirs = [usage for usage in feeds["itemusages"] if is_machine(usage, "itemusages")]
    assert {usage["action"] for usage in theirs} == {"server-fetch"}
    clients = {(usage["user"]["name"].rpartition("-")[0] == "connect", usage["client"]["app_name"]) for usage in theirs}
    assert clients == {(True, "1Password Connect"), (False, "1Password SDK")}
    assert not any(is_machine(event, "auditevents") for event in feeds["auditevents"])
    people = {usage["client"]["app_name"] for usage in feeds["itemusages"] if not is_machine(usage, "itemusages")}
    assert not people & {"1Password Connect", "1Password SDK"}


def test_causes_name_each_event_once_and_only_events_that_exist(feeds: Feeds) -> None:
    uuids = [record["uuid"] for feed in FEEDS for record in feeds[feed]]
    caused = [cause["uuid"] for cause in feeds["causes"]]
    assert len(set(uuids)) == len(uuids)
    assert len(set(caused)) == len(caused) > 1_000
    assert set(caused) <= set(uuids)
    processes = Counter(cause["process"] for cause in feeds["causes"])
    assert set(processes) <= set(PROCESSES)
    assert len(processes) >= 10


def test_records_lie_within_the_period_in_order_of_time(company: Company, feeds: Feeds) -> None:
    for feed in FEEDS:
        times = [parse_timestamp(record["timestamp"]) for record in feeds[feed]]
        assert times == sorted(times)
        assert company.period.begin <= times[0]
        assert times[-1] < company.period.end


# As columns


@pytest.fixture(scope="module")
def story() -> Story:
    return told(calm(**busy()), PEOPLE, DAYS, start=START)


def machines(of: Story, person: Ints) -> Bools:
    return np.asarray(of.world.staff.machine[person] != HUMAN)


def test_what_happens_in_a_session_happens_between_its_beginning_and_its_end(story: Story) -> None:
    sessions = story.activity.sessions
    for columns in (story.activity.item_usages, story.activity.audit_events):
        within = columns.time - sessions.start[columns.session]
        assert within.min() > 0
        assert (within <= sessions.length[columns.session] + TRAIL).all()
    usages = story.activity.item_usages
    assert (usages.time - sessions.start[usages.session]).min() >= SECOND
    assert (
        sessions.length[story.human & (sessions.number < FIRST_NUMBER)].max()
        <= story.company.profile.session_ms[-1] * MS
    )


def test_an_event_is_of_its_sessions_person_and_shares_its_cause_unless_it_has_its_own(story: Story) -> None:
    sessions = story.activity.sessions
    own = {PROCESSES.index("role-change"), PROCESSES.index("sso-roll-out")}
    for feed, columns in story.activity.feeds().items():
        differs = columns.cause != sessions.cause[columns.session]
        assert set(columns.cause[differs].tolist()) <= (own if feed != "signinattempts" else set())


def test_a_client_does_only_what_it_can(story: Story) -> None:
    usages = story.activity.item_usages
    slot = unpack(story.activity.sessions.client)[1][usages.session]
    for number, name in enumerate(SLOTS):
        done = {ACTIONS[action] for action in np.unique(usages.action[slot == number]).tolist()}
        assert done <= {*ACTIONS_OF[name], "other"}
        assert done


def test_people_do_by_habit_only_what_they_have_a_habit_of(story: Story) -> None:
    """Where their client can do any of it: who has the web and no habit for it does what it can."""
    usages, habits = story.activity.item_usages, story.world.habits
    sessions = story.activity.sessions
    of_habit = (sessions.number[usages.session] < FIRST_NUMBER) & (usages.action < len(HABITS))
    some = usages.where(of_habit)
    chapter = story.world.chapters.at(story.person(some), story.day(some))
    assert (habits.action_weights[chapter, some.action] > 0).all()


def test_habits_are_had_by_their_share_of_people_and_their_roles_factor() -> None:
    roles = calm()
    even = {"role_actions": {"engineer": {"export": 3.0}}}
    shares = dict.fromkeys(roles.action_people, 0.2)
    of = told(calm(**even, action_people=shares), 800, 1)
    weights = of.world.habits.action_weights[:800] > 0  # a chapter each
    engineer = of.world.staff.role[:800] == list(roles.role_share).index("engineer")
    for number, action in enumerate(HABITS):
        factor = 3.0 if action == "export" else 1.0
        assert near(weights[engineer, number].sum(), engineer.sum() * 0.2 * factor)
        assert near(weights[~engineer, number].sum(), (~engineer).sum() * 0.2)


def test_a_share_is_audited_right_after_it_with_its_item_and_vault(story: Story) -> None:
    """Once and no more, also where an old client says only that something was done."""
    usages, shared = story.activity.item_usages, story.audited("share", "item")
    audited: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for *name, time in rows(shared, "session", "object_high", "object_low", "aux_high", "aux_low", "time"):
        audited[tuple(name)].append(time)
    told_so = usages.where(usages.action == SHARES)
    assert len(told_so.time) > 50
    for *name, time in rows(told_so, "session", "item_high", "item_low", "vault_high", "vault_low", "time"):
        after = [each for each in audited[tuple(name)] if 0 < each - time < SECOND]
        assert after
        audited[tuple(name)].remove(after[0])
    others = {session for (session, *_), times in audited.items() if times}
    assert others <= set(usages.session[usages.action == OTHER].tolist())


def rows(columns: ItemUsages | AuditEvents, *names: str) -> list[tuple[int, ...]]:
    return list(zip(*(getattr(columns, name).tolist() for name in names), strict=True))


def test_the_export_of_a_whole_vault_is_an_event_for_each_item_and_one_in_the_audit_log(story: Story) -> None:
    usages, audited = story.activity.item_usages, story.audited("export", "vault")
    assert len(audited.time) > 5
    vaults = story.world.vaults
    sizes: dict[int, int] = {}
    slots = np.arange(len(vaults.size))
    for day in story.world.days:
        high, _ = vaults.vault_words(slots, vaults.generation(slots, np.full(len(slots), day)))
        sizes |= dict(zip(high.tolist(), vaults.size.tolist(), strict=True))
    whole = usages.number >= WHOLE
    seen = 0
    for session, vault, time in zip(
        audited.session.tolist(), audited.object_high.tolist(), audited.time.tolist(), strict=True
    ):
        chosen = np.flatnonzero(whole & (usages.session == session) & (usages.vault_high == np.uint64(vault)))
        exported = usages.where(chosen)
        number, counts = np.unique(exported.number // WHOLE, return_counts=True)
        assert set(counts.tolist()) == {sizes[vault] - 1}  # all but the item with which it began
        assert len(np.unique(exported.item_high)) >= sizes[vault] - 1
        assert np.isin(exported.action, [EXPORTS, OTHER]).all()
        assert exported.time.max() - exported.time.min() < 5 * SECOND * len(number)
        assert any(0 < time - each < SECOND for each in exported.time.tolist())
        seen += len(chosen) // len(number)
    assert seen >= whole.sum() // 2


def test_no_item_is_exported_twice_with_its_vault(story: Story) -> None:
    usages = story.activity.item_usages
    exported = usages.where((usages.number >= WHOLE) | (usages.action == EXPORTS))
    sessions = np.unique(usages.session[usages.number >= WHOLE])
    among = np.isin(exported.session, sessions)
    once = Counter(zip(exported.session[among].tolist(), exported.item_high[among].tolist(), strict=True))
    exports = Counter(story.audited("export", "vault").session.tolist())
    by_itself = Counter(exported.session[among & (exported.number < WHOLE)].tolist())
    # What is exported item by item in the same session may be among the vault's.
    single = [session for session in exports if exports[session] == 1 and by_itself[session] == 1]
    assert len(single) > 3
    assert [session for (session, _), count in once.items() if session in single and count > 1] == []


@pytest.mark.parametrize(
    ("items", "a_session"),
    [
        (3, 40.0),  # more exports in a session than a number's digits have room for
        (4_000, 4.0),  # as many items in a vault as are legal
    ],
)
def test_no_two_events_of_a_session_have_a_number_in_common(items: int, a_session: float) -> None:
    """Whole vaults are exported one after the other, and between them items are edited."""
    doing = dict.fromkeys(HABITS, 0.0) | dict.fromkeys(("export", "enter-item-edit-mode", "fill"), 1.0)
    exporting = {"action_people": doing, "action_per_fill": doing, "role_actions": {}, "vault_exports": 1.0}
    desktop = {"extension": 0.0, "desktop": 1.0, "mobile": 0.0, "web": 0.0, "second_computer": 0.0}
    only = calm(**exporting, **desktop, role_command_line=everyone(calm(), 0.0))
    sizes = {"vault_items": (items, items), "events_a_session": a_session, "project_days": (3, 3)}
    of = told(msgspec.structs.replace(only, **sizes), *((20, 60) if items < 100 else (2, 5)))
    for columns in of.activity.feeds().values():
        names = np.stack([columns.session, columns.number])
        assert np.unique(names, axis=1).shape == names.shape


def test_an_edit_that_changes_an_item_patches_its_vault_right_after(story: Story) -> None:
    usages, patched = story.activity.item_usages, story.audited("patch", "items")
    changes = np.isin(usages.action, (*EDITS, CREATES, OTHER)) & ~machines(story, story.person(usages))
    changed: dict[tuple[int, int], list[int]] = defaultdict(list)
    for session, vault, time in zip(
        *(getattr(usages, name)[changes].tolist() for name in ("session", "vault_high", "time")), strict=True
    ):
        changed[session, vault].append(time)
    assert len(patched.time) > 200
    for session, vault, time in zip(
        patched.session.tolist(), patched.object_high.tolist(), patched.time.tolist(), strict=True
    ):
        assert any(0 < time - each < SECOND for each in changed[session, vault])


def test_every_creation_and_their_share_of_edits_are_patches() -> None:
    modern = told(calm(role_rotation=everyone(calm(), 1.0), migrations=40.0, patches=0.6), PEOPLE, DAYS, start=START)
    usages, patched = modern.activity.item_usages, modern.audited("patch", "items")
    creations, edits = (usages.action == CREATES).sum(), np.isin(usages.action, EDITS).sum()
    assert creations > 100
    assert near(len(patched.time) - creations, 0.6 * edits)
    none = told(calm(patches=0.0), PEOPLE, DAYS)
    assert len(none.audited("patch", "items").time) == (none.activity.item_usages.action == CREATES).sum()


def test_single_sign_on_verifies_tokens_at_their_rate_and_nothing_else_does(story: Story) -> None:
    sessions, verified = story.activity.sessions, story.audited("ssotknv", "ssotkn")
    chapter = story.world.chapters.at(sessions.person, sessions.day)
    federated = story.world.chapters.single_sign_on[chapter]
    assert federated[verified.session].all()
    assert near(len(verified.time), story.company.profile.tokens * federated.sum())


def test_sessions_are_delegated_once_and_at_their_rate_more(story: Story) -> None:
    delegated = story.audited("dlgsess", "dlgdsess")
    counts = np.bincount(delegated.session, minlength=len(story.human))
    assert (counts[~story.human] == 0).all()
    assert counts[story.human].min() == 1
    assert near((counts[story.human] - 1).sum(), story.company.profile.delegations * story.human.sum())
    assert len(set(delegated.object_high.tolist())) == len(delegated.time)
    first = np.unique(delegated.session, return_index=True)[1]
    assert (delegated.time[first] - story.activity.sessions.start[delegated.session[first]] < SECOND).all()


def test_what_belongs_to_the_company_is_changed_by_its_administrators_alone() -> None:
    """Who has a team's vault, too; walks through a vault are as good as changes."""
    of = told(calm(role_rotation=everyone(calm(), 1.0), migrations=40.0), PEOPLE, DAYS, start=START)
    usages, vaults = of.activity.item_usages, of.world.vaults
    slots = np.arange(COMPANY_VAULTS)
    company, _ = vaults.vault_words(slots, slots * 0)
    changes = usages.where(np.isin(usages.action, (*EDITS, CREATES)) & np.isin(usages.vault_high, company))
    role = of.world.chapters.role[of.world.chapters.at(of.person(changes), of.day(changes))]
    assert {list(of.company.profile.role_share)[each] for each in role.tolist()} <= set(ADMINISTRATORS)
    assert len(changes.time) > 30


# Whole companies


@pytest.mark.parametrize("people", [1, 2])
@pytest.mark.parametrize("days", [1, 30])
@pytest.mark.parametrize("name", ["startup-50", "midsize-1000"])
def test_the_smallest_companies_work_too_and_are_quiet_on_some_days(name: str, days: int, people: int) -> None:
    for seed in range(3):
        blocks = list(simulate(Company(people, days, seed, MONDAY, load_profile(name))))
        assert blocks[-1].days == days


def test_a_company_in_which_nothing_happens_at_all_works_by_habit() -> None:
    of = told(calm(projects_most=0), 10, 10)
    assert len(of.world.episodes) == 0
    assert len(of.activity.item_usages.time) > 100


def test_one_person_alone_does_the_same_as_among_all(company: Company) -> None:
    """A joiner's records, the audit log among them."""
    joiner = int(np.flatnonzero(company.world().staff.hired > FIRST_DAY + 20)[0])
    alone = next(block.pieces for block in simulate(company, only=[joiner], block=company.days * DAY))
    among = next(block.pieces for block in simulate(company, block=company.days * DAY))
    uuid = company.world().directory.people[joiner].uuid
    for feed in FEEDS:
        actor = b'"actor_uuid":"' if feed == "auditevents" else b'user":{"uuid":"'
        theirs = [line for line in among[feed].data.splitlines() if actor + uuid.encode() in line]
        assert alone[feed].data.splitlines() == theirs != []


def test_people_take_a_while_for_each_item_and_machines_none(story: Story) -> None:
    usages = story.activity.item_usages
    habit = np.flatnonzero(usages.number < WHOLE)
    order = habit[np.lexsort((usages.time[habit], usages.session[habit]))]
    gap, same = np.diff(usages.time[order]), np.diff(usages.session[order]) == 0
    human = ~machines(story, story.person(usages))[order][1:]
    assert gap[same & human].min() > SECOND // 3
    assert np.median(gap[same & human]) > 5 * SECOND
    assert gap[same & ~human].min() < SECOND // 3


def test_a_machine_fetches_a_few_secrets_again_and_again(story: Story) -> None:
    usages = story.activity.item_usages
    person = story.person(usages)
    for machine in np.unique(person[machines(story, person)]):
        theirs = usages.where(person == machine)
        if len(theirs.time) > 100:
            assert 2 <= len(np.unique(np.stack([theirs.vault_high, theirs.item_high]), axis=1).T) < 40
