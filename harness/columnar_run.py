"""The columnar engine over an order: all rules over one reading."""

from collections.abc import Iterator
from pathlib import Path

from detector.bulk.reading import ColumnReader
from detector.columnar.coding import Coding
from detector.columnar.engine import ColumnarEngine
from detector.columnar.kernel import judge_dense
from detector.source import SourceError
from harness.detection import Decided, Tally
from harness.order import Order, Post
from harness.summary import Summary


def is_compiled() -> bool:
    """Whether an earlier run has left the engine's machine code on the disk for this one."""
    kept = judge_dense.stats.cache_path
    return kept is not None and any(Path(kept).rglob("*.nbi"))


class ColumnarRun:
    """Reads the sources once, and each rule's store once; commits at the end."""

    journal = None

    def __init__(self, order: Order) -> None:
        self._order = order
        self._reader = ColumnReader([post.rule for post in order.posts], self._complained)
        self._engines = list(map(self._engine, order.posts, self._reader.codings))
        self._tallies = [Tally(post.rule, "columnar", post.store_name) for post in order.posts]

    @property
    def read(self) -> int:
        """See `Run`."""
        return self._reader.read(0)

    def decided(self) -> Iterator[tuple[int, Decided]]:
        """See `Run`."""
        yield from self._order.stages.each("decide", self._decided())
        self._order.stages.count("read", self.read)

    def _decided(self) -> Iterator[tuple[int, Decided]]:
        sources = self._order.sources
        batches = self._reader.sorted(sources) if self._order.sort else self._reader.batches(sources)
        for batch in self._order.stages.each("read", batches):
            for place, rows in enumerate(batch):
                engine = self._engines[place]
                self._tallies[place].lateness.rows(rows)
                yield self._counted(place, Decided(engine.decide(rows), engine.closed()))
        for place, (engine, post) in enumerate(zip(self._engines, self._order.posts, strict=True)):
            if post.lasts:
                engine.commit()
            yield self._counted(place, Decided([], engine.still_open()))

    def summaries(self) -> list[Summary]:
        """See `Run`."""
        return [
            tally.summary(self._reader.read(place), self._reader.ignored(place), engine.not_enabled)
            for place, (tally, engine) in enumerate(zip(self._tallies, self._engines, strict=True))
        ]

    def _engine(self, post: Post, coding: Coding) -> ColumnarEngine:
        with self._order.opening(post):
            return ColumnarEngine(post.rule, coding.groups, coding.values, post.store, self._order.enabled_at)

    def _counted(self, place: int, decided: Decided) -> tuple[int, Decided]:
        return place, self._tallies[place].counted(decided)

    def _complained(self, line: str) -> None:
        if self._order.complain is None:
            raise SourceError(line)
        for tally in self._tallies:
            tally.complained(line)
        self._order.complain(line)
