"""A review: what there is to say of a rule's file, and of the rule on given records."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from detector.lint import UNREADABLE, lint
from detector.lints.page import Finding, Page
from harness.rule_statistics import RuleStatistics, data_findings, gather


class Review(NamedTuple):
    """Findings in order of line, and the counts where there were records and a rule to count with."""

    findings: list[Finding]
    statistics: RuleStatistics | None


def review(path: Path, sources: Sequence[str]) -> Review:
    """Review the rule in *path*, on *sources* if there are any. Raises `SourceError` or OSError."""
    findings = lint(path)
    if not sources or any(each.code == UNREADABLE for each in findings):
        return Review(findings, None)
    page = Page.read(path)
    statistics = gather(page.rule, sources)
    return Review(sorted([*findings, *data_findings(page, statistics)]), statistics)
