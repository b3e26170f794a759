"""A comparison as a chart: latency over load."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from harness.bench.comparison import Comparison
from harness.bench.latency import BenchError
from harness.bench.table import short_names

ENDINGS: Final = (".html", ".svg", ".png")


def chart_library(path: Path) -> Any:
    """Altair, if *path* can be drawn here. Raises `BenchError`: after all the measurements it would be too late."""
    if path.suffix not in ENDINGS:
        raise BenchError(f"--chart: found {path.name!r}; legal: a name that ends in {', '.join(ENDINGS)}")
    if not path.absolute().parent.is_dir():
        raise BenchError(f"--chart: found {str(path)!r}; legal: a file in a directory that exists")
    try:
        import_module("vl_convert")
        return import_module("altair")
    except ModuleNotFoundError as error:
        raise BenchError(f"--chart: needs the package {error.name}: pip install 'vaultdrill[report]'") from None


def chart_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """A point for each percentile of each result: events a second, and milliseconds."""
    names = short_names(result.store for result in comparison.results)
    return [
        {
            "store": f"{names[result.store]} ({result.durability})",
            "batch": f"{result.batch:,}",
            "size": result.batch,
            "load": result.target or result.events_per_second.median,
            "percentile": name,
            "milliseconds": figure / 1e3,
        }
        for result in comparison.results
        if (told := result.intended or result.op) is not None
        for name, figure in (("p50", told.p50), ("p99", told.p99), ("p99.9", told.p999), ("max", told.max))
        if figure is not None
    ]


def write_chart(comparison: Comparison, path: Path) -> None:
    """Draw the comparison into *path*; the ending says in which form. Raises `BenchError` and `OSError`.

    A line is a store: over the rates that were offered, for each size of a batch, or at saturation over those sizes.
    """
    altair = chart_library(path)
    rows = chart_rows(comparison)
    offered = any(result.target for result in comparison.results)
    whence = "from the intended start, over the rate offered" if offered else "and rate at saturation"
    chart = (
        altair.Chart(altair.Data(values=rows), width=420, height=260)
        .mark_line(point={"size": 60}, strokeWidth=1.5)
        .encode(
            x=_axis(altair.X, altair, "load", "events a second"),
            y=_axis(altair.Y, altair, "milliseconds", "milliseconds a batch"),
            color=altair.Color("store:N", sort=_seen(rows, "store"), title="store"),
            shape=altair.Shape("batch:N", sort=_seen(rows, "batch"), title="events a batch"),
            order="load:Q" if offered else "size:Q",
            **({"detail": ["batch:N"]} if offered else {}),
            facet=altair.Facet("percentile:N", columns=2, sort=_seen(rows, "percentile"), title=None),
        )
        .properties(title=f"{comparison.workload}: latency of a batch {whence}")
        .configure_header(labelFontSize=12, labelFontWeight="bold")
        .configure_axis(gridOpacity=0.4)
    )
    chart.save(str(path), **({"inline": True} if path.suffix == ".html" else {}), **_scaled(path))


def _axis(channel: Any, altair: Any, field: str, title: str) -> Any:
    """A logarithmic axis that names powers of ten, and lets the figures fill it."""
    scale = altair.Scale(type="log", nice=False, padding=15)
    named = altair.Axis(format="~s", tickCount=6, labelOverlap=True) if field == "load" else altair.Axis(tickCount=6)
    return channel(f"{field}:Q", scale=scale, title=title, axis=named)


def _seen(rows: list[dict[str, Any]], name: str) -> list[str]:
    """What the column has, in the order of its first sight."""
    return list(dict.fromkeys(row[name] for row in rows))


def _scaled(path: Path) -> dict[str, float]:
    return {"scale_factor": 1.5} if path.suffix == ".png" else {}
