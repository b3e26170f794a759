"""The oracle: what a rule could see at best that remembers everything from the first record on."""

from typing import Final

from detector.event import Event
from detector.token import Key  # noqa: TC001 - an ordinary import reads better

BACKGROUND: Final = ""
"""Stands for everybody's ordinary events where a run is asked for."""


class Oracle:
    """Tells which staged events are detectable: with a value of their group that nothing but their own run has shown.

    It sees events in arrival order, and remembers one name for each (group, value).

    >>> from detector.event import Event
    >>> oracle, export = Oracle(), Event("U", 0, "ana@example.com", ("export",), None, None)
    >>> oracle.detects(export, "attacks/x#1"), oracle.detects(export, "attacks/x#1"), oracle.detects(export, "other#1")
    (True, True, False)
    """

    def __init__(self) -> None:
        self._shown_by: dict[tuple[Key, Key], str] = {}
        """The one run that has shown the value in the group, or `BACKGROUND` where others have."""

    def detects(self, event: Event, run: str) -> bool:
        """Take in an event of *run*; whether one of its values was shown in its group by nothing but that run."""
        found = False
        for value in event.values:
            pair = (event.group, value)
            if self._shown_by.setdefault(pair, run) == run:
                found = True
            else:
                self._shown_by[pair] = BACKGROUND
        return found

    def take(self, event: Event) -> None:
        """Take in an event of the background."""
        for value in event.values:
            self._shown_by[event.group, value] = BACKGROUND

    @property
    def groups(self) -> int:
        """How many groups it has seen."""
        return len({group for group, _ in self._shown_by})
