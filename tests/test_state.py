"""What a store knows, as data, and how a user names a group of it."""

from typing import Any

import pytest
from builders import ADA, BOB, START, line, new_value_rule, usage
from naive_model import DAY
from naive_records import SECOND, Json

from detector.instant import instant_text
from detector.rules import parse_rule
from detector.selection import Selector
from detector.signals import Signal
from detector.state import KnownValue, State
from detector.stores.base import StoreError
from detector.stores.blob import Baseline, to_blob
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine
from harness.state import StateError, group_keys, group_text, near

HOUR = 3600 * SECOND
THRESHOLD = {"learningMethod": "threshold"}


def store_of(*records: Json, enabled_at: int | None = None, **knobs: Any) -> MemoryStore:
    """The store of a rule with these knobs after those records."""
    store, rule = MemoryStore(), parse_rule(line(new_value_rule(**knobs)).decode(), "rule")
    select = Selector(rule).select
    events = [event for event in map(select, map(line, records)) if event is not None]
    StreamingEngine(rule, store, enabled_at).feed(events)
    return store


def state_of(*records: Json, enabled_at: int | None = None, **knobs: Any) -> State:
    return State(store_of(*records, enabled_at=enabled_at, **knobs))


def test_values_come_with_the_instant_at_which_they_are_forgotten_the_next_one_first() -> None:
    state = state_of(usage(0, "fill"), usage(DAY, "export"), usage(2 * DAY, "fill"), forget=3)
    (group,) = state.groups()
    assert group.group == {"@usr.email": ADA}
    assert group.first_seen == START
    assert group.values == [
        KnownValue({"@evt.name": "export"}, START + DAY, START + 4 * DAY),
        KnownValue({"@evt.name": "fill"}, START + 2 * DAY, START + 5 * DAY),
    ]


def test_a_rule_that_forgets_at_fixed_times_counts_from_when_a_value_was_learned() -> None:
    state = state_of(usage(0), usage(2 * DAY), forget=3, assumptions={"forgetMode": "fixed"})
    (group,) = state.groups()
    assert [value.forgotten_at for value in group.values] == [START + 3 * DAY]


def test_extent_counts_groups_and_values_and_finds_the_latest_sighting() -> None:
    assert state_of(usage(0), usage(5, "fill"), usage(3, by=BOB)).extent() == (2, 3, START + 5)


def test_the_rules_own_learning_ends_for_every_group_at_once() -> None:
    state = state_of(usage(0), usage(DAY, by=BOB), learn=7)
    assert state.learning_until == START + 7 * DAY
    assert [group.learning_until for group in state.groups()] == [START + 7 * DAY] * 2


def test_learning_of_each_group_ends_by_its_own_clock() -> None:
    state = state_of(usage(0), usage(DAY, by=BOB), learn=7, assumptions={"learningScope": "group"})
    assert state.learning_until is None
    assert [group.learning_until for group in state.groups()] == [START + 7 * DAY, START + 8 * DAY]


@pytest.mark.parametrize("knobs", [{"learn": 0}, {"new_value": THRESHOLD}])
def test_a_rule_that_learns_from_no_duration_has_no_end_of_learning(knobs: Json) -> None:
    (group,) = state_of(usage(0), **knobs).groups()
    assert group.learning_until is None


@pytest.mark.parametrize(("first", "until"), [(-DAY, START), (0, START + 7 * DAY)])
def test_with_history_an_instantaneous_baseline_is_learned_when_the_rule_is_enabled(first: int, until: int) -> None:
    knobs = {"learn": 7, "new_value": {"instantaneousBaseline": True}}
    assert state_of(usage(first), enabled_at=START, **knobs).learning_until == until


def test_a_rule_that_was_enabled_then_says_so_and_whether_an_event_has_come_since() -> None:
    knobs = {"learn": 7, "new_value": {"instantaneousBaseline": True}}
    waiting = state_of(usage(-DAY), enabled_at=START, **knobs)
    assert (waiting.enabled_at, waiting.clock.live) == (START, False)
    assert state_of(usage(0)).enabled_at is None


def test_several_watched_fields_are_one_value_or_each_its_own() -> None:
    record = usage(0, "fill", x=1)
    (one,) = state_of(record, metrics=("@evt.name", "@x")).groups()
    assert [known.value for known in one.values] == [{"@evt.name": "fill", "@x": 1}]
    (each,) = state_of(record, metrics=("@evt.name", "@x"), assumptions={"multiValue": "any"}).groups()
    assert [known.value for known in each.values] == [{"@evt.name": "fill"}, {"@x": 1}]


def test_an_open_signal_takes_matches_until_it_was_quiet_or_open_for_too_long() -> None:
    matches = (usage(0), usage(HOUR, "fill"), usage(3 * HOUR // 2, "export"))
    state = state_of(*matches, new_value=THRESHOLD, keep_alive=3600, longest=7200)
    assert [state.open_until(signal) for signal in signals(state)] == [START + 2 * HOUR]
    state = state_of(*matches[:1], new_value=THRESHOLD, keep_alive=3600, longest=7200)
    assert [state.open_until(signal) for signal in signals(state)] == [START + HOUR]
    state = state_of(*matches, new_value=THRESHOLD, keep_alive=0)
    assert [state.open_until(signal) for signal in signals(state)] == [None]


def signals(state: State) -> list[Signal]:
    return [group.signal for group in state.groups() if group.signal]


def test_a_store_without_a_checkpoint_knows_nothing_yet() -> None:
    with pytest.raises(StoreError, match="holds nothing yet"):
        State(MemoryStore())


def test_groups_without_the_events_that_a_checkpoint_tells_of_are_damage_and_the_reverse_too() -> None:
    store = store_of(usage(0))
    store.commit({}, [ADA.encode()], store.checkpoint() or b"")
    with pytest.raises(StoreError, match="damaged"):
        State(store).extent()
    store = store_of()
    store.commit({ADA.encode(): to_blob(Baseline(START, {}, None))}, (), store.checkpoint() or b"")
    with pytest.raises(StoreError, match="damaged"):
        State(store).extent()


@pytest.mark.parametrize(
    ("field", "value"), [("metrics", None), ("forget_after_days", "x"), ("enabled_at", instant_text(0)[:9])]
)
def test_a_checkpoint_of_no_rule_is_refused_in_one_line(field: str, value: Any) -> None:
    store = store_of(usage(0))
    clock = State(store).clock
    clock.rule[field] = value
    store.commit({}, (), clock.encode())
    with pytest.raises(StoreError, match="checkpoint") as refusal:
        State(store)
    assert "\n" not in str(refusal.value)


# How a group is named


@pytest.mark.parametrize(
    ("text", "group_by", "keys"),
    [
        ("ada", ("a",), ["ada"]),
        ("a=ada", ("a",), ["a=ada", "ada"]),
        ("1", ("a",), ["1", "\x001"]),
        ("true", ("a",), ["true", "\0true"]),
        ("[1]", ("a",), ["[1]", "\x001"]),
        ("a=x,y,b=z", ("b", "a"), ['\0["z","x,y"]']),
        ('["z","x"]', ("b", "a"), ['\0["z","x"]']),
        ("a=1,b=x", ("a", "b"), ['\0["1","x"]', '\0[1,"x"]']),
        ("[]", (), ["\0[]"]),
    ],
)
def test_a_group_is_named_by_its_value_by_fields_or_as_an_array(
    text: str, group_by: tuple[str, ...], keys: list[str]
) -> None:
    assert group_keys(text, group_by) == keys


@pytest.mark.parametrize(
    ("text", "group_by"),
    [("", ("a",)), ("x", ("a", "b")), ("a=1", ("a", "b")), ('["x"]', ("a", "b")), ("x", ()), ("[null,1]", ("a", "b"))],
)
def test_what_cannot_be_a_group_of_the_rule_is_refused(text: str, group_by: tuple[str, ...]) -> None:
    with pytest.raises(StateError, match=r"--group: found .*; legal: "):
        group_keys(text, group_by)


def test_a_group_is_written_as_it_is_named() -> None:
    state = state_of(usage(0, x=1), group_by=("@usr.email", "@x"))
    (key,) = state.every_key()
    assert key in group_keys(group_text(state.members(key)), state.rule.group_by)


def test_a_group_in_another_spelling_is_found_and_one_of_another_name_is_not() -> None:
    state = state_of(usage(0))
    assert near(state, [f" {ADA.upper()}"]) == ADA
    assert near(state, [BOB]) is None
