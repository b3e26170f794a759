"""Datasets of hostile streams with labels and causes, and the evidence of a rule on them by either way."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from naive_records import Json, identity, kind

from detector.instant import instant_text
from detector.rules import NewValueRule
from harness.hindsight import Hindsight
from harness.panel.panel import Panel
from harness.scoring.evidence import Evidence
from harness.scoring.judged import judged
from harness.submission import SignalSeen
from harness.truth import Truth, read_truth
from scenarios.ground_truth import Incident, Label, encode
from simulator.writers import DatasetWriter, Header, Period

NAME = "stream"
_FEEDS = {"item": "itemusages", "sign-in": "signinattempts", "audit": "auditevents", "log": "itemusages"}
RUNS = ("attacks/x#1", "attacks/x#2", "benign/y#1")


def write_stream(directory: Path, records: Sequence[Json], staged: Sequence[int], caused: Sequence[int]) -> Path:
    """A dataset of the records in the feeds of their kinds.

    *staged* and *caused* have a number for each record: the place of its run among `RUNS` and whether a process brought
    it about; -1 and 0 for none.
    """
    header = Header(
        seed=1,
        parameters={},
        period=Period("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        scenarios=(),
        versions={},
    )
    labelled = {identity(each)[0]: run for each, run in zip(records, staged, strict=True)}
    brought = {identity(each)[0]: process for each, process in zip(records, caused, strict=True)}
    with DatasetWriter(directory, header) as dataset:
        for feed in dict.fromkeys(_FEEDS.values()):
            dataset.write(feed, (msgspec.json.encode(each) + b"\n" for each in records if _FEEDS[kind(each)] == feed))
        dataset.write("causes", (_cause(uuid, process) for uuid, process in brought.items() if process))
        dataset.write("labels", (encode(_label(uuid, run)) for uuid, run in labelled.items() if run >= 0))
        dataset.write("incidents", (encode(_incident(records, labelled, run)) for run in range(len(RUNS))))
    return directory


def by_panel(truth: Truth, rule: NewValueRule, enabled_at: int | None = None) -> Evidence:
    """The evidence from columns."""
    return Panel.read(truth, [rule], NAME).evidence(rule, enabled_at)


def by_hindsight(truth: Truth, rule: NewValueRule, enabled_at: int | None = None) -> Evidence:
    """The evidence of the rule's own signals, event by event."""
    hindsight = Hindsight(rule, truth, enabled_at)
    signals = [msgspec.convert(each.shown(), SignalSeen) for each in hindsight.signals]
    return judged(signals, hindsight, NAME)


def truth_of(directory: Path) -> Truth:
    return read_truth(directory)


def _cause(uuid: str, process: int) -> bytes:
    return msgspec.json.encode({"uuid": uuid, "process": ("joiner", "on-call")[process - 1]}) + b"\n"


def _label(uuid: str, run: int) -> Label:
    return Label(uuid, RUNS[run].partition("#")[0], RUNS[run], 1, _kind(run))  # type: ignore[arg-type]


def _incident(records: Sequence[Json], labelled: dict[str, int], run: int) -> Incident:
    times = [identity(each)[1] for each in records if labelled[identity(each)[0]] == run] or [identity(records[0])[1]]
    return Incident(
        run=RUNS[run],
        scenario=RUNS[run].partition("#")[0],
        kind=_kind(run),  # type: ignore[arg-type]
        actor="ada@example.com",
        started_at=instant_text(min(times)),
        ended_at=instant_text(max(times)),
        techniques=(),
        events=len(times),
    )


def _kind(run: int) -> str:
    return "attack" if RUNS[run].startswith("attacks/") else "benign"
