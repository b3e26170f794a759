"""A comparison of two rules as text: for a terminal, or in Markdown."""

from collections.abc import Iterator, Sequence
from typing import Final

from tabulate import tabulate

from harness.comparing.comparison import Compared, Comparison, Figure, Side, Split, Unit
from harness.durations import UNDEFINED, seconds_text
from harness.plain import in_markdown
from harness.report.columns import hanging, paragraph

_HEADERS: Final = ("figure", "A", "B", "B - A", "told")
_READING: Final = (
    "Figures with their 95 % intervals, differences in percentage points. Load is in signals a day per 1,000 people,"
    " with its largest causes and those that differ; PPV is at {base_rate:g} attack incidents in a person-year. `told`:"
    " the difference, by itself, is more than chance."
)
_LARGEST: Final = 4
"""So many causes are shown though they do not differ."""
_MOST_NAMED: Final = 8
"""So many incidents that only one rule found are named; the JSON has all."""


def comparison_text(comparison: Comparison) -> str:
    """The conclusion, what is compared, the figures, and the incidents that only one rule found."""
    parts = (
        paragraph(comparison.conclusion),
        "\n".join(hanging(f"{name:11}", text) for name, text in _subject(comparison)),
        tabulate(_rows(comparison), _HEADERS, disable_numparse=True),
        "\n".join(hanging("", line, deeper=2) for line in _incidents(comparison)),
        paragraph(_READING.format(base_rate=comparison.base_rate)),
        paragraph(comparison.note),
    )
    return "\n\n".join(parts)


def comparison_markdown(comparison: Comparison) -> str:
    """The same as Markdown."""
    parts = (
        f"**{comparison.conclusion}**",
        "\n".join(f"- {name}: {in_markdown(text)}" for name, text in _subject(comparison)),
        tabulate(_rows(comparison), _HEADERS, tablefmt="pipe", disable_numparse=True),
        "\n".join(f"- {in_markdown(line)}" for line in _incidents(comparison)),
        _READING.format(base_rate=comparison.base_rate),
        comparison.note,
    )
    return "\n\n".join(parts)


def _subject(comparison: Comparison) -> Iterator[tuple[str, str]]:
    yield "A", _named(comparison.a)
    yield "B", _named(comparison.b)
    differ = (f"{name} {_setting(a)} | {_setting(b)}" for name, (a, b) in comparison.differ_in.items())
    yield "differ in", "; ".join(differ) or "nothing that decides a verdict"
    yield "over", comparison.told_streams


def _named(side: Side) -> str:
    return f"{side.source}: {side.rule}"


def _setting(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


def _rows(comparison: Comparison) -> list[Sequence[str]]:
    rows = []
    for figure in comparison.figures:
        rows.append(_row(figure.name, figure))
        if figure.name == "load":
            shown = [
                cause
                for place, cause in enumerate(comparison.causes)
                if place < _LARGEST or cause.difference.is_distinguishable
            ]
            rows += [_row(f"- {cause.name}", cause) for cause in shown]
    return rows


def _row(name: str, figure: Compared) -> Sequence[str]:
    between = figure.difference
    told = "yes" if between.is_distinguishable else "no"
    if between.value is None:
        return name, _figure(figure.a, figure.unit), _figure(figure.b, figure.unit), UNDEFINED, told
    difference = _ends(between.value, between.low, between.high, figure.unit, signed=True)
    return name, _figure(figure.a, figure.unit), _figure(figure.b, figure.unit), difference, told


def _figure(figure: Figure, unit: Unit) -> str:
    return UNDEFINED if figure.value is None else _ends(figure.value, figure.low, figure.high, unit)


def _ends(value: float, low: float | None, high: float | None, unit: Unit, *, signed: bool = False) -> str:
    """A figure and the ends of its interval.

    >>> _ends(0.25, 0.1, 0.5, "share"), _ends(-1.5, None, None, "rate", signed=True)
    ('25.0% (10.0 to 50.0)', '-1.5')
    """
    if unit == "seconds":
        sign = "-" if value < 0 else "+" if signed and value else ""
        return f"{sign}{seconds_text(abs(value))}"
    scale = 100 if unit == "share" else 1
    digits = _digits(scale * max(map(abs, (value, low or 0, high or 0))))
    plus = "+" if signed else ""
    told = f"{value * scale:{plus},.{digits}f}" + ("%" if unit == "share" and not signed else "")
    return told if low is None or high is None else f"{told} ({low * scale:,.{digits}f} to {high * scale:,.{digits}f})"


def _digits(largest: float) -> int:
    """So many decimals that the largest of some numbers has two digits that say something, from one to four."""
    return next((digits for digits in (1, 2, 3) if largest * 10**digits >= _TENS), 4) if largest else 1


_TENS: Final = 10


def _incidents(comparison: Comparison) -> Iterator[str]:
    for noun, name, split in (
        ("attack incidents found", "recall", comparison.attacks),
        ("look-alikes that raised a signal", "look-alikes", comparison.look_alikes),
    ):
        figure = comparison.figure(name)
        yield f"{noun}: {_parts(split)}{_scored(figure, split)}"
        yield from _only("A", split.only_a)
        yield from _only("B", split.only_b)


def _parts(split: Split) -> str:
    alone = f"{len(split.only_a)} under A alone, {len(split.only_b)} under B alone"
    return f"{split.both} under both, {alone}, {split.neither} under neither"


def _scored(figure: Compared, split: Split) -> str:
    """How many each rule has scored, where learning periods differ and these are not the same incidents."""
    both = split.both + len(split.only_a) + len(split.only_b) + split.neither
    if both == figure.a.of == figure.b.of:
        return ""
    return f"; of these {both} that both scored (A {figure.a.of}, B {figure.b.of})"


def _only(side: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        rest = f", and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        yield f"under {side} alone: {', '.join(names[:_MOST_NAMED])}{rest}"
