"""Standing: what audit events say about people: who manages the accounts of others, who was suspended when."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from scenarios.reading import Line

_ACCOUNTS: Final = frozenset({"user", "invite", "gm", "group"})
_ENDS: Final = frozenset({"suspend", "delete"})
_RESUMES: Final = frozenset({"activate", "reactive"})


@dataclass(slots=True)
class Standing:
    """``administrators`` are those, by email or else uuid, whose audit events manage accounts or groups of others.

    ``groups`` maps each group to the uuids of those who joined or left it.

    Sharing a vault does not count: whoever manages a vault may do that, and it is theirs if they made it
    (https://support.1password.com/create-share-vaults-teams/). Inviting, suspending and recovering people and
    managing groups take a permission that only administrators have.
    """

    administrators: set[str] = field(default_factory=set)
    groups: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _changes: defaultdict[str, list[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(list))

    def note(self, line: Line) -> None:
        """Count one audit event. Raise ValueError if its time is needed and cannot be read."""
        if line.object_type not in _ACCOUNTS:
            return
        about = line.object_uuid if line.object_type == "user" else line.aux_uuid
        if about != line.actor_uuid:
            self.administrators.add(line.doer)
        if line.object_type == "gm" and line.object_uuid:
            self.groups[line.object_uuid].add(line.aux_uuid or "")
        if line.object_type == "user" and line.object_uuid and (line.action in _ENDS or line.action in _RESUMES):
            self._changes[line.object_uuid].append((line.at, line.action in _ENDS))

    def suspensions(self, uuid: str) -> list[tuple[int, int | None]]:
        """Return from when until when the account of user *uuid* was closed, in order; None stands for ever after."""
        found: list[tuple[int, int | None]] = []
        changes = sorted(self._changes.get(uuid, []))
        turns = [(min(at for at, _ in same), closed) for closed, same in groupby(changes, lambda change: change[1])]
        for at, closed in turns:
            if closed:
                found.append((at, None))
            elif found:
                found[-1] = (found[-1][0], at)
        return found
