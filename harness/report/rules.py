"""A rule for a reader, and what lint has to say of it and of its data."""

from collections.abc import Iterable, Sequence
from typing import Any

import click

from detector.lints.page import Finding
from detector.rules import NewValueRule
from harness.output import counted
from harness.report.columns import hanging
from harness.report.findings import findings_json, findings_text
from harness.report.rule_words import rule_words
from harness.rule_review import Review
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
    """The same sentences, and what decides verdicts and signals as it stands in the rule; *assumptions* apart."""
    words = {heading.replace(" ", "_"): sentences for heading, sentences in rule_words(rule).items()}
    assumed = ("learning_scope", "forget_mode", "multi_value")
    meaning = {name: value for name, value in rule.meaning().items() if name not in assumed}
    return {
        "name": rule.name,
        "severity": rule.severity,
        "words": words,
        "meaning": meaning,
        "assumptions": rule.assumptions(),
    }


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
        ("seen once", f"{found.once_share:.0%}", f"{found.keys_once:,} of {counted(found.keys, 'key')}"),
        (
            "growth",
            f"{found.growth:.0%}",
            f"{counted(found.late_keys, 'key')} in the last quarter of the time; steady is 100%",
        ),
        ("new keys a day", f"{found.late_keys_a_day:,.1f}", "in that quarter"),
        ("state", _size(found.state_bytes), "in a store, if nothing is forgotten"),
        *((each.field, counted(each.values, "value"), f"{each.once:,} in one event only") for each in found.fields),
    ]
    title = click.style(found.rule, bold=True)
    return f"{title}\n{tabulate(rows, headers=['figure', 'value', 'from'], disable_numparse=True)}"


def lint_text(reviews: Sequence[Review]) -> str:
    """Findings, broken into lines that a terminal shows, then a table for each rule that was tried on records.

    A file that is no rule is told elsewhere.
    """
    findings = [finding for each in reviews if not each.refused for finding in each.findings]
    lines = [_wrapped(each, line) for each in findings for line in findings_text(_shown([each])).splitlines()]
    tables = [statistics_text(each.statistics) for each in reviews if each.statistics]
    return "\n\n".join(filter(None, ["\n".join(lines), *tables]))


def _wrapped(finding: Finding, line: str) -> str:
    """The *line* of a finding broken as it is seen: colours take no room."""
    broken = hanging("", click.unstyle(line), deeper=4)
    return broken.replace(f" {finding.code}:", f" {click.style(finding.code, fg='yellow')}:", 1)


def lint_json(reviews: Sequence[Review]) -> dict[str, Any]:
    """Findings as `path`, `line`, `code` and `message`, and the counts of each rule that was tried on records."""
    return {
        "findings": findings_json(_shown(finding for each in reviews for finding in each.findings)),
        "statistics": [{"path": str(each.path), **each.statistics.shown()} for each in reviews if each.statistics],
    }


def _shown(findings: Iterable[Finding]) -> Iterable[scenarios_page.Finding]:
    """The findings as those of scenarios are, to be told in the same form."""
    return (scenarios_page.Finding(*each) for each in findings)


def _size(count: int) -> str:
    """Bytes in a unit that fits.

    >>> _size(1), _size(999), _size(12_345), _size(1_234_567)
    ('1 byte', '999 bytes', '12.3 kB', '1.2 MB')
    """
    if count < 1000:
        return counted(count, "byte")
    return f"{count / 1e3:,.1f} kB" if count < 1e6 else f"{count / 1e6:,.1f} MB"
