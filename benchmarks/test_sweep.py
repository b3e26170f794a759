"""A sweep of 200 settings over ten million events, and what scoring adds to detecting them.

The company is simulated into a temporary directory, some gigabyte; attacks are labels on what its people do anyway.
"""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace
from pyarrow import parquet

from benchmarks.interleaved import seconds
from detector.bulk.reading import ColumnReader
from detector.columnar.engine import ColumnarEngine
from detector.instant import instant_text
from detector.rules import shipped_rule
from detector.stores.memory import MemoryStore
from harness.feeds_seen import feeds_seen
from harness.panel.panel import Panel
from harness.run import write_company
from harness.scoring.evidence import Evidence
from harness.scoring.score import scorecard
from harness.streams import Datasets
from harness.sweep.grid import Grid, settings
from harness.sweep.sweeping import sweep
from harness.truth import read_truth
from scenarios.ground_truth import Incident, Label, encode
from simulator.company import Company
from simulator.profile_file import load_profile

pytestmark = pytest.mark.long

PEOPLE, DAYS = 6_000, 180  # 10.0 million item usages
GRID = Grid(learning_duration=[1, 3, 7, 14, 21], forget_after=[1, 3, 5, 7, 10, 14, 18, 21, 28, 30])
ATTACKS, OF_EACH = 200, 20
SIGNALS = 10_000
LIMIT = 90.0
"""Seconds on two cores that are free."""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sweep") / "company"
    company = Company(PEOPLE, DAYS, 3, date(2026, 1, 5), load_profile("midsize-1000"))
    write_company(company, directory, 2, form="parquet")
    label(directory)
    return directory


def label(directory: Path) -> None:
    """Say of some runs of usages, spread over the time, that they are attacks."""
    columns = ["uuid", "timestamp_ns", "user.email"]
    table = parquet.read_table(directory / "itemusages.parquet", columns=columns)
    step = len(table) // (ATTACKS + 1)
    labels, incidents = [], []
    for number in range(1, ATTACKS + 1):
        uuids, times, emails = table.slice(number * step, OF_EACH).to_pydict().values()
        run = f"attacks/labelled#{number}"
        labels += [encode(Label(uuid, "attacks/labelled", run, 1, "attack")) for uuid in uuids]
        first, last = instant_text(times[0]), instant_text(times[-1])
        incidents.append(encode(Incident(run, "attacks/labelled", "attack", emails[0], first, last, (), OF_EACH)))
    (directory / "labels.ndjson").write_bytes(b"".join(labels))
    (directory / "incidents.ndjson").write_bytes(b"".join(incidents))


def test_two_hundred_settings_over_ten_million_events(dataset: Path) -> None:
    rule = shipped_rule()
    assert len(settings(rule, GRID)) == 200
    wall, processor = time.perf_counter(), time.process_time()
    result = sweep(rule, GRID, Datasets((dataset,)), workers=2).result
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    events = result.settings[0].events
    passes = sum(each.seconds for each in result.settings)
    print(
        f"\n{len(result.settings)} settings over {events:,} events: {wall:.1f} s, {processor:.1f} s of processor time,"
        f" {passes:.1f} s of it in the kernel ({200 * events / passes / 1e6:,.0f} million verdicts a second)"
    )
    assert events > 9_500_000
    assert wall < LIMIT


def test_scoring_adds_little_to_detecting(dataset: Path) -> None:
    rule, truth = shipped_rule(), read_truth(dataset)
    panel = Panel.read(truth, [rule])
    panel.evidence(rule)  # what rules share is made once
    passed = panel.passed(rule)
    evidence = thinned(passed.judgement.evidence())
    detecting = min(seconds(lambda: list(detected(dataset))) for _ in range(3))
    joining = min(seconds(lambda: panel.passed(rule).judgement.evidence()) for _ in range(3)) - passed.seconds
    figures = min(seconds(lambda: scorecard([evidence], rule=rule)) for _ in range(3))
    added = (joining + figures) / detecting
    print(
        f"\n{len(evidence.raised):,} signals, {len(evidence.staged)} attacks: detecting {detecting:.2f} s of processor"
        f" time, evidence {joining:.2f} s and scorecard {figures:.2f} s more: {added:.1%}"
    )
    assert len(evidence.raised) == SIGNALS
    assert added < 0.10


def thinned(evidence: Evidence) -> Evidence:
    """With as many of its signals as the limit speaks of; the evidence itself is timed with all of them."""
    return replace(evidence, raised=evidence.raised[:: len(evidence.raised) // SIGNALS][:SIGNALS])


def detected(dataset: Path) -> Iterator[object]:
    """The signals, by columns."""
    rule = shipped_rule()
    reader = ColumnReader([rule])
    engine = ColumnarEngine(rule, reader.codings[0].groups, reader.codings[0].values, MemoryStore())
    for (rows,) in reader.batches(feeds_seen(dataset, rule)):
        engine.decide(rows)
        yield from engine.closed()
    yield from engine.still_open()
