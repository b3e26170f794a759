"""Ids say what they are ids of."""

from hypothesis import given
from hypothesis import strategies as st

from scenarios.case_id import case_id, case_of, earlier_run, is_earlier, run_id, scenario_of

NAMES = st.text("abc-/.", min_size=1)
ARGUMENTS = st.dictionaries(st.sampled_from("ijk"), st.integers() | st.sampled_from(["1s", "a b"]))


def test_a_run_names_its_case_and_whether_it_is_the_earlier_incident_of_one() -> None:
    runs = ["attacks/a#1", "attacks/a[pace=1s]#12", "attacks/a[pace=1s]#12~earlier"]
    assert [case_of(run) for run in runs] == ["attacks/a", "attacks/a[pace=1s]", "attacks/a[pace=1s]"]
    assert [is_earlier(run) for run in runs] == [False, False, True]


def test_arguments_stand_in_the_order_of_their_declaration() -> None:
    assert case_id("a/b", ["items", "pace"], {"pace": "1s", "items": 5}) == "a/b[items=5,pace=1s]"
    assert case_id("a/b", ["items", "pace"], {}) == "a/b"


@given(NAMES, ARGUMENTS, st.integers(1, 99))
def test_whatever_an_id_is_made_of_comes_out_again(name: str, given: dict[str, int | str], number: int) -> None:
    case = case_id(name, sorted(given), given)
    run = run_id(case, number)
    assert scenario_of(case) == name
    assert case_of(run) == case_of(earlier_run(run)) == case
    assert (is_earlier(run), is_earlier(earlier_run(run))) == (False, True)
