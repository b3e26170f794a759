"""What the rule means: every statement of its definition, held by a stream small enough to follow by hand.

Numbers in names are those of the definition: 1 the rule, 2 the state, 3 the verdict, 4 the signals.
"""

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from builders import ADA, BOB, START, audit, line, log, new_value_rule, sign_in, usage
from naive_records import Json

from detector.document import RuleError
from detector.instant import DAY, SECOND
from detector.rules import NewValueRule, parse_rule, shipped_rule
from detector.selection import RecordError, Selector
from detector.stores.memory import MemoryStore
from detector.streaming import StreamingEngine

if TYPE_CHECKING:
    from detector.signals import Match, Signal

HOUR = 3600 * SECOND
NEVER_LEARNS = {"learningMethod": "threshold"}


def parsed(rule: Json) -> NewValueRule:
    return parse_rule(line(rule).decode(), "rule")


class Watch:
    """A rule that has seen some records, one after the other."""

    def __init__(self, rule: Json, *records: Json, enabled_at: int | None = None) -> None:
        parsed_rule = parsed(rule)
        selector = Selector(parsed_rule)
        self.engine = StreamingEngine(parsed_rule, MemoryStore(), None if enabled_at is None else START + enabled_at)
        self.matches: list[Match] = []
        self.signals: list[Signal] = []
        self.new: list[bool] = []
        """For each record whether it was new."""
        for record in records:
            event = selector.select(line(record))
            found = self.engine.feed([event] if event else [])
            self.new.append(bool(found))
            self.matches += found
            self.signals += self.engine.closed()
        self.signals += self.engine.still_open()
        self.ignored = selector.ignored + Counter({"not enabled": self.engine.not_enabled})


def new(rule: Json, *records: Json, enabled_at: int | None = None) -> list[bool]:
    """For each record whether it was new."""
    return Watch(rule, *records, enabled_at=enabled_at).new


def never_learning(**knobs: Any) -> Json:
    """A rule to which every value not known is new, the first included."""
    return new_value_rule(new_value={**NEVER_LEARNS, **knobs.pop("new_value", {})}, **knobs)


# 1. The rule


def test_1_an_event_that_the_query_does_not_match_teaches_nothing() -> None:
    rule = never_learning(query="-@x:skipped")
    assert new(rule, usage(0, x="skipped"), usage(1)) == [False, True]


def test_1_an_event_that_the_query_does_not_match_refreshes_nothing() -> None:
    rule = never_learning(query="-@x:skipped", forget=1)
    assert new(rule, usage(0), usage(DAY - 1, x="skipped"), usage(DAY)) == [True, False, True]


def test_1_an_event_that_the_query_does_not_match_starts_no_learning() -> None:
    rule = new_value_rule(query="-@x:skipped", learn=1)
    assert new(rule, usage(-DAY, x="skipped"), usage(0), usage(DAY - 1, "fill")) == [False, False, False]


@pytest.mark.parametrize(
    ("field", "illegal"),
    [
        ("queries.0.aggregation", "count"),
        ("options.detectionMethod", "threshold"),
        ("queries.0.metrics", []),
        ("queries.0.metrics", ["@a", "@b", "@c", "@d", "@e", "@f"]),
        ("options.newValueOptions.forgetAfter", 0),
        ("options.newValueOptions.forgetAfter", 31),
        ("options.newValueOptions.learningMethod", "hours"),
        ("options.newValueOptions.learningDuration", -1),
        ("options.newValueOptions.learningDuration", 31),
        ("options.newValueOptions.learningThreshold", 2),
        ("options.keepAlive", 59),
        ("options.maxSignalDuration", 86401),
        ("cases.0.status", "urgent"),
        ("assumptions.learningScope", "user"),
        ("assumptions.forgetMode", "never"),
        ("assumptions.multiValue", "all"),
    ],
)
def test_1_a_rule_beyond_the_bounds_is_refused_by_the_name_of_its_field(field: str, illegal: object) -> None:
    rule = new_value_rule()
    *parents, name = field.split(".")
    holder: Any = rule
    for parent in parents:
        holder = holder[int(parent)] if parent.isdecimal() else holder[parent]
    holder[name] = illegal
    with pytest.raises(RuleError, match=f"{field}: found "):
        parsed(rule)


def test_1_the_defaults_are_datadogs_and_the_documented_readings() -> None:
    bare = new_value_rule()
    bare["options"]["newValueOptions"] = {"forgetAfter": 7}
    del bare["assumptions"]
    rule = parsed(bare)
    assert (rule.learning_method, rule.learning_duration_days, rule.learning_threshold) == ("duration", 0, 0)
    assert (rule.instantaneous_baseline, rule.optional_group_by, rule.decrease_by_env) == (False, False, False)
    assert (rule.learning_scope, rule.forget_mode, rule.multi_value) == ("rule", "sliding", "tuple")


def test_1_unknown_fields_are_kept_and_ignored() -> None:
    rule = parsed(new_value_rule(learn=7, tomorrow={"knob": 1}))
    assert rule.document["tomorrow"] == {"knob": 1}
    assert rule == parsed(new_value_rule(learn=7))


def test_1_without_group_by_fields_there_is_one_global_group() -> None:
    watch = Watch(never_learning(group_by=()), usage(0, by=ADA), usage(1, by=BOB))
    assert watch.new == [True, False]
    assert watch.matches[0].group == {}


def test_1_an_event_lacking_a_group_by_field_is_ignored() -> None:
    watch = Watch(never_learning(group_by=("@usr.email", "@x")), usage(0))
    assert (watch.new, watch.ignored) == ([False], Counter({"a group-by field is absent": 1}))


def test_1_an_optional_group_by_field_that_is_missing_is_not_available() -> None:
    rule = never_learning(group_by=("@usr.email", "@x"), query_fields={"hasOptionalGroupByFields": True})
    watch = Watch(rule, usage(0), usage(1, x="N/A"), usage(2, x="other"))
    assert watch.new == [True, False, True]
    assert watch.matches[0].group == {"@usr.email": ADA, "@x": "N/A"}


def test_1_the_older_metric_counts_only_where_metrics_is_not_given() -> None:
    both, older = (new_value_rule(query_fields={"metric": "@x"}) for _ in range(2))
    del older["queries"][0]["metrics"]
    assert (parsed(both).metrics, parsed(older).metrics) == (("@evt.name",), ("@x",))


def test_1_keep_alive_is_at_most_the_longest_duration() -> None:
    assert parsed(new_value_rule(keep_alive=60, longest=60)).keep_alive_seconds == 60
    with pytest.raises(RuleError, match=r"options\.keepAlive: found 300; legal: at most maxSignalDuration \(60\)"):
        parsed(new_value_rule(keep_alive=300, longest=60))


def test_1_an_evaluation_window_warns_and_changes_no_verdict() -> None:
    rule = never_learning(options={"evaluationWindow": 3600})
    assert any("evaluationWindow 3600" in warning for warning in parsed(rule).warnings())
    assert new(rule, usage(0), usage(1), usage(HOUR * 2)) == [True, False, False]


def test_1_a_disabled_rule_runs_all_the_same_with_a_warning() -> None:
    rule = never_learning(isEnabled=False)
    assert any("isEnabled" in warning for warning in parsed(rule).warnings())
    assert new(rule, usage(0)) == [True]


@pytest.mark.parametrize(("severity", "lowered"), [("critical", "high"), ("medium", "low"), ("info", "info")])
@pytest.mark.parametrize("environment", ["staging", "testing-eu", "dev2"])
def test_1_a_lenient_environment_takes_one_level_and_info_stays(severity: str, lowered: str, environment: str) -> None:
    rule = never_learning(options={"decreaseCriticalityBasedOnEnv": True}, cases=[{"name": "", "status": severity}])
    records = usage(0, "reveal", env=environment), usage(1, "fill", env="production"), log(2, "export", env=environment)
    assert [signal.severity for signal in Watch(rule, *records).signals] == [lowered, severity, lowered]


def test_1_without_the_option_the_environment_changes_nothing() -> None:
    assert [signal.severity for signal in Watch(never_learning(), usage(0, env="dev")).signals] == ["medium"]


def test_1_the_message_is_filled_from_the_event() -> None:
    (signal,) = Watch(never_learning(), usage(0, "export")).signals
    assert (signal.rule, signal.title, signal.message) == ("New action", "New action", f"{ADA} did export")


@pytest.mark.parametrize(
    "exclusion",
    [
        {"filters": [{"action": "require", "query": "-@x:skipped"}]},
        {"filters": [{"action": "suppress", "query": "@x:skipped"}]},
        {"dataExclusionQuery": "@x:skipped"},
        {"suppressions": [{"enabled": True, "dataExclusionQuery": "@x:skipped"}]},
    ],
)
def test_1_excluded_events_are_not_seen_at_all(exclusion: Json) -> None:
    assert new(never_learning(**exclusion), usage(0, x="skipped"), usage(1)) == [False, True]


@pytest.mark.parametrize(
    "place", [{"suppressionQuery": "@x:quiet"}, {"suppressions": [{"suppressionQuery": "@x:quiet"}]}]
)
def test_1_a_suppressed_match_neither_opens_nor_joins_a_signal_and_its_value_is_learned(place: Json) -> None:
    quiet, later, again = usage(0, "fill", x="quiet"), usage(1, "export"), usage(2, "share", x="quiet")
    watch = Watch(never_learning(keep_alive=3600, **place), quiet, later, again, usage(3, "fill"))
    assert watch.new == [True, True, True, False]
    assert [[match.value["@evt.name"] for match in signal.matches] for signal in watch.signals] == [["export"]]


def test_1_the_shipped_rule_watches_ten_actions_of_each_user() -> None:
    rule = shipped_rule()
    assert (rule.group_by, rule.metrics, rule.severity) == (("@usr.email",), ("@evt.name",), "low")
    assert (rule.learning_method, rule.learning_duration_days, rule.forget_after_days) == ("duration", 7, 28)
    assert (rule.keep_alive_seconds, rule.max_signal_seconds, rule.warnings()) == (3600, 86400, [])
    assert all(
        Selector(rule).select(line(usage(0, action)))
        for action in (
            *("enter-item-edit-mode", "export", "fill", "reveal", "select-sso-provider", "secure-copy"),
            *("server-create", "server-fetch", "server-update", "share"),
        )
    )
    others = [usage(0, "other"), sign_in(0, "reveal"), audit(0, "reveal")]
    assert not any(Selector(rule).select(line(record)) for record in others)


# 2. The state


def test_2_the_rules_clock_starts_with_the_first_selected_event_in_arrival_order() -> None:
    rule = new_value_rule(learn=1)
    assert new(rule, usage(HOUR), usage(0, "fill"), usage(DAY + HOUR - 1, "share")) == [False, False, False]
    assert new(rule, usage(HOUR), usage(0, "fill"), usage(DAY + HOUR, "share")) == [False, False, True]


def test_2_the_rules_clock_starts_when_it_was_enabled_if_that_is_given() -> None:
    rule = new_value_rule(learn=1)
    assert new(rule, usage(HOUR), usage(DAY - 1, "fill"), usage(DAY, "share"), enabled_at=0) == [False, False, True]


def test_2_a_groups_clock_starts_with_its_first_arrival_and_an_earlier_late_one_does_not_move_it() -> None:
    rule = new_value_rule(learn=1, assumptions={"learningScope": "group"})
    late = usage(0, "fill")
    assert new(rule, usage(HOUR), late, usage(DAY + HOUR - 1, "share")) == [False, False, False]
    assert Watch(rule, usage(HOUR), late).engine.baseline(ADA).first_seen == START + HOUR


def test_2_last_seen_is_the_greatest_time_whatever_the_order_of_arrival() -> None:
    watch = Watch(new_value_rule(), usage(0), usage(2 * HOUR), usage(HOUR))
    assert watch.engine.baseline(ADA).last_seen == {"reveal": START + 2 * HOUR}


def test_2_fixed_last_seen_is_when_the_value_was_last_learned() -> None:
    rule = new_value_rule(forget=1, assumptions={"forgetMode": "fixed"})
    assert Watch(rule, usage(0), usage(DAY - 1)).engine.baseline(ADA).last_seen == {"reveal": START}
    assert Watch(rule, usage(0), usage(DAY)).engine.baseline(ADA).last_seen == {"reveal": START + DAY}


def test_2_values_keep_their_json_type_and_numbers_compare_by_value() -> None:
    values = ["1", 1, True, 1.0, "true", "a", "A", 1.5]
    watch = Watch(never_learning(metrics=("@x",)), *[usage(0, x=value) for value in values])
    assert watch.new == [True, True, True, False, True, True, True, True]
    found = [match.value["@x"] for match in watch.matches]
    assert [(type(value), value) for value in found[:3]] == [(str, "1"), (int, 1), (bool, True)]


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1, 10**30, 1e20, 1e308])
def test_2_numbers_of_any_size_are_values_and_neighbours_that_json_tells_apart_are_two(number: float) -> None:
    rule = never_learning(metrics=("@x",), keep_alive=60)
    assert new(rule, usage(0, x=number), usage(1, x=number), usage(2, x=int(number) + 1)) == [True, False, True]
    assert new(never_learning(group_by=("@x",)), usage(0, x=number), usage(1, x=number)) == [True, False]


def test_2_groups_keep_their_json_type_too() -> None:
    rule = never_learning(group_by=("@x",))
    assert new(rule, usage(0, x=1), usage(1, x="1"), usage(2, x=True), usage(3, x=1.0)) == [True, True, True, False]


def test_2_a_tuple_is_new_when_the_combination_is() -> None:
    rule = never_learning(metrics=("@evt.name", "@x"))
    records = usage(0, "fill", x="a"), usage(1, "share", x="b"), usage(2, "fill", x="b"), usage(3, "fill", x="a")
    watch = Watch(rule, *records)
    assert watch.new == [True, True, True, False]
    assert watch.matches[2].value == {"@evt.name": "fill", "@x": "b"}


def test_2_any_is_new_when_one_field_is_and_the_match_lists_only_that() -> None:
    rule = never_learning(metrics=("@evt.name", "@x"), assumptions={"multiValue": "any"})
    records = usage(0, "fill", x="a"), usage(1, "share", x="b"), usage(2, "fill", x="b"), usage(3, "fill", x="c")
    watch = Watch(rule, *records)
    assert watch.new == [True, True, False, True]
    assert [match.value for match in watch.matches] == [
        {"@evt.name": "fill", "@x": "a"},
        {"@evt.name": "share", "@x": "b"},
        {"@x": "c"},
    ]


def test_2_any_keeps_the_same_value_of_two_fields_apart() -> None:
    rule = never_learning(metrics=("@evt.name", "@x"), assumptions={"multiValue": "any"})
    assert new(rule, usage(0, "fill", x="a"), usage(1, "fill", x="fill"), usage(2, "a")) == [True, True, True]


def test_2_any_learns_every_field_of_a_groups_first_event() -> None:
    rule = new_value_rule(metrics=("@evt.name", "@x"), assumptions={"multiValue": "any"})
    assert new(rule, usage(0, "fill", x="a"), usage(1, "fill", x="a"), usage(2, "fill", x="b")) == [False, False, True]


def test_2_any_forgets_and_refreshes_each_field_for_itself() -> None:
    rule = never_learning(metrics=("@evt.name", "@x"), forget=1, assumptions={"multiValue": "any"})
    watch = Watch(rule, usage(0, "fill", x="a"), usage(DAY - 1, "share", x="a"), usage(DAY, "fill", x="a"))
    assert [match.value for match in watch.matches[1:]] == [{"@evt.name": "share"}, {"@evt.name": "fill"}]


@pytest.mark.parametrize("absent", [None, "", [], ["export"], {}, {"name": "export"}])
def test_2_null_empty_text_lists_and_objects_are_absent(absent: Any) -> None:
    value, group = Watch(never_learning(), usage(0, absent)), Watch(never_learning(), usage(0, by=absent))
    assert value.ignored == Counter({"the watched fields are absent": 1})
    assert group.ignored == Counter({"a group-by field is absent": 1})


@pytest.mark.parametrize("parent", [None, "text", 7, True, [], [{"email": ADA}], {}])
def test_2_a_field_is_absent_when_its_parent_is_not_an_object(parent: Any) -> None:
    assert Watch(never_learning(), usage(0, user=parent)).ignored == Counter({"a group-by field is absent": 1})


@pytest.mark.parametrize("present", [0, False, " ", "N/A", "null"])
def test_2_zero_false_and_blank_text_are_present(present: Any) -> None:
    assert new(never_learning(), usage(0, present), usage(1, present)) == [True, False]


def test_2_a_tuple_needs_every_watched_field_and_any_needs_one() -> None:
    fields = ("@evt.name", "@x")
    assert new(never_learning(metrics=fields), usage(0, "fill")) == [False]
    watch = Watch(never_learning(metrics=fields, assumptions={"multiValue": "any"}), usage(0, "fill"), usage(1, None))
    assert [match.value for match in watch.matches] == [{"@evt.name": "fill"}]
    assert watch.ignored == Counter({"the watched fields are absent": 1})


def test_2_ignored_events_touch_no_state() -> None:
    rule = new_value_rule(learn=1, metrics=("@x",))
    watch = Watch(rule, usage(0), usage(DAY, x="a"), usage(2 * DAY - 1, x="b"))
    assert watch.new == [False, False, False]
    assert watch.engine.rule_start == watch.engine.baseline(ADA).first_seen == START + DAY


def test_2_records_of_every_kind_are_told_by_their_fields() -> None:
    rule = never_learning(group_by=("@evt.type",))
    watch = Watch(rule, usage(0, "a"), sign_in(1, "b"), audit(2, "c"))
    assert [(match.group["@evt.type"], match.value["@evt.name"]) for match in watch.matches] == [
        ("1password-item-usages", "a"),
        ("1password-signin-attempts", "b"),
        ("1password-audit-events", "c"),
    ]
    (match,) = Watch(never_learning(), log(3, "d", item_uuid="i")).matches
    assert (match.uuid, match.timestamp, match.group) == (
        log(3, "d", item_uuid="i")["id"],
        START + 3,
        {"@usr.email": ADA},
    )
    assert (match.value, match.item_uuid, match.vault_uuid) == ({"@evt.name": "d"}, "i", None)


def test_2_an_item_usage_of_an_old_client_has_no_action() -> None:
    old = {name: value for name, value in usage(0).items() if name != "action"}
    assert Watch(never_learning(), old).ignored == Counter({"the watched fields are absent": 1})


@pytest.mark.parametrize("missing", ["uuid", "timestamp", "vault_uuid"])
def test_2_without_uuid_timestamp_or_kind_a_record_is_an_error(missing: str) -> None:
    with pytest.raises(RecordError):
        Watch(never_learning(), {name: value for name, value in usage(0).items() if name != missing})


@pytest.mark.parametrize(
    "timestamp", [None, 1767571200, "", "2026-01-05", "2026-02-30T00:00:00Z", "2026-01-05T00:00:00"]
)
def test_2_a_malformed_timestamp_is_an_error_whether_the_query_matches_or_not(timestamp: object) -> None:
    for query in ("*", "@evt.name:share"):
        with pytest.raises(RecordError, match="timestamp: found"):
            Watch(never_learning(query=query), usage(0, timestamp=timestamp))


@pytest.mark.parametrize("text", ["{", "[]", "7", "null", '"text"', "{}"])
def test_2_text_that_is_no_object_of_these_kinds_is_an_error(text: str) -> None:
    with pytest.raises(RecordError):
        Selector(parsed(never_learning())).select(text.encode())


# 3. The verdict


def test_3_1_threshold_0_never_learns() -> None:
    rule = never_learning(learn=7, new_value={"learningThreshold": 0})
    assert new(rule, usage(0), usage(1, "fill"), usage(2, by=BOB)) == [True, True, True]


@pytest.mark.parametrize("scope", ["rule", "group"])
@pytest.mark.parametrize("learning", [{"learningMethod": "threshold", "learningThreshold": 1}, {"learningDuration": 0}])
def test_3_1_threshold_1_and_0_days_learn_the_groups_first_event_whatever_the_scope(learning: Json, scope: str) -> None:
    rule = new_value_rule(new_value=learning, assumptions={"learningScope": scope})
    records = usage(0), usage(0, "fill"), usage(30 * DAY, by=BOB), usage(30 * DAY, "fill", by=BOB)
    assert new(rule, *records) == [False, True, False, True]


def test_3_1_threshold_1_takes_no_notice_of_a_duration() -> None:
    rule = new_value_rule(learn=7, new_value={"learningMethod": "threshold", "learningThreshold": 1})
    assert new(rule, usage(0), usage(1, "fill")) == [False, True]


def test_3_1_learning_by_the_rules_clock_ends_for_all_groups_at_exactly_start_plus_duration() -> None:
    records = usage(0), usage(DAY - 1, "fill"), usage(DAY, "share"), usage(DAY, by=BOB)
    assert new(new_value_rule(learn=1), *records) == [False, False, True, True]


def test_3_1_learning_by_the_groups_clock_ends_for_each_at_exactly_its_start_plus_duration() -> None:
    rule = new_value_rule(learn=1, assumptions={"learningScope": "group"})
    records = usage(0), usage(9 * DAY, by=BOB), usage(10 * DAY - 1, "fill", by=BOB), usage(10 * DAY, "share", by=BOB)
    assert new(rule, *records) == [False, False, False, True]


def test_3_1_an_event_before_the_start_of_learning_is_learned() -> None:
    assert new(new_value_rule(learn=1), usage(0), usage(-9 * DAY, "fill")) == [False, False]


def test_3_2_one_nanosecond_before_forget_after_a_value_is_known_and_at_exactly_it_forgotten() -> None:
    assert new(never_learning(forget=1), usage(0), usage(DAY - 1)) == [True, False]
    assert new(never_learning(forget=1), usage(0), usage(DAY)) == [True, True]


def test_3_2_a_late_event_of_a_value_seen_since_is_known_however_late() -> None:
    assert new(never_learning(forget=1), usage(30 * DAY), usage(0)) == [True, False]


def test_3_2_a_late_event_of_an_unseen_value_is_new() -> None:
    assert new(never_learning(forget=1), usage(30 * DAY), usage(0, "fill")) == [True, True]


def test_3_2_sliding_every_sighting_keeps_a_value_known() -> None:
    rule = never_learning(forget=1)
    assert new(rule, usage(0), usage(DAY - 1), usage(2 * DAY - 2)) == [True, False, False]


def test_3_2_fixed_a_value_is_forgotten_after_its_learning_however_often_it_was_seen() -> None:
    rule = never_learning(forget=1, assumptions={"forgetMode": "fixed"})
    assert new(rule, usage(0), usage(DAY - 1), usage(DAY), usage(2 * DAY - 1)) == [True, False, True, False]


def test_3_2_fixed_a_known_late_event_moves_nothing_back() -> None:
    rule = never_learning(forget=1, assumptions={"forgetMode": "fixed"})
    assert new(rule, usage(DAY), usage(0), usage(2 * DAY - 1)) == [True, False, False]


def test_3_3_a_known_value_is_known_in_learning_too_and_fixed_is_not_learned_again() -> None:
    rule = new_value_rule(learn=2, forget=1, assumptions={"forgetMode": "fixed"})
    assert new(rule, usage(0), usage(DAY - 1), usage(2 * DAY)) == [False, False, True]
    assert Watch(rule, usage(0), usage(DAY - 1)).engine.baseline(ADA).last_seen == {"reveal": START}


def test_3_3_a_forgotten_value_that_comes_back_is_new() -> None:
    assert new(new_value_rule(forget=1), usage(0), usage(DAY)) == [False, True]


@pytest.mark.parametrize("scope", ["rule", "group"])
def test_3_3_forgetting_never_reopens_learning(scope: str) -> None:
    rule = new_value_rule(learn=1, forget=1, assumptions={"learningScope": scope})
    assert new(rule, usage(0), usage(30 * DAY), usage(30 * DAY, "fill")) == [False, True, True]


def test_3_3_a_value_forgotten_while_learning_lasts_is_learned_again() -> None:
    assert new(new_value_rule(learn=3, forget=1), usage(0), usage(DAY), usage(2 * DAY - 1)) == [False, False, False]


def test_3_4_a_new_value_is_learned_at_once() -> None:
    assert new(never_learning(), usage(0), usage(0, x="another")) == [True, False]


def test_3_4_a_late_event_never_moves_last_seen_back() -> None:
    assert new(never_learning(forget=1), usage(DAY), usage(0), usage(2 * DAY - 1)) == [True, False, False]


def test_3_the_same_event_delivered_twice_is_known_the_second_time_and_changes_nothing_else() -> None:
    records = [usage(0), usage(HOUR, "fill"), usage(DAY, "fill"), usage(DAY + HOUR)]
    rule = never_learning(forget=1)
    assert new(rule, *records) == [True, True, False, True]
    for place in range(4):
        twice = [*records[: place + 1], *records[place:]]
        verdicts = new(rule, *twice)
        assert verdicts.pop(place + 1) is False
        assert verdicts == [True, True, False, True]


def test_3_two_unseen_values_at_one_instant_are_two_matches() -> None:
    assert new(never_learning(), usage(0, "fill"), usage(0, "share")) == [True, True]


def test_3_the_same_unseen_value_twice_at_one_instant_matches_once_the_first_in_order() -> None:
    one, other = usage(0, x="one"), usage(0, x="other")
    assert [match.uuid for match in Watch(never_learning(), one, other).matches] == [one["uuid"]]
    assert [match.uuid for match in Watch(never_learning(), other, one).matches] == [other["uuid"]]


def test_3_groups_know_nothing_of_each_other() -> None:
    assert new(never_learning(), usage(0), usage(1, by=BOB), usage(2), usage(3, by=BOB)) == [True, True, False, False]


# 3. Enabling


def instantaneous(*, learn: int = 1, new_value: Json | None = None, **knobs: Any) -> Json:
    return new_value_rule(learn=learn, new_value={"instantaneousBaseline": True, **(new_value or {})}, **knobs)


def test_3_events_before_the_rule_was_enabled_are_not_seen() -> None:
    watch = Watch(never_learning(), usage(-1), usage(0), enabled_at=0)
    assert (watch.new, watch.ignored) == ([False, True], Counter({"not enabled": 1}))


@pytest.mark.parametrize("scope", ["rule", "group"])
def test_3_history_is_learned_silently_and_learning_is_complete_at_once(scope: str) -> None:
    rule = instantaneous(assumptions={"learningScope": scope})
    watch = Watch(rule, usage(-DAY), usage(-1, "fill"), usage(0), usage(0, "share"), enabled_at=0)
    assert (watch.new, watch.ignored) == ([False, False, False, True], Counter())


def test_3_history_reaches_back_exactly_one_learning_duration() -> None:
    watch = Watch(
        instantaneous(),
        usage(-DAY, "fill"),
        usage(-DAY - 1, "share"),
        usage(0, "fill"),
        usage(0, "share"),
        enabled_at=0,
    )
    assert (watch.new, watch.ignored) == ([False, False, False, True], Counter({"not enabled": 1}))


def test_3_once_a_live_event_has_arrived_older_ones_are_not_seen() -> None:
    watch = Watch(
        instantaneous(), usage(-2, "fill"), usage(0, "fill"), usage(-1, "share"), usage(1, "share"), enabled_at=0
    )
    assert (watch.new, watch.ignored) == ([False, False, False, True], Counter({"not enabled": 1}))


def test_3_an_event_exactly_at_enabling_is_live() -> None:
    assert new(instantaneous(), usage(-1), usage(0, "fill"), usage(-1, "share"), enabled_at=0) == [False, True, False]


def test_3_without_history_the_rule_learns_as_usual() -> None:
    assert new(instantaneous(), usage(0), usage(DAY - 1, "fill"), usage(DAY, "share"), enabled_at=0) == [
        False,
        False,
        True,
    ]


def test_3_scope_rule_history_of_one_group_completes_learning_for_all() -> None:
    assert new(instantaneous(), usage(-1), usage(0, by=BOB), enabled_at=0) == [False, True]


def test_3_scope_group_groups_without_history_learn_as_usual() -> None:
    rule = instantaneous(assumptions={"learningScope": "group"})
    records = usage(-1), usage(0, "fill"), usage(HOUR, by=BOB), usage(HOUR + DAY, "fill", by=BOB)
    assert new(rule, *records, enabled_at=0) == [False, True, False, True]


def test_3_history_ages_like_anything_else_that_was_seen() -> None:
    rule = instantaneous(forget=1)
    assert new(rule, usage(-HOUR), usage(DAY - HOUR - 1), enabled_at=0) == [False, False]
    assert new(rule, usage(-HOUR), usage(DAY - HOUR), enabled_at=0) == [False, True]


def test_3_fixed_history_is_not_learned_again_while_it_is_known() -> None:
    rule = instantaneous(learn=2, forget=1, assumptions={"forgetMode": "fixed"})
    assert new(rule, usage(-HOUR), usage(-1), usage(DAY - HOUR), enabled_at=0) == [False, False, True]


@pytest.mark.parametrize(
    "knobs",
    [{"learn": 0}, {"new_value": {"learningMethod": "threshold", "learningThreshold": 1}}, {"new_value": NEVER_LEARNS}],
)
def test_3_without_a_learning_duration_an_instantaneous_baseline_does_nothing(knobs: Json) -> None:
    assert Watch(instantaneous(**knobs), usage(-1), enabled_at=0).ignored == Counter({"not enabled": 1})


def test_3_without_a_moment_of_enabling_an_instantaneous_baseline_does_nothing() -> None:
    assert new(instantaneous(), usage(0), usage(DAY - 1, "fill"), usage(DAY, "share")) == [False, False, True]


# 4. Signals


def gathered(rule: Json, *records: Json) -> list[list[int]]:
    """For each signal the times of its matches after `START`."""
    return [[match.timestamp - START for match in signal.matches] for signal in Watch(rule, *records).signals]


def test_4_a_match_joins_at_exactly_keep_alive_and_opens_a_signal_a_nanosecond_later() -> None:
    rule = never_learning(keep_alive=60)
    minute = 60 * SECOND
    assert gathered(rule, usage(0), usage(minute, "fill")) == [[0, minute]]
    assert gathered(rule, usage(0), usage(minute + 1, "fill")) == [[0], [minute + 1]]


def test_4_a_late_match_joins_at_exactly_keep_alive_too() -> None:
    rule = never_learning(keep_alive=60)
    minute = 60 * SECOND
    assert gathered(rule, usage(minute), usage(0, "fill")) == [[minute, 0]]
    assert gathered(rule, usage(minute + 1), usage(0, "fill")) == [[minute + 1], [0]]


def test_4_a_signal_lasts_exactly_its_longest_duration() -> None:
    rule = never_learning(keep_alive=60, longest=60)
    half, minute = 30 * SECOND, 60 * SECOND
    assert gathered(rule, usage(0), usage(half, "fill"), usage(minute, "share")) == [[0, half, minute]]
    assert gathered(rule, usage(0), usage(half, "fill"), usage(minute + 1, "share")) == [[0, half], [minute + 1]]


def test_4_the_longest_duration_counts_from_the_least_time_once_a_late_match_has_joined() -> None:
    rule = never_learning(keep_alive=60, longest=60)
    late, end = -30 * SECOND, 30 * SECOND
    assert gathered(rule, usage(0), usage(late, "fill"), usage(end, "share")) == [[0, late, end]]
    assert gathered(rule, usage(0), usage(late, "fill"), usage(end + 1, "share")) == [[0, late], [end + 1]]


def test_4_keep_alive_counts_from_the_greatest_time_after_a_late_match_has_joined() -> None:
    rule = never_learning(keep_alive=60)
    late, end = -60 * SECOND, 60 * SECOND
    assert gathered(rule, usage(0), usage(late, "fill"), usage(end, "share")) == [[0, late, end]]


def test_4_opened_at_is_the_least_and_last_match_the_greatest_time() -> None:
    (signal,) = Watch(never_learning(keep_alive=60), usage(0), usage(-SECOND, "fill"), usage(SECOND, "share")).signals
    assert (signal.opened_at, signal.last_match_at) == (START - SECOND, START + SECOND)


def test_4_a_new_signal_replaces_the_open_one_for_good() -> None:
    rule = never_learning(keep_alive=60)
    far = HOUR
    assert gathered(rule, usage(0), usage(far, "fill"), usage(1, "share")) == [[0], [far], [1]]


def test_4_with_keep_alive_0_each_match_is_a_signal() -> None:
    assert gathered(never_learning(keep_alive=0), usage(0), usage(0, "fill")) == [[0], [0]]


def test_4_only_matches_extend_a_signal() -> None:
    rule = never_learning(keep_alive=60)
    known, later = 60 * SECOND, 61 * SECOND
    assert gathered(rule, usage(0), usage(known), usage(later, "fill")) == [[0], [later]]


def test_4_groups_have_signals_of_their_own() -> None:
    assert gathered(never_learning(keep_alive=60), usage(0), usage(1, by=BOB), usage(2, "fill")) == [[0, 2], [1]]


def test_4_a_signal_carries_rule_severity_group_times_texts_and_matches() -> None:
    record = usage(0, "export")
    (signal,) = Watch(never_learning(), record).signals
    assert signal.shown() == {
        "id": signal.id,
        "rule": "New action",
        "severity": "medium",
        "group": {"@usr.email": ADA},
        "opened_at": "2026-01-05T00:00:00Z",
        "last_match_at": "2026-01-05T00:00:00Z",
        "title": "New action",
        "message": "ada@example.com did export",
        "matches": [
            {
                "uuid": record["uuid"],
                "timestamp": "2026-01-05T00:00:00Z",
                "group": {"@usr.email": ADA},
                "value": {"@evt.name": "export"},
                "item_uuid": "item",
                "vault_uuid": "vault",
            }
        ],
    }


def test_4_a_signal_keeps_its_id_while_it_grows_and_another_rule_group_or_opening_gives_another() -> None:
    def first_id(rule: Json, *records: Json) -> str:
        return Watch(rule, *records).signals[0].id

    rule, other = never_learning(keep_alive=60), never_learning(keep_alive=60, name="Another")
    opening = usage(0)
    assert first_id(rule, opening) == first_id(rule, opening, usage(1, "fill"))
    different = [(rule, opening), (other, opening), (rule, usage(1)), (rule, usage(0, by=BOB, uuid=opening["uuid"]))]
    assert len({first_id(which, record) for which, record in different}) == 4
