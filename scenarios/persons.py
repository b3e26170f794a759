"""Persons: which actors of a cast are one and the same."""

from collections import defaultdict
from collections.abc import Iterable

from scenarios.actor import Actor


class Persons:
    """Who among *actors* is whom: one person has one user uuid, or one email whatever the case of its letters.

    A stream may write one person's email in several ways, as a user or an identity provider once typed it; each way is
    an actor. What they did is not added up.
    """

    def __init__(self, actors: Iterable[Actor]) -> None:
        self._emails: defaultdict[str, set[str]] = defaultdict(set)
        self._marks: dict[str, tuple[str, ...]] = {}
        for actor in actors:
            uuid = actor.identity["uuid"]
            self._marks[actor.email] = (actor.email.casefold(), *([f"uuid {uuid}"] if uuid else []))
            for mark in self._marks[actor.email]:
                self._emails[mark].add(actor.email)

    def emails(self, some: Iterable[str]) -> set[str]:
        """Return the emails *some* and all others of the same persons."""
        named = set(some)
        marks = (mark for email in named for mark in self._marks.get(email, (email.casefold(),)))
        return named.union(*(self._emails.get(mark, ()) for mark in marks))
