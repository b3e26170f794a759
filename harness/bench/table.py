"""A comparison as tables: one of speed, one of cost."""

from collections.abc import Sequence
from typing import Final

from tabulate import tabulate

from harness.bench.comparison import Comparison
from harness.bench.latency import Latency
from harness.bench.result import Result
from harness.output import counted

_UNKNOWN: Final = "-"


def comparison_text(comparison: Comparison, form: str) -> str:
    """The comparison as `table` for a terminal, or as `markdown`."""
    style = "pipe" if form == "markdown" else "simple"
    rows = comparison.results
    tables = [[_speed(each) for each in rows], [_cost(each) for each in rows]]
    return "\n\n".join([_head(comparison), *(_table(each, style) for each in tables), *_foot(comparison)])


def _table(rows: Sequence[dict[str, str]], style: str) -> str:
    return tabulate(rows, headers="keys", tablefmt=style, disable_numparse=True, stralign="right")


def _head(comparison: Comparison) -> str:
    mix, machine = comparison.mix, comparison.environment
    return (
        f"{comparison.workload}: {comparison.description}\n"
        f"{counted(comparison.loaded, 'event')} loaded, {counted(comparison.offered, 'event')} to run: values"
        f" {mix.new:.2%} new, {mix.known:.2%} known, {mix.expired:.2%} forgotten\n"
        f"{counted(comparison.repeats, 'repeat')} of at most {comparison.seconds:g} s;"
        f" {counted(machine.cores, 'core')}, Python {machine.python}, {machine.system}"
    )


def _speed(row: Result) -> dict[str, str]:
    rate = row.events_per_second
    return {
        "store": row.store,
        "durability": row.durability,
        "batch": f"{row.batch:,}",
        "offered/s": _UNKNOWN if row.target is None else f"{row.target:,.0f}",
        "events/s": f"{rate.median:,.0f}",
        "min - max": f"{rate.min:,.0f} - {rate.max:,.0f}",
        "of memory": _UNKNOWN if row.ratio_to_memory is None else f"{row.ratio_to_memory:.2f}",
        "op p50/p99/p99.9/max ms": _latency(row.op),
        "intended": _latency(row.intended),
    }


def _cost(row: Result) -> dict[str, str]:
    return {
        "store": row.store,
        "batch": f"{row.batch:,}",
        "survives": ", ".join(row.survives) or "nothing",
        "core-s/M client": f"{row.client_core_seconds:.2f}",
        "server": _figure(row.server_core_seconds, ".2f"),
        "disk B/key": _figure(row.disk_bytes_per_key, ",.0f"),
        "memory": _figure(row.memory_bytes_per_key, ",.0f"),
        "load/s": _figure(row.load_events_per_second, ",.0f"),
        "reopen s": _figure(row.recovery_seconds, ".3f"),
        "matches": _matches(row),
    }


def _matches(row: Result) -> str:
    if row.lost is None:
        return "not compared"
    if not (row.lost or row.extra):
        return f"{row.matches:,}, equal"
    return f"{'WRONG: ' if row.exact else ''}{row.lost:,} lost, {row.extra:,} extra"


def _latency(told: Latency | None) -> str:
    if told is None:
        return _UNKNOWN
    return "/".join(f"{each / 1e3:.3g}" for each in (told.p50, told.p99, told.p999, told.max))


def _figure(found: float | None, form: str) -> str:
    return _UNKNOWN if found is None else format(found, form)


def _foot(comparison: Comparison) -> list[str]:
    unserved = sum(row.unserved for row in comparison.results)
    late = [f"{counted(unserved, 'event')} were due and not begun when the time was up"] if unserved else []
    return [*late, "a key is a pair of a group and a value, or a group's first sight; noop is the harness's own cost"]
