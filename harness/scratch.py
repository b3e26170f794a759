"""Scratch: a directory that is there for a while, beside what is being made."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.writers import one_line


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """A directory for a while, on the same disk as *out*; what the disk refuses is told of *out*."""
    whole = out.absolute()
    with ExitStack() as ending:
        with one_line(out):
            whole.parent.mkdir(parents=True, exist_ok=True)
            scratch = ending.enter_context(TemporaryDirectory(prefix=f".{whole.name}.", dir=whole.parent))
        yield Path(scratch)
