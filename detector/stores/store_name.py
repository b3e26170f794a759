"""The name of a store on a server: the one that its URL gives, and the shard of it that one of several workers has."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from detector.shard import Shard


class StoreName(NamedTuple):
    """A place of its own on a server: a whole store, or one shard of it. No name of a user's has the slash."""

    name: str
    shard: Shard | None = None

    @classmethod
    def parse(cls, text: str) -> "StoreName | None":
        """The name that is written so; None where it is none of ours.

        >>> StoreName.parse("alerts/1-of-2"), StoreName.parse("alerts/7-of-2")
        (StoreName(name='alerts', shard=Shard(part=1, parts=2)), None)
        """
        name, slash, part = text.partition("/")
        if not slash:
            return cls(name)
        found = re.fullmatch(r"([1-9]\d{0,5})-of-([1-9]\d{0,5})", part)
        if not found or int(found[1]) > int(found[2]):
            return None
        return cls(name, Shard(int(found[1]), int(found[2])))

    def conflict(self, beside: Iterable["StoreName"]) -> str | None:
        """Why this one may not begin where those are, which have the same name; None where it may.

        A store is whole, or divided in one way: groups would be forgotten that another division remembers.

        >>> StoreName("alerts").conflict([StoreName("alerts", Shard(1, 2))])
        'the store is divided into shards (found 1/2); legal: --shard I/2, or another store=NAME'
        >>> StoreName("alerts", Shard(2, 2)).conflict([StoreName("alerts", Shard(1, 2))])
        """
        ours = None if self.shard is None else self.shard.parts
        others = [each.shard for each in beside if (each.shard and each.shard.parts) != ours]
        divided = sorted(shard for shard in others if shard is not None)
        if divided:
            found = ", ".join(map(str, divided))
            legal = f"--shard I/{divided[0].parts}"
            return f"the store is divided into shards (found {found}); legal: {legal}, or another store=NAME"
        return "the store is not divided into shards; legal: no --shard, or another store=NAME" if others else None

    def __str__(self) -> str:
        return self.name if self.shard is None else f"{self.name}/{self.shard.part}-of-{self.shard.parts}"
