"""Calls of the command in the process of a test, as `main` has them: arguments in, exit code and output back."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.cli import main


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Run = Callable[..., Ran]


def caller(verb: str, directory: Path, patch: pytest.MonkeyPatch, output: pytest.CaptureFixture[str]) -> Run:
    """What calls *verb* in *directory*; `stdin` has the bytes on standard input."""
    patch.chdir(directory)

    def ran(*arguments: str, stdin: bytes = b"") -> Ran:
        patch.setattr(sys, "argv", ["vaultdrill", verb, *arguments])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin))))
        with pytest.raises(SystemExit) as end:
            main()
        out, err = output.readouterr()
        return Ran(int(end.value.code or 0), out, err)

    return ran
