"""Why: one sentence for what became of an event."""

import pytest
from builders import ADA, audit, usage
from explained import RULE, only
from naive_model import DAY
from naive_records import Json

from harness.explain.clauses import clauses, failing


@pytest.mark.parametrize(
    ("stream", "outcome", "why"),
    [
        (
            [usage(0, "fill"), usage(10 * DAY, "export")],
            "new",
            f"`export` was new from {ADA}: never seen in the 10 d since they were first seen (2026-01-05T00:00:00Z)",
        ),
        (
            [usage(0, "fill", "bob"), usage(10 * DAY, "export")],
            "new",
            f"`export` was new from {ADA}: nothing at all was seen of them before, 10 d after the rule's start",
        ),
        (
            [usage(0, "fill"), usage(28 * DAY, "fill")],
            "new",
            f"`fill` was new again from {ADA}: last seen 28 d before (2026-01-05T00:00:00Z), and forgotten 28 d after"
            " that (2026-02-02T00:00:00Z)",
        ),
        (
            [usage(0, "fill"), usage(28 * DAY - 1, "fill")],
            "known",
            f"`fill` was known from {ADA}: last seen 27 d 23 h before (2026-01-05T00:00:00Z), to be forgotten 28 d"
            " after that (2026-02-02T00:00:00Z)",
        ),
        (
            [usage(DAY, "fill"), usage(0, "fill")],
            "known",
            f"`fill` was known from {ADA}: this event came late, when one from 1 d after it (2026-01-06T00:00:00Z) had"
            " been seen",
        ),
        (
            [usage(0, "fill")],
            "learned",
            f"`fill` was learned of {ADA}: the rule learned, without a match, for its first 7 d, until"
            " 2026-01-12T00:00:00Z",
        ),
        (
            [audit(0)],
            "ignored",
            "the query asks for `@evt.type:1password-item-usages`, but @evt.type is 1password-audit-events",
        ),
        ([usage(0, by=None)], "ignored", "the group-by field @usr.email is absent"),
        ([usage(0, "")], "ignored", "the watched field @evt.name is absent"),
    ],
)
def test_one_sentence_says_why(stream: list[Json], outcome: str, why: str) -> None:
    told = only(stream)
    assert (told.outcome, told.why) == (outcome, (why,))


def test_an_exclusion_and_a_filter_are_named_with_what_the_event_holds() -> None:
    filters = [{"action": "suppress", "query": "@x:1"}, {"action": "require", "query": "@evt.name:* env:production"}]
    told = only([usage(0, x=1, env="dev")], {**RULE, "filters": filters})
    assert told.why == ("a filter requires `env:production`, but env is dev", "it is excluded by `@x:1`: @x is 1")


def test_a_suppressed_match_says_by_what() -> None:
    told = only([usage(0, "fill"), usage(8 * DAY, "export")], {**RULE, "suppressionQuery": "@evt.name:export"})
    assert told.signal is not None
    assert (told.outcome, told.signal.fate, told.signal.by) == ("new", "suppressed", ("@evt.name:export",))


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("", [""]),
        ("*", ["*"]),
        ("@a:1 AND @b:(1 OR 2) -@c:*", ["@a:1", "@b:(1 OR 2)", "-@c:*"]),
        ("NOT @a:1 NOT (@b:1 @c:1)", ["NOT @a:1", "NOT (@b:1 @c:1)"]),
        ("(@a:1 (@b:1 @c:1))", ["@a:1", "@b:1", "@c:1"]),
        ("(@a:1) (@b:1 OR @c:1)", ["@a:1", "@b:1 OR @c:1"]),
        ("@a:1 @b:2 OR @c:3", ["@a:1 @b:2 OR @c:3"]),
        ('@a:"x OR (y" @b:[1 TO 2] @c:>=3', ['@a:"x OR (y"', "@b:[1 TO 2]", "@c:>=3"]),
        (r"@a:x\ y @b:\(", [r"@a:x\ y", r"@b:\("]),
        ("@a: 1 @b:2", ["@a: 1 @b:2"]),
    ],
)
def test_a_query_falls_into_the_parts_that_all_have_to_hold(query: str, parts: list[str]) -> None:
    assert [clause.text for clause in clauses(query)] == parts


def test_what_cannot_be_divided_fails_as_a_whole() -> None:
    assert [clause.text for clause in failing("@a:1 OR @b:1", {"@a": "2"}.get)] == ["@a:1 OR @b:1"]
    assert failing("@a:1 OR @b:1", {"@b": "1"}.get) == []
