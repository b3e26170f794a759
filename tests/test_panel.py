"""The panel: what columns say of a rule is what a pass event by event says, to the last signal."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from drills import Usage, write_drill
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_records import Json
from paneled import NAME, by_hindsight, by_panel, truth_of, write_stream
from streams import situations

from detector.instant import instant_text
from detector.rules import parse_rule, shipped_rule
from harness.hindsight import Hindsight
from harness.run import write_company
from scenarios.ground_truth import Incident, Label, encode
from simulator.company import Company
from simulator.profile_file import load_profile

HABIT = [Usage(f"2026-01-{day:02d}T09:00:00Z", who, "fill") for day in (1, 5, 9, 13) for who in ("ada", "bob", "cy")]
thorough = settings(max_examples=max(100, settings().max_examples), suppress_health_check=[HealthCheck.too_slow])


@st.composite
def staged(draw: st.DrawFn) -> tuple[tuple[Json, list[Json], int | None], list[int], list[int]]:
    """A situation, and for each record the run that it is of and the process that brought it about."""
    situation = draw(situations())
    size = len(situation[1])
    runs = draw(st.lists(st.sampled_from([-1, -1, -1, 0, 1, 2]), min_size=size, max_size=size))
    return situation, runs, draw(st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=size, max_size=size))


def test_a_dataset_without_a_record_is_no_evidence_and_no_error(tmp_path: Path) -> None:
    truth = truth_of(write_drill(tmp_path / "d", [], "2026-01-18T00:00:00Z"))
    for rule in (shipped_rule(), replace(shipped_rule(), metrics=("@evt.name", "@vault_uuid"), multi_value="any")):
        found = by_panel(truth, rule)
        assert found == by_hindsight(truth, rule)
        assert (found.raised, found.staged, found.watched_events, found.days) == ([], [], 0, 0.0)


@thorough
@given(staged())
def test_columns_say_what_events_say_whatever_the_rule_and_the_stream(
    drawn: tuple[tuple[Json, list[Json], int | None], list[int], list[int]],
) -> None:
    (document, records, enabled_at), runs, causes = drawn
    rule = parse_rule(json.dumps(document), "rule.json")
    with TemporaryDirectory() as scratch:
        truth = truth_of(write_stream(Path(scratch) / "d", records, runs, causes))
        assert by_panel(truth, rule, enabled_at) == by_hindsight(truth, rule, enabled_at)


def test_a_found_attack_a_missed_one_and_a_harmless_first_time(tmp_path: Path) -> None:
    usages = [
        *HABIT,
        Usage("2026-01-14T02:00:00Z", "ada", "fill", "attacks/x#1"),
        Usage("2026-01-15T10:00:00Z", "bob", "fill", "attacks/x#2"),
        Usage("2026-01-15T10:01:30Z", "bob", "export", "attacks/x#2"),
        Usage("2026-01-16T09:00:00Z", "cy", "share"),
    ]
    truth = truth_of(write_drill(tmp_path / "d", usages, "2026-01-20T00:00:00Z"))

    found = by_panel(truth, shipped_rule())

    assert [(each.person, each.cause, each.run) for each in found.raised] == [
        ("bob@example.com", "attack", "attacks/x#2"),
        ("cy@example.com", "habit", None),
    ]
    assert {each.run: each.found_at is not None for each in found.staged} == {"attacks/x#1": False, "attacks/x#2": True}
    assert found == by_hindsight(truth, shipped_rule())


def test_parquet_is_joined_with_its_truth_as_ndjson_is(tmp_path: Path) -> None:
    company = Company(30, 40, 5, date(2026, 1, 5), load_profile("startup-50"))
    for form in ("ndjson", "parquet"):
        write_company(company, tmp_path / form, 1, form=form)
        stage(tmp_path / form)

    lines, table = (truth_of(tmp_path / form) for form in ("ndjson", "parquet"))

    found = by_panel(table, shipped_rule())
    assert found == by_panel(lines, shipped_rule()) == by_hindsight(table, shipped_rule())
    assert {each.cause for each in found.raised} > {"attack", "habit"}
    assert [each.events for each in found.staged] == [3]


def stage(directory: Path) -> None:
    """Call three signals' events of the last days an attack."""
    signals = Hindsight(shipped_rule(), truth_of(directory)).signals[-3:]
    uuids = [signal.matches[0].uuid for signal in signals]
    times = [instant_text(signal.opened_at) for signal in signals]
    labels = [Label(uuid, "attacks/x", "attacks/x#1", 1, "attack") for uuid in uuids]
    incident = Incident("attacks/x#1", "attacks/x", "attack", "ada@example.com", min(times), max(times), (), 3)
    (directory / "labels.ndjson").write_bytes(b"".join(map(encode, labels)))
    (directory / "incidents.ndjson").write_bytes(encode(incident))


def test_a_stream_in_which_nothing_is_seen_raises_nothing(tmp_path: Path) -> None:
    truth = truth_of(
        write_drill(tmp_path / "d", [Usage("2026-01-01T09:00:00Z", "ada", "unheard-of")], "2026-02-01T00:00:00Z")
    )

    found = by_panel(truth, shipped_rule())

    assert (found.stream, found.raised, found.watched_events) == (NAME, [], 0)
    assert found == by_hindsight(truth, shipped_rule())
