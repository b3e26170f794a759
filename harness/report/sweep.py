"""A sweep as a table for a terminal, or in Markdown."""

from collections.abc import Sequence
from typing import Final

from tabulate import tabulate

from harness.durations import seconds_text
from harness.output import counted
from harness.plain import in_markdown
from harness.report.columns import WIDTH, paragraph
from harness.scorecard import Ratio
from harness.sweep.result import SweepResult, Swept
from harness.sweep.setting import KNOBS

_UNKNOWN: Final = "-"
_READINGS: Final = {"learning_scope": "clock", "forget_mode": "mode", "multi_value": "several"}
_KEYS: Final = {"group_by": "group by", "metrics": "metrics"}
_WORDS: Final = ("", "learns", "forgets", *_KEYS.values(), *_READINGS.values())
_DROPPED: Final = ("ms", "kB", "latency", "at best", "pairs")
"""What gives way where a line would be too wide; the JSON has all of it."""
_MARKS: Final = (
    "* on the front: no other setting finds as much with as few signals and is better in one; > the rule as it stands;"
    " ! scored over less time than the others, and not compared."
)
_NOTES: Final = {
    "found": "attacks, of those that are scored, with the 95 % interval",
    "at best": "what a rule could find that remembers everything",
    "signals": "a day per 1,000 people",
    "latency": "the median, from the first detectable event",
    "pairs": "of group and value that are remembered at the end",
    "kB": "what a store takes for them",
    "ms": "of processor time, to judge all events",
}
"""What the columns tell."""


def sweep_text(result: SweepResult, *, everything: bool) -> str:
    """The advice, the settings and what the advice hangs on, in 100 columns; *everything* shows all settings."""
    table = _table(result, "simple", everything=everything)
    parts = [
        paragraph(result.advice),
        paragraph(_head(result)),
        table,
        paragraph(_notes(table)),
        *(paragraph(each) for each in _hangs_on(result)),
        paragraph(result.note),
    ]
    return "\n\n".join(parts)


def sweep_markdown(result: SweepResult, *, everything: bool) -> str:
    """The same for a page."""
    table = _table(result, "pipe", everything=everything)
    notes = _notes(table).replace("* on", r"\* on")
    parts = [f"**{in_markdown(result.advice)}**", in_markdown(_head(result)), table, notes, *_hangs_on(result)]
    return "\n\n".join([*parts, result.note])


def _head(result: SweepResult) -> str:
    after = f", nothing before day {result.scored_after_days} scored" if result.scored_after_days else ""
    own = sum(each.is_own_reading for each in result.settings)
    return (
        f"{result.rule}: {counted(len(result.settings), 'setting')}, {own:,} of them as the rule reads the"
        f" documentation, over {', '.join(result.streams)}{after}."
    )


def _notes(table: str) -> str:
    """What the marks and the columns of a table tell."""
    header = table.partition("\n")[0]
    told = [f"{name}: {what}" for name, what in _NOTES.items() if f" {name}" in header]
    return f"{_MARKS} {'; '.join(told)}."


def _hangs_on(result: SweepResult) -> list[str]:
    return [f"Does it hang on {KNOBS[knob]}? {told[0].upper()}{told[1:]}." for knob, told in result.hangs_on.items()]


def _table(result: SweepResult, form: str, *, everything: bool) -> str:
    shown = [each for each in result.settings if everything or _is_shown(each)]
    shown.sort(key=_order)
    varied = [name for name in (*_KEYS, *(_READINGS if everything else ())) if _is_varied(result, name)]
    rows = [_row(each, varied) for each in shown]
    for name in (None, *_DROPPED):
        names = [each for each in rows[0] if name is None or each != name]
        rows = [{each: row[each] for each in names} for row in rows]
        aligned = ["left" if each in _WORDS else "right" for each in names]
        cells = [list(row.values()) for row in rows]
        table = tabulate(cells, names, tablefmt=form, disable_numparse=True, colalign=aligned)
        if form != "simple" or len(table.partition("\n")[0]) <= WIDTH:
            break
    return table


def _is_shown(swept: Swept) -> bool:
    return swept.is_current or (swept.is_on_front and swept.is_own_reading)


def _is_varied(result: SweepResult, name: str) -> bool:
    return len({str(each.setting[name]) for each in result.settings}) > 1


def _order(swept: Swept) -> tuple[float, float]:
    """The most found first, then the fewest signals."""
    recall, rate = swept.recall.value, swept.signals_per_day_per_1000
    return -(recall if recall is not None else -1.0), rate if rate is not None else float("inf")


def _row(swept: Swept, varied: Sequence[str]) -> dict[str, str]:
    setting, rate = swept.setting, swept.signals_per_day_per_1000
    mark = (">" if swept.is_current else "") + ("*" if swept.is_on_front else "")
    keys = {_KEYS[name]: ", ".join(setting[name]) or "none" for name in varied if name in _KEYS}
    readings = {_READINGS[name]: setting[name] for name in varied if name in _READINGS}
    return {
        "": mark if swept.is_comparable else f"{mark}!",
        "learns": swept.learning,
        "forgets": f"{setting['forget_after']} d",
        **keys,
        **readings,
        "found": _ratio(swept.recall),
        "at best": f"{swept.oracle.part:,}",
        "precision": _share(swept.precision),
        "signals": _UNKNOWN if rate is None else f"{rate:,.1f}",
        "latency": _latency(swept.latency_median_seconds),
        "pairs": f"{swept.state_pairs:,}",
        "kB": f"{swept.state_bytes / 1e3:,.0f}",
        "ms": f"{swept.seconds * 1e3:,.0f}",
    }


def _ratio(ratio: Ratio) -> str:
    """Counts and interval.

    >>> _ratio(Ratio(3, 4, 0.3, 0.95)), _ratio(Ratio(0, 0))
    ('3 of 4 (30-95 %)', '0 of 0')
    """
    counts = f"{ratio.part:,} of {ratio.of:,}"
    if ratio.low is None or ratio.high is None:
        return counts
    return f"{counts} ({100 * ratio.low:.0f}-{100 * ratio.high:.0f} %)"


def _share(ratio: Ratio) -> str:
    return _UNKNOWN if ratio.value is None else f"{100 * ratio.value:.1f} %"


def _latency(seconds: float | None) -> str:
    return _UNKNOWN if seconds is None else seconds_text(seconds)
