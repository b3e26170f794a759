"""Where the time of a run went, stage by stage: a bar shows the slow one at once."""

from collections.abc import Sequence
from typing import Final

from tabulate import tabulate

from harness.stages import Stage

_BAR: Final = 20
"""Columns of a bar that is the whole."""
_MIB: Final = 1024 * 1024
_HEAD: Final = ("stage", "share", "of the time", "seconds", "events", "events/s", "peak memory")
_SO_FAR: Final = "Peak memory is that of the process so far: this system cannot tell it stage by stage."


def stages_table(stages: Sequence[Stage]) -> str:
    """A line for each stage with a bar of its share; nothing without stages.

    >>> read, write = Stage("read", 900, 0.75, 0.75, 1200.0, None), Stage("write", None, 0.25, 0.25, None, None)
    >>> print(stages_table([read, write]))
    stage      share  of the time        seconds    events    events/s    peak memory
    -------  -------  ---------------  ---------  --------  ----------  -------------
    read         75%  ###############       0.75       900       1,200              -
    write        25%  #####                 0.25         -           -              -
    """
    if not stages:
        return ""
    aligned = ("left", "right", "left", "right", "right", "right", "right")
    rows = list(map(_row, stages))
    table = tabulate(rows, headers=_HEAD, disable_numparse=True, colalign=aligned)
    return f"{table}\n\n{_SO_FAR}" if any(stage.peak_of == "process so far" for stage in stages) else table


def _row(stage: Stage) -> tuple[str, ...]:
    peak = "-" if stage.peak_bytes is None else f"{stage.peak_bytes / _MIB:,.0f} MiB"
    return (
        stage.name,
        "-" if stage.share is None else f"{stage.share:.0%}",
        "#" * round((stage.share or 0) * _BAR),
        f"{stage.seconds:.2f}",
        _whole(stage.events),
        _whole(stage.events_per_second),
        peak,
    )


def _whole(number: float | None) -> str:
    return "-" if number is None else f"{number:,.0f}"
