"""Sweeping: from streams and settings to what follows from them."""

from collections.abc import Iterable

from detector.rules import NewValueRule
from harness.scorecard import caveat
from harness.streams import Stream
from harness.sweep.grid import Grid, settings
from harness.sweep.result import Sweep, swept
from harness.sweep.trying import Trial, common_learning, read_panels


def sweep(rule: NewValueRule, grid: Grid, streams: Iterable[Stream], workers: int = 2) -> Sweep:
    """Every setting of *grid* around *rule* over all *streams*, each of them read once.

    Nothing in it depends on *workers* but the seconds. Raises `SweepError` and the one-line errors of reading.
    """
    tried = settings(rule, grid)
    panels = read_panels(streams, [setting.applied(rule) for setting in tried])
    durations = [setting.learning_duration for setting in tried if setting.learning_method == "duration"]
    note = " ".join(dict.fromkeys(caveat(panel.seed) for panel in panels))
    trial = Trial(rule, panels, common_learning(panels, durations), note)
    return swept(rule, trial, trial.try_all(tried, workers), [panel.name for panel in panels])
