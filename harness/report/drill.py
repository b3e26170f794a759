"""A drill as text for a terminal, and as Markdown for the summary of a pipeline's job."""

import statistics
from collections.abc import Iterable, Iterator, Sequence

from harness.drill_result import DrillResult
from harness.judgement import CaseResult, Judged
from harness.output import counted
from harness.report.text import delay_text, seconds_text
from harness.sighting import Delay

_WORDS = {"ok": "ok", "failed": "FAILED", "not run": "NOT RUN"}
_WIDEST = max(map(len, _WORDS.values()))
_SECOND = len("2026-01-05T09:00:00")
_INDENT = " " * (_WIDEST + 2)


def drill_text(result: DrillResult) -> str:
    """A line for each case, under one that failed what happened to whom, and at last the counts."""
    columns = [(case.case, _expected(case)) for case in result.cases]
    widths = [max(map(len, column), default=0) for column in zip(*columns, strict=True)]
    lines = [_heading(result), ""]
    for case, texts in zip(result.cases, columns, strict=True):
        padded = [text.ljust(width) for text, width in zip(texts, widths, strict=True)]
        lines.append("  ".join([_WORDS[case.status].ljust(_WIDEST), *padded, went(case)]))
        lines += [f"{_INDENT}{line}" for detail in _details(case) for line in detail.replace("\n", "\n  ").split("\n")]
    return "\n".join([*lines, "", *_summary(result)])


def drill_markdown(result: DrillResult) -> str:
    """The same as a table with a list of the failures below it."""
    rows = [
        f"| {_WORDS[case.status]} | `{case.case}` | {_cell(_expected(case))} | {_cell(went(case))} |"
        for case in result.cases
    ]
    table = ["| | case | expected | how it went |", "|---|---|---|---|", *rows]
    details = [f"- `{case.case}`: {_cell(line)}" for case in result.cases for line in _details(case)]
    parts = [
        "### vaultdrill",
        _cell(_heading(result)),
        "\n".join(table),
        "\n".join(details),
        "\n\n".join(_summary(result)),
    ]
    return "\n\n".join(filter(None, parts))


def went(case: CaseResult) -> str:
    """How a case went over the seeds: when signals came in how many of its incidents, and where it was not run."""
    told = [_signals(case.signals, len(case.judged))] if case.judged else []
    if case.not_placed:
        told.append(f"not staged in full for {_seeds(each.seed for each in case.not_placed)}")
    return "; ".join(told) or "never staged"


def failure_text(judged: Judged) -> str:
    """What happened in an incident that failed, to whom and when; below it why, and what the rule knew before."""
    seen = judged.sighting
    never = "could not see it either" if seen.signal is None else "would have been silent"
    bound = "" if seen.detectable else f"; a rule that forgets nothing {never}"
    whose = f"actor {seen.actor}, begin {seen.started_at[:_SECOND]}Z"
    return f"{judged.failure}; {whose}\n{seen.why}{bound}\nbefore it, {seen.knew}"


def _signals(signals: Sequence[Delay], incidents: int) -> str:
    """When signals came, the median and the worst of either figure, in how many of so many incidents."""
    if not signals:
        return f"no signal, {incidents} of {incidents}"
    after = [each.seconds for each in signals], [each.seconds_from_start for each in signals]
    usual = delay_text(*map(statistics.median, after))
    worst = ", ".join(seconds_text(max(each)) for each in after)
    told = usual if len(signals) == 1 else f"{usual} (worst {worst})"
    return f"signal after {told}, {len(signals)} of {incidents}"


def _expected(case: CaseResult) -> str:
    return f"{case.expected} (default)" if case.origin == "default" else str(case.expected)


def _details(case: CaseResult) -> Iterator[str]:
    if case.failed and case.expected.reason:
        yield f"noted: {case.expected.reason}"
    for each in case.failed:
        yield f"seed {each.sighting.seed}, {each.sighting.run}: {failure_text(each)}"
    for missing in case.not_placed:
        yield f"seed {missing.seed}: {missing.reason}"


def _seeds(seeds: Iterable[int]) -> str:
    named = list(seeds)
    return f"{'seed' if len(named) == 1 else 'seeds'} {', '.join(map(str, named))}"


def _heading(result: DrillResult) -> str:
    return f"{result.rule} ({result.expectations}) on {result.background}, {_seeds(result.seeds)}"


def _summary(result: DrillResult) -> list[str]:
    attacks, others, counts = result.signalled("attack"), result.signalled("benign"), result.counts
    told = ", ".join(f"{counts[status]} {status}" for status in _WORDS)
    return [
        f"{attacks.part} of {attacks.of} attacks raised a signal"
        f" (a rule that remembers everything: at most {result.detectable.part}),"
        f" {others.part} of {others.of} look-alikes did. {result.caveat}".rstrip(),
        f"{counted(len(result.cases), 'case')}: {told}; {counted(len(result.seeds), 'seed')}",
    ]


def _cell(text: str) -> str:
    """Text that breaks no table and marks up nothing."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", "; ")
