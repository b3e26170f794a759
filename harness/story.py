"""The demo's story: one drill from end to end, in the words of somebody who watches it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from tabulate import tabulate

from detector.instant import instant_text, parse_instant
from detector.rules import NewValueRule, shipped_rule
from detector.stores.memory import MemoryStore
from harness.detection import Detection
from harness.durations import seconds_text
from harness.hindsight import Hindsight
from harness.output import json_text, opened, write_rows
from harness.progress import records_progress
from harness.report.html.other_settings import other_settings
from harness.report.html.page import refuse_without_library, write_html
from harness.report.html.remembering import baseline_of
from harness.report.html.reporting import report_of
from harness.report.text import scorecard_table
from harness.run import RunError, write_drill
from harness.scorecard import Outcome, Scorecard
from harness.scoring.judged import judged
from harness.scoring.score import score
from harness.stages import Stages
from harness.streams import Stream
from harness.submission import read_signals, read_summary
from harness.summary import Summary
from harness.truth import Truth, read_truth
from scenarios.scenario import find
from simulator.company import Company
from simulator.records import FEEDS

_AT_ONCE = "signal with its first detectable event"
_STAGED: Final = (
    "attacks/bulk-export",
    "attacks/bulk-reveal",
    "attacks/cli-sweep",
    "attacks/everyday-actions",
    "attacks/infostealer-secure-copy",
    "attacks/rehearsed-export",
    "attacks/service-account-token",
    "benign/archive-export",
    "benign/cli-adoption",
    "benign/new-phone-abroad",
    "benign/on-call-reveals",
    "benign/runner-migration",
    "benign/sso-roll-out",
)
"""What a company of fifty can play in six weeks, found and missed, true and false: few enough to be read."""


def tell(company: Company, scratch: Path, out: Path | None, page: Path | None = None) -> Iterator[str]:
    """Run the drill in *scratch* and tell it paragraph by paragraph.

    With *out*, keep there what was made; with *page*, write the report to that file.
    """
    _refuse(out, page)
    rule, dataset, stages = shipped_rule(), scratch / "company", Stages()
    with records_progress("simulating", company.days) as progress, stages.during("simulate, inject"):
        injected = write_drill(company, _STAGED, dataset, 1, progress)
    truth = read_truth(dataset)
    stages.count("simulate, inject", _records(truth))
    yield _company(company, truth)
    yield _staged(truth, injected.not_placed)
    summary = _detect(rule, scratch, stages)
    yield _rule(rule, summary)
    with stages.during("hindsight"):
        hindsight = Hindsight(rule, truth)
    stages.count("hindsight", _records(truth))
    card = _score(hindsight, scratch, stages)
    yield _outcomes(hindsight, card)
    yield f"The scorecard.\n\n{scorecard_table(card)}"
    yield _verdict(card)
    if page is not None:
        _write_page(page, card, hindsight, scratch)
        yield f"The report: {page}"
    if out is not None:
        out.mkdir()
        for made in sorted(scratch.iterdir()):
            shutil.move(made, out)
        yield f"Kept in {out}: company/ (the dataset), signals.ndjson, summary.json, scorecard.json."


def _refuse(out: Path | None, page: Path | None) -> None:
    """Refuse what could not be written at the end, before anything is done."""
    if out is not None and (out.exists() or not out.absolute().parent.is_dir()):
        raise RunError(f"--out: found {out}; legal: a path that does not exist yet, in a directory that does")
    if page is not None:
        refuse_without_library()
        if page.is_dir() or not page.absolute().parent.is_dir():
            raise RunError(f"--html: found {page}; legal: a file, in a directory that exists")


def _records(truth: Truth) -> int:
    return sum(file.records for name, file in truth.manifest.files.items() if name.partition(".")[0] in FEEDS)


def _detect(rule: NewValueRule, scratch: Path, stages: Stages) -> Summary:
    detection = Detection(rule, MemoryStore())
    batches = stages.each("read", detection.reader.batches([str(scratch / "company")]))
    decided = stages.each("decide", detection.decided(batches))
    with stages.during("write"), opened(scratch / "signals.ndjson") as stream:
        rows = ([signal.shown() for signal in batch.signals] for batch in decided)
        write_rows(stream, "ndjson", rows, lambda _: "")
    summary = detection.summary()
    for stage, events in (("read", summary.read), ("decide", summary.selected), ("write", summary.signals)):
        stages.count(stage, events)
    (scratch / "summary.json").write_bytes(json_text(summary.shown()) + b"\n")
    return summary


def _score(hindsight: Hindsight, scratch: Path, stages: Stages) -> Scorecard:
    signals = read_signals(scratch / "signals.ndjson", hindsight.rule.name)
    with stages.during("score"):
        card = score(signals, hindsight, read_summary(scratch / "summary.json"))
    stages.count("score", len(signals))
    card = msgspec.structs.replace(card, stages=stages.told())
    (scratch / "scorecard.json").write_bytes(json_text(card.shown()) + b"\n")
    return card


def _write_page(page: Path, card: Scorecard, hindsight: Hindsight, scratch: Path) -> None:
    rule, truth, stream = hindsight.rule, hindsight.truth, card.streams[0]
    signals = read_signals(scratch / "signals.ndjson", rule.name)
    report = report_of(
        card,
        [judged(signals, hindsight, stream)],
        rule=rule,
        manifests=[truth.manifest],
        reviews={stream: hindsight.reviews},
        baseline=baseline_of(rule, truth),
        sweep=other_settings(rule, [Stream(stream, truth.directory)]),
    )
    write_html(report, page)


def _company(company: Company, truth: Truth) -> str:
    records = {name: file.records for name, file in truth.manifest.files.items()}
    usages, sign_ins, audit = (records[f"{feed}.ndjson"] for feed in ("itemusages", "signinattempts", "auditevents"))
    return (
        f"A company of {company.people} people (profile {company.profile.name}) used its shared 1Password vaults"
        f" for {company.days} days from {company.start} (seed {company.seed}):\n"
        f"{usages:,} item usages, {sign_ins:,} sign-ins, {audit:,} audit events. All of it is simulated."
    )


def _staged(truth: Truth, not_placed: list[tuple[str, str]]) -> str:
    scenarios = find(truth.manifest.scenarios)
    rows = [
        (_when(incident.started_at), incident.kind, scenarios[incident.scenario].name, incident.actor, incident.events)
        for incident in sorted(truth.incidents, key=lambda incident: parse_instant(incident.started_at))
    ]
    table = tabulate(rows, headers=["when (UTC)", "kind", "what", "who", "records"])
    missing = "".join(f"\nNot staged: {scenario} ({reason})" for scenario, reason in not_placed)
    attacks = len(truth.attacks)
    return (
        f"Hidden in it: {attacks} attacks, and {len(truth.incidents) - attacks} harmless incidents that look like"
        f" them.\n\n{table}{missing}"
    )


def _rule(rule: NewValueRule, summary: Summary) -> str:
    return (
        f'The rule: "{rule.name}". It learns for {rule.learning_duration_days} days, then raises a signal when'
        f" somebody does\nwhat it has not seen from them in the last {rule.forget_after_days} days. It read"
        f" {summary.read:,} records and raised {summary.signals} signals."
    )


def _outcomes(hindsight: Hindsight, card: Scorecard) -> str:
    attacks = [outcome for outcome in card.outcomes if outcome.kind == "attack"]
    others = [outcome for outcome in card.outcomes if outcome.kind != "attack"]
    widest = max((len(outcome.run) for outcome in card.outcomes), default=0)
    told = "\n".join(_told(outcome, hindsight, widest) for outcome in attacks)
    silent = "\n".join(_told(outcome, hindsight, widest) for outcome in others)
    nothing = "  none was staged"
    return f"What became of the attacks:\n\n{told or nothing}\n\nand of the harmless incidents:\n\n{silent or nothing}"


def _told(outcome: Outcome, hindsight: Hindsight, width: int) -> str:
    if outcome.found is None:
        fate = "not scored, the rule was still learning"
    elif outcome.found:
        later = f"signal {seconds_text(outcome.latency_seconds)} after its first detectable event"
        fate = f"{later if outcome.latency_seconds else _AT_ONCE}, {seconds_text(outcome.seconds_from_start)} into it"
    else:
        fate = f"no signal: {hindsight.reviews[outcome.run].why}"
    return f"  {outcome.run:<{width}} {outcome.actor}\n      {fate}"


def _verdict(card: Scorecard) -> str:
    false = card.precision.of - card.precision.part
    return (
        f"In one sentence: the rule found {card.recall.part} of {card.recall.of} attacks, and of its"
        f" {card.precision.of} signals {false} were people doing something harmless\nfor the first time in a while."
        " Attacks made of what the victim does anyway are out of its reach by design."
    )


def _when(text: str) -> str:
    return instant_text(parse_instant(text))[:16].replace("T", " ")
