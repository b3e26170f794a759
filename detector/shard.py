"""Shards: the part of all groups that one of several workers decides."""

import re
from typing import NamedTuple
from zlib import crc32

from detector.token import Key


class ShardError(ValueError):
    """A text that names no shard; the text is one line."""


class Shard(NamedTuple):
    """The *part*-th of *parts*, from 1; every group lies in one of them, whoever asks."""

    part: int
    parts: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """The shard `I/N`. Raises `ShardError`.

        >>> Shard.parse("2/4"), str(Shard.parse("2/4"))
        (Shard(part=2, parts=4), '2/4')
        """
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise ShardError(f"found {text!r}; legal: I/N with I from 1 to N, as in 1/4")
        return cls(int(found[1]), int(found[2]))

    def holds(self, group: Key) -> bool:
        """Whether the group is this shard's.

        >>> [[Shard(part, 3).holds("ada") for part in (1, 2, 3)].count(True), Shard(1, 1).holds("ada")]
        [1, True]
        """
        return crc32(group.encode("utf-8", "surrogatepass")) % self.parts == self.part - 1

    def __str__(self) -> str:
        return f"{self.part}/{self.parts}"
