"""Runs of `detect` that commit often and say so, as processes of their own: to be killed, or to lose their servers."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings
from processes import started

from harness.cli import main

IS_NIGHTLY: Final = settings.get_current_profile_name() == "nightly"
KILLS: Final = 50 if IS_NIGHTLY else 5
_CHILD: Final = """
import sys
from functools import partial
import harness.detection
from detector.streaming import StreamingEngine
from harness.cli import main
from harness.resuming import Resuming

harness.detection.COMMITTED = 400
harness.detection.StreamingEngine = partial(StreamingEngine, values_a_page=3)
commit = Resuming.commit

def told(self, counts):
    commit(self, counts)
    sys.stdout.write(".")
    sys.stdout.flush()

Resuming.commit = told
main()
"""
"""The command with smaller batches and pages, that writes a dot after each of its commits."""


def call(*arguments: str) -> None:
    """The command within this process; it has to end well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["vaultdrill", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 0


def simulated(folder: Path) -> Path:
    """A company to run over."""
    company = folder / "company"
    call(
        "simulate", "--profile", "startup-50", "--days", "60", "--seed", "3", "--scenario", "all", "--out", str(company)
    )
    return company


def uninterrupted(company: Path, folder: Path, *options: str) -> bytes:
    """The results of a run that nothing happens to."""
    call("detect", str(company), "--engine", "stream", *options, "--out", str(folder / "whole.ndjson"))
    return (folder / "whole.ndjson").read_bytes()


@contextmanager
def running(command: Sequence[str], commits: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The command, once so many of its commits have returned."""
    line = [sys.executable, "-c", _CHILD, *command]
    with started(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.read(commits)
        yield child


def finished(command: Sequence[str]) -> str:
    """What the command says on its way to a good end."""
    done = subprocess.run([sys.executable, "-c", _CHILD, *command], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.decode()
