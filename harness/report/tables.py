"""Signals and matches as tables for a terminal."""

from collections.abc import Sequence
from typing import Any

from harness.output import Row


def signals_table(rows: Sequence[Row]) -> str:
    """A line for each signal: when, how grave, who, what was new, in how many matches."""
    return _table([_signal(row) for row in rows], "no signals")


def matches_table(rows: Sequence[Row]) -> str:
    """A line for each match: when, who, what was new, in which event."""
    return _table([_match(row) for row in rows], "no matches")


def _table(rows: Sequence[Row], nothing: str) -> str:
    from tabulate import tabulate

    return tabulate(rows, headers="keys", disable_numparse=True) if rows else nothing


def _signal(row: Row) -> Row:
    values = dict.fromkeys(_joined(match["value"]) for match in row["matches"])
    return {
        "opened": row["opened_at"],
        "severity": row["severity"],
        "group": _joined(row["group"]),
        "new values": "; ".join(values),
        "matches": len(row["matches"]),
    }


def _match(row: Row) -> Row:
    return {
        "time": row["timestamp"],
        "group": _joined(row["group"]),
        "new value": _joined(row["value"]),
        "uuid": row["uuid"],
    }


def _joined(fields: dict[str, Any]) -> str:
    return ", ".join(str(value) for value in fields.values())
