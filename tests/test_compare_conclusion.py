"""The conclusion of a comparison: one sentence, which says no more than the figures do."""

import pytest

from harness.comparing.comparison import Compared, Difference, Figure
from harness.comparing.conclusion import conclusion


def figure(
    name: str, a: float | None, b: float | None, low: float | None = None, high: float | None = None
) -> Compared:
    value = None if a is None or b is None else b - a
    told = low is not None and high is not None and not low <= 0 <= high
    better = "lower" if name == "load" else "higher"
    difference = Difference(value, low, high, "bootstrap", told)
    return Compared(name, "rate" if name == "load" else "share", better, Figure(a), Figure(b), difference)  # type: ignore[arg-type]


SAME_RECALL = figure("recall", 0.5, 0.55, -0.05, 0.15)
SAME_LOAD = figure("load", 20.0, 21.0, -1.0, 3.0)
SAME_PRECISION = figure("precision", 0.1, 0.1, -0.1, 0.1)
FEWER, MORE = figure("load", 20.0, 12.0, -10.0, -6.0), figure("load", 20.0, 40.0, 15.0, 25.0)
HIGHER = figure("recall", 0.5, 0.75, 0.1, 0.4)


@pytest.mark.parametrize(
    ("recall", "load", "said"),
    [
        (
            SAME_RECALL,
            FEWER,
            "B costs less: it raises 40% fewer signals (12.0 rather than 20.0 a day per 1,000 people); whose recall is"
            " higher cannot be told: B's is between 5.0 points lower and 15.0 higher than A's.",
        ),
        (
            HIGHER,
            SAME_LOAD,
            "B finds more: it finds 75.0% of the attack incidents rather than 50.0%; whose load is lower cannot be"
            " told: with B it is between 1.0 fewer and 3.0 more signals a day per 1,000 people.",
        ),
        (
            HIGHER,
            FEWER,
            "B is better on both counts: it finds 75.0% of the attack incidents rather than 50.0% and raises 40% fewer"
            " signals (12.0 rather than 20.0 a day per 1,000 people).",
        ),
        (
            HIGHER,
            MORE,
            "A trade: B finds 75.0% of the attack incidents rather than 50.0%, at 100% more signals (40.0 rather than"
            " 20.0 a day per 1,000 people).",
        ),
        (
            SAME_RECALL,
            MORE,
            "A costs less: it raises 50% fewer signals (20.0 rather than 40.0 a day per 1,000 people); whose recall is"
            " higher cannot be told: B's is between 5.0 points lower and 15.0 higher than A's.",
        ),
        (
            SAME_RECALL,
            SAME_LOAD,
            "A and B cannot be told apart on these streams: whose recall is higher cannot be told: B's is between 5.0"
            " points lower and 15.0 higher than A's; whose load is lower cannot be told: with B it is between 1.0 fewer"
            " and 3.0 more signals a day per 1,000 people.",
        ),
        (
            figure("recall", None, None),
            FEWER,
            "B costs less: it raises 40% fewer signals (12.0 rather than 20.0 a day per 1,000 people); recall says"
            " nothing, as no attack incident was scored for both.",
        ),
    ],
)
def test_the_conclusion_says_no_more_than_the_figures(recall: Compared, load: Compared, said: str) -> None:
    assert conclusion(recall, load, SAME_PRECISION, is_same=False) == said


def test_precision_decides_where_nothing_else_does() -> None:
    precise = figure("precision", 0.1, 0.3, 0.1, 0.3)
    assert conclusion(SAME_RECALL, SAME_LOAD, precise, is_same=False).startswith("B is the more precise")


def test_the_same_signals_leave_nothing_to_choose() -> None:
    said = conclusion(SAME_RECALL, SAME_LOAD, SAME_PRECISION, is_same=True)
    assert said == "A and B raise the same signals on these streams: nothing tells them apart."
