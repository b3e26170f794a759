"""Backgrounds: the harmless streams that a drill weaves its scenarios into."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol

from harness.original import read_original
from harness.output import counted
from harness.run import write_company
from harness.scorecard import SELF_TEST
from simulator.company import Company
from simulator.records import FEEDS
from simulator.writers import MANIFEST, DatasetWriter, read_manifest

STAGED_ON_LOGS: Final = "The habits around the incidents are those of the logs; the incidents themselves are staged."


class Background(Protocol):
    """Where the scenarios of a drill are staged."""

    @property
    def caveat(self) -> str:
        """What the results of a drill on it cannot say, in a sentence."""
        ...

    def ready(self, scratch: Path) -> "Background":
        """Return it with all that does not depend on a seed done, once; what is written goes into *scratch*."""
        ...

    def laid(self, seed: int, scratch: Path) -> Sequence[Path]:
        """Return the dataset or logs for *seed*; what has to be made for it goes into *scratch*, an empty directory."""
        ...

    def __str__(self) -> str:
        """In a few words, for a report."""
        ...


@dataclass(frozen=True)
class Simulated:
    """Another company for each seed, alike in everything else."""

    company: Company

    @property
    def caveat(self) -> str:
        """That nobody is real."""
        return SELF_TEST

    def ready(self, scratch: Path) -> Background:  # noqa: ARG002 - a company is made of its seed
        """Return it as it is."""
        return self

    def laid(self, seed: int, scratch: Path) -> Sequence[Path]:
        """Write the company of *seed* and return its dataset."""
        out = scratch / "company"
        write_company(replace(self.company, seed=seed), out, workers=1)
        return [out]

    def __str__(self) -> str:
        return f"{counted(self.company.people, 'person', 'people')} over {counted(self.company.days, 'day')}, simulated"


@dataclass(frozen=True)
class Given:
    """The same dataset or logs for all seeds, which then differ in who plays what when."""

    paths: tuple[Path, ...]

    @property
    def caveat(self) -> str:
        """Whether anybody is real: logs are somebody's, a dataset says in its manifest whose it is."""
        manifests = [read_manifest(path) for path in self.paths if (path / MANIFEST).is_file()]
        return SELF_TEST if any(each.seed is not None for each in manifests) else STAGED_ON_LOGS

    def ready(self, scratch: Path) -> Background:
        """Return a dataset as it is; logs are read and sorted, and are one from then on."""
        if any((path / MANIFEST).is_file() for path in self.paths):
            return self
        sorted_logs = scratch / "logs"
        _write_sorted(self.paths, sorted_logs)
        return Given((sorted_logs,))

    def laid(self, seed: int, scratch: Path) -> Sequence[Path]:  # noqa: ARG002 - the same for all
        """Return the paths."""
        return self.paths

    def __str__(self) -> str:
        return ", ".join(map(str, self.paths))


def _write_sorted(logs: Sequence[Path], out: Path) -> None:
    """Write to *out* a dataset of the *logs*, in order of arrival, byte for byte, with nothing staged yet."""
    with TemporaryDirectory(dir=out.parent) as scratch:
        original = read_original(logs, Path(scratch))
        with DatasetWriter(out, original.header) as dataset:
            for feed in FEEDS:
                with original.feeds[feed].open("rb") as lines:
                    dataset.write(feed, lines)
