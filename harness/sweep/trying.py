"""Trying: every setting over every stream, each stream read and coded once."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from detector.instant import DAY
from detector.rules import NewValueRule
from harness.panel.panel import Panel, Passed
from harness.scorecard import Scorecard
from harness.scoring.evidence import Evidence
from harness.scoring.score import scorecard
from harness.streams import Stream
from harness.sweep.figures import Figures, figures
from harness.sweep.setting import Setting
from harness.truth import read_truth


class Tried(NamedTuple):
    """A setting with its figures over all streams."""

    setting: Setting
    figures: Figures
    events: int
    """That the rule saw."""
    state_pairs: int
    """Of group and value that it remembers at the end of the streams, all together."""
    state_bytes: int
    """What a store takes for them that drops what is forgotten: names and baselines of all groups."""
    seconds: float
    """Of processor time, for the pass that judges all events."""


class Trial:
    """Settings of *rule* tried on *panels*, all over the same time: from the end of *learning_days* on."""

    def __init__(self, rule: NewValueRule, panels: Sequence[Panel], learning_days: int, note: str) -> None:
        self.rule = rule
        self.learning_days = learning_days
        self.incidents = sum(panel.incidents for panel in panels)
        """How many were staged in all streams, scored or not."""
        self._panels = panels
        self.note = note

    def try_all(self, settings: Sequence[Setting], workers: int) -> list[Tried]:
        """Each setting, in their order, by so many threads, on which nothing depends but the time."""
        for setting in settings[:1]:
            self._passed(setting)  # compiles, and makes what settings share
        if workers == 1:
            return list(map(self.try_one, settings))
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(self.try_one, settings))

    def try_one(self, setting: Setting) -> Tried:
        """One setting."""
        passed = self._passed(setting)
        return Tried(
            setting,
            figures([each.judgement.tally() for each in passed]),
            sum(each.events for each in passed),
            sum(each.remembered.pairs for each in passed),
            sum(each.remembered.bytes for each in passed),
            sum(each.seconds for each in passed),
        )

    def evidences(self, setting: Setting) -> list[Evidence]:
        """What a setting finds in each stream."""
        return [each.judgement.evidence() for each in self._passed(setting)]

    def card(self, setting: Setting) -> Scorecard:
        """All figures of a setting, which take longer than those that are compared."""
        return scorecard(self.evidences(setting), rule=setting.applied(self.rule), note=self.note)

    def _passed(self, setting: Setting) -> list[Passed]:
        rule = setting.applied(self.rule)
        return [panel.passed(rule, since=panel.span[0] + self.learning_days * DAY) for panel in self._panels]


def read_panels(streams: Iterable[Stream], rules: Sequence[NewValueRule]) -> list[Panel]:
    """A panel of each stream for all of the rules; a stream may be gone afterwards. Raises what reading does."""
    return [Panel.read(read_truth(stream.dataset), rules, stream.name) for stream in streams]


def common_learning(panels: Sequence[Panel], durations: Iterable[int]) -> int:
    """The longest of the *durations*, in days, that leaves at least half of every stream to be scored; else 0.

    What was learned for longer makes the scored time another one, and figures over another time do not compare.
    """
    shortest = min((end - first for first, end in (panel.span for panel in panels)), default=0)
    return max((days for days in durations if 2 * days * DAY <= shortest), default=0)
