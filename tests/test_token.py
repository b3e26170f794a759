"""Tokens and keys: as text, two values are one exactly where the rule takes them for one."""

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detector.token import Scalar, key_of, scalar, scalars, token

_text = st.text(st.sampled_from('ab1"\\[],\0 é') | st.characters(codec="utf-8"), min_size=1, max_size=6)
_numbers = st.integers(-(2**63), 2**64 - 1) | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False)
json_scalars: st.SearchStrategy[Scalar] = st.one_of(
    st.booleans(), _numbers, _text, st.sampled_from(["1", "true", "\0true", "\x001", '\0"a"', "N/A"])
)


def same(one: Scalar, other: Scalar) -> bool:
    """Whether the rule takes them for one value."""
    kinds = [bool if isinstance(value, bool) else str if isinstance(value, str) else float for value in (one, other)]
    return kinds[0] is kinds[1] and one == other


def token_of(value: Scalar) -> str:
    found = token(value)
    assert found is not None
    return found


def test_a_usual_string_stands_for_itself() -> None:
    assert token("export") == "export"


@pytest.mark.parametrize("value", [None, "", [], ["a"], {}, {"a": 1}])
def test_null_the_empty_string_lists_and_objects_are_absent(value: object) -> None:
    assert token(value) is None


def test_a_number_a_string_and_a_boolean_that_look_alike_are_three() -> None:
    assert len(set(map(token, (1, "1", True, "true")))) == 4


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (0, -0.0), (10**16, 1e16), (-3, -3.0), (100, 1e2)])
def test_numbers_are_one_where_their_values_are(one: float, other: float) -> None:
    assert token(one) == token(other)


def test_whole_numbers_that_a_float_cannot_tell_apart_stay_apart() -> None:
    assert token(2**53 + 1) != token(2**53)


def test_zero_and_false_are_present_and_two() -> None:
    assert len({None, *map(token, (0, False))}) == 3


@given(one=json_scalars, other=json_scalars)
@example("\0", '\0"\\u0000"')
@example("\x001", 1)
@example(one=True, other="\0true")
@example(one=1, other=True)
def test_tokens_are_equal_exactly_where_values_are(one: Scalar, other: Scalar) -> None:
    assert (token(one) == token(other)) == same(one, other)


@given(json_scalars)
def test_a_token_stands_for_its_value(value: Scalar) -> None:
    assert same(scalar(token_of(value)), value)


@given(st.integers(2, 3).flatmap(lambda size: st.tuples(*[st.lists(json_scalars, min_size=size, max_size=size)] * 2)))
def test_keys_are_equal_exactly_where_all_members_are(pair: tuple[list[Scalar], list[Scalar]]) -> None:
    one, other = pair
    keys = [key_of(tuple(map(token_of, members))) for members in pair]
    assert (keys[0] == keys[1]) == all(map(same, one, other))


@given(st.lists(json_scalars, max_size=4))
def test_a_key_gives_its_members_back(members: list[Scalar]) -> None:
    back = scalars(key_of(tuple(map(token_of, members))), len(members))
    assert len(back) == len(members)
    assert all(map(same, back, members))


@given(json_scalars)
def test_a_token_is_text_that_any_store_can_hold(value: Scalar) -> None:
    assert token_of(value).encode().decode() == token(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_token_of_a_fraction_is_json_of_the_same_number(value: float) -> None:
    shown = json.loads(token_of(value).removeprefix("\0"))
    assert math.isclose(shown, value, rel_tol=0, abs_tol=0)
