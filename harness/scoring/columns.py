"""Columns: the evidence of all streams as arrays, so that figures and their resamples are sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from harness.scoring.evidence import ATTACK, LOOK_ALIKE, Evidence, Raised, Staged

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """A value for each signal (or each incident) in the order of the streams, 1 where it holds and 0 where not."""

    signals: Floats
    """1 for each."""
    true: Floats
    unstaged: Floats
    """Signals of nothing that was staged."""
    new: Floats
    """Signals of people who are new."""
    reward: Floats
    """The range-based precision of each signal."""
    attack: Floats
    look_alike: Floats
    found: Floats
    detectable: Floats
    covered: Floats
    """The range-based recall of each attack; 0 for others."""
    causes: tuple[str, ...]
    """Of each signal."""
    person_days: float
    new_person_days: float

    @classmethod
    def of(cls, evidences: Sequence[Evidence]) -> "Columns":
        """The columns of *evidences*."""
        raised = [each for evidence in evidences for each in evidence.raised]
        staged = [each for evidence in evidences for each in evidence.staged]
        return cls(
            **_signals(raised),
            **_incidents(staged),
            causes=tuple(each.cause for each in raised),
            person_days=sum(evidence.days * evidence.people for evidence in evidences),
            new_person_days=sum(evidence.new_person_days for evidence in evidences),
        )

    def true_of_each(self, evidences: Sequence[Evidence]) -> Floats:
        """How many true signals each scored attack incident has brought about; 0 for others."""
        counts = [_true_signals(evidence) for evidence in evidences]
        each = [count.get(s.run, 0) for count, e in zip(counts, evidences, strict=True) for s in e.staged]
        return np.array(each, float) * self.attack

    def of_cause(self, cause: str) -> Floats:
        """Which signals *cause* brought about."""
        return np.array([each == cause for each in self.causes], float)


def _signals(raised: Sequence[Raised]) -> dict[str, Floats]:
    return {
        "signals": np.ones(len(raised)),
        "true": np.array([each.cause == ATTACK for each in raised], float),
        "unstaged": np.array([each.cause not in (ATTACK, LOOK_ALIKE) for each in raised], float),
        "new": np.array([each.is_new_person for each in raised], float),
        "reward": np.array([each.reward for each in raised], float),
    }


def _incidents(staged: Sequence[Staged]) -> dict[str, Floats]:
    attack = np.array([each.kind == "attack" for each in staged], float)
    return {
        "attack": attack,
        "look_alike": 1 - attack,
        "found": np.array([each.found_at is not None for each in staged], float),
        "detectable": np.array([each.detectable_at is not None for each in staged], float),
        "covered": np.array([each.reward for each in staged], float) * attack,
    }


def _true_signals(evidence: Evidence) -> dict[str | None, int]:
    counts: dict[str | None, int] = {}
    for raised in evidence.raised:
        if raised.cause == ATTACK:
            counts[raised.run] = counts.get(raised.run, 0) + 1
    return counts
