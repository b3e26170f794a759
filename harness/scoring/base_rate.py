"""The base rate: what a signal is worth where attacks are as rare as they are outside of drills.

After Axelsson, "The Base-Rate Fallacy and the Difficulty of Intrusion Detection" (ACM TISSEC, 2000): Bayes' rule,
here in signals. With b attack incidents in a person-year, t true signals for each, and f false signals in a
person-year, the share of true signals is b*t / (b*t + f). Staged look-alikes are left out of f: they are staged as
often as we like, not as often as they happen.

>>> round(predictive_value(0.01, 2.0, 0.5), 4)
0.0385
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from harness.scorecard import PredictiveValue
from harness.scoring.columns import Columns, Floats
from harness.scoring.evidence import Evidence
from harness.scoring.intervals import UNKNOWN, Interval, Resampling, percentiles, ratio_of

DEFAULT: Final = 0.01
"""Attack incidents in a person-year: one a year among a hundred people (assumption)."""
YEAR_DAYS: Final = 365.25


class BaseRateError(ValueError):
    """Not a base rate; the text is one line."""


def predictive_value(base_rate: float, true: float | None, false: float | None) -> float | None:
    """The share of true signals, by Bayes; None where either rate is unknown, or there would be no signal at all."""
    if true is None or false is None:
        return None
    right = base_rate * true
    return right / (right + false) if right + false else None


def ppv(evidences: Sequence[Evidence], base_rate: float, columns: Columns, draws: Resampling) -> PredictiveValue:
    """The predictive value of a signal. Raises `BaseRateError` unless *base_rate* is a finite positive number."""
    if not 0 < base_rate < float("inf"):
        raise BaseRateError(f"--base-rate: found {base_rate:g}; legal: a positive number of incidents in a person-year")
    right, wrong = columns.true_of_each(evidences), columns.unstaged
    attacks, years = int(columns.attack.sum()), columns.person_days / YEAR_DAYS
    true = float(right.sum()) / attacks if attacks else None
    false = float(wrong.sum()) / years if years else None
    value = predictive_value(base_rate, true, false)
    interval = UNKNOWN if value is None or not false else _interval(base_rate, right, columns, draws)
    return PredictiveValue(base_rate, value, true, false, interval.low, interval.high)


def _interval(base_rate: float, right: Floats, columns: Columns, draws: Resampling) -> Interval:
    """Incidents and people are drawn apart. Draws of attacks that are all alike, or of one person, promise too much."""
    if np.ptp(right[columns.attack > 0]) == 0:
        return UNKNOWN
    incidents = draws.incident_sums((0, right), (0, columns.attack))
    people = draws.person_sums((0, columns.unstaged))
    found = base_rate * ratio_of(incidents[:, 0], incidents[:, 1])
    false = ratio_of(people[:, 0], people[:, -1]) * YEAR_DAYS
    if np.ptp(false) == 0:
        return UNKNOWN
    return percentiles(np.asarray(ratio_of(found, found + false)))
