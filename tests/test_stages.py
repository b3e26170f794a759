"""Stages: the time and memory of a run, told by a clock and a memory that the tests turn by hand."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from builders import usage
from calling import Run, caller
from datasets import line, write

from harness.peak_memory import PeakMemory, PeakOf, ProcessPeak, ResettablePeak, UnknownPeak, peak_memory
from harness.report.stages import stages_table
from harness.stages import Stage, Stages, together

MIB = 1024 * 1024


@dataclass
class Machine:
    """A clock that stands still until it is turned, and a memory whose peak is what was set since it began anew."""

    now: float = 100.0
    resident: int = 10 * MIB
    peak: int = 10 * MIB
    looks: int = 0
    of: PeakOf | None = "stage"

    def work(self, seconds: float, peak: int = 0) -> None:
        self.now += seconds
        self.peak = max(self.peak, peak)

    def begin(self) -> None:
        self.peak = self.resident

    def bytes(self) -> int | None:
        self.looks += 1
        return self.peak

    def stages(self) -> Stages:
        return Stages(lambda: self.now, lambda: self)


@pytest.fixture
def machine() -> Machine:
    return Machine()


def by_name(stages: Stages) -> dict[str, Stage]:
    return {stage.name: stage for stage in stages.told()}


def test_stages_one_after_the_other_share_the_time(machine: Machine) -> None:
    stages = machine.stages()
    with stages.during("simulate"):
        machine.work(3)
    machine.work(1000)  # nobody's
    with stages.during("write"):
        machine.work(1)
    stages.count("simulate", 600)
    assert [(s.name, s.seconds, s.share, s.events, s.events_per_second) for s in stages.told()] == [
        ("simulate", 3.0, 0.75, 600, 200.0),
        ("write", 1.0, 0.25, None, None),
    ]


def test_a_moment_counts_for_the_innermost_stage_alone(machine: Machine) -> None:
    def batches() -> Iterator[int]:
        for batch in range(3):
            machine.work(2)
            yield batch

    def decided() -> Iterator[int]:
        for batch in stages.each("read", batches()):
            machine.work(1)
            yield batch

    stages = machine.stages()
    with stages.during("write"):
        for _ in stages.each("decide", decided()):
            machine.work(0.5)
    assert {s.name: s.seconds for s in stages.told()} == {"read": 6.0, "decide": 3.0, "write": 1.5}
    assert [s.name for s in stages.told()] == ["read", "decide", "write"]


def test_a_stage_that_fails_ends_all_the_same(machine: Machine) -> None:
    def failing() -> Iterator[int]:
        machine.work(1)
        yield 1 // 0

    stages = machine.stages()
    with pytest.raises(ZeroDivisionError):
        list(stages.each("read", failing()))
    machine.work(5)
    with stages.during("write"):
        machine.work(1)
    assert {s.name: s.seconds for s in stages.told()} == {"read": 1.0, "write": 1.0}


def test_each_stage_has_the_peak_of_its_own_time(machine: Machine) -> None:
    stages = machine.stages()
    with stages.during("simulate"):
        machine.work(1, peak=90 * MIB)
    with stages.during("write"):
        machine.work(1, peak=20 * MIB)
    with stages.during("simulate"):
        machine.work(1, peak=30 * MIB)
    told = by_name(stages)
    assert (told["simulate"].peak_bytes, told["write"].peak_bytes) == (90 * MIB, 20 * MIB)
    assert told["write"].peak_of == "stage"


def test_fast_turns_are_looked_at_together_so_that_looking_costs_nothing(machine: Machine) -> None:
    stages = machine.stages()
    for _ in range(1000):
        with stages.during("read"):
            machine.work(0.0001, peak=40 * MIB)
        with stages.during("decide"):
            machine.work(0.0001)
    told = by_name(stages)
    assert machine.looks <= 0.2 / 0.1 + 1
    assert told["read"].peak_bytes == told["decide"].peak_bytes == 40 * MIB


def test_no_stage_and_no_time_have_no_share(machine: Machine) -> None:
    stages = machine.stages()
    assert stages.told() == []
    with stages.during("read"):
        pass
    stages.count("read", 5)
    (read,) = stages.told()
    assert (read.seconds, read.share, read.events, read.events_per_second) == (0.0, None, 5, None)


def test_events_of_a_stage_that_never_ran_are_not_told(machine: Machine) -> None:
    stages = machine.stages()
    stages.count("simulate", 5)
    assert stages.told() == []


def test_runs_put_together_share_the_time_of_both() -> None:
    read, score = Stage("read", 9, 3.0, 1.0, 3.0, None), Stage("score", 1, 1.0, 1.0, 1.0, None)
    assert [(s.name, s.share) for s in together([read], [score])] == [("read", 0.75), ("score", 0.25)]
    assert together([], []) == []


def test_the_slow_stage_has_the_longest_bar() -> None:
    told = [Stage("read", 9, 9.0, 0.9, 1.0, 50 * MIB, "stage"), Stage("decide", 9, 1.0, 0.1, 9.0, None)]
    lines = stages_table(told).splitlines()
    assert [line.count("#") for line in lines[2:]] == [18, 2]
    assert lines[2].split() == ["read", "90%", "#" * 18, "9.00", "9", "1", "50", "MiB"]
    assert stages_table([]) == ""


def test_a_peak_that_is_not_the_stages_own_is_told_as_such() -> None:
    stage = Stage("read", 9, 9.0, 1.0, 1.0, 50 * MIB, "process so far")
    assert stages_table([stage]).splitlines()[-1].startswith("Peak memory is that of the process so far")


def test_linux_tells_the_peak_since_it_began_anew() -> None:
    peak = peak_memory()
    if not isinstance(peak, ResettablePeak):
        pytest.skip("the system lets nobody lower the peak")
    held = bytearray(64 * MIB)
    held[::4096] = b"x" * len(held[::4096])
    high = peak.bytes()
    del held
    peak.begin()
    low = peak.bytes()
    assert high is not None
    assert low is not None
    assert high - low > 48 * MIB


@pytest.mark.parametrize("kind", [ProcessPeak, UnknownPeak])
def test_without_it_the_peak_is_that_of_the_process_or_unknown(
    kind: Callable[[], PeakMemory], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: ResettablePeak) -> None:
        raise PermissionError

    def absent(_: ProcessPeak) -> None:
        raise ImportError

    monkeypatch.setattr(ResettablePeak, "begin", refused)
    if kind is UnknownPeak:
        monkeypatch.setattr(ProcessPeak, "bytes", absent)
    peak = peak_memory()
    assert isinstance(peak, kind)  # type: ignore[arg-type]
    assert (peak.bytes() is None, peak.of is None) == (kind is UnknownPeak, kind is UnknownPeak)
    peak.begin()


@pytest.mark.parametrize("engine", ["stream", "columnar"])
def test_detect_tells_its_stages_in_the_summary(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "usages.ndjson", *(line(usage(number)) for number in range(40)))
    detect: Run = caller("detect", tmp_path, monkeypatch, capfd)
    assert detect("usages.ndjson", "--engine", engine, "--summary", "s.json", "--out", "signals.ndjson").code == 0
    summary = json.loads((tmp_path / "s.json").read_bytes())
    told = {stage["name"]: stage for stage in summary["stages"]}
    assert set(told) == {"start", "read", "decide", "write"}
    counts = [told[name]["events"] for name in ("read", "decide", "write")]
    assert counts == [summary["events"]["read"], summary["events"]["selected"], summary["signals"]]
    assert sum(stage["share"] for stage in told.values()) == pytest.approx(1)
