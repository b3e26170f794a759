"""A comparison as a chart: latency over load."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from harness.bench.comparison import Comparison
from harness.bench.latency import BenchError

ENDINGS: Final = (".html", ".svg", ".png")


def chart_library(path: Path) -> Any:
    """Altair, if *path* can be drawn with what is installed. Raises `BenchError`."""
    if path.suffix not in ENDINGS:
        raise BenchError(f"--chart: found {path.name!r}; legal: a name that ends in {', '.join(ENDINGS)}")
    try:
        import_module("vl_convert")
        return import_module("altair")
    except ModuleNotFoundError as error:
        raise BenchError(f"--chart: needs the package {error.name}: pip install 'vaultdrill[report]'") from None


def chart_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """A point for each percentile of each result: events a second, and milliseconds."""
    return [
        {
            "store": result.store,
            "batch": result.batch,
            "load": result.target or result.events_per_second.median,
            "percentile": name,
            "milliseconds": figure / 1e3,
        }
        for result in comparison.results
        if (told := result.intended or result.op) is not None
        for name, figure in (("p50", told.p50), ("p99", told.p99), ("p99.9", told.p999))
    ]


def write_chart(comparison: Comparison, path: Path) -> None:
    """Draw the comparison into *path*; the ending says in which form. Raises `BenchError` and `OSError`."""
    altair = chart_library(path)
    offered = any(result.target for result in comparison.results)
    chart = (
        altair.Chart(altair.Data(values=chart_rows(comparison)))
        .mark_line(point=True)
        .encode(
            x=altair.X("load:Q", scale=altair.Scale(type="log"), title="events a second"),
            y=altair.Y("milliseconds:Q", scale=altair.Scale(type="log"), title="milliseconds a batch"),
            color=altair.Color("store:N"),
            shape=altair.Shape("batch:N"),
            detail=["batch:N"],
            column=altair.Column("percentile:N"),
        )
        .properties(title=f"{comparison.workload}: {'from the intended start' if offered else 'at saturation'}")
    )
    chart.save(str(path), **({"inline": True} if path.suffix == ".html" else {}))
