"""Sights: how one rule sees what is read for several."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from detector.bulk.merging import seen
from detector.columnar.coding import Coded, Coding, Fields
from detector.columnar.rows import Rows
from detector.event import Event
from detector.reading import Complaint, Lines, Selecting
from detector.rules import NewValueRule
from detector.selection import Selector
from detector.source import Chunk

Part: TypeAlias = Coded | Chunk
"""Of a source: records in columns, or lines."""


class Sight:
    """One rule's view of the parts of sources, counting as its `Selector` does; *before* are those of other rules.

    *complain* hears of what cannot be read, but for what a sight before this one cannot read either.
    """

    def __init__(self, rule: NewValueRule, fields: Fields, complain: Complaint, before: Sequence["Sight"]) -> None:
        self.coding = Coding(rule, fields)
        self.nothing = self.coding.rows_of([])
        self._selector = Selector(rule)
        self._uncounted = Selector(rule)
        others = [sight._uncounted for sight in before]  # noqa: SLF001 - its own kind
        self._lines = Lines(self._selector, complain, others)
        self._noting = _Noting(self._selector)
        self._noted_lines = Lines(self._noting, complain, others)

    @property
    def read(self) -> int:
        """How many records the rule was shown."""
        return self.coding.read + self._selector.read

    @property
    def ignored(self) -> Counter[str]:
        """How many of them it did not see, by reason."""
        return self.coding.ignored + self._selector.ignored

    def rows(self, name: str, part: Part) -> Rows:
        """The rows of a part of the source *name*; some may be unseen."""
        if isinstance(part, Coded):
            return self.coding.rows(part)
        return self.coding.rows_of(self._lines.events(name, part))

    def seen(self, name: str, parts: Iterable[Part]) -> Iterator[Rows]:
        """The rows that the rule sees, part by part."""
        return (seen(self.rows(name, part)) for part in parts)

    def noted(self, name: str, chunk: Chunk) -> tuple[list[Event], list[bytes]]:
        """The events of a chunk of lines, and the text of the record of each."""
        events = self._noted_lines.events(name, chunk)
        return events, self._noting.taken()

    def event(self, text: bytes) -> Event:
        """The event of a record that was seen before; it is not counted again."""
        event = self._uncounted.select(text)
        assert event is not None, text
        return event


class _Noting(Selecting):
    """A selector that notes the text of each event."""

    def __init__(self, selector: Selector) -> None:
        self._selector = selector
        self._texts: list[bytes] = []

    def select(self, line: bytes) -> Event | None:
        event = self._selector.select(line)
        if event is not None:
            self._texts.append(line)
        return event

    def select_usages(self, lines: Sequence[bytes]) -> None:
        """Never: it would not tell which line became which event."""

    def taken(self) -> list[bytes]:
        """What was noted since this was last asked."""
        texts, self._texts = self._texts, []
        return texts
