"""Columns: a batch of records of one kind as a bulk reader has them, each field as codes into what it holds."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from detector.onepassword import Kind
from detector.token import Token

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Asked: TypeAlias = Callable[[Kind], Collection[str]]
"""The raw paths (`user.email`, `action`) that the rules of a run read in records of a kind."""


class Column(NamedTuple):
    """One field of a batch."""

    codes: "NDArray[np.int32]"
    """For each row, the place of its token among *tokens*."""
    tokens: Sequence[Token | None]
    """What the field holds in this batch, None where it is absent; a token may stand there twice."""


class Columns(NamedTuple):
    """Records of one kind in arrival order, whose uuids and timestamps are well-formed."""

    kind: Kind
    t: "NDArray[np.int64]"
    """Nanoseconds since the epoch."""
    columns: Mapping[str, Column]
    """By raw path (`user.email`), as `detector.onepassword.path_of` names it."""
    line: Callable[[int], bytes]
    """A row as a JSON record that holds uuid, timestamp, what makes its kind, and the fields that were asked for."""
