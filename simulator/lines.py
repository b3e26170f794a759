"""JSON lines put together from pieces: columns of texts side by side, some made beforehand."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]
"""A column of bytes objects."""


class Form:
    """A piece of fixed layout: constant text and named fields in turn; what the last field lacks is left out.

    >>> form = Form(b'{"uuid":"', ("uuid", "S4"))
    >>> rows = form.blank(2)
    >>> rows["uuid"] = [b"AB", b"ABCD"]
    >>> form.texts(rows).tolist()
    [b'{"uuid":"AB', b'{"uuid":"ABCD']
    """

    def __init__(self, *parts: bytes | tuple[str, Any]) -> None:
        fields = [part if isinstance(part, tuple) else (f"{at}", f"S{len(part)}") for at, part in enumerate(parts)]
        self._row = np.zeros(1, dtype=np.dtype(fields))
        for at, part in enumerate(parts):
            if isinstance(part, bytes):
                self._row[f"{at}"] = part

    def blank(self, rows: int) -> NDArray[Any]:
        """Return so many rows, their constant text filled in."""
        # Repeated as bytes: np.full goes field by field, which took eight times as long.
        return np.frombuffer(bytearray(self._row.tobytes() * rows), dtype=self._row.dtype)

    def texts(self, rows: NDArray[Any]) -> NDArray[np.bytes_]:
        """Return the text of each of *rows*, which `blank` gave."""
        return rows.view(f"S{self._row.dtype.itemsize}")


def texts(values: Iterable[bytes]) -> Texts:
    """Return *values* as a column."""
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    column[:] = listed
    return column


def join(pieces: Sequence[Texts | NDArray[np.bytes_]]) -> bytes:
    """Return all rows one after another, each its *pieces* one after another; at best some thousand rows.

    >>> join([texts([b"1", b"2"]), np.array([b"a", b"b"])])
    b'1a2b'
    """
    table = np.empty((len(pieces[0]), len(pieces)), dtype=object)
    for at, piece in enumerate(pieces):
        table[:, at] = piece
    return b"".join(table.ravel().tolist())
