"""A drill as text for a terminal, and as Markdown for the summary of a pipeline's job."""

import statistics
from collections.abc import Iterable, Iterator

from detector.instant import SECOND
from harness.drill_result import DrillResult
from harness.durations import seconds_text
from harness.judgement import CaseResult, Judged
from harness.output import counted
from harness.plain import in_markdown, plain
from harness.report.columns import hanging, paragraph

_WORDS = {"ok": "ok", "failed": "FAILED", "not run": "NOT RUN", "void": "VOID"}
_WIDEST = max(map(len, _WORDS.values()))
_LONGEST = 34
"""Columns: an id that is longer stands on a line of its own."""
_SECOND = len("2026-01-05T09:00:00")
_INDENT = " " * (_WIDEST + 2)


def drill_text(result: DrillResult) -> str:
    """A line for each case, under one that failed what happened to whom, and at last the counts; 100 columns."""
    ids = max((len(case.case) for case in result.cases if len(case.case) <= _LONGEST), default=0)
    owed = max((len(_owed(case)) for case in result.cases), default=0)
    lines = [hanging(head.ljust(14), text) for head, text in _heading(result)]
    lines.append("")
    for case in result.cases:
        start = f"{_WORDS[case.status].ljust(_WIDEST)}  {case.case.ljust(ids)}"
        if len(case.case) > ids:
            lines.append(start)
            start = _INDENT + " " * ids
        lines.append(hanging(f"{start}  {_owed(case).ljust(owed)}  ", went(case)))
        for detail in _details(case):
            first, *below = detail.split("\n")
            lines += [hanging(_INDENT, first, 2), *(hanging(f"{_INDENT}  ", line) for line in below)]
    return "\n".join([*lines, "", *map(paragraph, _summary(result))])


def drill_markdown(result: DrillResult) -> str:
    """The same as a table with a list of the failures below it."""
    rows = [
        f"| {_WORDS[case.status]} | `{case.case}` | {_cell(_owed(case))} | {_cell(went(case))} |"
        for case in result.cases
    ]
    table = ["| | case | expected | how it went |", "|---|---|---|---|", *rows]
    details = [f"- `{case.case}`: {_cell(line)}" for case in result.cases for line in _details(case)]
    parts = [
        "### vaultdrill",
        "\n".join(f"- {head}: {_cell(text)}" for head, text in _heading(result)),
        "\n".join(table),
        "\n".join(details),
        "\n\n".join(map(_cell, _summary(result))),
    ]
    return "\n\n".join(filter(None, parts))


def went(case: CaseResult) -> str:
    """How a case went over the seeds: when signals came in how many of its incidents, and where it was not run."""
    told = [_signals(case)] if case.judged else []
    if case.unasked:
        every = case.unasked == len(case.judged)
        told.append("nothing asked: all nothing new" if every else f"{case.unasked} nothing new")
    if case.not_placed:
        told.append(f"not staged in full for {_seeds(each.seed for each in case.not_placed)}")
    return "; ".join(told) or "never staged"


def failure_text(judged: Judged) -> str:
    """What happened in an incident that failed, and below it `circumstances_text`."""
    return f"{judged.failure}; {circumstances_text(judged)}"


def circumstances_text(judged: Judged) -> str:
    """Whose incident it was and when; below it why there was a signal or none, and what the rule knew before."""
    seen = judged.sighting
    never = "could not see it either" if seen.signal is None else "would have been silent"
    bound = "" if seen.detectable else f"; a rule that forgets nothing {never}"
    whose = f"actor {seen.actor}, began {seen.started_at[:_SECOND]}Z"
    return f"{whose}\n{seen.why}{bound}\nwhen it began, {seen.knew}"


def _signals(case: CaseResult) -> str:
    """When signals came, the median and, where it differs, the latest; in how many of the incidents."""
    signals, incidents = case.signals, len(case.judged)
    if not signals:
        return f"no signal, {incidents} of {incidents}"
    into = [each.seconds_from_start for each in signals]
    usual, worst = seconds_text(statistics.median(into)), seconds_text(max(into))
    told = f"signal at {usual}" + (f", worst {worst}" if worst != usual else "")
    return f"{told}{_in_time(case)}, {len(signals)} of {incidents}"


def _in_time(case: CaseResult) -> str:
    """How long after the first detectable event, from which the limit counts, where the limit cannot be seen else."""
    limit = case.expected.limit
    if limit is None or max(each.seconds_from_start for each in case.signals) * SECOND <= limit:
        return ""
    latest = max(each.seconds for each in case.signals)
    return f", {f'at most {seconds_text(latest)} after' if latest else 'at'} its first detectable event"


def _owed(case: CaseResult) -> str:
    return f"{case.expected.short} *" if case.origin == "default" else case.expected.short


def _details(case: CaseResult) -> Iterator[str]:
    if case.failed and case.expected.reason:
        yield f"noted: {case.expected.reason}"
    for each in case.failed:
        yield f"seed {each.sighting.seed}, {each.sighting.run}: {failure_text(each)}"
    reasons: dict[str, list[int]] = {}
    for missing in case.not_placed:
        reasons.setdefault(missing.reason, []).append(missing.seed)
    for reason, seeds in reasons.items():
        yield f"{_seeds(seeds)}: {reason}"


def _seeds(seeds: Iterable[int]) -> str:
    named = list(seeds)
    return f"{'seed' if len(named) == 1 else 'seeds'} {', '.join(map(str, named))}"


def _heading(result: DrillResult) -> list[tuple[str, str]]:
    return [
        ("rule", f"{result.rule_file}: {plain(result.rule)}"),
        ("expectations", result.expectations),
        ("background", f"{result.background}; {_seeds(result.seeds)}"),
    ]


def _summary(result: DrillResult) -> list[str]:
    """Sentences; nothing is said of what was not played."""
    attacks, others, counts = result.signalled("attack"), result.signalled("benign"), result.counts
    told = ", ".join(f"{counts[status]} {status}" for status in _WORDS if status != "void" or counts[status])
    sentences = []
    if any(case.origin == "default" for case in result.cases):
        sentences.append("* by default, since the expectations say nothing of it")
    if attacks.of:
        seen = f"{result.detectable.part} did something the person had never done before"
        sentences.append(f"{attacks.part} of {counted(attacks.of, 'attack')} raised a signal; {seen}")
    if others.of:
        sentences.append(f"{others.part} of {counted(others.of, 'look-alike')} raised a signal")
    if attacks.of or others.of:
        sentences.append(result.caveat)
    return [*sentences, f"{counted(len(result.cases), 'case')}: {told}; {counted(len(result.seeds), 'seed')}"]


def _cell(text: str) -> str:
    """Text that breaks no table and marks up nothing."""
    return in_markdown(text.replace("\n", "; "))
