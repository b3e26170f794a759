"""A rule for a reader, and what lint has to say of it and of its data."""

from collections.abc import Iterable, Sequence
from typing import Any

import click

from detector.lints.page import Finding
from detector.rules import NewValueRule
from harness.report.columns import hanging
from harness.report.findings import findings_json, findings_text
from harness.report.rule_words import rule_words
from harness.rule_statistics import RuleStatistics
from scenarios.lints import page as scenarios_page


def rule_text(rule: NewValueRule) -> str:
    """What the rule does in plain words: a heading and its sentences, one below the other."""
    words = rule_words(rule)
    room = max(map(len, words)) + 2
    lines = [click.style(rule.name, bold=True), ""]
    for heading, sentences in words.items():
        starts = [heading.ljust(room), *[" " * room] * (len(sentences) - 1)]
        lines += [hanging(start, sentence, deeper=2) for start, sentence in zip(starts, sentences, strict=True)]
    return "\n".join(lines)


def rule_json(rule: NewValueRule) -> dict[str, Any]:
    """The same sentences, and what decides verdicts and signals as it stands in the rule."""
    return {"name": rule.name, "severity": rule.severity, "words": rule_words(rule), "meaning": rule.meaning()}


def statistics_text(found: RuleStatistics) -> str:
    """What a dataset says of a rule's keys: each figure with what it is counted from."""
    from tabulate import tabulate

    ignored = ", ".join(f"{count:,} {reason}" for reason, count in found.ignored.items())
    rows = [
        ("records", f"{found.read:,}", "read"),
        ("selected", f"{found.selected:,}", f"ignored: {ignored or 'none'}"),
        ("time", f"{found.days:,.1f} days", "from the first selected event to the last"),
        ("groups", f"{found.groups:,}", ""),
        ("keys", f"{found.keys:,}", "a group with a value: what the rule remembers"),
        ("seen once", f"{found.once_share:.0%}", f"{found.keys_once:,} of {found.keys:,} keys"),
        ("growth", f"{found.growth:.0%}", f"{found.late_keys:,} keys in the last quarter of the time; steady is 100%"),
        ("new keys a day", f"{found.late_keys_a_day:,.1f}", "in that quarter"),
        ("state", f"{found.state_bytes / 1e6:,.2f} MB", "in a store, if nothing is forgotten"),
        *((each.field, f"{each.values:,} values", f"{each.once:,} in one event only") for each in found.fields),
    ]
    title = click.style(found.rule, bold=True)
    return f"{title}\n{tabulate(rows, headers=['figure', 'value', 'from'], disable_numparse=True)}"


def lint_text(findings: Sequence[Finding], statistics: Sequence[RuleStatistics]) -> str:
    """A line for each finding, then a table for each rule that was tried on records."""
    lines = findings_text(_shown(findings))
    return "\n\n".join(filter(None, [lines, *map(statistics_text, statistics)]))


def lint_json(findings: Sequence[Finding], statistics: Sequence[RuleStatistics]) -> dict[str, Any]:
    """Findings as `path`, `line`, `code` and `message`, and the counts of each rule that was tried on records."""
    return {
        "findings": findings_json(_shown(findings)),
        "statistics": [each.shown() for each in statistics],
    }


def _shown(findings: Iterable[Finding]) -> Iterable[scenarios_page.Finding]:
    """The findings as those of scenarios are, to be told in the same form."""
    return (scenarios_page.Finding(*each) for each in findings)
