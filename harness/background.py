"""Backgrounds: the harmless streams that a drill weaves its scenarios into."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Protocol

from harness.run import write_company
from harness.scorecard import SELF_TEST
from simulator.company import Company


class Background(Protocol):
    """Where the scenarios of a drill are staged; ``caveat`` says in a sentence what its results cannot, if anything."""

    caveat: ClassVar[str]

    def laid(self, seed: int, scratch: Path) -> Sequence[Path]:
        """Return the dataset or logs for *seed*; what has to be made for it goes into *scratch*, an empty directory."""
        ...

    def __str__(self) -> str:
        """In a few words, for a report."""
        ...


@dataclass(frozen=True)
class Simulated:
    """Another company for each seed, alike in everything else."""

    caveat: ClassVar[str] = SELF_TEST
    company: Company

    def laid(self, seed: int, scratch: Path) -> Sequence[Path]:
        """Write the company of *seed* and return its dataset."""
        out = scratch / "company"
        write_company(replace(self.company, seed=seed), out, workers=1)
        return [out]

    def __str__(self) -> str:
        return f"{self.company.people:,} people over {self.company.days:,} days, simulated"


@dataclass(frozen=True)
class Given:
    """The same dataset or logs for all seeds, which then differ in who plays what when."""

    caveat: ClassVar[str] = ""
    paths: tuple[Path, ...]

    def laid(self, seed: int, scratch: Path) -> Sequence[Path]:  # noqa: ARG002 - the same for all
        """Return the paths."""
        return self.paths

    def __str__(self) -> str:
        return ", ".join(map(str, self.paths))
