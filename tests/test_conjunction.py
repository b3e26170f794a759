"""A conjunction says what its query does, in as few terms as it takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.conjunction import Term, conjunction
from detector.query import compile_query

A = Term("@a", negated=False, values=("x",))
B = Term("@b", negated=True, values=("y",))


@pytest.mark.parametrize(
    "query",
    [
        "@a:x -@b:y",
        "@a:x AND NOT @b:y",
        "(@a:x) AND (-@b:y)",
        "((@a:x) AND -@b:y)",
        "( @a:x -@b:y )",
        "@a:x AND (-@b:y AND @a:x)",
        "@a:(x OR z) AND (@a:x -@b:y)",
    ],
)
def test_parentheses_and_what_is_said_twice_make_no_difference(query: str) -> None:
    assert set(conjunction(query) or ()) == {A, B}


@pytest.mark.parametrize(
    "query",
    [
        "@a:x OR @b:y",
        "(@a:x OR @b:y)",
        "-(@a:x @b:y)",
        "NOT (@a:x)",
        "(@a:x",
        "@a:x)",
        "(@a:x))(",
        "(@a:x)(@b:y)",
        "@a:x AND",
        "()",
        "word",
    ],
)
def test_anything_else_is_none(query: str) -> None:
    assert conjunction(query) is None


def test_terms_that_exclude_are_all_kept() -> None:
    assert len(conjunction("-@a:x -@a:(x OR y) @a:x") or ()) == 3


TERMS = st.builds(
    lambda negation, field, values: f"{negation}@{field}:({' OR '.join(values)})",
    st.sampled_from(["", "-", "NOT "]),
    st.sampled_from("ab"),
    st.lists(st.sampled_from("xyz"), min_size=1, max_size=3),
)
QUERIES = st.recursive(
    TERMS,
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({' AND '.join(parts)})"),
    max_leaves=6,
)


def selects(query: str, record: dict[str, str]) -> bool:
    compiled = compile_query(query)
    return compiled.matches([record.get(field) for field in compiled.fields])


@given(QUERIES, st.dictionaries(st.sampled_from(["@a", "@b"]), st.sampled_from("xyz")))
def test_the_terms_select_what_the_query_does(query: str, record: dict[str, str]) -> None:
    terms = conjunction(query)
    assert terms is not None
    told = all((record.get(term.field) in term.values) != term.negated for term in terms)
    assert selects(query, record) == told
