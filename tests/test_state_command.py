"""`vaultdrill state show`: what is known and until when, of a file that is left as it is."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from builders import ADA, BOB, START, line, new_value_rule, usage
from calling import Run, caller
from naive_model import DAY

from detector.stores.sqlite import SqliteStore

RECORDS = (usage(0, "fill"), usage(DAY, "export"), usage(2 * DAY, "fill"), usage(DAY, "share", BOB))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller("state", tmp_path, monkeypatch, capsys)


@pytest.fixture
def detect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller("detect", tmp_path, monkeypatch, capsys)


@pytest.fixture
def store(tmp_path: Path, detect: Run) -> Path:
    """The store of a rule that learns nothing and forgets after 3 days."""
    return written(tmp_path, detect, new_value_rule(forget=3, new_value={"learningMethod": "threshold"}), *RECORDS)


def written(folder: Path, detect: Run, rule: Any, *records: Any) -> Path:
    (folder / "rule.json").write_bytes(line(rule))
    (folder / "events").write_bytes(b"\n".join(map(line, records)))
    assert detect("events", "--rule", "rule.json", "--store", "state.db").code == 0
    return folder / "state.db"


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(row) for row in text.splitlines()]


def test_a_row_for_each_group_says_what_it_knows_and_what_it_forgets_next(state: Run, store: Path) -> None:
    ada, bob = rows(state("show", "--store", str(store), "--format", "ndjson").out)
    assert ada["group"] == {"@usr.email": ADA}
    assert (ada["first_seen"], ada["last_seen"]) == ("2026-01-05T00:00:00Z", "2026-01-07T00:00:00Z")
    assert (ada["known"], ada["forgotten"]) == (2, 0)
    assert ada["next_forgotten"] == {"value": {"@evt.name": "export"}, "at": "2026-01-09T00:00:00Z"}
    assert (bob["group"], bob["signal"]["matches"]) == ({"@usr.email": BOB}, 1)


def test_another_moment_moves_what_is_forgotten_by_then(state: Run, store: Path) -> None:
    told = rows(state("show", "--store", str(store), "--format", "ndjson", "--at", "2026-01-09").out)
    assert [(row["known"], row["forgotten"]) for row in told] == [(1, 1), (0, 1)]
    assert told[1]["next_forgotten"] is None


def test_a_row_for_each_value_of_one_group(state: Run, store: Path) -> None:
    asked = ("show", "--store", str(store), "--group", ADA, "--at", "2026-01-09")
    assert rows(state(*asked, "--format", "ndjson").out) == [
        {
            "group": {"@usr.email": ADA},
            "value": {"@evt.name": value},
            "last_seen": seen,
            "forgotten_at": forgotten,
            "known": known,
        }
        for value, seen, forgotten, known in (
            ("export", "2026-01-06T00:00:00Z", "2026-01-09T00:00:00Z", False),
            ("fill", "2026-01-07T00:00:00Z", "2026-01-10T00:00:00Z", True),
        )
    ]
    table = state(*asked).out
    assert "is forgotten" in table
    assert "first seen    2026-01-05T00:00:00Z" in table


def test_json_has_the_rule_and_the_matches_of_the_groups_signal(state: Run, store: Path) -> None:
    told = json.loads(state("show", "--store", str(store), "--group", BOB, "--format", "json").out)
    head = told["state"]
    assert (head["groups"], head["known"], head["forgotten"], head["at"]) == (2, 3, 0, "2026-01-07T00:00:00Z")
    assert (head["rule_settings"]["forget_after_days"], head["rule_start"]) == (3, "2026-01-05T00:00:00Z")
    (match,) = told["group"]["signal"]["matches"]
    assert (match["value"], match["timestamp"]) == ({"@evt.name": "share"}, "2026-01-06T00:00:00Z")


def test_the_table_names_the_rule_and_says_how_many_groups_it_leaves_out(state: Run, store: Path) -> None:
    told = state("show", "--store", str(store), "--limit", "1").out
    assert "watches       @evt.name of each @usr.email" in told
    assert "knows         3 values of 2 groups" in told
    assert (ADA in told, BOB in told) == (True, False)
    assert "… and 1 more group;" in told


def test_a_limit_holds_for_json_and_ndjson_too(state: Run, store: Path) -> None:
    assert len(state("show", "--store", str(store), "--limit", "1", "--format", "ndjson").lines) == 1
    assert len(json.loads(state("show", "--store", str(store), "--limit", "1", "--format", "json").out)["groups"]) == 1


@pytest.mark.parametrize(
    ("knobs", "told"),
    [
        ({"learn": 7}, "7 d from the rule's start, until 2026-01-12T00:00:00Z"),
        ({"learn": 1}, "1 d from the rule's start, ended 2026-01-06T00:00:00Z"),
        ({"learn": 7, "assumptions": {"learningScope": "group"}}, "7 d from each group's first event\n"),
        ({"learn": 0}, "of each group's first event only"),
        ({"new_value": {"learningMethod": "threshold"}}, "none"),
    ],
)
def test_the_table_says_how_the_rule_learns(tmp_path: Path, state: Run, detect: Run, knobs: Any, told: str) -> None:
    written(tmp_path, detect, new_value_rule(**knobs), *RECORDS)
    assert f"learning      {told}" in state("show", "--store", "state.db").out


def test_a_run_that_selected_nothing_leaves_a_state_that_can_be_shown(tmp_path: Path, state: Run, detect: Run) -> None:
    written(tmp_path, detect, new_value_rule(query="@evt.name:never"), *RECORDS)
    told = state("show", "--store", "state.db")
    assert (told.code, "no event yet" in told.out) == (0, True)


def test_of_an_unknown_group_it_ends_with_1_and_names_another_spelling(state: Run, store: Path) -> None:
    told = state("show", "--store", str(store), "--group", ADA.upper())
    assert (told.code, told.out, told.err) == (1, "", f"vaultdrill: nothing is known of {ADA.upper()}, but of {ADA}\n")
    assert state("show", "--store", str(store), "--group", "eve").err == "vaultdrill: nothing is known of eve\n"


@pytest.mark.parametrize("at", ["2026-01-06", "2026-01-06T23:59:59.999999999Z"])
def test_a_moment_before_the_latest_sighting_is_refused_with_that(state: Run, store: Path, at: str) -> None:
    told = state("show", "--store", str(store), "--at", at)
    assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert told.err.endswith(", but the store is from 2026-01-07T00:00:00Z; legal: that or later\n")
    assert state("show", "--store", str(store), "--at", "2026-01-07").code == 0


@pytest.mark.parametrize("asked", ["{", "[", '{"@usr.email":"ada@example.com"}'])
def test_json_that_can_be_no_group_is_refused_with_what_is_legal(state: Run, store: Path, asked: str) -> None:
    told = state("show", "--store", str(store), "--group", asked)
    assert (told.code, told.out) == (2, "")
    assert told.err == f"vaultdrill: --group: found {asked!r}; legal: a value of @usr.email\n"


@pytest.mark.parametrize("url", ["absent.db", "sqlite:///absent.db", "memory:", "redis://x", ""])
def test_what_is_no_store_is_refused_and_nothing_is_created(tmp_path: Path, state: Run, url: str) -> None:
    told = state("show", "--store", url)
    assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert list(tmp_path.iterdir()) == []


def test_looking_changes_no_byte_and_leaves_no_file(state: Run, store: Path) -> None:
    before = {path.name: path.read_bytes() for path in store.parent.iterdir()}
    state("show", "--store", str(store))
    state("show", "--store", str(store), "--group", ADA)
    assert {path.name: path.read_bytes() for path in store.parent.iterdir()} == before


def test_while_a_run_writes_its_last_commit_is_shown(state: Run, store: Path) -> None:
    with closing(SqliteStore(store)) as writer:
        assert len(state("show", "--store", str(store), "--format", "ndjson").lines) == 2
        writer.commit({}, [BOB.encode()], writer.checkpoint() or b"")
        assert len(state("show", "--store", str(store), "--format", "ndjson").lines) == 1


def test_a_damaged_baseline_is_refused_before_anything_is_shown(state: Run, store: Path) -> None:
    data = store.read_bytes()
    seen = (START + DAY).to_bytes(8, "big")
    assert data.count(seen) >= 1
    store.write_bytes(data.replace(seen, (START + DAY + 1).to_bytes(8, "big")))
    told = state("show", "--store", str(store), "--format", "ndjson")
    assert (told.code, told.out) == (2, "")
    assert "damaged" in told.err
