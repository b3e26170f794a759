"""Rows: what one rule sees of a batch of records, as columns in arrival order."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from detector.event import Event

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Rows(NamedTuple):
    """One row a record; codes are those of the rule's `detector.columnar.coding.Coding`."""

    t: "NDArray[np.int64]"
    """Nanoseconds since the epoch."""
    group: "NDArray[np.int32]"
    """The code of the group; 0 where the rule does not see the record."""
    values: "NDArray[np.int32]"
    """The code of the value, or with `multiValue: any` a column for each metric, in which 0 is an absent field."""
    event: Callable[[int], Event]
    """The event of a row that the rule sees: asked for the few that are matches."""
