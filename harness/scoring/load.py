"""The load: what a rule asks of those who read its signals, whole and in parts."""

from collections import Counter
from collections.abc import Sequence

from harness.scorecard import Load, Rate, Tenure
from harness.scoring.columns import Columns, Floats
from harness.scoring.evidence import Evidence
from harness.scoring.intervals import Interval, Resampling, rate_interval


def load(evidences: Sequence[Evidence], columns: Columns, draws: Resampling) -> Load:
    """Signals a day per 1,000 people."""
    people, signals = sum(evidence.people for evidence in evidences), len(columns.signals)
    lengths = {evidence.days for evidence in evidences}
    days = lengths.pop() if len(lengths) == 1 else columns.person_days / people if people else 0.0
    rate = _rate(columns.signals, columns.person_days, columns, draws)
    return Load(signals, days, people, rate.low, rate.high)


def by_cause(columns: Columns, draws: Resampling) -> dict[str, Rate]:
    """The load's parts by what brought the signals about, the largest first; together they are the load."""
    causes = sorted(Counter(columns.causes).items(), key=lambda each: (-each[1], each[0]))
    return {cause: _rate(columns.of_cause(cause), columns.person_days, columns, draws) for cause, _ in causes}


def tenure(columns: Columns, draws: Resampling) -> Tenure:
    """The load of those who are new and of all others, each by the days that they were there."""
    settled_days = max(0.0, columns.person_days - columns.new_person_days)
    new = _rate(columns.new, columns.new_person_days, columns, draws)
    return Tenure(new, _rate(columns.signals - columns.new, settled_days, columns, draws))


def _rate(part: Floats, person_days: float, columns: Columns, draws: Resampling) -> Rate:
    """The rate of a part of the signals in so many days of people; people are drawn, each with all signals of theirs.

    Each part is drawn by itself: people who add up alike are drawn as one, and in one part most do.
    """
    signals = int(part.sum())

    def drawn() -> Interval:
        return draws.by_person_day(part * (columns.person_days / person_days))

    interval = rate_interval(signals, person_days, draws.people_with(part), drawn)
    return Rate(signals, person_days, _per_1000(interval.low), _per_1000(interval.high))


def _per_1000(rate: float | None) -> float | None:
    return None if rate is None else rate * 1000
