"""The streaming engine over an order: one rule after the other, event by event."""

from collections.abc import Iterable, Iterator

from detector.event import Event
from detector.progress import Progress
from detector.reading import Reader
from detector.selection import Selector
from harness.beginning import Beginning
from harness.detection import Decided, Detection
from harness.journal import Journal
from harness.order import Order, OrderError, Post
from harness.resuming import Resuming, begins_alike
from harness.summary import Summary


class StreamingRun:
    """Reads the sources anew for every rule. Raises `OrderError` where a pipe would have to be read twice."""

    def __init__(self, order: Order) -> None:
        if len(order.posts) > 1 and order.pipe is not None:
            raise OrderError("--engine: found a pipe, which stream cannot read for several rules; legal: columnar")
        self._order = order
        self.journal = order.journal
        self._detections = [self._detection(place, post) for place, post in enumerate(order.posts)]
        self._resuming = None if order.journal is None else self._resumed(order.journal)

    @property
    def read(self) -> int:
        """See `Run`."""
        return self._detections[0].selector.read

    def decided(self) -> Iterator[tuple[int, Decided]]:
        """See `Run`."""
        for place, detection in enumerate(self._detections):
            batches = self._order.stages.each("read", self._batches(detection.reader))
            found = detection.resumed(batches, self._resuming) if self._resuming else detection.decided(batches)
            for decided in self._order.stages.each("decide", found):
                yield place, decided
            self._order.stages.count("read", detection.selector.read)

    def summaries(self) -> list[Summary]:
        """See `Run`."""
        return [detection.summary() for detection in self._detections]

    def _detection(self, place: int, post: Post) -> Detection:
        order = self._order
        with order.opening(post):
            return Detection(
                post.rule,
                post.store if order.journal is None or post.at_once is None else post.at_once,
                post.store_name,
                order.enabled_at,
                order.complaint(place),
                order.shard,
                order.lateness,
            )

    def _resumed(self, journal: Journal) -> Resuming:
        (detection,) = self._detections
        order, again = self._order, self._order.pipe is None
        before = order.interrupted() or (order.ended() if again else None)
        if before is not None and before.ended and not (journal.reaches(before.length) and self._begins_alike(before)):
            before = None
        beginning = self._beginning(journal)
        return Resuming(detection.engine, journal, order.asked(), before, again=again, beginning=beginning)

    def _beginning(self, journal: Journal) -> Beginning | None:
        post = self._order.posts[0]
        beginning = Beginning.of(journal.out, post.url, post.store.durability)
        if beginning is not None and self._order.abandon:
            beginning.forget()
        return beginning

    def _begins_alike(self, ended: Progress) -> bool:
        reader = Reader(Selector(self._order.posts[0].rule), lambda _: None)
        return begins_alike(self._batches(reader), ended)

    def _batches(self, reader: Reader) -> Iterable[list[Event]]:
        sources = self._order.sources
        return reader.sorted(sources) if self._order.sort else reader.batches(sources)
