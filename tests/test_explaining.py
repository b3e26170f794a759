"""Explaining: asked records are found wherever they are, in the order in which the rule meets them."""

import json
from pathlib import Path

import pytest
from builders import START, audit, line, new_value_rule, usage
from explained import WATCHING
from naive_records import SECOND

from detector.rules import parse_rule
from detector.source import SourceError
from detector.stores.memory import MemoryStore
from harness.explain.explaining import Explaining, MissingError


def test_asking_about_a_record_that_is_ignored_does_not_change_the_order_of_merged_feeds(tmp_path: Path) -> None:
    feeds = {
        "itemusages": [usage(7, "fill")],
        "signinattempts": [],
        "auditevents": [audit(10, "view", by=None), audit(5, "fill")],
    }
    for name, records in feeds.items():
        (tmp_path / f"{name}.ndjson").write_bytes(b"\n".join(map(line, records)))
    files = {f"{name}.ndjson": {"records": len(records)} for name, records in feeds.items()}
    (tmp_path / "manifest.json").write_text(json.dumps({"format": "vaultdrill/dataset", "version": 1, "files": files}))
    rule = parse_rule(json.dumps(new_value_rule(learn=0)), "rule")
    asked = [record["uuid"] for records in feeds.values() for record in records]
    told = list(Explaining(rule, MemoryStore(), asked).explained([str(tmp_path)]))
    assert [(each.timestamp - START, each.outcome) for each in told] == [(10, "ignored"), (5, "learned"), (7, "known")]


def test_sorting_puts_an_ignored_record_into_its_place_too(tmp_path: Path) -> None:
    source = tmp_path / "records"
    records = [usage(3), audit(2), usage(1)]
    source.write_bytes(b"\n".join(map(line, records)))
    told = Explaining(WATCHING, MemoryStore(), [each["uuid"] for each in records])
    assert [each.timestamp - START for each in told.explained_sorted([str(source)])] == [1, 2, 3]


@pytest.mark.parametrize(("action", "outcome"), [("fill", "known"), ("", "ignored")])
def test_one_of_many_records_is_found_where_they_are_read_by_columns(tmp_path: Path, action: str, outcome: str) -> None:
    source, records = tmp_path / "records", [usage(at * SECOND + 1, "fill") for at in range(7000)]
    records[6990]["action"] = action
    source.write_bytes(b"\n".join(map(line, records)))
    (told,) = Explaining(WATCHING, MemoryStore(), [records[6990]["uuid"]]).explained([str(source)])
    assert (told.timestamp, told.outcome, told.known[0].first_seen) == (START + 6990 * SECOND + 1, outcome, START + 1)


def test_a_record_that_cannot_be_read_is_told_with_its_place_or_ends_the_reading(tmp_path: Path) -> None:
    source, broken = tmp_path / "records", {**usage(0), "timestamp": "yesterday"}
    source.write_bytes(line(usage(1)) + b"\n" + line(broken))
    rule, heard = WATCHING, list[str]()
    lenient = Explaining(rule, MemoryStore(), [broken["uuid"]], complain=heard.append)
    assert list(lenient.explained([str(source)])) == []
    lenient.refuse_missing()
    assert [(each.uuid, each.complaint) for each in lenient.unreadable] == [(broken["uuid"], heard[0])]
    assert heard[0].startswith(f"{source}:2: timestamp: found 'yesterday'")
    with pytest.raises(SourceError, match=":2: timestamp: found 'yesterday'"):
        list(Explaining(rule, MemoryStore(), [broken["uuid"]]).explained([str(source)]))


def test_an_event_that_is_not_there_is_refused_with_the_number_of_records_and_a_near_one(tmp_path: Path) -> None:
    source, record = tmp_path / "records", usage(0)
    source.write_bytes(line(record))
    lower = record["uuid"].lower()
    explained = Explaining(WATCHING, MemoryStore(), [lower])
    assert list(explained.explained([str(source)])) == []
    with pytest.raises(MissingError, match=f"^--uuid: found no {lower} among 1 record; legal: {record['uuid']}, which"):
        explained.refuse_missing()
