"""The file that marks a directory as one of our stores; apart from what opens them, which not every system can do."""

from pathlib import Path
from typing import Final

MARK: Final = "VAULTDRILL"
"""It is written when the engine's own files are there, and synchronised."""


def takes_nothing_else(directory: Path) -> bool:
    """Whether the directory is a store, or empty and may become one."""
    return (directory / MARK).is_file() or not any(directory.iterdir())
