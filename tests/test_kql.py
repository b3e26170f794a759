"""KQL becomes a log search that selects the same; what the two do not share is refused by name."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.elastic.kql import Field, to_log_search
from detector.elastic.values import KqlError, Value
from detector.query import compile_query


def at(name: str) -> Field:
    return Field(f"@{name}", Value.search)


@pytest.mark.parametrize(
    ("kql", "search"),
    [
        ("", "*"),
        ("*", "*"),
        ("*:*", "*"),
        ("a:1", "@a:1"),
        ("a : x or b:y and not c:z", "@a:x OR @b:y AND NOT @c:z"),
        ("(a:x OR b:y) And NOT (c:z)", "(@a:x OR @b:y) AND NOT @c:z"),
        ("not not a:x", "NOT (NOT @a:x)"),
        ("a:(x or y and not z)", "@a:(x OR y AND NOT z)"),
        ("a:((x))", "@a:x"),
        ("a:*", "@a:*"),
        ("not a:*", "NOT @a:*"),
        ("a:x and (b:y and a:x)", "@a:x AND @b:y"),
        ("a:x or (a:x or a:x)", "@a:x"),
        ("a:x or a:y", "@a:(x OR y)"),
        ("b:z and (a:x or a:y)", "@b:z AND @a:(x OR y)"),
        ("a:x or a >= 5", "@a:x OR @a:>=5"),
        ("not a:x and not a:x", "NOT @a:x"),
        ("a:null pointer and b:x", '@a:"null pointer" AND @b:x'),
        ("a:pre*fix", "@a:pre*fix"),
        ('a:"pre*fix"', '@a:"pre*fix"'),
        ("a:wh?t", '@a:"wh?t"'),
        (r"a:x\:y", '@a:"x:y"'),
        (r"a:\and", '@a:"and"'),
        ("a:/etc/*", r"@a:\/etc\/*"),
        ("a >= 5 and a < -2.5", "@a:>=5 AND @a:<-2.5"),
    ],
)
def test_what_both_can_say_is_said_as_datadog_does(kql: str, search: str) -> None:
    assert to_log_search(kql, at) == search
    compile_query(search)


@pytest.mark.parametrize(
    ("kql", "named"),
    [
        ("reveal", "a term without a field is not covered: 'reveal'"),
        ("a:{ b:1 }", "a nested query { } is not covered"),
        ("a.*:1", "a wildcard in a field name is not covered: 'a.*'"),
        ("a >= now-1d", "a bound must be a number: found a >= 'now-1d'"),
        ("a:(x or y", "it ends too soon"),
        ("a:x)", "')' is not expected here"),
        ("a:x and", "it ends too soon"),
        ("a:and", "'and' is not expected here"),
        ('a:"x', "'\"x' cannot be read"),
        (r"a:\u0000", "NUL is not covered"),
        ("(" * 3000 + "a:x", "nested too deeply"),
    ],
)
def test_what_they_do_not_share_is_refused_by_name(kql: str, named: str) -> None:
    with pytest.raises(KqlError) as refused:
        to_log_search(kql, at)
    assert named in str(refused.value)


def selects(search: str, record: dict[str, str]) -> bool:
    query = compile_query(search)
    return query.matches([record.get(field) for field in query.fields])


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_a_quoted_value_selects_itself_and_nothing_else(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    search = to_log_search(f'a:"{escaped}"', at)
    assert selects(search, {"@a": text})
    assert not selects(search, {"@a": text + "x"})


@given(st.text("ab /-?.@", min_size=1, max_size=6), st.text("ab /-?.@", max_size=6))
def test_a_wildcard_stands_for_any_run_of_characters(start: str, end: str) -> None:
    start, end = "x" + " ".join(start.split()), " ".join(end.split()) + "x"
    search = to_log_search(f"a:{start}*{end}", at)
    assert selects(search, {"@a": f"{start}anything{end}"})
    assert not selects(search, {"@a": f"y{start}{end}"})


Made = tuple[str, Callable[[dict[str, str]], bool]]
"""A query in KQL, and what it means."""


def term(field: str, value: str) -> Made:
    return f"{field}:{value}", lambda record: record.get(f"@{field}") == value


def joined(word: str, every: Callable[[Any], bool], parts: list[Made]) -> Made:
    return f" {word} ".join(f"({text})" for text, _ in parts), lambda record: every(holds(record) for _, holds in parts)


QUERIES: st.SearchStrategy[Made] = st.recursive(
    st.builds(term, st.sampled_from("ab"), st.sampled_from("xyz")),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: joined("and", all, parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: joined("or", any, parts)),
        inner.map(lambda made: (f"not ({made[0]})", lambda record: not made[1](record))),
    ),
    max_leaves=8,
)


@given(QUERIES, st.dictionaries(st.sampled_from(["@a", "@b"]), st.sampled_from("xyz")))
def test_and_or_and_not_select_what_they_say(made: Made, record: dict[str, str]) -> None:
    kql, holds = made
    assert selects(to_log_search(kql, at), record) == holds(record)
