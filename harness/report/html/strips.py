"""Strips: what happened along the time of a stream, as a row of SVG that fits into a cell of a table.

A strip is as many units wide as there are days, and 10 high; it is stretched to its cell, and what is drawn on it keeps
its thickness. Colours are those of the style sheet, by class.
"""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from harness.report.html.baseline import Memory

_HEIGHT = 10


def strip(days: float, learning: float, paths: Iterable[tuple[str, str]], title: str) -> Markup:
    """A strip of *days*, the first *learning* of them tinted; *paths* are a class and an outline each."""
    drawn = Markup("").join(Markup('<path class="{}" d="{}"/>').format(kind, outline) for kind, outline in paths)
    return Markup(
        '<svg class="strip" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img"><title>{}</title>'
        '<path class="track" d="M0 0H{}V{}H0z"/>{}{}</svg>'
    ).format(_short(days), _HEIGHT, title, _short(days), _HEIGHT, _learning(days, learning), drawn)


def remembered(memory: Memory, days: float, learning: float, title: str) -> Markup:
    """When a value was remembered, and when it was new."""
    kinds: dict[str, list[float]] = {"new attack": [], "new benign": [], "new": []}
    for new in memory.new:
        kinds[f"new {new.kind}" if new.kind in ("attack", "benign") else "new"].append(new.day)
    spans = "".join(f"M{_short(a)} 2H{_short(b)}V8H{_short(a)}z" for a, b in memory.remembered if b > a)
    marks = [(kind, ticks(kinds[kind])) for kind in ("new", "new benign", "new attack") if kinds[kind]]
    return strip(days, learning, [("held", spans), *marks], title)


def ticks(days: Sequence[float], top: float = 0, bottom: float = _HEIGHT) -> str:
    """Upright lines, one for each distinct time."""
    return "".join(f"M{_short(day)} {_short(top)}V{_short(bottom)}" for day in dict.fromkeys(map(_round, days)))


def dot(day: float) -> str:
    """A path without length, which the style sheet makes round."""
    return f"M{_short(day)} {_HEIGHT // 2}h0"


def whisker(value: float | None, low: float | None, high: float | None) -> Markup:
    """A share and its interval between 0 and 1; the figures stand beside it, so that it needs no words."""
    if value is None:
        return Markup("")
    reach = f"M{_short(low * 100)} 5H{_short(high * 100)}" if low is not None and high is not None else ""
    return Markup(
        '<svg class="whisker" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="scale" d="M0 5H100M0 2V8M25 3V7M50 2V8M75 3V7M100 2V8"/>'
        '<path class="reach" d="{}"/><path class="point" d="{}"/></svg>'
    ).format(reach, dot(value * 100))


def area(shares: Sequence[float], title: str) -> Markup:
    """A share from 0 to 1 over the days."""
    steps = "".join(f"L{day} {_short(_HEIGHT * (1 - share))}H{day + 1}" for day, share in enumerate(shares))
    outline = f"M0 {_HEIGHT}{steps}V{_HEIGHT}z"
    return strip(len(shares), 0, [("held", outline)], title)


def _learning(days: float, learning: float) -> Markup:
    if learning <= 0:
        return Markup("")
    return Markup('<path class="learning" d="M0 0H{}V{}H0z"/>').format(_short(min(learning, days)), _HEIGHT)


def _round(value: float) -> float:
    return round(value, 2)


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))
