"""Lookup: the answer for each of a column's codes."""

from typing import TYPE_CHECKING, Any

import numpy as np

from detector.columnar.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


def looked_up(answers: "NDArray[np.int32]", codes: "NDArray[np.int32]") -> "NDArray[np.int32]":
    """The answer for each code; numpy's own, which wants places in int64, costs more than twice as much.

    >>> looked_up(np.array([0, 7], np.int32), np.array([1, 1, 0], np.int32)).tolist()
    [7, 7, 0]
    """
    found = np.empty(len(codes), np.int32)
    codes = codes.view()
    codes.flags.writeable = False  # one compilation for what pyarrow lends and what is ours
    _look_up(answers, codes, found)
    return found


@compiled
def _look_up(answers: Any, codes: Any, found: Any) -> None:
    for row in range(len(codes)):
        found[row] = answers[np.uint64(codes[row])]
