"""Codes for what a rule asks of records: the same rows and reasons as its selector has, by columns or by events."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from builders import ADA, BOB, START, audit, new_value_rule, sign_in, usage
from engines import Situation, columns_of, in_batches, parsed, selected, typed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_records import Json
from ordinary import ordinary

from detector.columnar.codes import Codes
from detector.columnar.coding import Coded, Coding, Fields
from detector.columnar.rows import Rows
from detector.selection import NO_GROUP, NO_VALUE, NOT_MATCHED
from detector.token import Key

Row = tuple[int, Key, tuple[Key, ...], str]
TWO = {"multiValue": "any"}


def coded(document: Json, *records: Json) -> tuple[Coding, Rows]:
    """The rows that a rule makes of records of one kind, by columns."""
    fields = Fields()
    coding = Coding(parsed(document), fields)
    return coding, coding.rows(Coded(columns_of(parsed(document), list(records)), fields))


def keys(coding: Coding, rows: Rows) -> list[Row]:
    """The rows that the rule sees, decoded: time, group, values and the uuid of the event."""
    found = []
    values = (rows.values if rows.values.ndim == 2 else rows.values[:, None]).tolist()
    for row, (t, group) in enumerate(zip(rows.t.tolist(), rows.group.tolist(), strict=True)):
        if group:
            names = tuple(name for code in values[row] if (name := coding.values.keys_of[code]))
            found.append((t, coding.groups.keys_of[group] or "", names, rows.event(row).uuid))
    return found


def groups(document: Json, *records: Json) -> list[Key | None]:
    coding, rows = coded(document, *records)
    return [coding.groups.keys_of[code] for code in rows.group.tolist()]


def test_codes_begin_at_one_and_stand_for_their_keys() -> None:
    codes = Codes()
    assert [codes[key] for key in ("a", "b", None, "a")] == [1, 2, 0, 1]
    assert codes.keys_of == [None, "a", "b"]


def test_an_ordinary_record_is_a_row_of_time_group_and_value() -> None:
    coding, rows = coded(new_value_rule(), usage(5, "fill", ADA))
    assert keys(coding, rows) == [(START + 5, ADA, ("fill",), usage(5, "fill", ADA)["uuid"])]


@pytest.mark.parametrize(
    ("rule", "record", "reason"),
    [
        (new_value_rule(query="@evt.name:fill"), usage(0, "reveal"), NOT_MATCHED),
        (new_value_rule(query="@evt.name:fill"), usage(0, "reveal", None), NOT_MATCHED),
        (new_value_rule(), usage(0, "reveal", ""), NO_GROUP),
        (new_value_rule(), usage(0, None, None), NO_GROUP),
        (new_value_rule(), usage(0, ""), NO_VALUE),
        (new_value_rule(metrics=("@evt.name", "@x")), usage(0), NO_VALUE),
        (new_value_rule(metrics=("@z", "@x"), assumptions=TWO), usage(0), NO_VALUE),
        (new_value_rule(query_fields={"hasOptionalGroupByFields": True}), usage(0, None, None), NO_VALUE),
    ],
)
def test_what_a_rule_does_not_see_is_counted_by_the_first_reason(rule: Json, record: Json, reason: str) -> None:
    coding, rows = coded(rule, record)
    assert (rows.group.tolist(), +coding.ignored, coding.read) == ([0], Counter([reason]), 1)


def test_an_absent_optional_group_by_field_is_told_from_none() -> None:
    rule = new_value_rule(query_fields={"hasOptionalGroupByFields": True})
    assert groups(rule, usage(0, by=None), usage(0, by="N/A"), usage(0)) == ["N/A", "N/A", ADA]
    assert groups(new_value_rule(), usage(0, by=None), usage(0)) == [None, ADA]


def test_without_group_by_fields_all_records_are_of_one_group() -> None:
    assert len(set(groups(new_value_rule(group_by=()), usage(0, by=ADA), usage(1, by=BOB)))) == 1


def test_groups_of_several_fields_keep_the_type_of_each() -> None:
    rule = new_value_rule(group_by=("@usr.email", "@x"))
    found = groups(rule, usage(0, x=1), usage(0, x="1"), usage(0, x=True), usage(0, x=1.0), usage(0, x=None))
    assert found == [f'\0["{ADA}",1]', f'\0["{ADA}","1"]', f'\0["{ADA}",true]', f'\0["{ADA}",1]', None]


def test_a_group_by_that_is_also_the_metric_shares_its_codes() -> None:
    coding, rows = coded(new_value_rule(group_by=("@evt.name",)), usage(0, "fill"), usage(1, "reveal"))
    assert coding.groups is coding.values
    assert [row[1:3] for row in keys(coding, rows)] == [("fill", ("fill",)), ("reveal", ("reveal",))]


def test_with_any_equal_values_of_two_fields_stay_apart_and_absent_ones_are_left_out() -> None:
    rule = new_value_rule(metrics=("@evt.name", "@x", "@y"), assumptions=TWO)
    coding, rows = coded(rule, usage(0, "a", x="a"), usage(1, None, x="a", y="a"))
    assert [row[2] for row in keys(coding, rows)] == [("0:a", "1:a"), ("1:a", "2:a")]


def test_with_any_one_watched_field_is_judged_as_a_tuple_of_one() -> None:
    coding, rows = coded(new_value_rule(assumptions=TWO), usage(0, "a"))
    assert (rows.values.ndim, keys(coding, rows)[0][2]) == (1, ("a",))


@pytest.mark.parametrize(
    ("record", "kind"), [(usage, "item-usages"), (sign_in, "signin-attempts"), (audit, "audit-events")]
)
def test_what_is_the_same_for_all_of_a_kind_is_so_whatever_a_record_says(
    record: Callable[..., Json], kind: str
) -> None:
    rule = new_value_rule(group_by=("@evt.type", "source"), query="source:1password")
    found = groups(rule, record(0, evt={"type": "another"}, source="another"), record(1))
    assert found == [f'\0["1password-{kind}","1password"]'] * 2


def test_a_token_that_stands_twice_among_a_columns_has_one_code() -> None:
    _, rows = coded(new_value_rule(), usage(0, by=ADA), usage(1, by=BOB), usage(2, by=ADA))
    assert rows.group.tolist() == [1, 2, 1]


def test_codes_stay_from_batch_to_batch_and_from_kind_to_kind() -> None:
    rule, fields = parsed(new_value_rule()), Fields()
    coding = Coding(rule, fields)
    batches = [[usage(0, by=ADA), usage(1, by=BOB)], [sign_in(2, by=BOB)], [audit(3, by=ADA)], [usage(4, by="eve")]]
    rows = [coding.rows(Coded(columns_of(rule, batch), fields)) for batch in batches]
    assert [one.group.tolist() for one in rows] == [[1, 2], [2], [1], [3]]
    assert coding.read == 5


def test_a_query_is_put_to_the_tokens_that_only_a_later_batch_brings() -> None:
    rule, fields = parsed(new_value_rule(query="@evt.name:(fill OR export)")), Fields()
    coding = Coding(rule, fields)
    batches = [[usage(0, action)] for action in ("fill", "reveal", "export", "share", "fill")]
    rows = [coding.rows(Coded(columns_of(rule, batch), fields)) for batch in batches]
    assert [one.group.tolist() for one in rows] == [[1], [0], [1], [0], [1]]


def test_rules_of_one_run_share_the_codes_of_a_field() -> None:
    fields = Fields()
    one = Coding(parsed(new_value_rule()), fields)
    other = Coding(parsed(new_value_rule(metrics=("@usr.email",), group_by=())), fields)
    assert one.groups is other.values


def test_a_batch_of_no_rows_has_no_rows() -> None:
    rule, fields = parsed(new_value_rule()), Fields()
    columns = columns_of(rule, [usage(0)])
    none = columns._replace(
        t=columns.t[:0], columns={p: c._replace(codes=c.codes[:0]) for p, c in columns.columns.items()}
    )
    coding = Coding(rule, fields)
    assert len(coding.rows(Coded(none, fields)).group) == 0
    assert (coding.read, +coding.ignored) == (0, Counter())


@settings(max_examples=max(100, settings().max_examples), suppress_health_check=[HealthCheck.too_slow])
@given(situation=ordinary(), size=st.integers(1, 24))
def test_by_columns_or_by_events_the_rows_are_those_of_the_selector(situation: Situation, size: int) -> None:
    document, stream, _ = situation
    rule = parsed(document)
    events, ignored = selected(rule, stream)
    expected = [(event.timestamp, event.group, event.values, event.uuid) for event in events]
    fields, by_events = Fields(), Coding(rule, Fields())
    by_columns = Coding(rule, fields)
    batches = [by_columns.rows(Coded(columns_of(rule, batch), fields)) for batch in in_batches(stream, size)]
    assert typed([row for rows in batches for row in keys(by_columns, rows)]) == typed(expected)
    assert typed(keys(by_events, by_events.rows_of(events))) == typed(expected)
    assert (+by_columns.ignored, by_columns.read) == (+ignored, len(stream))
    assert {rows.group.dtype for rows in batches} == {rows.values.dtype for rows in batches} == {np.dtype(np.int32)}
