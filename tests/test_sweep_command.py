"""`vaultdrill sweep`, as users call it."""

import json
import subprocess
import sys
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from calling import Run, caller
from drills import write_drill
from test_sweep import office

SHORT = ("--learning-duration", "3,7", "--forget-after", "7,28")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    write_drill(tmp_path / "d", office(), "2026-03-01T00:00:00Z")
    return caller("sweep", tmp_path, monkeypatch, capfd)


def test_a_table_of_the_front_with_the_advice_above_it(run: Run) -> None:
    ran = run("--dataset", "d", *SHORT)
    assert ran.code == 0
    assert max(map(len, ran.lines)) <= 100
    assert ran.out.startswith("Keep the rule as it is")
    assert sum(line.startswith(">") for line in ran.lines) == 1
    assert "Does it hang on forgetMode?" in ran.out
    assert "self-test" in ran.out


def test_all_settings_are_shown_to_who_asks(run: Run) -> None:
    ran = run("--dataset", "d", *SHORT, "--all", "--group-by", "@usr.email", "--group-by", "")
    assert ran.code == 0
    assert max(map(len, ran.lines)) <= 100
    assert "none" in ran.out
    assert sum(" fixed " in line and " of 1 " in line for line in ran.lines) == 16


def test_fields_that_no_event_has_are_told(run: Run) -> None:
    ran = run("--dataset", "d", *SHORT, "--group-by", "@usr.emial", "--group-by", "@usr.email")
    assert ran.code == 0
    assert ran.err.count("warning: ") == 1
    assert "warning: no event that the rule selects has all of @usr.emial, @evt.name\n" in ran.err


def test_json_has_every_setting_and_why(run: Run) -> None:
    told: dict[str, Any] = json.loads(run("--dataset", "d", *SHORT, "--format", "json").out)
    assert len(told["settings"]) == 16
    assert [each["is_current"] for each in told["settings"]].count(True) == 1
    first = told["settings"][0]
    assert first["setting"]["forget_after"] == 28
    assert first["recall"]["found"] == 1
    assert {"state_pairs", "state_bytes", "seconds", "events_per_second", "is_on_front"} <= first.keys()
    assert told["advice"]
    assert set(told["hangs_on"]) == {"learning_scope", "forget_mode"}


def test_markdown_for_a_page_in_a_file(run: Run, tmp_path: Path) -> None:
    ran = run("--dataset", "d", *SHORT, "--format", "markdown", "--out", "s.md")
    assert (ran.code, ran.out) == (0, "")
    assert "|:--" in (tmp_path / "s.md").read_text()


@pytest.mark.skipif(util.find_spec("altair") is None, reason="needs the extra `report`")
@pytest.mark.parametrize("name", ["h.html", "h.svg"])
def test_heat_maps_stand_alone(run: Run, tmp_path: Path, name: str) -> None:
    assert run("--dataset", "d", *SHORT, "--heatmap", name).code == 0
    drawn = (tmp_path / name).read_text()
    assert "share of attacks found" in drawn
    assert 'src="http' not in drawn


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--forget-after", "0"], "--forget-after: found '0'; legal: whole days from 1 to 30, separated by commas"),
        (["--learning-method", "guess"], "--learning-method: found 'guess'; legal: duration, threshold"),
        (["--metrics", ""], "--metrics: found ''; legal:"),
        (["--heatmap", "h.pdf"], "--heatmap: found 'h.pdf'; legal: a name that ends in .html, .svg, .png"),
        (["--seeds", "2"], "--seeds: does nothing with --dataset"),
        (["--rule", "absent.json"], "absent.json"),
    ],
)
def test_bad_input_is_refused_in_one_line(run: Run, arguments: list[str], says: str) -> None:
    ran = run("--dataset", "d", *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_without_columns_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.verbs.sweep.find_spec", lambda name: None if name == "numba" else name)
    ran = run("--dataset", "d")
    assert (ran.code, ran.err) == (2, "vaultdrill: sweep: needs numba: pip install 'vaultdrill[columnar]'\n")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from harness.verbs.sweep import sweep\n"
        "print(sorted({'numba', 'duckdb', 'pyarrow', 'altair'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
