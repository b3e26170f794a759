"""The command `inject`: logs in, a dataset with its truth out, and what it says on the way."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from builders import ADA, BOB, usage
from datasets import COMPANY, DATADOG, DAY, LEGAL, line, write, zipped
from naive_records import SECOND

from harness.cli import main
from harness.injecting import Injected
from harness.run import write_company
from harness.verbs.inject import report


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset in lines."""
    out = tmp_path_factory.mktemp("company") / "company"
    write_company(COMPANY, out, workers=1)
    return out


Command = Callable[..., tuple[int, bytes, list[str]]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Command:
    """The command in this process, in a directory of its own: exit code, standard output, lines of standard error."""
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> tuple[int, bytes, list[str]]:
        monkeypatch.setattr(sys, "argv", ["vaultdrill", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capfdbinary.readouterr()
        return int(end.value.code or 0), out, err.decode().splitlines()

    return ran


PLAYABLE = """
name: Reveals
kind: attack
story: Somebody reveals items.
count: {count}
actor: {{min_events: {least}}}
when: {{after_history: 7d}}
steps:
  - {{feed: itemusages, action: reveal, repeat: 20, every: 2s, item: each}}
"""


@pytest.fixture
def playable(tmp_path: Path) -> Path:
    """Two scenario files: one that can be played, and one that nobody can play."""
    for name, count, least in (("reveals", 2, 1), ("nobody", 1, 10**6)):
        write(tmp_path / "mine" / f"{name}.yaml", PLAYABLE.format(count=count, least=least).encode())
    return tmp_path / "mine"


def test_logs_are_injected_into_detected_on_and_scored(command: Command, company: Path, playable: Path) -> None:
    logs = [option for path in zipped(company, Path("logs")) for option in ("--into", path)]
    code, out, err = command("inject", *logs, "--scenario", playable / "reveals.yaml", "--seed", 3, "--out", "out")
    assert (code, out, err) == (0, b"", ["mine/reveals: 2 incidents"])
    assert command("detect", "out", "--out", "signals")[0] == 0
    code, out, _ = command("score", "--signals", "signals", "--dataset", "out", "--format", "json")
    assert code == 0
    assert {each["scenario"] for each in json.loads(out)["incidents"]} == {"mine/reveals"}


def test_what_was_not_placed_is_warned_of(command: Command, company: Path, playable: Path) -> None:
    code, out, err = command("inject", "--into", company, "--scenario", playable, "--out", "out")
    assert (code, out) == (0, b"")
    assert err[0] == "mine/reveals: 2 incidents"
    assert err[1].startswith("warning: mine/nobody: 0 of 1 placed; ")
    assert len(err) == 2


def test_nothing_placed_is_one_line_and_exit_code_2(command: Command, company: Path, playable: Path) -> None:
    code, out, err = command("inject", "--into", company, "--scenario", playable / "nobody.yaml", "--out", "out")
    assert (code, out, len(err)) == (2, b"", 1)
    assert err[0].startswith("vaultdrill: --scenario: nothing could be placed; mine/nobody: 0 of 1 placed; ")
    assert not Path("out").exists()


def test_logs_in_another_order_are_warned_of_by_the_command(command: Command, playable: Path) -> None:
    days = [[line(usage(day * DAY + n * SECOND, by=by)) for n in range(9) for by in (ADA, BOB)] for day in range(30)]
    new = write(Path("new"), *(each for day in days[15:] for each in day))
    old = write(Path("old"), *(each for day in days[:15] for each in day))
    _, _, err = command("inject", "--into", new, "--into", old, "--scenario", playable / "reveals.yaml", "--out", "out")
    assert "warning: old: ends before new does, which comes before it; records keep the order of the files" in err


def test_an_earlier_incident_belongs_to_its_run_and_is_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    incidents: Any = [SimpleNamespace(run=run) for run in ("a/b#1", "a/b#1~earlier", "a/b#2", "a/c[n=1]#1")]
    report(Injected(incidents, [("a/c[n=1]", "why")], ["look"]))
    told = ["a/b: 2 incidents", "a/c[n=1]: 1 incident", "warning: look", "warning: a/c[n=1]: why"]
    assert capsys.readouterr().err.splitlines() == told


def test_a_disk_that_is_full_of_logs_is_told_of_the_result(company: Path, playable: Path, tmp_path: Path) -> None:
    inject_them = f"{sys.executable} -m harness inject --into {company}/itemusages.ndjson --scenario {playable}"
    ran = subprocess.run(
        ["bash", "-c", f"ulimit -f 100; {inject_them} --out out"],
        capture_output=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (2, b"vaultdrill: out: File too large\n")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_datadog_logs_are_refused_in_one_line(command: Command, playable: Path) -> None:
    write(Path("logs"), line(DATADOG))
    code, _, err = command("inject", "--into", "logs", "--scenario", playable, "--out", "out")
    assert (code, err) == (2, [f"vaultdrill: logs:1: found a Datadog log; {LEGAL}"])
