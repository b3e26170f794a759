"""The signal budget: what brings the signals about, in figures and from day to day."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from detector.instant import DAY
from harness.report.html.report import Report
from harness.report.html.wording import cause
from harness.scorecard import Rate
from harness.scoring.evidence import ATTACK

_DRAWN: Final = 6
"""So many causes have a colour of their own in the chart; the rest share one."""
_BARS: Final = 90
"""More bars than this cannot be told apart: then each is a week, or four."""
OTHER: Final = "Other causes"
_GREY: Final = "c0"


@dataclass(frozen=True, slots=True)
class Budget:
    """The causes with their load, and the signals by bar of the chart."""

    causes: list[tuple[str, Rate, float, str]]
    """Name, load, share of all signals, and the style sheet's name of its colour."""
    bars: list[dict[str, Any]]
    """`cause`, `from` and `to` in milliseconds since the epoch, and `low` and `high` of the stacked piece."""
    days_a_bar: int
    names: dict[str, str]
    """The causes of the bars, from the bottom, each with its colour."""

    def rows(self) -> list[tuple[int, list[int]]]:
        """The bars as a table: the beginning of each in nanoseconds since the epoch, and its signals by cause."""
        counts: dict[int, dict[str, int]] = {}
        for bar in self.bars:
            counts.setdefault(bar["from"], {})[bar["cause"]] = bar["high"] - bar["low"]
        return [(since * 1_000_000, [own.get(name, 0) for name in self.names]) for since, own in counts.items()]


def budget(report: Report) -> Budget:
    """The budget of all streams together."""
    card = report.card
    total = sum(rate.signals for rate in card.by_cause.values())
    causes = [name for name, rate in card.by_cause.items() if rate.signals]
    colours = _colours(causes)
    rows = [(name, rate, rate.signals / total, colours[name]) for name, rate in card.by_cause.items() if rate.signals]
    days = max(1, -(-(report.end - report.begin) // DAY))
    width = next((each for each in (1, 7) if days / each <= _BARS), 28)
    counts: Counter[tuple[int, str]] = Counter()
    for evidence in report.evidences:
        for raised in evidence.raised:
            bar = (raised.opened_at - report.begin) // DAY // width
            counts[bar, _bar(raised.cause, colours)] += 1
    names = {_bar(name, colours): colours[name] for name in causes}
    return Budget(rows, _stacked(counts, names, report.begin, width), width, names)


def _colours(causes: list[str]) -> dict[str, str]:
    """A colour for each cause: an attack's is that of attacks everywhere, and the smallest causes share one."""
    own = causes if len(causes) <= _DRAWN else causes[: _DRAWN - 1]
    rest = iter(f"c{number}" for number in range(1, _DRAWN + 1))
    return {name: "bad" if name == ATTACK else next(rest) if name in own else _GREY for name in causes}


def _bar(name: str, colours: Mapping[str, str]) -> str:
    return OTHER if colours.get(name, _GREY) == _GREY else cause(name)


def _stacked(counts: Counter[tuple[int, str]], names: Iterable[str], begin: int, width: int) -> list[dict[str, Any]]:
    bars: list[dict[str, Any]] = []
    for bar in sorted({bar for bar, _ in counts}):
        height = 0
        for name in names:
            if count := counts[bar, name]:
                since = (begin + bar * width * DAY) // 1_000_000
                until = since + width * DAY // 1_000_000
                bars.append({"cause": name, "from": since, "to": until, "low": height, "high": height + count})
                height += count
    return bars
