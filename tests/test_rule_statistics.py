"""What records say of a rule's keys, counted by hand, and which of it is a finding."""

import json
from pathlib import Path
from typing import Any

from builders import ADA, BOB, line, new_value_rule, sign_in, usage

from detector.instant import DAY
from harness.report.rules import statistics_text
from harness.rule_review import review
from harness.rule_statistics import FieldCount, RuleStatistics

ANY = {"multiValue": "any"}


def reviewed(folder: Path, records: list[dict[str, Any]], **changes: Any) -> tuple[list[str], RuleStatistics]:
    """The codes of the findings and the counts of a rule on *records*."""
    rule = {"query": "@evt.type:1password-item-usages", "learn": 7, "keep_alive": 3600, **changes}
    (folder / "rule.json").write_text(json.dumps(new_value_rule(**rule)), "utf-8")
    (folder / "records.ndjson").write_bytes(b"\n".join(map(line, records)))
    found = review(folder / "rule.json", [str(folder / "records.ndjson")])
    assert found.statistics is not None
    return [finding.code for finding in found.findings], found.statistics


def test_keys_are_counted_as_the_rule_sees_them(tmp_path: Path) -> None:
    records = [usage(0, "fill"), usage(DAY, "fill"), usage(3 * DAY, "share"), usage(4 * DAY, "fill", BOB), sign_in(0)]
    codes, found = reviewed(tmp_path, records)
    assert codes == []
    assert (found.read, found.selected, found.ignored) == (5, 4, {"does not match the query": 1})
    assert (found.days, found.groups, found.keys, found.keys_once, found.late_keys) == (4, 2, 3, 2, 1)
    assert found.fields == (FieldCount("@usr.email", 2, 1), FieldCount("@evt.name", 2, 1))
    assert (found.growth, found.keys_an_event, found.late_keys_a_day) == (4 / 3, 3 / 4, 1)


def test_fields_of_their_own_are_counted_apart(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"metrics": ("@evt.name", "@item_uuid"), "assumptions": ANY}
    _, found = reviewed(tmp_path, [usage(0, item_uuid="a"), usage(1, item_uuid="b")], **changes)
    assert found.keys == 3
    assert found.fields == (
        FieldCount("@usr.email", 1, 0),
        FieldCount("@evt.name", 1, 0),
        FieldCount("@item_uuid", 2, 2),
    )


def test_a_rule_that_sees_none_of_the_records_is_found_out(tmp_path: Path) -> None:
    codes, found = reviewed(tmp_path, [sign_in(0), sign_in(1)])
    assert (codes, found.selected, found.days) == (["selects-none-here"], 0, 0)


def test_keys_that_keep_coming_are_found_out_and_the_field_is_named(tmp_path: Path) -> None:
    records = [usage(place * DAY, by=(ADA, BOB)[place % 2], item_uuid=f"item{place}") for place in range(120)]
    codes, found = reviewed(tmp_path, records, metrics=("@evt.name", "@item_uuid"))
    assert codes == ["exploding-keys"]
    message = review(tmp_path / "rule.json", [str(tmp_path / "records.ndjson")]).findings[0].message
    assert message == (
        "120 events have 120 keys, 100% of them seen once, and new ones still come, 1.0 a day:"
        " @item_uuid has 120 values"
    )
    assert "120 of 120 keys" in statistics_text(found)


def test_it_is_no_excuse_that_each_key_is_seen_twice(tmp_path: Path) -> None:
    records = [usage(place * DAY + late, item_uuid=f"item{place}") for place in range(120) for late in (0, 1)]
    codes, found = reviewed(tmp_path, records, metrics=("@item_uuid",))
    assert (codes, found.keys_once, found.keys_an_event) == (["exploding-keys"], 0, 0.5)


def test_keys_that_have_all_been_seen_early_are_no_explosion(tmp_path: Path) -> None:
    early = [usage(place, item_uuid=f"item{place}") for place in range(120)]
    assert reviewed(tmp_path, [*early, usage(100 * DAY, item_uuid="item0")], metrics=("@item_uuid",))[0] == []


def arriving(early: int, late: int, events: int) -> list[dict[str, Any]]:
    """So many new items on the first day and on the hundredth, in so many events."""
    items = [f"item{place}" for place in range(early)] + ["item0"] * (events - early - late)
    new = [f"new{place}" for place in range(late)]
    return [
        *(usage(place, item_uuid=item) for place, item in enumerate(items)),
        *(usage(100 * DAY + place, item_uuid=item) for place, item in enumerate(new)),
    ]


def test_a_third_of_steady_growth_is_the_bound(tmp_path: Path) -> None:
    assert reviewed(tmp_path, arriving(110, 10, 400), metrics=("@item_uuid",))[0] == ["exploding-keys"]
    assert reviewed(tmp_path, arriving(111, 9, 400), metrics=("@item_uuid",))[0] == []


def test_growth_that_is_rare_among_the_events_is_no_explosion(tmp_path: Path) -> None:
    assert reviewed(tmp_path, arriving(90, 10, 8_000), metrics=("@item_uuid",))[0] == ["exploding-keys"]
    assert reviewed(tmp_path, arriving(90, 10, 8_001), metrics=("@item_uuid",))[0] == []


def test_a_field_that_is_given_twice_is_counted_once(tmp_path: Path) -> None:
    _, found = reviewed(tmp_path, [usage(0)], metrics=("@evt.name", "@evt.name"))
    assert [each.field for each in found.fields] == ["@usr.email", "@evt.name"]
