"""Machine code on disk: read back by the next run, never in place of what the sources now say."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from processes import started

import detector
from detector.columnar import compiled

_CODES = """
import numpy as np
from detector.columnar import pairing
pairs = pairing.Pairs()
print(pairs.codes(np.array([1, 2, 1], np.int32), np.array([0, 5, 0], np.int32)).tolist())
print(sum(pairing._code.stats.cache_hits.values()))
"""
_VERDICTS = """
import numpy as np
from detector.clock import Windows
from detector.columnar.rows import Rows
from detector.columnar.tables import DenseTable
from detector.verdict import NEVER_LEARN, UNSET
table, same = DenseTable(), np.ones(3, np.int32)
table.reserve(2, 2)
batch = Rows(np.array([0, 9, 19]), same, same, None)
windows = Windows(NEVER_LEARN, 0, UNSET, 10, UNSET, fixed=False)
print(table.judge(batch, windows, np.array([UNSET, 0])).rows.tolist())
"""
_DIRECTORY = "from detector.columnar import compiled; print(compiled._directory())"
_FRESH, _READ_BACK = "[0, 1, 0]\n0\n", "[0, 1, 0]\n1\n"


class Sources:
    """A copy of the detector's sources, and a home directory for who runs them."""

    def __init__(self, directory: Path) -> None:
        self.home = directory / "home"
        self.home.mkdir()
        self.package = directory / "sources" / "detector"
        (original,) = detector.__path__
        shutil.copytree(original, self.package, ignore=shutil.ignore_patterns("__pycache__"))

    def command(self, program: str) -> list[str]:
        return [sys.executable, "-B", "-c", program]

    def environment(self, **variables: object) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
        more = {name: str(value) for name, value in variables.items()}
        return {**kept, "HOME": str(self.home), "PYTHONPATH": str(self.package.parent), **more}

    def run(self, program: str, **variables: object) -> str:
        ran = subprocess.run(
            self.command(program), env=self.environment(**variables), cwd=self.home, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def files(self) -> set[Path]:
        return set(self.package.parent.rglob("*"))


@pytest.fixture(name="sources")
def copied_sources(tmp_path: Path) -> Sources:
    return Sources(tmp_path)


def test_a_second_run_reads_what_the_first_has_compiled_and_neither_writes_among_the_sources(sources: Sources) -> None:
    before = sources.files()
    assert [sources.run(_CODES) for _ in range(2)] == [_FRESH, _READ_BACK]
    assert list((sources.home / ".cache" / "vaultdrill").glob("kernel-*/**/*.nbi"))
    assert sources.files() == before


def test_the_directory_for_numbas_cache_is_honoured(sources: Sources, tmp_path: Path) -> None:
    given = tmp_path / "given"
    assert [sources.run(_CODES, NUMBA_CACHE_DIR=given) for _ in range(2)] == [_FRESH, _READ_BACK]
    assert list(given.rglob("*.nbi"))
    assert list(sources.home.iterdir()) == []


def test_where_nothing_can_be_written_every_run_compiles_anew(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    before = sources.files()
    assert [sources.run(_CODES, NUMBA_CACHE_DIR=tmp_path / "file" / "in it") for _ in range(2)] == [_FRESH, _FRESH]
    assert sources.files() == before


def test_two_processes_at_once_do_not_disturb_each_other(sources: Sources) -> None:
    options = {"env": sources.environment(), "cwd": sources.home, "stdout": subprocess.PIPE}
    with started(sources.command(_CODES), **options) as one, started(sources.command(_CODES), **options) as other:
        outputs = [process.communicate()[0].decode() for process in (one, other)]
    assert [output.splitlines()[0] for output in outputs] == ["[0, 1, 0]"] * 2
    assert sources.run(_CODES) == _READ_BACK


def test_a_changed_verdict_is_never_answered_from_an_old_compilation(sources: Sources) -> None:
    assert sources.run(_VERDICTS) == "[0, 2]\n"
    verdict = sources.package / "verdict.py"
    changed = verdict.read_text().replace("t < value_last_seen + forget_after", "t <= value_last_seen + forget_after")
    verdict.write_text(changed)
    assert sources.run(_VERDICTS) == "[0]\n"


@pytest.mark.parametrize("name", ["verdict.py", "clock.py", "columnar/kernel.py", "bulk/raw_texts.py"])
def test_every_change_of_what_is_compiled_has_a_directory_of_its_own(sources: Sources, name: str) -> None:
    before = sources.run(_DIRECTORY)
    assert sources.run(_DIRECTORY) == before
    with (sources.package / name).open("a") as source:
        source.write("# changed\n")
    assert sources.run(_DIRECTORY) != before


def test_the_directory_is_the_given_one_or_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/given")
    found = []
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
        found.append(compiled._directory.__wrapped__().parent)
        monkeypatch.delenv(name)
    assert found == [Path("/given/vaultdrill"), Path("/cache/vaultdrill"), Path("/somewhere/.cache/vaultdrill")]
