"""Processes that tests start: as from a terminal, and gone when the test is over, however it ends."""

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def started(command: Sequence[str], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that heeds every signal, whoever runs the tests; `nohup` and `&` have theirs ignore some."""
    with subprocess.Popen(command, preexec_fn=_heed, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def _heed() -> None:
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
