"""The panel: a stream read and coded once, and the evidence of any rule whose keying it holds."""

from collections.abc import Sequence
from time import thread_time
from typing import NamedTuple, NoReturn

from detector.columnar.rows import Rows
from detector.dataset import feeds
from detector.instant import parse_instant
from detector.rules import NewValueRule
from detector.verdict import UNSET
from harness.feeds_seen import feeds_seen
from harness.panel.evidence import Judgement, Stream
from harness.panel.keying import Keying
from harness.panel.marks import Marks
from harness.panel.passing import Remembered, matches
from harness.panel.reading import MarkingReader
from harness.panel.traces import traces
from harness.panel.watched import watched
from harness.scoring.evidence import Evidence
from harness.truth import Truth


class Passed(NamedTuple):
    """What came of one rule over the panel."""

    judgement: Judgement
    events: int
    """That the rule saw."""
    remembered: Remembered
    seconds: float
    """Of processor time, for the pass that finds the matches."""


class Panel:
    """The streams of one dataset, by keying; rules may be judged from several threads at once."""

    def __init__(self, name: str, streams: dict[Keying, Stream], seed: int | None = None) -> None:
        self.name = name
        self.seed = seed
        """Of the simulation of its people; None on real logs."""
        self._streams = streams

    @classmethod
    def read(cls, truth: Truth, rules: Sequence[NewValueRule], name: str | None = None) -> "Panel":
        """Read the dataset of *truth* once for all of the rules, under *name* (its directory's).

        Memory grows with the events: some 35 bytes each and keying. Raises the one-line errors of reading.
        """
        keyings = {Keying.of(rule): rule for rule in rules}
        marks = Marks(truth)
        reader = MarkingReader([*keyings.values()], marks)
        batches: list[list[Rows]] = [[] for _ in keyings]
        for batch in reader.marked(_feeds(truth, [*keyings.values()])):
            for held, rows in zip(batches, batch, strict=True):
                held.append(Rows(rows.t, rows.group, rows.values, _untold))
        name = name or str(truth.directory)
        streams = {}
        for place, (keying, rule) in enumerate(keyings.items()):
            seen = watched(reader.codings[place], reader.people, rule.group_by, marks, batches[place])
            batches[place] = []
            streams[keying] = Stream(name, truth, marks, seen, traces(seen))
        return cls(name, streams, truth.manifest.seed)

    def evidence(self, rule: NewValueRule, enabled_at: int | None = None) -> Evidence:
        """What the rule finds; *enabled_at* in nanoseconds since the epoch, or None: with its first event."""
        return self.passed(rule, enabled_at).judgement.evidence()

    def passed(self, rule: NewValueRule, enabled_at: int | None = None, since: int = UNSET) -> Passed:
        """The same with what it takes; nothing before *since* is scored."""
        stream = self._streams[Keying.of(rule)]
        start = thread_time()
        found = matches(stream.watched, rule, enabled_at)
        seconds = thread_time() - start
        return Passed(Judgement(stream, rule, found, since), len(stream.watched.t), found.remembered, seconds)

    @property
    def incidents(self) -> int:
        """How many were staged."""
        return max((len(stream.truth.incidents) for stream in self._streams.values()), default=0)

    @property
    def span(self) -> tuple[int, int]:
        """From the first event that all of the rules have seen to the end, in nanoseconds since the epoch."""
        streams = [stream for stream in self._streams.values() if len(stream.watched.t)]
        first = max((int(stream.watched.t[0]) for stream in streams), default=UNSET)
        return first, max((parse_instant(stream.truth.manifest.period.end) for stream in streams), default=first)


def _feeds(truth: Truth, rules: Sequence[NewValueRule]) -> list[str]:
    """The feeds that any of the rules may select something of."""
    held = [str(feed) for feed in feeds(truth.directory)]
    seen = {feed for rule in rules for feed in feeds_seen(truth.directory, rule)}
    return [feed for feed in held if feed in seen or str(truth.directory) in seen]


def _untold(row: int) -> NoReturn:
    raise AssertionError(f"row {row}: a panel tells of no event")
