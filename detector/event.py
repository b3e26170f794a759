"""Events: what the rule sees of a record, once it is selected and its keys are read."""

from typing import Any

import msgspec

from detector.token import Key


class Event(msgspec.Struct, gc=False):
    """A selected event: *timestamp* in nanoseconds since the epoch; *values* is one key, or with `any` one per field.

    In `any` mode a value's key carries the position of its field, so that equal values of two fields stay apart.
    """

    uuid: str
    timestamp: int
    group: Key
    values: tuple[Key, ...]
    lens: Any
    """Reads attributes from *record*; see `detector.lens.Lens`."""
    record: Any
