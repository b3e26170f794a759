"""Streams: the datasets that are given, or companies made one after another, and what a rule raises on each."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from drills import Usage, write_drill

from detector.rules import shipped_rule
from harness import streams as module
from harness.scorecard import ON_LOGS, SELF_TEST
from harness.stream_options import chosen_streams, stream_options
from harness.streams import Companies, Datasets, StreamError, Streams, evidences, paired_evidences
from simulator.profile_file import load_profile

USAGES = [
    *(Usage(f"2026-01-{day:02d}T09:00:00Z", who, "fill") for day in (1, 5, 9, 13) for who in ("ada", "bob")),
    Usage("2026-01-15T10:00:00Z", "bob", "export", "attacks/x#1"),
    Usage("2026-01-16T10:00:00Z", "ada", "share"),
]
SMALL = ("--profile", "startup-50", "--people", "12", "--days", "24", "--scenario", "attacks/bulk-export")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_drill(tmp_path / "company", USAGES, "2026-01-18T00:00:00Z")


def chosen(*arguments: str) -> Streams:
    """The streams that a verb with the options would be given."""
    caught: list[Streams] = []

    @click.command()
    @stream_options
    @click.pass_context
    def verb(ctx: click.Context, /, **given: Any) -> None:
        caught.append(chosen_streams(ctx, **given))

    result: Result = CliRunner().invoke(verb, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return caught[0]


def test_each_dataset_is_a_stream_under_its_path(dataset: Path) -> None:
    streams = chosen("--dataset", str(dataset))
    assert [(each.name, each.dataset) for each in streams] == [(str(dataset), dataset)]
    assert (len(streams), str(streams), streams.caveat) == (1, str(dataset), SELF_TEST)


def test_a_dataset_counts_once(dataset: Path) -> None:
    with pytest.raises(StreamError, match="twice; legal: each dataset once"):
        Datasets((dataset, dataset.parent / "company" / ".." / "company"))


def test_companies_differ_in_their_seed_alone() -> None:
    streams = chosen("--seeds", "3", "--seed", "7", *SMALL)
    assert isinstance(streams, Companies)
    told = streams.shown()
    assert told.pop("delivery")["duplicates"] == 0
    assert told == {
        "seeds": [7, 8, 9],
        "profile": "startup-50",
        "people": 12,
        "days": 24,
        "scenarios": ["attacks/bulk-export"],
    }
    assert str(streams) == "seeds 7 to 9, each 12 people over 24 days, simulated"
    assert streams.caveat == SELF_TEST


def test_a_company_is_gone_when_the_next_is_asked_for() -> None:
    made = iter(chosen("--seeds", "2", *SMALL))
    first = next(made)
    assert (first.dataset / "manifest.json").is_file()
    second = next(made)
    assert not first.dataset.exists()
    assert (first.name, second.name) == ("seed 1", "seed 2")
    assert list(made) == []
    assert not second.dataset.exists()


def test_who_stops_early_leaves_nothing_behind() -> None:
    made: Any = iter(chosen("--seeds", "2", *SMALL))
    first = next(made)
    made.close()
    assert not first.dataset.exists()


@pytest.mark.parametrize("option", [("--seeds", "3"), ("--people", "9"), ("--scenario", "all"), ("--seed", "2")])
def test_what_describes_companies_does_nothing_beside_datasets(dataset: Path, option: tuple[str, str]) -> None:
    with pytest.raises(click.UsageError, match=f"{option[0]}: does nothing with --dataset"):
        chosen("--dataset", str(dataset), *option)


def test_a_misspelt_scenario_is_told_before_anybody_is_simulated() -> None:
    with pytest.raises(ValueError, match="attacks/bulk-exprot"):
        chosen("--scenario", "attacks/bulk-exprot")


def test_without_any_word_five_companies_have_all_scenarios_staged() -> None:
    told = chosen().shown()
    assert (told["seeds"], told["scenarios"]) == ([1, 2, 3, 4, 5], ["all"])


def test_the_evidence_of_a_rule_on_each_stream(dataset: Path) -> None:
    (found,) = evidences(shipped_rule(), Datasets((dataset,)))
    assert [(each.person, each.cause) for each in found.raised] == [
        ("bob@example.com", "attack"),
        ("ada@example.com", "habit"),
    ]
    assert [(each.run, each.found_at is not None) for each in found.staged] == [("attacks/x#1", True)]


def test_several_rules_are_judged_on_the_same_stream(dataset: Path) -> None:
    rules = [shipped_rule(), replace(shipped_rule(), learning_duration_days=15)]
    ((short, long),) = paired_evidences(rules, Datasets((dataset,)))
    assert (len(short.raised), len(long.raised)) == (2, 1)
    assert short.stream == long.stream


def test_the_evidence_is_the_same_without_the_columnar_extra(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_columns = list(evidences(shipped_rule(), Datasets((dataset,))))
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    assert list(evidences(shipped_rule(), Datasets((dataset,)))) == by_columns


def test_logs_and_simulated_people_have_caveats_of_their_own(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "read_manifest", lambda path: _Manifest(1 if path == dataset else None))
    assert Datasets((dataset, dataset.parent)).caveat == f"{SELF_TEST} {ON_LOGS}"


class _Manifest:
    def __init__(self, seed: int | None) -> None:
        self.seed = seed


def test_the_profile_of_companies_may_be_a_file(tmp_path: Path) -> None:
    assert chosen("--profile", "startup-50").shown()["profile"] == load_profile("startup-50").name
    with pytest.raises(ValueError, match="no-such"):
        chosen("--profile", str(tmp_path / "no-such.yaml"))
