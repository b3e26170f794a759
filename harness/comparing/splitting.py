"""Splitting: which incidents both rules found, which only one of them, and which neither."""

from collections.abc import Sequence
from typing import Literal

from harness.comparing.comparison import Split
from harness.scoring.differences import sign_test
from harness.scoring.evidence import Evidence


def split(evidences: tuple[Sequence[Evidence], Sequence[Evidence]], kind: Literal["attack", "benign"]) -> Split:
    """What became of the incidents of *kind* that both rules have scored."""
    found_a, found_b = (_found(side, kind) for side in evidences)
    pairs = {name: (found_a[name], found_b[name]) for name in found_a if name in found_b}
    only_a = [name for name, pair in pairs.items() if pair == (True, False)]
    only_b = [name for name, pair in pairs.items() if pair == (False, True)]
    both, neither = (sum(pair == (each, each) for pair in pairs.values()) for each in (True, False))
    return Split(both, only_a, only_b, neither, sign_test(len(only_a), len(only_b)))


def _found(evidences: Sequence[Evidence], kind: str) -> dict[str, bool]:
    """Whether each incident was found, by its name."""
    return {
        f"{staged.run} ({evidence.stream})": staged.found_at is not None
        for evidence in evidences
        for staged in evidence.staged
        if staged.kind == kind
    }
