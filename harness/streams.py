"""Streams: what the figures about a rule are over, one or more datasets, each with its own truth.

They are given, or companies are simulated for them, one after another; what was made of one is let go before the next.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from detector.rules import NewValueRule
from detector.signals import Signal
from harness.progress import records_progress
from harness.scorecard import SELF_TEST, caveat
from harness.scoring.evidence import Evidence
from harness.submission import SignalSeen
from harness.truth import read_truth
from simulator.company import Company
from simulator.writers import read_manifest

_COLUMNAR: Final = ("duckdb", "numba", "pyarrow")
"""What the extra `columnar` installs."""


class StreamError(ValueError):
    """The streams of a figure cannot be had; the text is one line."""


class Stream(NamedTuple):
    """A dataset with its truth, under a name that is unique among those that are scored together."""

    name: str
    dataset: Path


class Streams(Protocol):
    """Some streams, each there until the next is asked for."""

    @property
    def caveat(self) -> str:
        """What figures over them cannot say, in a sentence or two."""
        ...

    def __len__(self) -> int:
        """How many they are."""
        ...

    def __iter__(self) -> Iterator[Stream]:
        """Each of them in turn; whoever stops early closes the iterator."""
        ...

    def shown(self) -> dict[str, Any]:
        """What they are, as JSON has it: enough to have them again."""
        ...

    def __str__(self) -> str:
        """In a few words, for a report."""
        ...


@dataclass(frozen=True)
class Datasets:
    """Datasets that are there already; their names are the paths as they were given."""

    directories: tuple[Path, ...]

    def __post_init__(self) -> None:
        places = [path.resolve() for path in self.directories]
        twice = next((path for path in self.directories if places.count(path.resolve()) > 1), None)
        if twice is not None:
            raise StreamError(f"--dataset: found {twice} twice; legal: each dataset once")

    @property
    def caveat(self) -> str:
        """Whether anybody is real: each manifest says whose its people are."""
        return " ".join(dict.fromkeys(caveat(read_manifest(path).seed) for path in self.directories))

    def __len__(self) -> int:
        return len(self.directories)

    def __iter__(self) -> Iterator[Stream]:
        return (Stream(str(path), path) for path in self.directories)

    def shown(self) -> dict[str, Any]:
        """The directories."""
        return {"datasets": [str(path) for path in self.directories]}

    def __str__(self) -> str:
        return ", ".join(map(str, self.directories))


@dataclass(frozen=True)
class Companies:
    """Independent companies that differ in their seed alone, with the same scenarios staged in each, where they can be.

    *seeds* follow one another. Each is written to a temporary directory that is gone when the next is asked for.
    """

    company: Company
    scenarios: tuple[str, ...]
    seeds: Sequence[int]

    @property
    def caveat(self) -> str:
        """That nobody is real."""
        return SELF_TEST

    def __len__(self) -> int:
        return len(self.seeds)

    def __iter__(self) -> Iterator[Stream]:
        from harness.run import write_drill

        for seed in self.seeds:
            with TemporaryDirectory(prefix="vaultdrill-") as scratch:
                dataset, name = Path(scratch) / "company", f"seed {seed}"
                with records_progress(f"simulating {name}", self.company.days) as progress:
                    write_drill(replace(self.company, seed=seed), self.scenarios, dataset, 1, progress)
                yield Stream(name, dataset)

    def shown(self) -> dict[str, Any]:
        """All that the companies are made from."""
        return {
            "seeds": list(self.seeds),
            "profile": self.company.profile.name,
            "people": self.company.people,
            "days": self.company.days,
            "scenarios": list(self.scenarios),
            "delivery": msgspec.to_builtins(self.company.delivery),
        }

    def __str__(self) -> str:
        several = f"seeds {self.seeds[0]} to {self.seeds[-1]}" if len(self.seeds) > 1 else f"seed {self.seeds[0]}"
        return f"{several}, each {self.company.people:,} people over {self.company.days:,} days, simulated"


def evidences(rule: NewValueRule, streams: Iterable[Stream]) -> Iterator[Evidence]:
    """What *rule* raises on each of *streams*, joined with its truth. Raises the one-line errors of reading."""
    for (evidence,) in paired_evidences([rule], streams):
        yield evidence


def paired_evidences(rules: Sequence[NewValueRule], streams: Iterable[Stream]) -> Iterator[tuple[Evidence, ...]]:
    """On each of *streams* what each of *rules* raises, in their order; a stream is made once for all of them."""
    judge = _by_columns if all(map(find_spec, _COLUMNAR)) else _one_by_one
    for stream in streams:
        yield judge(stream, rules)


def _by_columns(stream: Stream, rules: Sequence[NewValueRule]) -> tuple[Evidence, ...]:
    """The stream is read once for all rules."""
    from harness.panel.panel import Panel

    panel = Panel.read(read_truth(stream.dataset), rules, stream.name)
    return tuple(panel.evidence(rule) for rule in rules)


def _one_by_one(stream: Stream, rules: Sequence[NewValueRule]) -> tuple[Evidence, ...]:
    """The same without the extra `columnar`, event by event."""
    from harness.hindsight import Hindsight
    from harness.scoring.judged import judged

    truth = read_truth(stream.dataset)
    seen = [Hindsight(rule, truth) for rule in rules]
    return tuple(judged([_submitted(one) for one in each.signals], each, stream.name) for each in seen)


def _submitted(signal: Signal) -> SignalSeen:
    return msgspec.convert(signal.shown(), SignalSeen)
