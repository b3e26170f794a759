"""Injection: what is staged, the truth about it, and what becomes of the stream it is woven into."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from office import DAY, HOUR, MAC, SECOND, START, at_work, audited, usage

from scenarios.assignment import assign
from scenarios.cast import survey
from scenarios.draws import draw
from scenarios.duration import Duration
from scenarios.injection import Addition, Plan, stage, weave
from scenarios.scenario import Casting, Moment, Scenario, find
from scenarios.step import AuditStep, ItemUsageStep, SignInStep, Step
from scenarios.trail import follow
from simulator.records import parse_timestamp

PEOPLE = ("ana", "bo", "cyd", "dee")
WEEKDAYS = [day for day in range(42) if day % 7 < 5]


def stream(names: tuple[str, ...] = PEOPLE) -> list[bytes]:
    """Six weeks of people who fill hourly on weekdays and now and then export, in order of time."""
    lines = [line for name in names for day in WEEKDAYS for line in at_work(name, range(day, day + 1))]
    lines += [usage(name, day * DAY + 10 * HOUR + 1, "export", client=MAC) for name in names for day in (1, 20)]
    return sorted(lines, key=lambda line: parse_timestamp(json.loads(line)["timestamp"]))


STREAM = stream()
FIVE_REVEALS = ItemUsageStep(repeat=5, every=Duration(SECOND), action="reveal", item="each")
STEPS: list[Step] = [
    FIVE_REVEALS,
    SignInStep(category="success"),
    SignInStep(category="credentials_failed", type="password_secret_bad", target="others", repeat=2),
    AuditStep(at=Duration(HOUR), action="export", object_type="vault"),
    ItemUsageStep(repeat=3, every="active-day", action="fill", item="own"),
    ItemUsageStep(at=Duration(2 * HOUR), action="export", item="each", client="desktop", device="strange"),
]


def scenario(*steps: Step, **fields: Any) -> Scenario:
    """Return an attack of *steps*, or of five reveals, fourteen days into the actor's history."""
    facts: dict[str, Any] = {"when": Moment(after_history=Duration(14 * DAY)), "techniques": ("T1555.005",)}
    return Scenario(name="x", kind="attack", story="x", steps=steps or (FIVE_REVEALS,), **facts | fields)


def staged(scenarios: dict[str, Scenario], seed: int = 1, lines: list[bytes] = STREAM) -> Plan:
    cast = survey(lines)
    assigned, _ = assign(scenarios, cast, seed)
    return stage(assigned, follow(lines, {email for part in assigned for email in part.emails}), cast, seed)


def records(made: Plan, feed: str) -> list[dict[str, Any]]:
    return [json.loads(addition.line) for addition in made.additions[feed]]


# What is staged.


def test_draws_depend_on_where_one_text_ends_and_the_next_begins() -> None:
    assert draw("a", "bc") == draw("a", "bc") != draw("ab", "c")


@given(st.integers(0, 2**63), st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
def test_equal_seeds_give_equal_bytes_and_others_differ(seed: int, steps: list[Step]) -> None:
    played = {"attacks/a": scenario(*steps)}
    assert staged(played, seed) == staged(played, seed)
    assert staged(played, seed).additions != staged(played, seed + 1).additions


@given(st.integers(0, 2**63), st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
def test_one_scenario_more_changes_another_only_where_it_takes_the_actor(seed: int, steps: list[Step]) -> None:
    alone = staged({"attacks/b": scenario(*steps)}, seed)
    both = staged({"attacks/a": scenario(), "attacks/b": scenario(*steps)}, seed)
    taken, others = both.incidents[0].actor, both.incidents[1:]
    if alone.incidents[0].actor != taken:
        assert others == alone.incidents
        assert all(set(alone.additions[feed]) <= set(both.additions[feed]) for feed in alone.additions)


@given(st.integers(0, 2**63), st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
def test_staged_item_usages_have_the_fields_of_the_streams_and_lie_within_it(seed: int, steps: list[Step]) -> None:
    cast, own = survey(STREAM), json.loads(STREAM[0])
    for record in records(staged({"attacks/a": scenario(*steps)}, seed), "itemusages"):
        assert list(record) == list(own)
        assert [list(record[part]) for part in ("user", "client")] == [list(own[part]) for part in ("user", "client")]
        assert cast.first <= parse_timestamp(record["timestamp"]) <= cast.last


def test_what_one_actor_leaves_behind_does_not_depend_on_who_else_is_followed() -> None:
    cast = survey(STREAM)
    assigned, _ = assign({"attacks/a": scenario(count=3)}, cast, 1)
    trails = follow(STREAM, set(cast.actors))
    apart = [stage([part], trails, cast, 1).incidents[0] for part in assigned]
    assert stage(assigned, trails, cast, 1).incidents == apart


# The truth about it.


def test_labels_and_incidents_name_every_added_record_once() -> None:
    made = staged({"attacks/a": scenario(*STEPS, count=2), "benign/b": scenario(count=2)}, 5)
    added = [record["uuid"] for feed in made.additions for record in records(made, feed)]
    assert Counter(label.uuid for label in made.labels) == Counter(added)
    assert max(Counter(added).values()) == 1
    assert Counter(label.run for label in made.labels) == {i.run: i.events for i in made.incidents}
    assert [incident.run for incident in made.incidents] == [
        f"{s}#{n}" for s in ("attacks/a", "benign/b") for n in (1, 2)
    ]


def test_a_case_keeps_the_id_of_its_scenario_and_a_run_of_its_own() -> None:
    made = staged({"attacks/a[items=5]": scenario()})
    assert {(i.scenario, i.run) for i in made.incidents} == {("attacks/a", "attacks/a[items=5]#1")}
    assert {(label.scenario, label.run) for label in made.labels} == {("attacks/a", "attacks/a[items=5]#1")}


def test_an_incident_spans_its_first_to_its_last_event() -> None:
    made = staged({"attacks/a": scenario(*STEPS)})
    times = sorted(record["timestamp"] for feed in made.additions for record in records(made, feed))
    (incident,) = made.incidents
    assert (incident.started_at, incident.ended_at) == (times[0], times[-1])
    assert (incident.kind, incident.techniques) == ("attack", ("T1555.005",))


@pytest.mark.parametrize(("kind", "techniques"), [("attack", ("T1555.005",)), ("benign", ())])
def test_earlier_steps_are_an_incident_of_their_own_kind(kind: Any, techniques: tuple[str, ...]) -> None:
    rehearsal = ItemUsageStep(action="export", earlier=kind)
    again = ItemUsageStep(at=Duration(7 * DAY), repeat=3, every=Duration(SECOND), action="export")
    made = staged({"attacks/a": scenario(rehearsal, again)})
    assert [(i.run, i.kind, i.techniques, i.events) for i in made.incidents] == [
        ("attacks/a#1~earlier", kind, techniques, 1),
        ("attacks/a#1", "attack", ("T1555.005",), 3),
    ]
    assert [label.kind for label in made.labels] == [kind, "attack", "attack", "attack"]
    assert [label.step for label in made.labels] == [1, 2, 2, 2]


def test_what_an_administrator_does_belongs_to_the_incident_and_the_incident_names_them() -> None:
    rehearsal = ItemUsageStep(action="export", earlier="benign")
    begun = AuditStep(at=Duration(DAY), action="beginr", object_type="user", by="administrator")
    lines = [*STREAM, audited("dee", 0, "create", "invite")]
    made = staged({"attacks/a": scenario(rehearsal, begun)}, 3, lines)
    (record,) = [each for each in records(made, "auditevents") if each["action"] == "beginr"]
    assert record["actor_details"]["email"] == "dee@example.com"
    assert record["uuid"] in {label.uuid for label in made.labels if label.run == "attacks/a#1"}
    assert [(incident.run, incident.administrator) for incident in made.incidents] == [
        ("attacks/a#1~earlier", None),
        ("attacks/a#1", "dee@example.com"),
    ]
    assert "dee@example.com" not in {incident.actor for incident in made.incidents}


def test_nothing_of_a_label_stands_in_a_record() -> None:
    made = staged({"attacks/a": scenario(*STEPS, actor=Casting(min_events=2))}, 5)
    lines = [line for additions in made.additions.values() for _, line in additions]
    secrets = [name.encode() for label in made.labels for name in (label.scenario, label.run)]
    assert [line for line in lines if any(secret in line for secret in secrets)] == []


def test_additions_are_in_order_of_the_time_they_carry() -> None:
    for additions in staged({"attacks/a": scenario(*STEPS, count=3)}, 5).additions.values():
        times = [parse_timestamp(json.loads(line)["timestamp"]) for _, line in additions]
        assert times == [at for at, _ in additions] == sorted(times)


# Weaving.

TIMES = st.integers(0, 50)
ORIGINAL = st.lists(
    st.one_of(
        TIMES.map(lambda at: usage("ana", at)),
        st.sampled_from([b"\n", b"not json\n", b'{"timestamp":5}\n', b'{"timestamp":"soon"}\n', b"\xff\n"]),
    )
)
ADDED = st.lists(TIMES).map(
    lambda times: [Addition(START + at, f"+{k}\n".encode()) for k, at in enumerate(sorted(times))]
)


@given(ORIGINAL, ADDED)
def test_weaving_leaves_every_original_byte_in_its_order(original: list[bytes], added: list[Addition]) -> None:
    woven = list(weave(original, added))
    assert [line for line in woven if not line.startswith(b"+")] == original
    assert [line for line in woven if line.startswith(b"+")] == [line for _, line in added]


@given(st.lists(TIMES), ADDED)
def test_an_addition_stands_before_the_first_line_later_than_itself(times: list[int], added: list[Addition]) -> None:
    woven = list(weave([usage("ana", at) for at in times], added))
    for at, line in added:
        before = [each for each in woven[: woven.index(line)] if not each.startswith(b"+")]
        later = [k for k, time in enumerate(times) if START + time > at]
        assert len(before) == (later[0] if later else len(times))


def test_records_of_the_same_instant_keep_the_original_first() -> None:
    line = usage("ana", 0)
    assert list(weave([line], [Addition(START, b"+\n")])) == [line, b"+\n"]


def test_a_last_line_without_newline_is_not_glued_to_what_follows() -> None:
    line = usage("ana", 0).rstrip(b"\n")
    assert b"".join(weave([line], [Addition(START, b"+\n")])) == line + b"\n+\n"
    assert b"".join(weave([line], [])) == line


@pytest.mark.parametrize("seed", range(3))
def test_the_library_woven_into_a_stream_can_be_taken_out_again(seed: int) -> None:
    made = staged(find(["all"]), seed)
    woven = list(weave(STREAM, made.additions["itemusages"]))
    labelled = {label.uuid for label in made.labels}
    times = [parse_timestamp(json.loads(line)["timestamp"]) for line in woven]
    assert made.incidents
    assert [line for line in woven if json.loads(line)["uuid"] not in labelled] == STREAM
    assert times == sorted(times)
