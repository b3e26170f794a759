"""Kinds of stores as a table and as JSON."""

import textwrap
from collections.abc import Sequence
from typing import Any, Final

from tabulate import tabulate

from harness.report.columns import WIDTH
from harness.store_kinds import KindRow

_SCHEMES: Final = len("postgresql:")
_SUMMARY: Final = 27
_DURABILITY: Final = WIDTH - _SCHEMES - _SUMMARY - 2 * len("  ")


def kinds_table(rows: Sequence[KindRow]) -> str:
    """What each is and promises, the default first; or what it needs."""
    cells = [(_schemes_text(row), textwrap.fill(row.summary, _SUMMARY), _durability_text(row)) for row in rows]
    return tabulate(cells, headers=["scheme", "what it is", "durability, the default first"], disable_numparse=True)


def kinds_json(rows: Sequence[KindRow]) -> list[dict[str, Any]]:
    """What the table shows."""
    return [
        {
            "schemes": list(row.schemes),
            "installed": row.needs is None,
            "needs": row.needs,
            "summary": row.summary or None,
            "durability": [{"setting": name, "promises": promise} for name, promise in row.durability.items()],
        }
        for row in rows
    ]


def _schemes_text(row: KindRow) -> str:
    return "\n".join(f"{scheme}:" for scheme in row.schemes)


def _durability_text(row: KindRow) -> str:
    lines = [row.needs] if row.needs else [f"{name}: {promise}" for name, promise in row.durability.items()]
    return "\n".join(textwrap.fill(line, _DURABILITY, subsequent_indent="  ") for line in lines)
