"""Heat maps of a sweep: recall, precision and load over the two knobs that were turned most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from harness.report.html.wording import number

if TYPE_CHECKING:
    from harness.sweep.result import Swept

FIGURES: Final = ("Recall", "Precision", "Signals a day per 1,000 people")
MOST_SETTINGS: Final = 24
"""So many settings are listed, those on the front first."""
_SORTS: Final = ("a setting", "on the front", "the rule as it is")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure in words, its share of the largest in its map, and whether it is that of the rule as it is."""

    text: str
    shade: float
    is_current: bool


@dataclass(frozen=True, slots=True)
class HeatMap:
    """One figure over two knobs; None where the setting was not tried, or cannot be compared."""

    name: str
    across: str
    down: str
    columns: list[str]
    rows: list[tuple[str, list[Cell | None]]]


def turned(settings: Sequence["Swept"]) -> dict[str, list[Any]]:
    """The knobs that have several values among *settings*, with these, in the order of the settings."""
    knobs: dict[str, dict[Any, None]] = {}
    for each in settings:
        for knob, value in each.setting.items():
            knobs.setdefault(knob, {})[_hashable(value)] = None
    return {knob: list(values) for knob, values in knobs.items() if len(values) > 1}


def heat_maps(settings: Sequence["Swept"]) -> tuple[list[HeatMap], dict[str, str]]:
    """A map for each figure, and the knobs that are held still in them, as the rule as it is has them."""
    knobs = turned(settings)
    if len(knobs) < 2:
        return [], {}
    down, across, *rest = sorted(knobs, key=lambda knob: (len(knobs[knob]) < 3, knob == "forget_after", knob))
    base = next((each for each in settings if each.is_current), settings[0])
    shown = {
        (_hashable(each.setting[across]), _hashable(each.setting[down])): each
        for each in settings
        if each.is_comparable and all(each.setting[knob] == base.setting[knob] for knob in rest)
    }
    sides = (_ordered({x for x, _ in shown}), _ordered({y for _, y in shown}))
    maps = [_map(name, shown, (spoken(across), spoken(down)), sides) for name in FIGURES]
    return maps, {spoken(knob): _word(_hashable(base.setting[knob])) for knob in rest}


def listed(settings: Sequence["Swept"]) -> list[tuple[str, "Swept"]]:
    """The rule as it is, the front by load, others by load, at last what does not compare; each in what was turned."""
    knobs = turned(settings)
    order = sorted(settings, key=_place)
    return [(_told(each, knobs), each) for each in order[:MOST_SETTINGS]]


def points(settings: Sequence["Swept"]) -> list[dict[str, Any]]:
    """The settings as the chart of the front takes them, the remarkable ones last, so that they lie on top."""
    rows = [
        {"load": each.signals_per_day_per_1000, "recall": each.recall.value, "sort": _sort(each)}
        for each in settings
        if each.is_comparable and each.signals_per_day_per_1000 is not None and each.recall.value is not None
    ]
    return sorted(rows, key=lambda row: _SORTS.index(str(row["sort"])))


def spoken(knob: str) -> str:
    """A knob's name in words.

    >>> spoken("forget_after")
    'forget after'
    """
    return knob.replace("_", " ")


def _map(
    name: str, shown: dict[tuple[Any, Any], "Swept"], axes: tuple[str, str], sides: tuple[list[Any], list[Any]]
) -> HeatMap:
    figures = {place: _figure(name, each) for place, each in shown.items()}
    largest = max((figure or 0.0 for figure in figures.values()), default=0.0) or 1.0

    def cell(place: tuple[Any, Any]) -> Cell | None:
        if place not in shown:
            return None
        figure = figures[place]
        return Cell(_written(name, figure), (figure or 0.0) / largest, shown[place].is_current)

    rows = [(_word(y), [cell((x, y)) for x in sides[0]]) for y in sides[1]]
    return HeatMap(name, *axes, [_word(x) for x in sides[0]], rows)


def _figure(name: str, swept: "Swept") -> float | None:
    if name == FIGURES[-1]:
        return swept.signals_per_day_per_1000
    return (swept.recall if name == FIGURES[0] else swept.precision).value


def _written(name: str, figure: float | None) -> str:
    if figure is None or name == FIGURES[-1]:
        return number(figure)
    return _rounded(figure)


def _rounded(value: float) -> str:
    """A share in as few digits as a cell has room for."""
    return f"{value:.0%}" if value >= 0.1 else f"{value * 100:.2g}%"


def _told(swept: "Swept", knobs: dict[str, list[Any]]) -> str:
    return ", ".join(f"{spoken(knob)} {_word(_hashable(swept.setting[knob]))}" for knob in knobs)


def _place(swept: "Swept") -> tuple[bool, bool, bool, float]:
    return not swept.is_current, not swept.is_on_front, not swept.is_comparable, _load(swept)


def _load(swept: "Swept") -> float:
    return swept.signals_per_day_per_1000 or 0.0


def _sort(swept: "Swept") -> str:
    return _SORTS[2] if swept.is_current else _SORTS[1] if swept.is_on_front else _SORTS[0]


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _word(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _ordered(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=lambda value: (isinstance(value, str), value))
