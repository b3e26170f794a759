"""The single definition of "new", as a pure function of integers."""

from hypothesis import given
from hypothesis import strategies as st

from detector.verdict import (
    FIRST_EVENT,
    GROUP_CLOCK,
    KNOWN,
    LEARNED,
    NEVER_LEARN,
    NEW,
    RULE_CLOCK,
    UNSET,
    is_learning,
    remember,
    verdict,
)

D, F = 7, 28
instants = st.integers(-50, 50)
priors = st.just(UNSET) | instants
ways = st.sampled_from([NEVER_LEARN, FIRST_EVENT, RULE_CLOCK, GROUP_CLOCK])


def judge(t: int, last: int, first: int, learning: int, settled_before: int = UNSET) -> int:
    """The verdict at *t* under a rule that started at 0, learns for `D` and forgets after `F`."""
    return verdict(t, last, first, 0, learning, D, settled_before, F)


def test_a_value_is_known_until_exactly_forget_after_and_new_from_then_on() -> None:
    assert [judge(t, 0, 0, NEVER_LEARN) for t in (0, 1, F - 1, F, F + 1)] == [KNOWN, KNOWN, KNOWN, NEW, NEW]


def test_a_late_event_is_known() -> None:
    assert judge(-1000, 0, 0, NEVER_LEARN) == KNOWN


def test_by_the_rules_clock_learning_ends_at_exactly_its_duration_for_every_group() -> None:
    assert [judge(t, UNSET, UNSET, RULE_CLOCK) for t in (-1, 0, D - 1, D)] == [LEARNED, LEARNED, LEARNED, NEW]


def test_by_a_groups_clock_learning_ends_at_exactly_its_duration_after_its_first_event() -> None:
    assert [judge(t, UNSET, 100, GROUP_CLOCK) for t in (99, 100, 106, 107)] == [LEARNED, LEARNED, LEARNED, NEW]
    assert judge(1000, UNSET, UNSET, GROUP_CLOCK) == LEARNED


def test_first_event_learning_takes_the_groups_first_event_and_no_other() -> None:
    assert [judge(1000, UNSET, first, FIRST_EVENT) for first in (UNSET, 1000)] == [LEARNED, NEW]


def test_never_learning_takes_the_first_event_for_new() -> None:
    assert judge(0, UNSET, UNSET, NEVER_LEARN) == NEW


def test_a_known_value_is_known_while_learning_and_a_forgotten_one_is_learned_again() -> None:
    assert verdict(5, 4, 0, 0, RULE_CLOCK, 7, UNSET, 2) == KNOWN
    assert verdict(6, 4, 0, 0, RULE_CLOCK, 7, UNSET, 2) == LEARNED


def test_a_clock_that_started_before_it_settled_has_nothing_left_to_learn() -> None:
    assert is_learning(11, UNSET, 9, RULE_CLOCK, D, 10) is False
    assert is_learning(11, UNSET, 10, RULE_CLOCK, D, 10) is True
    assert [is_learning(11, first, 0, GROUP_CLOCK, D, 10) for first in (9, 10, UNSET)] == [False, True, True]


def test_sliding_remembers_the_greatest_time_whatever_the_verdict() -> None:
    for found in (LEARNED, KNOWN, NEW):
        assert [remember(t, 5, found, False) for t in (4, 5, 6)] == [5, 5, 6]  # noqa: FBT003


def test_fixed_remembers_when_a_value_was_learned() -> None:
    assert [remember(9, 5, found, True) for found in (LEARNED, KNOWN, NEW)] == [9, 5, 9]  # noqa: FBT003


def test_the_first_sighting_is_remembered_in_either_mode() -> None:
    assert [remember(-3, UNSET, NEW, fixed) for fixed in (False, True)] == [-3, -3]


@given(t=instants, last=priors, first=priors, learning=ways, fixed=st.booleans())
def test_whatever_was_decided_the_same_event_again_is_known_and_changes_nothing(
    t: int, last: int, first: int, learning: int, *, fixed: bool
) -> None:
    found = judge(t, last, first, learning)
    seen = remember(t, last, found, fixed)
    assert judge(t, seen, t if first == UNSET else first, learning) == KNOWN
    assert remember(t, seen, KNOWN, fixed) == seen


@given(t=instants, last=priors, first=priors, learning=ways, shift=instants)
def test_only_differences_of_times_matter(t: int, last: int, first: int, learning: int, shift: int) -> None:
    def moved(instant: int) -> int:
        return instant if instant == UNSET else instant + shift

    here = verdict(t, last, first, 0, learning, D, UNSET, F)
    assert verdict(moved(t), moved(last), moved(first), shift, learning, D, UNSET, F) == here


@given(t=instants, last=priors, learning=st.sampled_from([NEVER_LEARN, FIRST_EVENT, RULE_CLOCK]))
def test_only_learning_and_forgetting_tell_new_from_not(t: int, last: int, learning: int) -> None:
    known = last != UNSET and t - last < F
    learned = learning == RULE_CLOCK and t < D
    expected = KNOWN if known else LEARNED if learned else NEW
    assert judge(t, last, 0, learning) == expected
