"""Simulating, injecting and both at once: the same bytes, the originals untouched, the truth complete."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins
from msgspec.structs import replace as replace_delivery

from detector.source import read_chunks
from harness.injecting import inject
from harness.run import write_company, write_drill
from scenarios.case_id import case_of, is_earlier
from scenarios.document import ScenarioError
from scenarios.scenario import find
from simulator.company import Company
from simulator.delivery import Delivery
from simulator.profile_file import load_profile
from simulator.records import FEEDS
from simulator.writers import DatasetError

PROFILE = load_profile("startup-50")
COMPANY = Company(people=25, days=24, seed=7, start=date(2026, 1, 5), profile=PROFILE)
ALL = find(["all"])


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


def lines(directory: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / f"{name}.ndjson").read_bytes().splitlines()]


def manifest(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "manifest.json").read_bytes())
    return found


def is_subsequence(some: Sequence[bytes], of: Sequence[bytes]) -> bool:
    rest = iter(of)
    return all(line in rest for line in some)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company without incidents."""
    out = tmp_path_factory.mktemp("quiet") / "company"
    write_company(COMPANY, out, workers=1)
    return out


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, quiet: Path) -> Path:
    """The same company with every scenario."""
    out = tmp_path_factory.mktemp("attacked") / "company"
    inject(quiet, ALL, COMPANY.seed, out)
    return out


def test_a_drill_is_exactly_a_company_and_then_an_injection(tmp_path: Path, attacked: Path) -> None:
    write_drill(COMPANY, ["all"], tmp_path / "drill", workers=1)
    assert contents(tmp_path / "drill") == contents(attacked)
    assert [path.name for path in tmp_path.iterdir()] == ["drill"]


def test_the_number_of_workers_changes_no_byte(tmp_path: Path, quiet: Path) -> None:
    write_company(COMPANY, tmp_path / "company", workers=2)
    assert contents(tmp_path / "company") == contents(quiet)


def test_another_seed_is_another_company(tmp_path: Path, quiet: Path) -> None:
    write_company(replace(COMPANY, seed=8), tmp_path / "company", workers=1)
    other, this = contents(tmp_path / "company"), contents(quiet)
    assert all(other[f"{feed}.ndjson"] != this[f"{feed}.ndjson"] for feed in FEEDS)


def test_a_quiet_company_has_no_truth_to_tell(quiet: Path) -> None:
    assert lines(quiet, "labels") == lines(quiet, "incidents") == []
    assert manifest(quiet)["scenarios"] == []


def test_the_original_records_stay_byte_for_byte_and_in_order(quiet: Path, attacked: Path) -> None:
    before, after = contents(quiet), contents(attacked)
    for feed in FEEDS:
        original, woven = (side[f"{feed}.ndjson"].splitlines() for side in (before, after))
        assert original
        assert is_subsequence(original, woven)


def test_what_was_added_is_what_is_labelled(quiet: Path, attacked: Path) -> None:
    labelled = [label["uuid"] for label in lines(attacked, "labels")]
    there = [record["uuid"] for feed in FEEDS for record in lines(attacked, feed)]
    before = [record["uuid"] for feed in FEEDS for record in lines(quiet, feed)]
    assert len(labelled) > 100
    assert sorted(there) == sorted(before + labelled)
    assert len(set(there)) == len(there)


def test_labels_and_incidents_tell_the_same_story(attacked: Path) -> None:
    incidents, labels = lines(attacked, "incidents"), lines(attacked, "labels")
    events = Counter((label["run"], label["scenario"], label["kind"]) for label in labels)
    assert events == {(one["run"], one["scenario"], one["kind"]): one["events"] for one in incidents}
    assert len({one["run"] for one in incidents}) == len(incidents)
    played = [one["actor"] for one in incidents if not is_earlier(one["run"])]
    assert len(set(played)) == len(played)
    assert {one["kind"] for one in incidents} == {"attack", "benign"}


def test_an_incident_lasts_from_its_first_to_its_last_event(attacked: Path) -> None:
    times = {record["uuid"]: record["timestamp"] for feed in FEEDS for record in lines(attacked, feed)}
    labels = lines(attacked, "labels")
    for incident in lines(attacked, "incidents"):
        found = {times[label["uuid"]] for label in labels if label["run"] == incident["run"]}
        assert {incident["started_at"], incident["ended_at"]} <= found


def test_records_stay_in_order_of_time(attacked: Path) -> None:
    for feed in FEEDS:
        # Trimmed zeros and all: "...:01Z" sorts behind "...:01.5Z" as text, so both get nine digits.
        times = [record["timestamp"].removesuffix("Z").partition(".") for record in lines(attacked, feed)]
        assert all(before <= after for before, after in pairwise((s, n.ljust(9, "0")) for s, _, n in times))


def test_the_manifest_names_the_scenarios_and_neither_workers_nor_paths(quiet: Path, attacked: Path) -> None:
    found = manifest(attacked)
    staged = sorted({case_of(incident["run"]) for incident in lines(attacked, "incidents")})
    assert found["scenarios"] == staged != []
    numbers = {"profile": to_builtins(PROFILE), "delivery": to_builtins(Delivery.off())}
    company = {"people": 25, "days": 24, "start": "2026-01-05", **json.loads(json.dumps(numbers))}
    assert manifest(quiet)["parameters"] == company
    assert found["parameters"] == company | {"injected": [{"seed": 7, "scenarios": staged}]}
    assert (found["seed"], found["period"]) == (7, {"start": "2026-01-05T00:00:00Z", "end": "2026-01-29T00:00:00Z"})
    assert "workers" not in json.dumps(found)
    assert str(quiet.parent) not in json.dumps(found)


def test_injecting_leaves_its_source_as_it_was(tmp_path: Path, quiet: Path) -> None:
    before = contents(quiet)
    inject(quiet, find(["attacks/bulk-reveal"]), 3, tmp_path / "out")
    assert contents(quiet) == before


def test_scenarios_may_come_one_after_the_other_and_nobody_plays_twice(tmp_path: Path, quiet: Path) -> None:
    inject(quiet, find(["attacks/bulk-export"]), 3, tmp_path / "one")
    inject(tmp_path / "one", find(["attacks/bulk-reveal"]), 3, tmp_path / "two")
    assert manifest(tmp_path / "two")["scenarios"] == ["attacks/bulk-export", "attacks/bulk-reveal"]
    incidents = lines(tmp_path / "two", "incidents")
    assert incidents[: len(lines(tmp_path / "one", "incidents"))] == lines(tmp_path / "one", "incidents")
    assert len({one["actor"] for one in incidents}) == len(incidents)
    labelled = {label["uuid"] for label in lines(tmp_path / "two", "labels")}
    assert labelled <= {record["uuid"] for feed in FEEDS for record in lines(tmp_path / "two", feed)}


@pytest.mark.parametrize("out", ["absent", "empty"])
def test_a_drill_in_which_nobody_can_play_is_the_company_without_incidents(tmp_path: Path, out: str) -> None:
    tiny = replace(COMPANY, people=1, days=2)
    (tmp_path / "empty").mkdir()
    write_company(tiny, tmp_path / "quiet", workers=1)
    injected = write_drill(tiny, ["attacks/bulk-export"], tmp_path / out, workers=1)
    assert (injected.incidents, [case for case, _ in injected.not_placed]) == ([], ["attacks/bulk-export"])
    assert contents(tmp_path / out) == contents(tmp_path / "quiet")
    assert {path.name for path in tmp_path.iterdir()} == {"quiet", "empty", out}


def test_a_misspelt_scenario_is_told_before_the_company_is_made(tmp_path: Path) -> None:
    days: list[float] = []
    with pytest.raises(ScenarioError, match="found 'nope'"):
        write_drill(COMPANY, ["nope"], tmp_path / "drill", workers=1, progress=lambda done, _: days.append(done))
    assert (days, list(tmp_path.iterdir())) == ([], [])


def test_a_drill_that_fails_on_the_way_leaves_nothing_behind_and_touches_nothing_else(tmp_path: Path) -> None:
    def full(_: float, __: int) -> None:
        raise OSError("disk full")

    (tmp_path / ".drill.company").mkdir()
    with pytest.raises(OSError, match="disk full"):
        write_drill(COMPANY, ["all"], tmp_path / "drill", workers=1, progress=full)
    assert [path.name for path in tmp_path.iterdir()] == [".drill.company"]


def test_a_directory_in_use_is_refused_and_left_alone(tmp_path: Path, quiet: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(DatasetError, match="found something there"):
        inject(quiet, ALL, 3, tmp_path)
    assert contents(tmp_path) == {"kept": b"mine"}


def test_causes_are_carried_into_what_is_injected(tmp_path: Path) -> None:
    company = replace(COMPANY, people=60, days=40)
    write_company(company, tmp_path / "quiet", workers=1)
    inject(tmp_path / "quiet", find(["attacks/bulk-reveal"]), 3, tmp_path / "attacked")
    causes = contents(tmp_path / "quiet")["causes.ndjson"]
    assert causes
    assert contents(tmp_path / "attacked")["causes.ndjson"] == causes


def test_delivery_changes_the_order_and_nothing_that_happened(tmp_path: Path, quiet: Path) -> None:
    late = replace(COMPANY, delivery=replace_delivery(Delivery.of(PROFILE), duplicates=0.0))
    write_company(late, tmp_path / "late", workers=1)
    for feed in FEEDS:
        there, here = (contents(side)[f"{feed}.ndjson"].splitlines() for side in (tmp_path / "late", quiet))
        assert there != here
        assert sorted(there) == sorted(here)


def test_a_parquet_dataset_holds_the_records_of_the_same_company_in_lines(tmp_path: Path, quiet: Path) -> None:
    write_company(COMPANY, tmp_path / "tables", workers=1, form="parquet")
    for feed in FEEDS:
        read = [
            json.loads(line)
            for chunk in read_chunks(str(tmp_path / "tables" / f"{feed}.parquet"))
            for line in chunk.lines
        ]
        lines_of = lines(quiet, feed)
        for record in lines_of:
            if record.get("details", "") is None:
                del record["details"]  # a column cannot tell null from absent
        assert read == lines_of
