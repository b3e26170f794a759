"""Injecting into whatever holds 1Password records: what was there stays byte for byte, and the truth lies beside it."""

import json
import pickle
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import audit, sign_in, usage
from datasets import COMPANY, DAY, feed_lines, line, manifest, rows, write, zipped
from naive_records import SECOND

from detector.instant import parse_instant
from harness.injecting import InjectionError, NothingPlaced, inject
from harness.log_record import LogError
from harness.original import OriginalError
from harness.run import write_company
from scenarios.duration import Duration
from scenarios.scenario import Casting, Moment, Scenario
from scenarios.step import ItemUsageStep, SignInStep
from simulator.records import FEEDS
from simulator.writers import DatasetError

WHEN = Moment(after_history=Duration(7 * DAY))


def played(count: int = 2, **fields: Any) -> Scenario:
    """A sign-in, then twenty reveals."""
    reveals = ItemUsageStep(at=Duration(SECOND), repeat=20, every=Duration(2 * SECOND), action="reveal", item="each")
    usual: dict[str, Any] = {"kind": "attack", "when": WHEN, "steps": (SignInStep(category="success"), reveals)}
    return Scenario(name="x", story="x", count=count, **usual | fields)


SCENARIOS = {"attacks/reveals": played(), "benign/reveals[items=20]": played(kind="benign")}
NOBODY = played(actor=Casting(min_events=10**6))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset in lines."""
    out = tmp_path_factory.mktemp("company") / "company"
    write_company(COMPANY, out, workers=1)
    return out


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, company: Path) -> Path:
    """The dataset with two scenarios."""
    out = tmp_path_factory.mktemp("attacked") / "attacked"
    inject(company, SCENARIOS, 3, out)
    return out


def mixed(company: Path, out: Path) -> Iterator[Path]:
    """One file with the records of all kinds by time."""
    every = [each for feed in FEEDS for each in feed_lines(company, feed)]
    yield write(out / "mixed.ndjson", *sorted(every, key=lambda each: parse_instant(json.loads(each)["timestamp"])))


def paged(company: Path, out: Path) -> Iterator[Path]:
    """A directory of answers of the API, a thousand records each."""
    for feed in FEEDS:
        lines = feed_lines(company, feed)
        for number, first in enumerate(range(0, len(lines), 1000)):
            page = b'{"cursor":"c","has_more":true,"items":[' + b",".join(lines[first : first + 1000]) + b"]}"
            write(out / feed / f"page-{number}.json", page)
    yield out


def tables(_: Path, out: Path) -> Iterator[Path]:
    """The same company in Parquet."""
    write_company(COMPANY, out, workers=1, form="parquet")
    yield out


@pytest.mark.parametrize("kept_as", [mixed, zipped, paged])
def test_logs_stay_byte_for_byte_whatever_they_come_in_and_the_same_is_woven_in(
    kept_as: Callable[[Path, Path], Iterable[Path]], company: Path, attacked: Path, tmp_path: Path
) -> None:
    inject(list(kept_as(company, tmp_path / "logs")), SCENARIOS, 3, tmp_path / "out")
    for name in (*FEEDS, "labels", "incidents"):
        assert feed_lines(tmp_path / "out", name) == feed_lines(attacked, name)


def without_staged(directory: Path, feed: str) -> list[bytes]:
    staged = {label["uuid"] for label in rows(directory, "labels")}
    return [each for each in feed_lines(directory, feed) if json.loads(each)["uuid"] not in staged]


def test_a_dataset_without_its_labelled_records_is_byte_for_byte_the_original(company: Path, attacked: Path) -> None:
    for feed in FEEDS:
        assert without_staged(attacked, feed) == feed_lines(company, feed)
    staged = sum(len(feed_lines(attacked, feed)) - len(feed_lines(company, feed)) for feed in FEEDS)
    assert staged == len(rows(attacked, "labels")) >= 4 * 21
    assert feed_lines(attacked, "causes") == feed_lines(company, "causes")


def test_a_dataset_in_parquet_comes_out_in_lines_equal_in_value(company: Path, tmp_path: Path) -> None:
    inject(next(iter(tables(company, tmp_path / "tables"))), SCENARIOS, 3, tmp_path / "out")
    for feed in FEEDS:
        before = [{name: value for name, value in each.items() if value is not None} for each in rows(company, feed)]
        assert list(map(json.loads, without_staged(tmp_path / "out", feed))) == before
    assert rows(tmp_path / "out", "causes") == rows(company, "causes")
    assert len(rows(tmp_path / "out", "incidents")) == 4
    assert all(name.endswith(".ndjson") for name in manifest(tmp_path / "out")["files"])


def test_nothing_of_a_label_stands_in_a_record(company: Path, attacked: Path) -> None:
    names = [name.encode() for label in rows(attacked, "labels") for name in (label["run"], label["scenario"])]
    for feed in FEEDS:
        text = (attacked / f"{feed}.ndjson").read_bytes()
        assert [name for name in names if name in text] == []
        known = {frozenset(each) for each in rows(company, feed)}
        assert {frozenset(each) for each in rows(attacked, feed)} == known


def test_the_manifest_of_logs_knows_no_company_and_the_time_of_the_records(company: Path, tmp_path: Path) -> None:
    inject(list(zipped(company, tmp_path / "logs")), SCENARIOS, 3, tmp_path / "out")
    found = manifest(tmp_path / "out")
    staged = ["attacks/reveals", "benign/reveals[items=20]"]
    times = [each["timestamp"] for feed in FEEDS for each in rows(company, feed)]
    assert found["seed"] is None
    assert found["parameters"] == {"injected": [{"seed": 3, "scenarios": staged}]}
    assert found["scenarios"] == staged
    assert found["period"]["start"] == min(times)
    assert max(times)[:19] == found["period"]["end"][:19]


def test_who_played_once_plays_no_second_time_in_logs_either(company: Path, tmp_path: Path) -> None:
    inject(list(zipped(company, tmp_path / "logs")), {"attacks/reveals": played(count=5)}, 3, tmp_path / "one")
    again = inject(tmp_path / "one", {"attacks/more": played(count=5)}, 3, tmp_path / "two")
    actors = [each["actor"] for each in rows(tmp_path / "two", "incidents")]
    assert len(set(actors)) == len(actors) == 5 + len(again.incidents) > 5
    assert rows(tmp_path / "two", "labels")[: len(rows(tmp_path / "one", "labels"))] == rows(tmp_path / "one", "labels")
    assert manifest(tmp_path / "two")["seed"] is None
    assert manifest(tmp_path / "two")["scenarios"] == ["attacks/reveals", "attacks/more"]


def test_a_case_is_there_only_once_and_another_case_of_the_scenario_may_join_it(attacked: Path, tmp_path: Path) -> None:
    with pytest.raises(InjectionError) as refused:
        inject(attacked, {"benign/reveals[items=20]": played()}, 4, tmp_path / "out")
    assert str(refused.value) == (
        f"{attacked}: --scenario: found benign/reveals[items=20], which the dataset holds already; legal: another one"
    )
    inject(attacked, {"benign/reveals": played(count=1)}, 4, tmp_path / "out")
    assert manifest(tmp_path / "out")["scenarios"][2:] == ["benign/reveals"]


def test_what_could_not_be_placed_is_said_beside_what_was(company: Path, tmp_path: Path) -> None:
    made = inject(company, {"attacks/reveals": played(count=1), "benign/nobody": NOBODY}, 3, tmp_path / "out")
    ((case, why),) = made.not_placed
    assert (case, len(made.incidents)) == ("benign/nobody", 1)
    assert why.startswith("0 of 2 placed")
    assert manifest(tmp_path / "out")["scenarios"] == ["attacks/reveals"]


def test_where_nothing_can_be_placed_nothing_is_written(company: Path, tmp_path: Path) -> None:
    with pytest.raises(NothingPlaced, match=r"\A--scenario: nothing could be placed; a/b: 0 of 2 [^\n]*\Z") as refused:
        inject(company, {"a/b": NOBODY}, 3, tmp_path / "out")
    assert [case for case, _ in refused.value.not_placed] == ["a/b"]
    several = NothingPlaced([("a/b", "why"), ("a/c", "why"), ("a/d", "why")])
    assert str(pickle.loads(pickle.dumps(several))).endswith("; a/b: why (and 2 more)")
    assert list(tmp_path.iterdir()) == []


def test_people_who_used_no_item_can_play_nothing(tmp_path: Path) -> None:
    logs = write(tmp_path / "logs", line(sign_in(0)), line(audit(DAY)))
    with pytest.raises(NothingPlaced):
        inject(logs, SCENARIOS, 3, tmp_path / "out")


def test_a_dataset_among_several_sources_is_refused(company: Path, tmp_path: Path) -> None:
    logs = write(tmp_path / "logs", line(usage(0)))
    with pytest.raises(OriginalError) as refused:
        inject([logs, company], SCENARIOS, 3, tmp_path / "out")
    says = f"{company}: found a dataset among several; legal: one dataset, or 1Password logs"
    assert str(refused.value) == says


def test_logs_that_cannot_be_read_to_their_end_leave_nothing_behind(tmp_path: Path) -> None:
    logs = write(tmp_path / "logs" / "a", *(line(usage(at)) for at in range(9)), b"{")
    with pytest.raises(LogError, match=rf"\A{logs}:10: found "):
        inject(logs, SCENARIOS, 3, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


def test_a_directory_in_use_is_told_before_the_logs_are_read(tmp_path: Path) -> None:
    write(tmp_path / "out" / "kept", b"mine")
    with pytest.raises(DatasetError, match="found something there"):
        inject(tmp_path / "absent", SCENARIOS, 3, tmp_path / "out")


def test_the_result_may_lie_among_the_logs(company: Path, attacked: Path, tmp_path: Path) -> None:
    list(zipped(company, tmp_path))
    inject(tmp_path, SCENARIOS, 3, tmp_path / "out")
    assert feed_lines(tmp_path / "out", "itemusages") == feed_lines(attacked, "itemusages")


def test_staged_identifiers_are_none_of_the_originals(company: Path, attacked: Path) -> None:
    staged = [label["uuid"] for label in rows(attacked, "labels")]
    before = {each["uuid"] for feed in FEEDS for each in rows(company, feed)}
    assert before.isdisjoint(staged)
    assert len(set(staged)) == len(staged)
