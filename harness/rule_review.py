"""A review: what there is to say of a rule's file, and of the rule on given records."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from detector.document import RuleError
from detector.lint import UNREADABLE, lint
from detector.lints.page import Finding, Page
from harness.rule_statistics import RuleStatistics, data_findings, gather


class Review(NamedTuple):
    """What there is to say of the rule in *path*: findings in order of line, and the counts where there were records.

    *refused* is the one line for a file that holds no rule; it has no counts, and that one finding.
    """

    path: Path
    findings: list[Finding]
    statistics: RuleStatistics | None = None
    refused: str | None = None


def review(path: Path, sources: Sequence[str]) -> Review:
    """Review the rule in *path*, on *sources* if there are any. Raises `SourceError`."""
    try:
        page = Page.read(path)
    except RuleError as error:
        return Review(path, lint(path), refused=str(error))
    except OSError as error:
        said = error.strerror or str(error)
        return Review(path, [Finding(path, 1, UNREADABLE, said)], refused=f"{path}: {said}")
    findings = lint(path)
    if not sources:
        return Review(path, findings)
    statistics = gather(page.rule, sources)
    return Review(path, sorted([*findings, *data_findings(page, statistics)]), statistics)
