"""Rule by rule: what several rules bring at the same time, one rule after the other."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO

import msgspec

from harness.output import Row

Placed = tuple[int, list[Row]]
"""Rows, and the place of the rule that brought them."""


def rule_by_rule(rows: Iterable[Placed]) -> Iterator[Sequence[Row]]:
    """The first rule's rows as they come, then those of the others, which wait on the disk until then.

    >>> list(rule_by_rule([(1, [{"a": 1}]), (0, [{"b": 2}]), (1, [{"c": 3}])]))
    [[{'b': 2}], [{'a': 1}], [{'c': 3}]]
    """
    encoder = msgspec.json.Encoder()
    with ExitStack() as ending:
        waiting: dict[int, IO[bytes]] = {}
        for place, batch in rows:
            if place == 0:
                yield batch
            elif batch:
                if place not in waiting:
                    waiting[place] = ending.enter_context(TemporaryFile())
                waiting[place].write(encoder.encode(batch) + b"\n")
        for place in sorted(waiting):
            waiting[place].seek(0)
            yield from map(msgspec.json.decode, waiting[place])
