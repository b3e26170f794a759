"""Scenarios as a table, as text for a reader, and as JSON."""

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, Final

import click
from msgspec import to_builtins
from tabulate import tabulate

from harness.report.columns import WIDTH
from harness.report.timeline import arguments_text, casting_text, moment_text, timeline
from scenarios.attack import TACTICS, TECHNIQUES
from scenarios.duration import Duration
from scenarios.scenario import Scenario

_NARROWEST: Final = 24
"""Columns in which a name can still be read."""
_TECHNIQUES: Final = len("T1555.005 T1078.004")
"""Columns for techniques: two in a line."""


def scenarios_table(scenarios: Mapping[str, Scenario]) -> str:
    """Id, kind, name and techniques of each scenario; what is long is broken so that they are `WIDTH` wide."""
    if not scenarios:
        return "no scenarios"
    room = max(_NARROWEST, WIDTH - max(map(len, scenarios)) - len("  benign") - 2 * len("  ") - _TECHNIQUES)
    rows = [
        (name, each.kind, textwrap.fill(each.name, room), textwrap.fill(" ".join(each.techniques), _TECHNIQUES))
        for name, each in scenarios.items()
    ]
    return tabulate(rows, headers=["id", "kind", "name", "techniques"], disable_numparse=True)


def scenarios_json(scenarios: Mapping[str, Scenario], cases: Mapping[str, Iterable[str]]) -> list[dict[str, Any]]:
    """What the table shows, and of each scenario its tactics, the ids of its *cases*, and its twin."""
    return [
        {
            "id": name,
            "kind": each.kind,
            "name": each.name,
            "tactics": list(each.tactics),
            "techniques": list(each.techniques),
            "cases": list(cases[name]),
            "twin": each.twin,
        }
        for name, each in scenarios.items()
    ]


def scenario_json(name: str, scenario: Scenario) -> dict[str, Any]:
    """A scenario with the values of its arguments filled in, every field spelt out, durations as they are written."""
    fields = to_builtins(scenario, enc_hook=_written)
    return {"id": name, **fields}


def scenario_text(name: str, scenario: Scenario, cases: Iterable[str]) -> str:
    """A scenario for a reader: its story, who plays it when, what can be varied, and its steps as a timeline."""
    facts = [
        ("who", casting_text(scenario.actor, scenario.count)),
        ("when", moment_text(scenario.when)),
        ("tactics", ", ".join(_named(each, TACTICS.get(each)) for each in scenario.tactics)),
        *(
            ("technique", _named(each, TECHNIQUES[each].name if each in TECHNIQUES else None))
            for each in scenario.techniques
        ),
        ("twin", scenario.twin or ""),
        *(("case", case) for case in cases),
    ]
    title = click.style(f"{name}: {scenario.name}", bold=True)
    sections = [
        f"{title} ({scenario.kind})",
        textwrap.fill(" ".join(scenario.story.split()), WIDTH),
        _columns([(head, fact) for head, fact in facts if fact]),
        _section("Arguments", arguments_text(scenario)),
        _section("Timeline", timeline(scenario.steps)),
        _section("References", [(reference,) for reference in scenario.references]),
    ]
    return "\n\n".join(filter(None, sections))


def _named(each: str, name: str | None) -> str:
    return f"{each} {name}" if name else each


def _section(title: str, rows: list[Any]) -> str:
    return f"{click.style(title, bold=True)}\n{_columns(rows)}" if rows else ""


def _columns(rows: list[Any]) -> str:
    """Rows of text in columns, two spaces in; the last column is broken where it is too wide."""
    widths = [max(len(row[i]) for row in rows) + 2 for i in range(len(rows[0]) - 1)]
    indent = 2 + sum(widths)
    return "\n".join(
        textwrap.fill(
            row[-1],
            max(WIDTH, indent + 40),
            initial_indent="  " + "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)),
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for row in rows
    )


def _written(value: object) -> str:
    """A value that JSON does not know: a duration."""
    if not isinstance(value, Duration):
        raise NotImplementedError(type(value))
    return value.written
