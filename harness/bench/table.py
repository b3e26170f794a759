"""A comparison as tables: one of speed, one of cost."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from tabulate import SEPARATING_LINE, tabulate

from harness.bench.comparison import Comparison
from harness.bench.result import Result
from harness.output import counted

_UNKNOWN: Final = "-"
_MEGABYTE: Final = 1e6
_NOTES: Final = """\
spread: greatest less least rate of the repeats, of the median; latencies: milliseconds a batch, from its {start};
no p99 of fewer than 100 batches, no p99.9 of fewer than 1,000
noop: the harness's own cost; survives: the worst that a commit does; open ms: to the first read after a
kill, of a store in files as its process leaves it then, of a server after an orderly end
client, server: processor seconds for a million events; disk, memory: bytes a key, which is a pair of a group
and a value, or a group's first sight; RSS MB: by how much this process grew at most; load/s: events
matches: of the last repeat, over the events that it had time for; compared with memory's over the same"""


def comparison_text(comparison: Comparison, form: str) -> str:
    """The comparison as `table` for a terminal, or as `markdown`."""
    rows = comparison.results
    names = short_names(row.store for row in rows)
    speed = [_speed(names[each.store], each, comparison.repeats) for each in rows]
    cost = [_cost(names[each.store], each) for each in rows]
    return "\n\n".join([_head(comparison), _table(speed, form), _table(cost, form), *_foot(comparison)])


def short_names(stores: Iterable[str]) -> dict[str, str]:
    """Stores as the tables name them: by scheme where that says which.

    Their whole URLs are with the versions of their servers.
    """
    schemes = {each: each.partition("://")[0] for each in stores}
    count = Counter(schemes.values())
    return {each: scheme if count[scheme] == 1 else each for each, scheme in schemes.items()}


def _table(rows: Sequence[dict[str, str]], form: str) -> str:
    """The columns in which anything is told; in a terminal, a line between the sizes of batches."""
    names = [name for name in rows[0] if name in _ALWAYS or any(row[name] != _UNKNOWN for row in rows)]
    cells: list[list[str] | str] = [[row[name] for name in names] for row in rows]
    aligned = ["left" if name in _WORDS else "right" for name in names]
    if form == "markdown":
        return tabulate(cells, names, tablefmt="pipe", disable_numparse=True, colalign=aligned)
    for place in reversed([after for after, (row, next_) in enumerate(pairwise(rows), 1) if _parts(row, next_)]):
        cells.insert(place, SEPARATING_LINE)
    return tabulate(cells, names, tablefmt="simple", disable_numparse=True, colalign=aligned)


def _parts(row: dict[str, str], after: dict[str, str]) -> bool:
    return any(row.get(name) != after.get(name) for name in ("batch", "offered/s"))


_WORDS: Final = ("store", "durability", "survives", "matches")
_ALWAYS: Final = ("store", "durability", "events/s")


def _head(comparison: Comparison) -> str:
    mix, machine = comparison.mix, comparison.environment
    servers = [f"\n{name}: {version}" for name, version in machine.servers.items()]
    return (
        f"{comparison.workload}: {comparison.description}\n"
        f"{counted(comparison.loaded, 'event')} loaded, {counted(comparison.offered, 'event')} to run: values"
        f" {mix.new:.2%} new, {mix.known:.2%} known, {mix.expired:.2%} forgotten\n"
        f"{counted(comparison.repeats, 'repeat')} of at most {comparison.seconds:g} s;"
        f" {counted(machine.cores, 'core')}, Python {machine.python}, {machine.system}{''.join(servers)}"
    )


def _speed(name: str, row: Result, repeats: int) -> dict[str, str]:
    rate = row.events_per_second
    told = row.intended or row.op
    figures = (told.p50, told.p99, told.p999, told.max) if told else (None,) * 4
    latencies = [_UNKNOWN if each is None else _milliseconds(each / 1e3) for each in figures]
    return {
        "store": name,
        "durability": row.durability,
        "batch": f"{row.batch:,}",
        "offered/s": _figure(row.target, ",.0f"),
        "events/s": f"{rate.median:,.0f}",
        "spread": f"{(rate.max - rate.min) / rate.median:.0%}" if rate.median and repeats > 1 else _UNKNOWN,
        "of memory": f"{row.ratio_to_memory:.2f}",
        **dict(zip(("p50", "p99", "p99.9", "max"), latencies, strict=True)),
        "sweeps": f"{row.sweeps:,}" if row.sweeps else _UNKNOWN,
    }


def _cost(name: str, row: Result) -> dict[str, str]:
    return {
        "store": name,
        "batch": f"{row.batch:,}",
        "offered/s": _figure(row.target, ",.0f"),
        "survives": _survived(row),
        "client": f"{row.client_core_seconds:.2f}",
        "server": _figure(row.server_core_seconds, ".2f"),
        "disk": _figure(row.disk_bytes_per_key, ",.0f"),
        "memory": _figure(row.memory_bytes_per_key, ",.0f"),
        "RSS MB": _figure(row.resident_bytes and row.resident_bytes / _MEGABYTE, ",.0f"),
        "load/s": _figure(row.load_events_per_second, ",.0f"),
        "open ms": _figure(row.recovery_seconds and row.recovery_seconds * 1e3, ".1f"),
        "matches": _matches(row),
    }


def _survived(row: Result) -> str:
    """The worst end that a commit survives; an embedded store has no server that could end."""
    ends = [each for each in row.survives if each != "server" or "://" in row.store]
    return ends[-1] if ends else "nothing"


def _matches(row: Result) -> str:
    if row.lost is None:
        return "not compared"
    if not (row.lost or row.extra):
        return f"{row.matches:,}, equal"
    return f"{'WRONG: ' if row.is_wrong else ''}{row.lost:,} lost, {row.extra:,} extra"


def _milliseconds(figure: float) -> str:
    """Three digits, and no more places than a clock has.

    >>> [_milliseconds(each) for each in (0.0123, 1.234, 12.34, 1234.5)]
    ['0.012', '1.23', '12.3', '1,234']
    """
    return f"{figure:.3f}" if figure < 1 else f"{figure:.2f}" if figure < 10 else f"{figure:,.{figure < 100:d}f}"


def _figure(found: float | None, form: str) -> str:
    return _UNKNOWN if found is None else format(found, form)


def _foot(comparison: Comparison) -> list[str]:
    offered = any(row.target for row in comparison.results)
    unserved = sum(row.unserved for row in comparison.results)
    late = [f"{counted(unserved, 'event')} were due and not begun when the time was up"] if unserved else []
    return [*late, _NOTES.format(start="intended start" if offered else "beginning")]
