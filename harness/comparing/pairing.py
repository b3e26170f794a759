"""Pairing: two rules' evidence on the same streams, drawn together.

The rules saw the same people and the same incidents, so each draw behind an interval has the same of both on either
side: what both do alike cancels out, and a difference is told with far less evidence than from two runs apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from detector.rules import NewValueRule
from harness.scorecard import Scorecard
from harness.scoring.columns import Columns
from harness.scoring.drawing import Draws, Floats
from harness.scoring.evidence import Evidence
from harness.scoring.intervals import Interval, Resampling, percentiles, ratio_of
from harness.scoring.score import scorecard

PROOF: Final = 6
"""Six of six are the fewest that a sign test takes for more than chance at 5 %."""


@dataclass(frozen=True)
class Pairing:
    """The evidence of rule A and of rule B, stream by stream, and the scorecards of both.

    Draws have a row for each resample, and a column for each side.
    """

    evidences: tuple[Sequence[Evidence], Sequence[Evidence]]
    cards: tuple[Scorecard, Scorecard]
    columns: tuple[Columns, Columns]
    draws: Resampling

    @classmethod
    def of(
        cls,
        rules: tuple[NewValueRule, NewValueRule],
        evidences: tuple[Sequence[Evidence], Sequence[Evidence]],
        base_rate: float,
        seed: int = 0,
    ) -> "Pairing":
        """Pair two rules; *seed* is that of the draws. Raises `BaseRateError`."""
        a, b = (
            scorecard(own, rule=rule, base_rate=base_rate, seed=seed)
            for rule, own in zip(rules, evidences, strict=True)
        )
        columns = Columns.of(evidences[0]), Columns.of(evidences[1])
        return cls(evidences, (a, b), columns, Resampling(*evidences, seed=seed))

    def is_same(self) -> bool:
        """Whether both rules raised the same signals, on the same learning period."""
        return list(self.evidences[0]) == list(self.evidences[1])

    def of_people(self, part: str, of: str) -> Interval:
        """The interval of the difference of the ratios of two columns of signals, people drawn."""
        named = [(side, getattr(columns, name)) for name in (part, of) for side, columns in enumerate(self.columns)]
        sums = self.draws.person_sums(*named)
        return between(ratio_of(sums[:, :2], sums[:, 2:4]), self.draws.people_apart(self.both(part), self.both(of)))

    def of_incidents(self, part: str, kind: str) -> Interval:
        """The same of a column of incidents, as far as the column *kind* has it, to *kind*; incidents drawn."""
        kinds = self.both(kind)
        parts = self.both(part)[0] * kinds[0], self.both(part)[1] * kinds[1]
        sums = self.draws.incident_sums(*enumerate(parts), *enumerate(kinds))
        return between(ratio_of(sums[:, :2], sums[:, 2:]), self.draws.incidents_apart(parts, kinds))

    def both(self, name: str) -> tuple[Floats, Floats]:
        """A column of either side."""
        return getattr(self.columns[0], name), getattr(self.columns[1], name)


def between(drawn: Draws, apart: int) -> Interval:
    """The interval of B - A from a draw of each a line, where so many people or incidents are not alike on both sides.

    Draws take four of four for proof. Below `PROOF` the interval is therefore stretched to hold 0.
    """
    found = percentiles(drawn[:, 1] - drawn[:, 0])
    if apart >= PROOF or found.low is None or found.high is None:
        return found
    return Interval(min(found.low, 0.0), max(found.high, 0.0), found.method)
