"""Several rules, each with a store: a run that is ended between two stores is told of, and replaces nothing."""

import json
from pathlib import Path

import pytest
from builders import ADA, line, new_value_rule, usage
from calling import Ran, Run, caller
from naive_model import DAY

from detector.stores.held import HeldStore

NAMES = ("one", "two", "three")
STORES = tuple(part for name in NAMES for part in ("--rule", f"{name}.json", "--store", f"{name}.db"))


class KilledError(BaseException):
    """What nobody catches, as a kill."""


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    for name in NAMES:
        (tmp_path / f"{name}.json").write_text(json.dumps(new_value_rule(learn=1, name=f"rule {name}")))
    write(tmp_path, 4)
    return caller("detect", tmp_path, monkeypatch, capsys)


def write(folder: Path, days: int) -> None:
    records = (usage(day * DAY, f"action {day}", ADA) for day in range(days))
    (folder / "records.ndjson").write_bytes(b"".join(line(record) + b"\n" for record in records))


def run(detect: Run, *options: str) -> Ran:
    return detect("records.ndjson", "--emit", "matches", "--out", "results.ndjson", *STORES, *options)


def killed(detect: Run, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """A run that ends suddenly when so many of its stores have moved on."""
    release = HeldStore.release
    done: list[HeldStore] = []

    def ended(store: HeldStore) -> None:
        if len(done) == after:
            raise KilledError
        done.append(store)
        release(store)

    with monkeypatch.context() as patch:
        patch.setattr(HeldStore, "release", ended)
        with pytest.raises(KilledError):
            run(detect)


@pytest.mark.parametrize("engine", ["stream", "columnar"])
@pytest.mark.parametrize("runs_before", [0, 1])
@pytest.mark.parametrize("after", [1, 2])
def test_who_runs_again_is_told_and_keeps_the_results(
    detect: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int, runs_before: int, engine: str
) -> None:
    if runs_before:
        assert run(detect).code == 0
        write(tmp_path, 8)
    killed(detect, monkeypatch, after)
    complete = (tmp_path / "results.ndjson").read_bytes()
    assert complete.count(b"\n") == 3 * (4 if runs_before else 3)
    ahead, behind = NAMES[0], NAMES[after]
    refused = run(detect, "--engine", engine)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        f"vaultdrill: --store: {ahead}.db has a run that {behind}.db has not: it was ended between the two, after its"
        f" results; legal: that run once more for {behind}.db and its rule alone, into another file, or --abandon\n"
    )
    assert (tmp_path / "results.ndjson").read_bytes() == complete


def test_once_the_last_stores_have_caught_up_alone_all_go_on_together(
    detect: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(detect, monkeypatch, 1)
    for name in NAMES[1:]:
        alone = ("--rule", f"{name}.json", "--store", f"{name}.db", "--out", f"{name}.ndjson")
        assert detect("records.ndjson", *alone).code == 0
    write(tmp_path, 8)
    assert run(detect).code == 0
    assert (tmp_path / "results.ndjson").read_bytes().count(b"\n") == 3 * 4


def test_the_run_may_be_abandoned(detect: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed(detect, monkeypatch, 1)
    assert run(detect, "--abandon").code == 0
    assert (tmp_path / "results.ndjson").read_bytes().count(b"\n") == 2 * 3
    assert run(detect).code == 0


def test_a_run_that_is_ended_before_any_store_has_moved_on_is_simply_run_again(
    detect: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(detect, monkeypatch, 0)
    complete = (tmp_path / "results.ndjson").read_bytes()
    assert run(detect).code == 0
    assert (tmp_path / "results.ndjson").read_bytes() == complete


@pytest.mark.parametrize("days", [1, 4])
def test_runs_that_end_well_never_stand_in_each_others_way(detect: Run, tmp_path: Path, days: int) -> None:
    write(tmp_path, days)
    one, two, three = (STORES[start : start + 4] for start in (0, 4, 8))
    for asked in (one + two, one + two, two + three, one + three, one, two + one, three + one, one + two + three):
        ran = detect("records.ndjson", *asked)
        assert ran.code == 0, ran.err
