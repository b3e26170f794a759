"""Signals and matches as tables for a terminal."""

from collections.abc import Sequence
from typing import Any, Final

from harness.output import Row, Tabulated
from harness.plain import plain
from harness.report.columns import WIDTH

_BETWEEN: Final = 2
"""Columns between two cells."""
_PADDING: Final = 2
"""Columns that `tabulate` gives a header beyond its own (its MIN_PADDING)."""
_FLEXIBLE: Final = ("rule", "group", "new value", "new values")
"""What is cut where a table would be wider than `WIDTH`; the JSON has all of it."""


def results_table(emit: str, rules: int) -> Tabulated:
    """The table of `signals` or `matches` of so many rules: with several, each row names its own."""
    described = {"signals": _signal, "matches": _match}[emit]

    def tabulated(rows: Sequence[Row]) -> str:
        named = [{"rule": plain(row["rule"])} if rules > 1 else {} for row in rows]
        return _table([name | described(row) for name, row in zip(named, rows, strict=True)], f"no {emit}")

    return tabulated


def _signal(row: Row) -> Row:
    """When, how grave, who, what was new, in how many matches."""
    return {
        "opened": _to_second(row["opened_at"]),
        "severity": row["severity"],
        "group": _joined(row["group"]),
        "new values": list(dict.fromkeys(_joined(match["value"]) for match in row["matches"])),
        "matches": str(len(row["matches"])),
    }


def _match(row: Row) -> Row:
    """When, who, what was new, in which event."""
    return {
        "time": _to_second(row["timestamp"]),
        "group": _joined(row["group"]),
        "new value": _joined(row["value"]),
        "uuid": row["uuid"],
    }


def _table(rows: Sequence[Row], nothing: str) -> str:
    from tabulate import tabulate

    if not rows:
        return nothing
    widths = _widths(rows)
    cut = [{name: _cut(cell, widths[name]) for name, cell in row.items()} for row in rows]
    return tabulate(cut, headers="keys", disable_numparse=True)


def _widths(rows: Sequence[Row]) -> dict[str, int]:
    """Columns for each cell, by its header: what is widest gives way until the table fits."""
    widths = {name: max(len(name) + _PADDING, *(len(_whole(row[name])) for row in rows)) for name in rows[0]}
    while sum(widths.values()) + _BETWEEN * (len(widths) - 1) > WIDTH:
        widest = max(filter(widths.__contains__, _FLEXIBLE), key=widths.__getitem__)
        widths[widest] -= 1
    return widths


def _whole(cell: str | list[str]) -> str:
    return cell if isinstance(cell, str) else "; ".join(cell)


def _cut(cell: str | list[str], width: int) -> str:
    """The cell in so many columns: of a list as many as fit and the number of the rest, of a text its beginning.

    >>> _cut(["fill", "reveal", "export"], 18), _cut(["secure-copy"], 8)
    ('fill; +2 more', 'secure-…')
    """
    whole = _whole(cell)
    if len(whole) <= width:
        return whole
    for shown in range(len(cell) - 1, 0, -1) if isinstance(cell, list) else ():
        text = f"{'; '.join(cell[:shown])}; +{len(cell) - shown} more"
        if len(text) <= width:
            return text
    more = f"; +{len(cell) - 1} more" if isinstance(cell, list) and len(cell) > 1 else ""
    first = cell if isinstance(cell, str) else cell[0]
    return f"{first[: max(width - len(more) - 1, 1)]}…{more}"


def _to_second(instant: str) -> str:
    """The instant without its fraction, as all of them are in UTC.

    >>> _to_second("2026-01-31T09:30:00.123456789Z")
    '2026-01-31T09:30:00Z'
    """
    return f"{instant[:19]}Z"


def _joined(fields: dict[str, Any]) -> str:
    return ", ".join(plain(str(value)) for value in fields.values())
