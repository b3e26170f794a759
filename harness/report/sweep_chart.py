"""A sweep as heat maps: learning against forgetting."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from harness.plain import plain
from harness.sweep.grid import SweepError
from harness.sweep.result import SweepResult, Swept

ENDINGS: Final = (".html", ".svg", ".png")
_CELL: Final = 34
"""Points across a setting."""
_FIGURES: Final = {
    "recall": ("share of attacks found", "blues", ".2f"),
    "signals": ("signals a day per 1,000 people", "oranges", ",.1f"),
    "precision": ("share of signals that are true", "greens", ".3f"),
}
"""What each map shows, its colours and how a number is written."""
_FRAMES: Final = "Thick frame: the rule as it stands. Thin: no other setting finds as much with as few signals."


def chart_library(path: Path) -> Any:
    """Altair, if *path* can be drawn with what is installed. Raises `SweepError`."""
    if path.suffix not in ENDINGS:
        raise SweepError(f"--heatmap: found {path.name!r}; legal: a name that ends in {', '.join(ENDINGS)}")
    try:
        import_module("vl_convert")
        return import_module("altair")
    except ModuleNotFoundError as error:
        raise SweepError(f"--heatmap: needs the package {error.name}: pip install 'vaultdrill[report]'") from None


def heatmap_rows(result: SweepResult) -> list[dict[str, Any]]:
    """A cell for each setting that reads the documentation as the rule does.

    What is scored over less time than the others would look the better or the worse for it, and is left out; but where
    nothing compares with the rule, all are there.
    """
    own = [each for each in result.settings if each.is_own_reading]
    is_compared = any(each.is_current and each.is_comparable for each in own)
    return [_cell(each) for each in own if each.is_comparable or not is_compared]


def write_heatmaps(result: SweepResult, path: Path) -> None:
    """Draw the maps into *path*; the ending says in which form. Raises `SweepError` and `OSError`.

    A row of maps for each keying; cells on the front have a frame, and the rule as it stands a thick one.
    """
    altair = chart_library(path)
    rows = heatmap_rows(result)
    keyings = list(dict.fromkeys(row["keying"] for row in rows))
    maps = [
        altair.hconcat(*(_map(altair, [row for row in rows if row["keying"] == keying], name) for name in _FIGURES))
        .resolve_scale(color="independent")
        .properties(title=keying)
        for keying in keyings
    ]
    chart = (
        altair.vconcat(*maps)
        .properties(title=altair.TitleParams(plain(result.rule), subtitle=[result.advice, _FRAMES, result.note]))
        .configure_axis(grid=False)
    )
    chart.save(str(path), **({"inline": True} if path.suffix == ".html" else {}), **_scaled(path))


def _cell(swept: Swept) -> dict[str, Any]:
    by, metrics = (", ".join(swept.setting[name]) or "everything" for name in ("group_by", "metrics"))
    return {
        "keying": f"{metrics} by {by}",
        "learning": swept.learning,
        "days": swept.setting["learning_duration"] if swept.learning.endswith(" d") else 0,
        "forgetting": swept.setting["forget_after"],
        "recall": swept.recall.value,
        "signals": swept.signals_per_day_per_1000,
        "precision": swept.precision.value,
        "found": f"{swept.recall.part} of {swept.recall.of}",
        "frame": 3 if swept.is_current else int(swept.is_on_front),
    }


def _map(altair: Any, rows: Sequence[dict[str, Any]], name: str) -> Any:
    """One figure: colour and number in every cell."""
    title, scheme, form = _FIGURES[name]
    learning = list(dict.fromkeys(row["learning"] for row in sorted(rows, key=lambda row: row["days"])))
    known = [row[name] for row in rows if row[name] is not None]
    base = altair.Chart(altair.Data(values=list(rows))).encode(
        x=altair.X("forgetting:O", title="forgets after, days", axis=altair.Axis(labelAngle=0)),
        y=altair.Y("learning:O", title="learns", sort=learning),
    )
    cells = base.mark_rect(stroke="black").encode(
        color=altair.Color(f"{name}:Q", title=None, scale=altair.Scale(scheme=scheme), legend=None),
        strokeWidth=altair.StrokeWidth("frame:Q", scale=None, legend=None),
        tooltip=["learning:O", "forgetting:O", "found:N", "signals:Q", "precision:Q"],
    )
    middle = (min(known) + max(known)) / 2 if known else 0
    dark = f"datum.{name} > {middle}"
    ink = altair.condition(dark, altair.value("white"), altair.value("black"))
    texts = base.mark_text(fontSize=10).encode(text=altair.Text(f"{name}:Q", format=form), color=ink)
    return (cells + texts).properties(title=title, width={"step": _CELL + 8}, height={"step": _CELL})


def _scaled(path: Path) -> dict[str, float]:
    return {"scale_factor": 1.5} if path.suffix == ".png" else {}
