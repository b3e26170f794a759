"""What is written for users is true: examples run, and every verb has one."""

import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
import readme
import report_picture
import yaml
from report_picture import SCHEMES

from harness.cli import VERBS, main, vaultdrill

README = readme.README.read_text("utf-8")
Call = Callable[[str], str]


def commands(text: str) -> list[str]:
    """The calls of the command in a help text, one a line."""
    return [line.strip() for line in text.splitlines() if line.strip().startswith("vaultdrill ")]


def fenced() -> list[tuple[str, str]]:
    """The code blocks of the README, each with its language."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def blocks(language: str) -> list[str]:
    return [block for found, block in fenced() if found == language]


def help_of(verb: str) -> click.Command:
    command = vaultdrill.get_command(click.Context(vaultdrill), verb)
    assert command is not None
    return command


def example(verb: str) -> str:
    found = re.fullmatch(r"Example: (vaultdrill .+)", help_of(verb).epilog or "")
    assert found, f"{verb} --help ends without an example"
    return found[1]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the story of `vaultdrill --help` has been told: company, signals and summary are there."""
    folder = tmp_path_factory.mktemp("story")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in commands(vaultdrill.help or ""):
            run(line, patch)
    return folder


def run(line: str, patch: pytest.MonkeyPatch) -> None:
    """Run a line as a user would; it must end well."""
    patch.setattr(sys, "argv", shlex.split(line))
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0, line


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    def called(line: str) -> str:
        capfd.readouterr()
        run(line, monkeypatch)
        return capfd.readouterr().out

    return called


def test_the_help_tells_a_story_of_verbs_that_exist() -> None:
    told = [line.split()[1] for line in commands(vaultdrill.help or "")]
    assert told == ["demo", "simulate", "detect", "score"]
    assert set(told) <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_a_promise_and_an_example_of_itself(verb: str) -> None:
    assert help_of(verb).help
    assert example(verb).split()[1] == verb


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_says_what_it_is_for(verb: str) -> None:
    options = [option for option in help_of(verb).params if isinstance(option, click.Option)]
    silent = [option.name for option in options if not option.help and not isinstance(option.type, click.Choice)]
    assert silent == []


@pytest.mark.parametrize("verb", ["detect", "score"])
def test_the_example_of_a_verb_works_where_a_company_is(
    verb: str, company: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    monkeypatch.chdir(company)
    call(example(verb))


def test_the_example_of_inject_works_on_a_company_without_incidents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    monkeypatch.chdir(tmp_path)
    call("vaultdrill simulate --out company")
    call(example("inject"))


def test_the_examples_of_describe_and_fit_work_where_two_companies_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    monkeypatch.chdir(tmp_path)
    call("vaultdrill simulate --out company")
    call("vaultdrill simulate --seed 2 --out other-company")
    assert "distance" in call(example("describe"))
    call(example("fit"))
    assert (tmp_path / "profile.yaml").is_file()


def test_no_example_is_left_out() -> None:
    assert set(VERBS) == {"detect", "score", "inject", "demo", "simulate", "describe", "fit", "scenarios", "test"} | {
        *("bench", "compare", "explain", "rules", "state", "stores", "sweep")
    }


@pytest.mark.parametrize("verb", ["demo", "simulate"])
def test_the_example_of_a_verb_that_begins_the_story_works_anywhere(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    monkeypatch.chdir(tmp_path)
    call(example(verb))


def test_the_story_ends_with_a_scorecard(company: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    monkeypatch.chdir(company)
    card = call(commands(vaultdrill.help or "")[-1])
    assert all(figure in card for figure in ("precision", "recall", "throughput"))


def test_the_commands_of_the_readme_work_as_they_stand(company: Path, tmp_path: Path) -> None:
    own_logs(company / "company", tmp_path)
    lines = shell_lines()
    calls = re.findall(r"\bvaultdrill (\w+)", "\n".join(lines))
    assert calls == [
        "demo", "score", "compare", "sweep", "simulate", "score", "simulate", "score",
        "test", "test", "test", "test", "inject", "scenarios", "scenarios", "scenarios", "test",
        "detect", "detect", "detect", "simulate", "detect", "score", "explain", "bench", "state", "rules", "rules",
        "detect", "detect", "fit", "simulate", "describe",
    ]  # fmt: skip
    lines = [f"{line} || [ $? = 1 ]" if any(red in line for red in UNMET) else line for line in lines]
    summary = {"GITHUB_STEP_SUMMARY": str(tmp_path / "step-summary.md")}
    environment = os.environ | summary | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    script = "\n".join(["set -euo pipefail", *lines])
    ran = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert ran.returncode == 0, ran.stderr


def shell_lines() -> list[str]:
    """The commands of the README in their order, but for installing; those of the workflow in a checkout of its own."""
    lines: list[str] = []
    for language, block in fenced():
        if language == "sh":
            lines += block.splitlines()
        elif language == "yaml" and "jobs" in (workflow := yaml.safe_load(block)):
            steps = [step["run"] for step in workflow["jobs"]["rule"]["steps"] if "run" in step]
            lines += [CHECKOUT, *steps, "cd .."]
    return [line for line in lines if "pip " not in line]


CHECKOUT = "mkdir checkout; cp my-rule.json baseline.json checkout; cd checkout"
UNMET = ("--rule short-memory.yaml", "--background logs")
"""What the README shows with an expectation that is not met, and what depends on whose logs they are."""


def own_logs(dataset: Path, folder: Path) -> None:
    """The files that the README takes a user to have."""
    usages = (dataset / "itemusages.ndjson").read_bytes()
    rule = Path(__file__).parents[1] / "detector" / "data" / "onepassword-unusual-item-usage.json"
    (folder / "itemusages.ndjson").write_bytes(usages)
    (folder / "itemusages.ndjson.gz").write_bytes(gzip.compress(usages, 1))
    (folder / "signinattempts.ndjson").write_bytes((dataset / "signinattempts.ndjson").read_bytes())
    (folder / "my-rule.json").write_bytes(rule.read_bytes())
    (folder / "my-rule.yaml").write_bytes((rule.parent / "example-rule.yaml").read_bytes())
    (folder / "new-action.toml").write_bytes((rule.parent / "elastic-new-action.toml").read_bytes())
    (folder / "short-memory.yaml").write_text(readme.short_memory(), "utf-8")
    (folder / "logs").mkdir()
    for feed in ("itemusages", "signinattempts", "auditevents"):
        (folder / "logs" / f"{feed}.ndjson").write_bytes((dataset / f"{feed}.ndjson").read_bytes())
    shutil.copytree(rule.parents[2] / "scenarios" / "benign", folder / "my-scenarios" / "benign")
    (folder / "pages").mkdir()
    page = {"cursor": "c", "has_more": False, "items": [json.loads(line) for line in usages.splitlines()[:100]]}
    (folder / "pages" / "1.json.gz").write_bytes(gzip.compress(json.dumps(page).encode(), 1))


@pytest.fixture(scope="module")
def shown_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands are run of which the README shows what they print."""
    return tmp_path_factory.mktemp("shown")


@pytest.mark.parametrize("name", readme.BLOCKS)
def test_what_the_readme_shows_is_what_is_printed(name: str, shown_in: Path) -> None:
    shown = readme.blocks()[name]
    assert readme.without_timings(shown) == readme.without_timings(readme.now(name, shown_in))


def test_the_readme_shows_the_command_of_every_block_and_no_block_of_another() -> None:
    assert list(readme.blocks()) == list(readme.BLOCKS)
    assert len(blocks("text")) == len(readme.BLOCKS) + 1  # the drawing of the flow
    assert [shown.command for shown in readme.BLOCKS.values() if shown.command not in README] == []
    assert [before for shown in readme.BLOCKS.values() for before in shown.after if before not in README] == []


def test_the_picture_of_the_report_is_of_the_figures_that_the_demo_has_now(shown_in: Path) -> None:
    _page, figures = readme.report(shown_in)
    assert readme.stale_pictures(figures) == []
    assert all(report_picture.picture(each).stat().st_size < report_picture.LARGEST for each in SCHEMES)
    assert all(f".github/{report_picture.picture(each).name}" in README for each in SCHEMES)


def test_a_picture_of_other_figures_is_stale() -> None:
    figures = (report_picture.FOLDER / report_picture.FIGURES).read_bytes()
    assert readme.stale_pictures(figures) == []
    others = figures.replace(b'"part"', b'"parts"').replace(b'"true": ', b'"true": 1')
    assert readme.stale_pictures(others) == ["report.json", "report-light.png", "report-dark.png"]


def test_other_timings_do_not_make_a_block_stale_and_other_figures_do() -> None:
    block = "precision   7.7%\nthroughput  5 events/s\n\nstage  share  events\n-----  -----  ------\nread   2%     9"
    other = "precision   7.7%\nthroughput  6 events/s\n\nstage   share  events\n------  -----  ------\nread    12%    9"
    assert readme.without_timings(block) == readme.without_timings(other)
    assert readme.without_timings(block) != readme.without_timings(block.replace("7.7", "7.8"))
    assert readme.without_timings(block) != readme.without_timings(block.replace("read ", "write"))


def test_the_demo_is_beaten_by_chance_as_the_readme_says() -> None:
    card = json.loads((report_picture.FOLDER / report_picture.FIGURES).read_bytes())
    assert "In the demo these do better than the rule" in README
    assert card["floors"]["random"]["recall"] > card["recall"]["value"]
    assert card["floors"]["random"]["precision"] > card["precision"]["value"]


def test_the_readme_is_true_to_the_shipped_rule() -> None:
    rule = Path(__file__).parents[1] / "detector" / "data" / "onepassword-unusual-item-usage.json"
    assert f'"{json.loads(rule.read_bytes())["name"]}"' in README
