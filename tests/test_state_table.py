"""What a store knows, as a table: what is known and what forgotten, on 100 columns."""

from typing import Any

import pytest
from builders import ADA, usage
from naive_model import DAY
from naive_records import Json
from test_state import state_of

from harness.report.state import Look, head_row
from harness.report.state_table import group_table, groups_table
from harness.state import moment_of_look

LONG = "a.rather.long.name.of.somebody.who.uses.the.vault@subsidiary.of.a.company.example.com"


def look_at(*records: Json, at: int | None = None, **knobs: Any) -> Look:
    state = state_of(*records, **knobs)
    extent = state.extent()
    return Look(state, extent, moment_of_look(extent, at))


def test_what_is_forgotten_is_not_counted_as_known() -> None:
    look = look_at(usage(0, "fill"), usage(DAY, "share"), usage(4 * DAY, "export"), forget=3)
    told = groups_table(look, look.state.groups(), 9)
    assert "knows         1 value of 1 group; 2 values forgotten by then\n" in told
    assert "looked at     2026-01-09T00:00:00Z, the latest sighting in the store" in told
    assert f"{ADA}  1 (+2)" in told
    assert (head_row(look)["known"], head_row(look)["forgotten"]) == (1, 2)


def test_where_nothing_is_forgotten_nothing_is_said_of_it() -> None:
    look = look_at(usage(0, "fill"))
    told = groups_table(look, look.state.groups(), 9)
    assert "knows         1 value of 1 group\n" in told
    assert "(+" not in told
    assert "open signal" not in told


@pytest.mark.parametrize("by", [ADA, LONG])
def test_no_line_is_wider_than_100_columns(by: str) -> None:
    value = "action" * 12
    look = look_at(
        *(usage(at, f"{value}{at}", by) for at in (1, 2, 4 * DAY + 123_456_789)),
        forget=3,
        keep_alive=3600,
        query="*",
        metrics=("@evt.name", "@item_uuid", "@vault_uuid", "@user.name", "@client.ip_address"),
        assumptions={"multiValue": "any"},
        new_value={"learningMethod": "threshold"},
    )
    (group,) = look.state.groups()
    assert "…" in group_table(look, group)
    for told in (groups_table(look, [group], 9), group_table(look, group)):
        assert max(map(len, told.splitlines())) <= 100


def test_text_has_times_to_the_second_and_json_all_of_them() -> None:
    look = look_at(usage(123_456_789, "fill"), new_value={"learningMethod": "threshold"})
    (group,) = look.state.groups()
    assert ".1234" not in groups_table(look, [group], 9) + group_table(look, group)
    assert head_row(look)["at"] == "2026-01-05T00:00:00.123456789Z"


def test_json_tells_the_rule_by_name_and_its_settings_apart() -> None:
    head = head_row(look_at(usage(0, "fill")))
    assert list(head) == [
        "rule",
        "rule_settings",
        "assumptions",
        "enabled_at",
        "rule_start",
        "live",
        "learning_until",
        "shards",
        "open_runs",
        "groups",
        "known",
        "forgotten",
        "at",
    ]
    assert isinstance(head["rule"], str)
    assert head["enabled_at"] is None
    assert head["assumptions"] == {"learningScope": "rule", "forgetMode": "sliding", "multiValue": "tuple"}
    assert not {"name", "enabled_at", "learning_scope", "forget_mode", "multi_value"} & head["rule_settings"].keys()
    assert head["rule_settings"]["metrics"] == ["@evt.name"]
