"""Feeds seen: a feed is left out only where the rule can select nothing of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import audit, line, sign_in, usage
from drills import Usage, write_drill
from hypothesis import given
from hypothesis import strategies as st

from detector.onepassword import Kind
from detector.rules import shipped_rule
from detector.selection import Selector
from harness.feeds_seen import feeds_seen, sees

RECORDS: dict[Kind, Callable[..., Any]] = {Kind.ITEM_USAGE: usage, Kind.SIGN_IN: sign_in, Kind.AUDIT_EVENT: audit}


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("source:1password @evt.type:1password-item-usages @evt.name:(fill OR export)", [True, False, False]),
        ("@evt.type:1password-item-usages AND source:1password", [True, False, False]),
        ("@evt.type:1password-signin-attempts", [False, True, False]),
        ("@evt.type:(1password-item-usages OR 1password-audit-events)", [True, False, True]),
        ("@evt.type:1password-item-usages OR @evt.name:create", [True, True, True]),
        ("-@evt.type:1password-item-usages", [False, True, True]),
        ("@evt.type:1password-item*", [True, False, False]),
        ('@evt.type:"1password-item-usages" (@evt.name:fill OR export)', [True, False, False]),
        ("source:okta", [False, False, False]),
        ("*", [True, True, True]),
    ],
)
def test_a_query_names_the_feeds_that_it_can_match(query: str, kinds: list[bool]) -> None:
    rule = replace(shipped_rule(), query=query)
    assert [sees(rule, kind) for kind in RECORDS] == kinds


def test_filters_that_must_hold_and_that_must_not_leave_feeds_out_too() -> None:
    everything = replace(shipped_rule(), query="*")
    required = replace(everything, required=("@evt.type:1password-item-usages",))
    excluded = replace(everything, excluded=("@evt.type:1password-item-usages", "@evt.name:fill"))
    assert [sees(required, kind) for kind in RECORDS] == [True, False, False]
    assert [sees(excluded, kind) for kind in RECORDS] == [False, True, True]


ATOMS = st.sampled_from(
    [
        "source:1password",
        "source:okta",
        "source:1pass*",
        "@evt.type:1password-item-usages",
        '@evt.type:"1password-signin-attempts"',
        "@evt.type:1password-a*",
        "@evt.type:(1password-item-usages OR 1password-audit-events)",
        "@evt.type:*",
        "@evt.type:>5",
        "@evt.name:fill",
        "@usr.email:*",
        "item",
        "*:fill",
        "*",
    ]
)
QUERIES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map("-({})".format),
        st.tuples(inner, inner).map("({0[0]}) {0[1]}".format),
        st.tuples(inner, inner).map("({0[0]} OR {0[1]})".format),
    ),
    max_leaves=6,
)


@given(QUERIES, st.lists(QUERIES, max_size=1), st.lists(QUERIES, max_size=1), st.sampled_from(["fill", "success", "x"]))
def test_no_record_of_a_feed_that_is_left_out_is_selected(
    query: str, required: list[str], excluded: list[str], action: str
) -> None:
    rule = replace(shipped_rule(), query=query, required=tuple(required), excluded=tuple(excluded))
    selector = Selector(rule)
    for kind, record in RECORDS.items():
        assert sees(rule, kind) or selector.select(line(record(0, action))) is None


def test_of_several_feeds_the_whole_dataset_is_read(tmp_path: Path) -> None:
    usages = [Usage("2026-01-01T09:00:00Z", "ada", "fill")]
    directory = write_drill(tmp_path / "d", usages, "2026-03-01T00:00:00Z")
    assert feeds_seen(directory, shipped_rule()) == [str(directory / "itemusages.ndjson")]
    assert feeds_seen(directory, replace(shipped_rule(), query="source:okta")) == [str(directory)]
