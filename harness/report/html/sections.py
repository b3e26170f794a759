"""Sections: what the template shows, made from the report."""

from typing import TYPE_CHECKING, Any

from detector.instant import DAY
from harness.output import counted
from harness.report.html.baseline import Baseline, Group
from harness.report.html.budget import budget
from harness.report.html.charts import Charts
from harness.report.html.heat import heat_maps, listed, points, spoken
from harness.report.html.report import Fate, Report
from harness.report.html.strips import area, remembered
from harness.report.html.timeline import timeline
from harness.report.html.verdict import certainty, headline
from harness.report.html.wording import day

if TYPE_CHECKING:
    from harness.sweep.result import SweepResult


def sections(report: Report) -> dict[str, Any]:
    """The names that the template `page.html` knows, besides `report` and `card`."""
    charts, spent = Charts(), budget(report)
    return {
        "headline": headline(report.card),
        "certainty": certainty(report.card),
        "timeline": timeline(report),
        "budget": spent,
        "signals_chart": charts.signals(report, spent) if spent.bars else None,
        "memories": _memories(report.baseline),
        "sweep": _sweep(report.sweep, charts),
        "missed": _missed(report.fates),
    }


def _missed(fates: list[Fate]) -> dict[str, list[Fate]]:
    """The attacks that were not found, by scenario."""
    missed: dict[str, list[Fate]] = {}
    for fate in fates:
        if fate.outcome.kind == "attack" and fate.outcome.found is False:
            missed.setdefault(fate.title, []).append(fate)
    return dict(sorted(missed.items()))


def _memories(baseline: Baseline | None) -> dict[str, Any] | None:
    """The strips of the baseline: of everybody, then of each group."""
    if baseline is None or not baseline.groups:
        return None
    return {
        "everybody": [_everybody(baseline, value) for value in baseline.values],
        "rows": [(group, [_strip(baseline, group, value) for value in baseline.values]) for group in baseline.groups],
    }


def _everybody(baseline: Baseline, value: str) -> Any:
    shares = baseline.everybody[value]
    return area(shares, f"{value}: remembered of {max(shares):.0%} at most, of {shares[-1]:.0%} at the end")


def _strip(baseline: Baseline, group: Group, value: str) -> Any:
    memory = group.memories.get(value)
    if memory is None:
        return None
    first = day(baseline.begin + int(memory.remembered[0][0] * DAY)) if memory.remembered else "never"
    title = f"{value}: {counted(memory.events, 'event')}, first on {first}"
    for kind, word in ((None, "new"), ("benign", "new in a look-alike"), ("attack", "new in an attack")):
        days = [day(baseline.begin + int(new.day * DAY)) for new in memory.new if new.kind == kind]
        title += f"; {word} on {', '.join(days[:3])}{' and later' if len(days) > 3 else ''}" if days else ""
    return remembered(memory, baseline.days, baseline.learned_after, title)


def _sweep(swept: "SweepResult | None", charts: Charts) -> dict[str, Any] | None:
    if swept is None:
        return None
    maps, still = heat_maps(swept.settings)
    drawn = points(swept.settings)
    return {
        "advice": swept.advice,
        "scored_after_days": swept.scored_after_days,
        "hangs_on": {spoken(knob): why for knob, why in swept.hangs_on.items()},
        "maps": maps,
        "still": still,
        "chart": charts.front(drawn) if drawn else None,
        "listed": listed(swept.settings),
        "of": len(swept.settings),
    }
