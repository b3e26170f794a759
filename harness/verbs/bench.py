"""`vaultdrill bench`."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.output import json_text, opened
from harness.overwriting import refuse_overwriting

if TYPE_CHECKING:
    from harness.bench.traffic import Traffic

BATCHES: Final = (1, 100, 1_000, 10_000)
_FILE = click.Path(path_type=Path, dir_okay=False)
_COUNT = click.IntRange(min=1, max=50_000_000)


@click.group(epilog="Example: vaultdrill bench stores --workload steady")
def bench() -> None:
    """How fast it is, on this machine."""


@bench.command(
    short_help="Baseline stores under a rule's load: speed, latency, cost, and whether they are right.",
    epilog="Example: vaultdrill bench stores --workload expiry --store lmdb:///s --target 20000 --batch 1000",
)
@click.option("--workload", "name", default="steady", show_default=True, metavar="NAME|FILE", help="Which events.")
@click.option(
    "--store",
    "given",
    multiple=True,
    metavar="URL",
    help="A store; repeatable. One in a file is made beside the path.  [sqlite, rocksdb and lmdb, if installed]",
)
@click.option(
    "--batch",
    "batches",
    type=_COUNT,
    multiple=True,
    metavar="N",
    help=f"Events a commit; repeatable.  [{', '.join(map(str, BATCHES))}]",
)
@click.option(
    "--target",
    "targets",
    type=click.FloatRange(0.01, 1e9),
    multiple=True,
    metavar="N",
    help="Events a second to offer; repeatable.  [as many as it takes]",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.001, 86_400),
    default=1,
    show_default=True,
    metavar="S",
    help="The longest a run takes.",
)
@click.option(
    "--repeats", type=click.IntRange(1, 1000), default=2, show_default=True, metavar="N", help="Runs of each."
)
@click.option("--people", type=_COUNT, metavar="N", help="Instead of the workload's.")
@click.option("--events", type=_COUNT, metavar="N", help="Instead of the workload's.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, metavar="N", help="Of the events.")
@click.option(
    "--logs",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE|DIR",
    help="1Password logs instead of a workload; the first half is loaded.",
)
@click.option(
    "--format", "chosen", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True
)
@click.option("--out", type=_FILE, metavar="FILE", help="Write the results here.  [standard output]")
@click.option("--chart", type=_FILE, metavar="FILE", help="Draw latency over load: .html, .svg or .png.")
def stores(
    name: str,
    given: tuple[str, ...],
    batches: tuple[int, ...],
    targets: tuple[float, ...],
    seconds: float,
    repeats: int,
    people: int | None,
    events: int | None,
    seed: int,
    logs: tuple[Path, ...],
    chosen: str,
    out: Path | None,
    chart: Path | None,
) -> None:
    """Load stores with baselines, run a workload over them, and compare them with memory.

    Workloads: learning, steady, onboarding, high-cardinality, expiry, or a YAML file like theirs. Memory comes first
    in every run, then a store that does nothing. With --target batches begin on a schedule, and latency is from when
    they were to begin. What a file or a server holds is left alone: files are made beside the given path and removed,
    a server's store must not be there before and is not there afterwards (redis://HOST/0?store=NAME).

    As it stands it takes about three minutes on two idle cores; --batch 1000 takes a quarter of that.

    Exit code 1: a store found other matches than memory. An approximate one (bloom) may lose some, which are counted.
    """
    from harness.bench.chart import chart_library, write_chart
    from harness.bench.comparison import Course, compared
    from harness.bench.latency import histogram_library
    from harness.bench.load import Clock
    from harness.bench.place import default_urls
    from harness.bench.progress import bench_progress
    from harness.bench.table import comparison_text

    refuse_overwriting({"--out": out, "--chart": chart}, {"read": [*logs, Path(name)]})
    histogram_library()
    if chart is not None:
        chart_library(chart)
    named, traffic = _traffic(name, people, events, seed, logs)
    with ExitStack() as ending:
        urls = list(given) or ending.enter_context(default_urls())
        stream = ending.enter_context(opened(out))
        course = Course(urls, batches or BATCHES, targets, seconds, repeats)
        with bench_progress(course.measurements()) as begun:
            found = compared(named, traffic, course, Clock(), begun)
        text = json_text(found) if chosen == "json" else comparison_text(found, chosen).encode()
        stream.write(text + b"\n")
    if chart is not None:
        write_chart(found, chart)
    wrong = sorted({result.store for result in found.wrong()})
    if wrong:
        click.echo(
            f"vaultdrill: {', '.join(wrong)}: other matches than memory's; the figures are worth nothing", err=True
        )
        raise click.exceptions.Exit(1)


def _traffic(
    name: str, people: int | None, events: int | None, seed: int, logs: tuple[Path, ...]
) -> tuple[tuple[str, str], "Traffic"]:
    """Name and description of what is measured, and its events."""
    from msgspec.structs import replace

    from harness.bench.traffic import logged_traffic, simulated_traffic
    from harness.bench.workload import load_workload

    if logs:
        return ("logs", "1Password logs, the first half loaded."), logged_traffic(logs, events)
    workload = load_workload(name)
    changed = replace(workload, people=people or workload.people, events=events or workload.events)
    return (name, workload.description), simulated_traffic(changed, seed)
