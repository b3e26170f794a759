"""What lint found: lines for a reader, JSON, and annotations for GitHub."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from scenarios.lints.page import Finding


def findings_text(findings: Iterable[Finding]) -> str:
    """A line for each finding: `file:line: code: message`."""
    return "\n".join(
        f"{_near(each.path)}:{each.line}: {click.style(each.code, fg='yellow')}: {each.message}" for each in findings
    )


def findings_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Each finding as `path`, `line`, `code` and `message`."""
    return [
        {"path": str(_near(each.path)), "line": each.line, "code": each.code, "message": each.message}
        for each in findings
    ]


def findings_github(findings: Iterable[Finding]) -> str:
    """Each finding as a workflow command, which GitHub shows beside the line.

    Source: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions.
    """
    return "\n".join(
        f"::error file={_property(str(_near(each.path)))},line={each.line},title={_property(each.code)}"
        f"::{_data(each.message)}"
        for each in findings
    )


def _near(path: Path) -> Path:
    """The path as seen from where we are, if it is below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
