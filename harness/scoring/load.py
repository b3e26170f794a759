"""The load: what a rule asks of those who read its signals, whole and in parts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from harness.scorecard import Load, Rate, Tenure
from harness.scoring.columns import Columns, Floats
from harness.scoring.evidence import Evidence
from harness.scoring.intervals import Interval, Resampling, percentiles, rate_interval, ratio_of


def load(evidences: Sequence[Evidence], columns: Columns, draws: Resampling) -> Load:
    """Signals a day per 1,000 people."""
    people, signals = sum(evidence.people for evidence in evidences), len(columns.signals)
    lengths = {evidence.days for evidence in evidences}
    days = lengths.pop() if len(lengths) == 1 else columns.person_days / people if people else 0.0
    rate = _rates({"all": columns.signals}, columns.person_days, columns, draws)["all"]
    return Load(signals, days, people, rate.low, rate.high)


def by_cause(columns: Columns, draws: Resampling) -> dict[str, Rate]:
    """The load's parts by what brought the signals about, the largest first; together they are the load."""
    causes = sorted(Counter(columns.causes).items(), key=lambda each: (-each[1], each[0]))
    return _rates({cause: columns.of_cause(cause) for cause, _ in causes}, columns.person_days, columns, draws)


def tenure(columns: Columns, draws: Resampling) -> Tenure:
    """The load of those who are new and of all others, each by the days that they were there."""
    settled_days = max(0.0, columns.person_days - columns.new_person_days)
    new = _rates({"new": columns.new}, columns.new_person_days, columns, draws)["new"]
    return Tenure(new, _rates({"settled": columns.signals - columns.new}, settled_days, columns, draws)["settled"])


def _rates(parts: Mapping[str, Floats], person_days: float, columns: Columns, draws: Resampling) -> dict[str, Rate]:
    """The rate of each part in so many days of people; people are drawn, each with all signals of theirs."""
    sums = draws.person_sums(*((0, part) for part in parts.values()))
    a_day = ratio_of(sums[:, :-1], sums[:, -1:])

    def drawn(place: int) -> Interval:
        return percentiles(a_day[:, place] * (columns.person_days / person_days))

    told = {}
    for place, (name, part) in enumerate(parts.items()):
        signals = int(part.sum())
        interval = rate_interval(signals, person_days, draws.people_with(part), partial(drawn, place))
        told[name] = Rate(signals, person_days, _per_1000(interval.low), _per_1000(interval.high))
    return told


def _per_1000(rate: float | None) -> float | None:
    return None if rate is None else rate * 1000
